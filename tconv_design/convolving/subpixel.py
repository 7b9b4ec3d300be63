"""Transposed convolution as a convolution of stride 1 with a set of outputs for every plane (Shi et al. 2016).

Tap j*stride + r of the kernel adds input element q - j to element q of plane r: along each axis the input is convolved
with the kernel's taps of residue r, turned around. All planes share their windows and so one product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from tconv_design.convolving.blocks import BLOCK, pieces
from tconv_design.convolving.planes import Kept, interleave, kept
from tconv_design.convolving.windows import Block, Window, products
from tconv_design.layer import Axis, Layer


def applies(layer: Layer) -> bool:
    """Whether all planes share their windows: along each axis the stride or the dilation is 1."""
    return all(axis.stride == 1 or axis.dilation == 1 for axis in layer.axes)


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel); (N, Cout, *out).

    Only where `applies`.
    """
    groups, outputs, samples = layer.groups, layer.out_channels // layer.groups, len(x)
    spans = kept(layer, x.shape[2:])
    windows = [sliding(axis, span) for axis, span in zip(layer.axes, spans, strict=True)]
    kernels = weight.reshape(groups, -1, outputs, *layer.kernel)
    result = np.empty((samples, groups, outputs, *layer.output_size(x.shape[2:])), x.dtype)
    inner = np.moveaxis(result, 0, -1)
    offset = bias.reshape(groups, outputs, *[1] * (2 * layer.ndim + 1))
    for some in pieces(outputs, together(layer, windows)):
        for block, values in products(x, _by_plane(layer, kernels[:, :, some]), windows):
            sizes, begins = zip(*_there(values.shape[2:5], block, layer.ndim), strict=True)
            planes = values.reshape(len(values), -1, *layer.stride, *sizes, values.shape[-1])
            planes += offset[block.groups, some]
            starts = [span.first + begin for span, begin in zip(spans, begins, strict=True)]
            interleave(layer, planes, starts, inner[block.groups, some, ..., block.samples])
    return result.reshape(samples, layer.out_channels, *result.shape[3:])


def together(layer: Layer, windows: Sequence[Window]) -> int:
    """How many outputs share the windows: so few that their planes are a block, but many more than the windows' taps."""
    planes = math.prod(layer.stride)
    fits = BLOCK // (planes * math.prod(window.count for window in windows))
    taps = layer.in_channels // layer.groups * math.prod(window.kernel for window in windows)
    return max(fits, -(-2 * taps // planes))


def _there(sizes: Sequence[int], block: Block, ndim: int) -> list[tuple[int, int]]:
    """A block's sizes and begins along the layer's axes, which are computed as three."""
    whole = list(zip(sizes, (block.planes.start, block.rows.start, 0), strict=True))
    return {1: whole[1:2], 2: whole[1:], 3: whole}[ndim]


def sliding(axis: Axis, span: Kept) -> Window:
    """The windows along one axis that make the kept elements of a plane."""
    taps = -(-axis.kernel // axis.stride)
    dilation = axis.dilation if axis.stride == 1 else 1
    return Window(taps, 1, dilation, (taps - 1) * dilation - span.first, span.count)


def _by_plane(layer: Layer, kernels: np.ndarray) -> np.ndarray:
    """Kernels (groups, inputs, outputs, *kernel) as the convolution's, (groups, outputs*planes, inputs*taps of a plane).

    Taps that are not there are 0.
    """
    ndim, groups, outputs = layer.ndim, len(kernels), kernels.shape[2]
    taps = [-(-axis.kernel // axis.stride) for axis in layer.axes]
    whole = _extended(kernels, [count * stride for count, stride in zip(taps, layer.stride, strict=True)])
    split = [length for pair in zip(taps, layer.stride, strict=True) for length in pair]
    whole = whole.reshape(*kernels.shape[:3], *split)
    by_tap, by_plane = range(3, 3 + 2 * ndim, 2), range(4, 4 + 2 * ndim, 2)
    turned = np.flip(whole, tuple(by_tap)).transpose(0, 2, *by_plane, 1, *by_tap)
    return turned.reshape(groups, outputs * math.prod(layer.stride), -1)


def _extended(kernels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """The kernels with zeros behind their taps up to `size`."""
    if kernels.shape[3:] == tuple(size):
        return kernels
    whole = np.zeros((*kernels.shape[:3], *size), kernels.dtype)
    whole[:, :, :, *map(slice, kernels.shape[3:])] = kernels
    return whole
