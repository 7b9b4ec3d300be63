"""The jax backend: functions of lax calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tconv_design.dialects.jax import write
from tconv_design.dialects.lax_writing import LAYOUTS
from tconv_design.dialects.layout import weight_from_canonical
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer
from tconv_design_jax.framework import array, channels_swapped_last, compute, jax


class JaxBackend:
    """One lax call in a function of (x, kernel, bias)."""

    name = "jax"
    api_version = 1

    def version(self) -> str:
        """The version of the installed jax. Raises ModuleNotFoundError where there is none."""
        return str(jax().__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as a function of one lax call; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Call the function that `code` defined on the canonical arrays, in float32; layouts are converted, both ways.

        XLA ends the process on the layers of `defects.ABORT`.
        """
        kernel = array(_kernel(layer_object, weight, bias))
        return compute(lambda x: layer_object(x, kernel, array(bias)), signal)


def _kernel(function: Callable[..., Any], weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The weight as the function wants it."""
    if not _dilates_input(function):
        return channels_swapped_last(weight)
    in_channels, per_group, *kernel = weight.shape
    layer = Layer.tconv(
        len(kernel),
        kernel=kernel,
        groups=len(bias) // per_group,
        in_channels=in_channels,
        out_channels=len(bias),
    )
    turned: np.ndarray = weight_from_canonical(weight, layer, LAYOUTS["grouped tconv"])
    return turned


def _dilates_input(function: Callable[..., Any]) -> bool:
    """Whether a function convolves its input dilated, and so wants the kernel of a tconv turned round.

    The arrays do not tell: a conv and a tconv may take weights of one shape. The names of a call's arguments are
    constants of the function that makes the call.
    """
    return any(isinstance(each, tuple) and "lhs_dilation" in each for each in function.__code__.co_consts)


@hookimpl
def tconv_backend() -> Backend:
    """Bring jax to tconv-design."""
    return JaxBackend()
