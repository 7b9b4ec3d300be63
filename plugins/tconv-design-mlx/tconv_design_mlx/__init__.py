"""The mlx backend of tconv-design: a layer in mlx's words, and what mlx makes of it.

mlx is imported when it is first needed, not with this module.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import CodeType
from typing import Any

import numpy as np

from tconv_design.dialects.layout import weight_from_canonical
from tconv_design.dialects.mlx import write
from tconv_design.dialects.mlx_writing import LAYOUT
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer


class MlxBackend:
    """Modules of mlx.nn, and functions of mlx.core where those have no words."""

    name = "mlx"
    api_version = 1

    def version(self) -> str:
        """The version of the installed mlx. Raises ModuleNotFoundError where there is none."""
        import mlx.core as mx

        return str(mx.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as a module or a function of (x, kernel, bias); every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run what `code` defined on canonical arrays, in float32; layouts are converted, both ways."""
        import mlx.core as mx

        x, kernel, offset = (
            mx.array(np.array(each, np.float32, order="C"))
            for each in (np.moveaxis(signal, 1, -1), _kernel(layer_object, signal, weight, bias), bias)
        )
        if hasattr(layer_object, "weight"):
            layer_object.weight, layer_object.bias = kernel, offset
            y = layer_object(x)
        else:
            y = layer_object(x, kernel, offset)
        return np.array(np.moveaxis(np.array(y), -1, 1), order="C")


def _kernel(layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The canonical weight as mlx has it, (Cout, *kernel, Cin/groups)."""
    into, out = signal.shape[1], len(bias)
    options = {"kernel": weight.shape[2:], "in_channels": into, "out_channels": out}
    if _is_transposed(layer_object):
        layer = Layer.tconv(weight.ndim - 2, groups=out // weight.shape[1], **options)
    else:
        layer = Layer.conv(weight.ndim - 2, groups=into // weight.shape[1], **options)
    kernel: np.ndarray = weight_from_canonical(weight, layer, LAYOUT)
    return kernel


def _is_transposed(layer_object: Any) -> bool:
    """Whether a module or a function transposes; the arrays do not tell, for both may take weights of one shape."""
    if hasattr(layer_object, "weight"):
        return "Transpose" in type(layer_object).__name__
    return any(name.startswith("conv_transpose") for name in _names(layer_object.__code__))


def _names(code: CodeType) -> Iterator[str]:
    """The names that a function uses, and the comprehensions in it, which are functions before Python 3.12."""
    yield from code.co_names
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from _names(each)


@hookimpl
def tconv_backend() -> Backend:
    """Bring mlx to tconv-design."""
    return MlxBackend()
