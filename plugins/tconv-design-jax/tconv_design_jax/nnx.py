"""The flax backend: modules of flax.nnx."""

from __future__ import annotations

import importlib
from typing import Any

import numpy as np

from tconv_design.dialects.flax import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer
from tconv_design_jax.framework import array, channels_swapped_last, compute, jax


class FlaxBackend:
    """nnx.Conv and nnx.ConvTranspose; the latter has no groups."""

    name = "flax"
    api_version = 1

    def version(self) -> str:
        """The version of the installed flax. Raises ModuleNotFoundError where there is none."""
        return str(_flax("flax").__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as one module of nnx.

        Raises NotExpressible for a transposed convolution with groups, InvalidLayer where `layer` has no output for
        `in_size`.
        """
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Put weight and bias into the module that `code` defined, and run it in float32.

        XLA ends the process on the layers of `defects.ABORT`.
        """
        nnx = _flax("flax.nnx")
        layer_object.kernel = nnx.Param(array(channels_swapped_last(weight)))
        layer_object.bias = nnx.Param(array(bias))
        return compute(layer_object, signal)


def _flax(module: str) -> Any:
    """A module of flax, which imports jax: that has to know its platform first."""
    jax()
    return importlib.import_module(module)


@hookimpl
def tconv_backend() -> Backend:
    """Bring flax to tconv-design."""
    return FlaxBackend()
