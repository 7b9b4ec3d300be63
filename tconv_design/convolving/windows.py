"""Convolution by windows: every window of the input copied out as a column, then one matrix product.

Known as im2col (Chellapilla, Puri, Simard 2006). Columns are made for a few rows of the output at a time, so that they
are still in the cache when the product reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tconv_design.convolving.blocks import BLOCK, Scratch, pieces
from tconv_design.layer import Layer

FEW_POSITIONS = 128  # columns of a product that keep numpy's matrix product busy
FEW_WASTED = 600  # multiply-adds per row of the output that cost less than ending each copy at the row's end


class Window(NamedTuple):
    """How windows slide along one axis: `count` of them, the first one `before` elements before the input's first."""

    kernel: int
    stride: int
    dilation: int
    before: int
    count: int

    @property
    def span(self) -> int:
        """Elements from the first that a window sees to the last."""
        return (self.count - 1) * self.stride + (self.kernel - 1) * self.dilation + 1


class Product(NamedTuple):
    """The kernel times a block of windows: (groups, outputs, rows, *further counts, samples)."""

    samples: slice
    groups: slice
    rows: slice
    values: np.ndarray


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel); returns (N, Cout, *out)."""
    groups, outputs = layer.groups, layer.out_channels // layer.groups
    out_size = layer.output_size(x.shape[2:])
    windows = [
        Window(axis.kernel, axis.stride, axis.dilation, axis.pad_begin, out)
        for axis, out in zip(layer.axes, out_size, strict=True)
    ]
    result = np.empty((len(x), groups, outputs, *out_size), x.dtype)
    offset = bias.reshape(groups, outputs, *[1] * (layer.ndim + 1))
    inner = np.moveaxis(result, 0, -1)  # samples last, as in the products
    for block in products(x, weight.reshape(groups, outputs, -1), windows):
        np.add(block.values, offset[block.groups], out=inner[block.groups, :, block.rows, ..., block.samples])
    return result.reshape(len(x), layer.out_channels, *out_size)


def products(x: np.ndarray, kernel: np.ndarray, windows: Sequence[Window]) -> Iterator[Product]:
    """kernel (groups, outputs, inputs*taps) times every window of x (N, Cin, *spatial), in blocks of rows.

    The values of a block are valid until the next one is asked for.
    """
    groups, outputs, length = kernel.shape
    inputs = x.shape[1] // groups
    columns, values = Scratch(x.dtype), Scratch(x.dtype)
    for samples in pieces(len(x), together(len(x), windows)):
        count = (*[window.count for window in windows[:-1]], _width(windows, outputs))
        seen = _Seen(x[samples], windows, count)
        per_row = math.prod(count[1:]) * seen.samples
        for some in pieces(groups, BLOCK // (length * per_row * count[0])):
            chosen = some.stop - some.start
            least = -(-FEW_POSITIONS // (2 * per_row))
            for rows in pieces(count[0], max(least, BLOCK // (chosen * length * per_row))):
                block = seen.columns(slice(some.start * inputs, some.stop * inputs), rows, columns)
                product = values.array(chosen, outputs, (rows.stop - rows.start) * per_row)
                np.matmul(kernel[some], block.reshape(chosen, length, -1), out=product)
                shaped = product.reshape(chosen, outputs, rows.stop - rows.start, *count[1:], seen.samples)
                yield Product(samples, some, rows, shaped[..., : windows[-1].count, :])


def together(samples: int, windows: Sequence[Window]) -> int:
    """How many samples share a product: more than one where a map alone has few positions."""
    return min(samples, -(-FEW_POSITIONS // math.prod(window.count for window in windows)))


def _width(windows: Sequence[Window], outputs: int) -> int:
    """Windows computed along the last axis: those that start in the gap between two rows too, where they are cheap.

    With them the windows of consecutive rows are consecutive as well, and copied in one long run.
    """
    last, wasted = windows[-1], windows[-1].span - windows[-1].count
    joined = len(windows) > 1 and last.stride == windows[-2].stride == 1 and wasted * outputs < FEW_WASTED
    return last.span if joined else last.count


class _Seen:
    """What the windows see of some samples: (Cin, *spans, samples), zero beyond the input, and a tail for the gap."""

    def __init__(self, x: np.ndarray, windows: Sequence[Window], count: Sequence[int]) -> None:
        self.samples, channels = x.shape[:2]
        self._windows, self._count = windows, count
        spans = [window.span for window in windows]
        size = math.prod(spans) * self.samples
        tail = (windows[-1].kernel - 1) * windows[-1].dilation * self.samples
        self._flat = np.zeros((channels, size + tail), x.dtype)
        source, target = zip(*[_overlap(window, size) for window, size in zip(windows, x.shape[2:], strict=True)], strict=True)
        laid = self._flat[:, :size].reshape(channels, *spans, self.samples)
        laid[:, *target] = np.moveaxis(x, 0, -1)[:, *source]
        self._steps = [math.prod(spans[axis + 1 :]) * self.samples for axis in range(len(spans))]

    def columns(self, channels: slice, rows: slice, scratch: Scratch) -> np.ndarray:
        """The windows of some rows as columns, (channels, *kernel, rows, *further counts, samples)."""
        first, item = self._windows[0], self._flat.itemsize
        start = channels.start * self._flat.shape[1] + rows.start * first.stride * self._steps[0]
        kernel = [window.kernel for window in self._windows]
        shape = (channels.stop - channels.start, *kernel, rows.stop - rows.start, *self._count[1:], self.samples)
        taps = [window.dilation * step * item for window, step in zip(self._windows, self._steps, strict=True)]
        starts = [window.stride * step * item for window, step in zip(self._windows, self._steps, strict=True)]
        strides = (self._flat.strides[0], *taps, *starts, item)
        columns = scratch.array(*shape)
        columns[...] = np.ndarray(shape, self._flat.dtype, self._flat, start * item, strides)
        return columns


def _overlap(window: Window, size: int) -> tuple[slice, slice]:
    """The elements of an input of `size` that windows see, and their places in the span."""
    first = max(0, -window.before)
    last = max(first, min(size, window.span - window.before))
    return slice(first, last), slice(first + window.before, last + window.before)
