"""Transposed convolution as a convolution of stride 1 with a set of outputs for every plane (Shi et al. 2016).

Tap j*stride + r of the kernel adds input element q - j to element q of plane r: along each axis the input is convolved
with the kernel's taps of residue r, turned around. All planes share their windows and so one product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tconv_design.convolving.planes import Kept, interleave, kept
from tconv_design.convolving.windows import Window, products, solid
from tconv_design.layer import Axis, Layer


def applies(layer: Layer) -> bool:
    """Whether all planes share their windows: along each axis the stride or the dilation is 1."""
    return all(axis.stride == 1 or axis.dilation == 1 for axis in layer.axes)


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel); (N, Cout, *out).

    Only where `applies`.
    """
    groups, outputs = layer.groups, layer.out_channels // layer.groups
    spans = kept(layer, x.shape[2:])
    out_size = layer.output_size(x.shape[2:])
    result = np.empty((len(x), groups, outputs, *out_size), x.dtype)
    inner = np.moveaxis(result, 0, -1)
    offset = bias.reshape(groups, outputs, *[1] * (2 * layer.ndim + 1))
    windows = [sliding(axis, span) for axis, span in zip(layer.axes, spans, strict=True)]
    for block, values in products(x, _by_plane(layer, weight), windows):
        counts = [size for size, axis in zip(values.shape[2:], solid(windows, None), strict=False) if axis]
        planes = values.reshape(len(values), outputs, *layer.stride, *counts, values.shape[-1])
        planes += offset[block.groups]
        begins = [begin for begin, axis in zip((block.planes.start, block.rows.start, 0), solid(windows, None)) if axis]
        starts = [span.first + begin for span, begin in zip(spans, begins, strict=True)]
        interleave(layer, planes, starts, inner[block.groups, ..., block.samples])
    return result.reshape(len(x), layer.out_channels, *out_size)


def sliding(axis: Axis, span: Kept) -> Window:
    """The windows along one axis that make the kept elements of a plane."""
    taps = -(-axis.kernel // axis.stride)
    dilation = axis.dilation if axis.stride == 1 else 1
    return Window(taps, 1, dilation, (taps - 1) * dilation - span.first, span.count)


def _by_plane(layer: Layer, weight: np.ndarray) -> np.ndarray:
    """The kernel of the convolution, (groups, outputs*planes, inputs*taps of a plane); taps that are not there are 0."""
    groups, outputs, ndim = layer.groups, layer.out_channels // layer.groups, layer.ndim
    taps = [-(-axis.kernel // axis.stride) for axis in layer.axes]
    whole = _extended(weight, [count * stride for count, stride in zip(taps, layer.stride, strict=True)])
    split = [length for pair in zip(taps, layer.stride, strict=True) for length in pair]
    whole = whole.reshape(groups, -1, outputs, *split)
    by_tap, by_plane = range(3, 3 + 2 * ndim, 2), range(4, 4 + 2 * ndim, 2)
    turned = np.flip(whole, tuple(by_tap)).transpose(0, 2, *by_plane, 1, *by_tap)
    return turned.reshape(groups, outputs * math.prod(layer.stride), -1)


def _extended(weight: np.ndarray, kernel: Sequence[int]) -> np.ndarray:
    """The weight with zeros behind it up to `kernel`."""
    if weight.shape[2:] == tuple(kernel):
        return weight
    whole = np.zeros((*weight.shape[:2], *kernel), weight.dtype)
    whole[:, :, *map(slice, weight.shape[2:])] = weight
    return whole
