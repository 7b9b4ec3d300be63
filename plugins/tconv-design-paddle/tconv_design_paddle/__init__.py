"""The paddle backend of tconv-design: a layer in Paddle's words, and what Paddle makes of it.

paddle is imported when it is first needed, not with this module.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tconv_design.dialects.paddle import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer


class PaddleBackend:
    """Conv and Transpose layers, with zeros after the input where their own arguments do not reach."""

    name = "paddle"
    api_version = 1

    def version(self) -> str:
        """The version of the installed paddle. Raises ModuleNotFoundError where there is none."""
        import paddle

        return str(paddle.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as one paddle layer or Sequential; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`: paddle would end the process.
        """
        layer.output_size(in_size)
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Load weight and bias into the layer that `code` defined, and run it.

        Takes and returns (N, C, *spatial) in float32 or float64; both layouts are paddle's own.
        """
        import paddle

        dtype = str(signal.dtype)
        layer_object.to(dtype=dtype)
        parameters = next(each for each in layer_object.sublayers(include_self=True) if hasattr(each, "weight"))
        parameters.weight.set_value(np.ascontiguousarray(weight, dtype))
        parameters.bias.set_value(np.ascontiguousarray(bias, dtype))
        with paddle.no_grad():
            result = layer_object(paddle.to_tensor(np.array(signal, order="C")))
        return np.array(result.numpy(), order="C")


@hookimpl
def tconv_backend() -> Backend:
    """Bring paddle to tconv-design."""
    return PaddleBackend()
