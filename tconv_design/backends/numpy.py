"""The built-in backend: convolution and transposed convolution in plain numpy, on 1 to 3 axes.

Both are the same sum over kernel taps, read in opposite directions: tap t joins element i of the small side with
element i*stride + t*dilation - pad_begin of the big side. No zeros are ever inserted or padded.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from tconv_design.errors import InvalidLayer
from tconv_design.formula import Kind
from tconv_design.hookspecs import API_VERSION, Backend, hookimpl
from tconv_design.layer import Axis, Layer

Index = tuple[Any, ...]


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel) and bias (Cout,).

    float32 or float64, kept. Returns (N, Cout, *out); rows that no input reaches are 0, or the bias. Raises
    InvalidLayer for a conv or where nothing is left, ValueError for an array of the wrong shape or dtype.
    """
    _check(layer, "tconv", x, weight, bias)
    groups, outputs = layer.groups, layer.out_channels // layer.groups
    taps = weight.reshape(groups, -1, *weight.shape[1:]).swapaxes(1, 2)  # (groups, Cout/groups, Cin/groups, *kernel)
    result = _start(layer, x, bias)
    columns = x.reshape(len(x), groups, layer.in_channels // groups, math.prod(x.shape[2:]))
    for tap, small, big in _taps(layer, x.shape[2:], result.shape[2:]):
        product = np.ascontiguousarray(taps[tap]) @ columns
        result[big] += product.reshape(len(x), groups * outputs, *x.shape[2:])[small]
    return result


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray | None = None) -> np.ndarray:
    """Convolution (cross-correlation) of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel) and bias (Cout,).

    float32 or float64, kept. Returns (N, Cout, *out). Raises InvalidLayer for a tconv or where the kernel does not
    fit, ValueError for an array of the wrong shape or dtype.
    """
    _check(layer, "conv", x, weight, bias)
    groups = layer.groups
    taps = weight.reshape(groups, -1, *weight.shape[1:])  # (groups, Cout/groups, Cin/groups, *kernel)
    result = _start(layer, x, bias)
    for tap, small, big in _taps(layer, result.shape[2:], x.shape[2:]):
        seen = x[big]
        columns = seen.reshape(len(x), groups, layer.in_channels // groups, math.prod(seen.shape[2:]))
        product = np.ascontiguousarray(taps[tap]) @ columns
        result[small] += product.reshape(len(x), layer.out_channels, *seen.shape[2:])
    return result


def _start(layer: Layer, x: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
    """The output before any product is added: the bias everywhere, (N, Cout, *out)."""
    result = np.zeros((len(x), layer.out_channels, *layer.output_size(x.shape[2:])), x.dtype)
    if bias is not None:
        result += bias.reshape(-1, *[1] * layer.ndim)
    return result


def _taps(layer: Layer, small_size: tuple[int, ...], big_size: tuple[int, ...]) -> Iterator[tuple[Index, Index, Index]]:
    """Each kernel tap with the elements of the small and of the big side that it joins, as indices of arrays."""
    for tap in np.ndindex(*layer.kernel):
        joined = [_joined(*one) for one in zip(layer.axes, tap, small_size, big_size, strict=True)]
        if all(small.start < small.stop for small, _ in joined):
            yield (..., *tap), (..., *(small for small, _ in joined)), (..., *(big for _, big in joined))


def _joined(axis: Axis, tap: int, small_size: int, big_size: int) -> tuple[slice, slice]:
    """Elements i with 0 <= i < small_size and 0 <= i*stride + offset < big_size, on both sides."""
    offset = tap * axis.dilation - axis.pad_begin
    first = max(0, -(offset // axis.stride))  # ceil(-offset / stride)
    last = min(small_size - 1, (big_size - 1 - offset) // axis.stride)
    big_first, big_last = first * axis.stride + offset, last * axis.stride + offset
    return slice(first, last + 1), slice(big_first, big_last + 1, axis.stride)


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
