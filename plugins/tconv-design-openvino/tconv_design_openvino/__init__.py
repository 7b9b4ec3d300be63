"""The openvino backend of tconv-design: a layer as an ONNX node, and what OpenVINO makes of it.

openvino and onnx are imported when they are first needed, not with this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tconv_design.dialects.openvino import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer


class OpenvinoBackend:
    """A Conv or ConvTranspose node with explicit pads, compiled for the CPU in float32."""

    name = "openvino"
    api_version = 1

    def version(self) -> str:
        """The version of the installed openvino. Raises ModuleNotFoundError where it or onnx is missing."""
        import onnx  # noqa: F401  # the programs need it
        import openvino

        return str(openvino.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as a compiled model of one node; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run the compiled model that `code` defined. Takes and returns (N, C, *spatial) in float32.

        Both layouts are onnx's own. The result is copied: it lies in memory that the compiled model uses again.
        """
        inputs = {name: np.ascontiguousarray(each) for name, each in zip("XWB", (signal, weight, bias), strict=True)}
        return np.array(layer_object(inputs)[0], order="C")


@hookimpl
def tconv_backend() -> Backend:
    """Bring OpenVINO to tconv-design."""
    return OpenvinoBackend()
