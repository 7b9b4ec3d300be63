"""Convolution with a kernel of one element: one matrix product with the input as it lies."""

from __future__ import annotations

import math

import numpy as np

from tconv_design.convolving.blocks import Work
from tconv_design.layer import Axis, Layer


def applies(layer: Layer) -> bool:
    """Whether every output element sees only its own place."""
    return all(axis == Axis(1, dilation=axis.dilation) for axis in layer.axes)


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x (N, Cin, *spatial) with weight (Cout, Cin/groups, 1, 1, 1); returns (N, Cout, *spatial)."""
    groups, inputs, outputs = layer.groups, layer.in_channels // layer.groups, layer.out_channels // layer.groups
    places = x.reshape(len(x), groups, inputs, math.prod(x.shape[2:]))
    result = np.empty((len(x), groups, outputs, places.shape[3]), x.dtype)
    np.matmul(weight.reshape(groups, outputs, inputs), places, out=result)
    result += bias.reshape(groups, outputs, 1)
    return result.reshape(len(x), layer.out_channels, *x.shape[2:])


def work(layer: Layer, in_size: tuple[int, ...], samples: int) -> Work:
    """What `conv` takes."""
    result = samples * layer.out_channels * math.prod(in_size)
    return Work(result * (layer.in_channels // layer.groups), result, 0, samples * layer.groups, result)
