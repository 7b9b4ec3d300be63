"""The onnx backend of tconv-design: a layer as an ONNX node, and what onnxruntime makes of it.

onnx and onnxruntime are imported when they are first needed, not with this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tconv_design.dialects.onnx import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer

FATAL = 4
"""onnxruntime's only severity at which it prints nothing of a layer that it refuses: it raises, and that is enough."""


class OnnxBackend:
    """A Conv or ConvTranspose node with explicit pads, run by onnxruntime on the CPU in one thread."""

    name = "onnx"
    api_version = 1

    def version(self) -> str:
        """The version of the installed onnxruntime. Raises ModuleNotFoundError where it or onnx is missing."""
        import onnx  # noqa: F401  # the programs need it
        import onnxruntime

        return str(onnxruntime.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as a model of one node; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run the model that `code` defined. Takes and returns (N, C, *spatial) in float32."""
        result: np.ndarray = _session(layer_object).run(None, inputs(signal, weight, bias))[0]
        return result


def inputs(signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> dict[str, np.ndarray]:
    """The model's inputs by name; both layouts are onnx's own."""
    return {name: np.ascontiguousarray(each) for name, each in zip("XWB", (signal, weight, bias), strict=True)}


def _session(model: Any) -> Any:
    import onnxruntime

    onnxruntime.set_default_logger_severity(FATAL)
    options = onnxruntime.SessionOptions()
    options.log_severity_level = FATAL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


@hookimpl
def tconv_backend() -> Backend:
    """Bring onnxruntime to tconv-design."""
    return OnnxBackend()
