"""The built-in backend: convolution and transposed convolution in plain numpy, on 1 to 3 axes.

How they are computed is told in `tconv_design.convolving`; here are what is asked of them and what is refused.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tconv_design.convolving.rule import Algorithm, ranked
from tconv_design.convolving.volume import solid, volume
from tconv_design.errors import InvalidLayer, TooLarge
from tconv_design.formula import Kind
from tconv_design.hookspecs import API_VERSION, Backend, hookimpl
from tconv_design.layer import Layer
from tconv_design.memory import available_bytes, in_words

SMALL = 2**26  # bytes that are allocated without asking how many are free


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel) and bias (Cout,).

    float32 or float64, kept. Returns (N, Cout, *out); rows that no input reaches are 0, or the bias. Raises
    InvalidLayer for a conv or where nothing is left, ValueError for an array of the wrong shape or dtype, and TooLarge,
    which is a MemoryError, where it would take more memory than is free. A number that is not finite may make NaN of
    others near those that it reaches.
    """
    _check(layer, "tconv", x, weight, bias)
    return _computed(layer, x, weight, bias)


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Convolution (cross-correlation) of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel) and bias (Cout,).

    float32 or float64, kept. Returns (N, Cout, *out). Raises as `conv_transpose` does: InvalidLayer for a tconv or
    where the kernel does not fit, ValueError and TooLarge.
    """
    _check(layer, "conv", x, weight, bias)
    return _computed(layer, x, weight, bias)


def _computed(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    out_size = layer.output_size(x.shape[2:])
    whole, in_size = volume(layer), solid(x.shape[2:], 1)
    copied = sum(array.nbytes for array in (x, weight) if not array.flags.c_contiguous)
    algorithm = _fitting([(each, work.held * x.itemsize + copied) for each, work in ranked(whole, in_size, len(x))])
    added = np.zeros(layer.out_channels, x.dtype) if bias is None else bias
    result = algorithm.compute(whole, x.reshape(*x.shape[:2], *in_size), weight.reshape(whole.weight_shape), added)
    return result.reshape(len(x), layer.out_channels, *out_size)


def _fitting(candidates: list[tuple[Algorithm, int]]) -> Algorithm:
    """The first algorithm whose bytes are free; raises TooLarge where none are."""
    algorithm, needed = candidates[0]
    if needed <= SMALL:
        return algorithm
    free = available_bytes()
    for algorithm, needed in candidates:
        if needed <= free:
            return algorithm
    least = min(needed for _, needed in candidates)
    raise TooLarge(
        f"the layer needs about {in_words(least)}, and {in_words(free)} are free",
        "use fewer samples or channels, or a smaller input",
    )


def _check(layer: Layer, kind: Kind, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None) -> None:
    if layer.kind != kind:
        right = {"conv": "conv", "tconv": "conv_transpose"}[layer.kind]
        raise InvalidLayer(f"this is the {kind} function and the layer is a {layer.kind}", f"use {right}")
    if x.ndim != layer.ndim + 2 or x.shape[1] != layer.in_channels:
        axes = ", ".join(("N", str(layer.in_channels), *["size"] * layer.ndim))
        raise ValueError(f"x has shape {x.shape}, but the layer takes ({axes})")
    if x.dtype not in (np.float32, np.float64):
        raise ValueError(f"x is {x.dtype}, but only float32 and float64 are computed; use x.astype('float32')")
    for name, array, shape in (("weight", weight, layer.weight_shape), ("bias", bias, (layer.out_channels,))):
        if array is None:
            continue
        if array.shape != shape:
            raise ValueError(f"{name} has shape {array.shape}, but the layer takes {shape}")
        if array.dtype != x.dtype:
            raise ValueError(f"{name} is {array.dtype} and x is {x.dtype}; make them equal")


class NumpyBackend:
    """The numpy functions of this module, behind the seam that every framework shares."""

    name = "numpy"
    api_version = API_VERSION

    def version(self) -> str:
        """The version of the numpy that computes."""
        return np.__version__

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer`; there is no layer that numpy cannot express."""
        given: dict[str, Any] = {"kernel": layer.kernel}
        for name in ("stride", "dilation"):
            if set(getattr(layer, name)) != {1}:
                given[name] = getattr(layer, name)
        if any(sum(pair) for pair in layer.padding):
            given["padding"] = layer.padding
        if any(layer.output_padding):
            given["output_padding"] = layer.output_padding
        for name in ("groups", "in_channels", "out_channels"):
            if getattr(layer, name) != 1:
                given[name] = getattr(layer, name)
        arguments = ", ".join(f"{name}={value}" for name, value in given.items())
        return f"from tconv_design import Layer\n\nlayer = Layer.{layer.kind}({layer.ndim}, {arguments})"

    def run(self, layer_object: Layer, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run the layer on signal (N, Cin, *spatial); returns (N, Cout, *out)."""
        compute = conv_transpose if layer_object.kind == "tconv" else conv
        return compute(layer_object, signal, weight, bias)


@hookimpl
def tconv_backend() -> Backend:
    """Bring the numpy backend."""
    return NumpyBackend()
