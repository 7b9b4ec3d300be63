"""Convolution by windows: every window of the input copied out as a column, then one matrix product.

Known as im2col (Chellapilla, Puri, Simard 2006). Columns are made for a few rows of the output at a time, so that they
are still in the cache when the product reads them. One and two axes are computed as three: (1, out, 1), (1, out, out).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tconv_design.convolving.blocks import BLOCK, Scratch, met, pieces
from tconv_design.layer import Layer

FEW_COLUMNS = 128  # columns that keep a matrix product busy
FEW_WASTED = 256  # multiply-adds per row of the output that cost less than ending each copy at the row's end


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


ONE = Window(1, 1, 1, 0, 1)


class Block(NamedTuple):
    """Windows that are computed together."""

    samples: slice
    groups: slice
    planes: slice
    rows: slice


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel); returns (N, Cout, *out)."""
    groups, outputs = layer.groups, layer.out_channels // layer.groups
    out_size = layer.output_size(x.shape[2:])
    windows = [
        Window(axis.kernel, axis.stride, axis.dilation, axis.pad_begin, out)
        for axis, out in zip(layer.axes, out_size, strict=True)
    ]
    result = np.empty((len(x), groups, outputs, *solid(out_size, 1)), x.dtype)
    offset = bias.reshape(groups, outputs, 1, 1, 1, 1)
    inner = np.moveaxis(result, 0, -1)  # samples last, as in the products
    for block, values in products(x, weight.reshape(groups, outputs, -1), windows):
        place = inner[block.groups, :, block.planes, block.rows, :, block.samples]
        np.add(values, offset[block.groups], out=place)
    return result.reshape(len(x), layer.out_channels, *out_size)


def solid(sizes: Sequence[Any], one: Any) -> tuple[Any, Any, Any]:
    """One to three axes as three, with `one` for those that are not there."""
    first, *rest = sizes
    return (one, first, *(rest or [one])) if len(rest) < 2 else (first, *rest)


def products(x: np.ndarray, kernel: np.ndarray, windows: Sequence[Window]) -> Iterator[tuple[Block, np.ndarray]]:
    """kernel (groups, outputs, inputs*taps) times every window of x (N, Cin, *spatial).

    Yields blocks with their values (groups, outputs, planes, rows, columns, samples), valid until the next is asked for.
    """
    groups, outputs, length = kernel.shape
    axes = solid(windows, ONE)
    copied, computed = Scratch(x.dtype), Scratch(x.dtype)
    width = axes[2].span if _joined(axes, outputs) else axes[2].count
    for samples in pieces(len(x), together(len(x), windows)):
        seen = _Seen(x[samples].reshape(-1, *x.shape[1:2], *solid(x.shape[2:], 1)), axes, width)
        for block in _blocks(samples, kernel.shape, axes, width * seen.samples):
            columns = seen.columns(block, length, copied)
            values = computed.matrix(len(columns), outputs, columns.shape[-1])
            np.matmul(kernel[block.groups], columns, out=values)
            planes, rows = block.planes.stop - block.planes.start, block.rows.stop - block.rows.start
            shaped = values.reshape(len(columns), outputs, planes, rows, width, seen.samples)
            yield block, shaped[..., : axes[2].count, :]


def together(samples: int, windows: Sequence[Window]) -> int:
    """How many samples share a product: more than one where a map alone has few positions."""
    return min(samples, -(-FEW_COLUMNS // math.prod(window.count for window in windows)))


def _joined(axes: Sequence[Window], outputs: int) -> bool:
    """Whether windows that start in the gap between two rows are computed too, because they are cheap.

    With them the windows of consecutive rows are consecutive as well, and copied in one long run.
    """
    _, rows, columns = axes
    return rows.stride == columns.stride == 1 and (columns.span - columns.count) * outputs <= FEW_WASTED


def _blocks(samples: slice, kernel: Sequence[int], axes: Sequence[Window], per_row: int) -> Iterator[Block]:
    """All windows of some samples, in blocks of about BLOCK copied numbers."""
    groups, _, length = kernel
    depth, height, _ = (axis.count for axis in axes)
    row = length * per_row
    for some in pieces(groups, BLOCK // (row * height * depth)):
        fits = BLOCK // (row * (some.stop - some.start))
        for planes in pieces(depth, fits // height):
            for rows in pieces(height, max(fits // (planes.stop - planes.start), FEW_COLUMNS // per_row)):
                yield Block(samples, some, planes, rows)


class _Seen:
    """What the windows see of some samples: (Cin, *spans, samples), zero beyond the input, and a tail for the gap."""

    def __init__(self, x: np.ndarray, axes: Sequence[Window], width: int) -> None:
        self.samples, channels = x.shape[:2]
        self._kernel, self._width = [axis.kernel for axis in axes], width
        spans = [axis.span for axis in axes]
        steps = [math.prod(spans[index + 1 :]) * self.samples for index in range(3)]
        self._taps = [axis.dilation * step for axis, step in zip(axes, steps, strict=True)]
        self._moves = [axis.stride * step for axis, step in zip(axes, steps, strict=True)]
        self._plain = self.samples == 1 and all(map(_is_plain, axes, x.shape[2:]))
        self._flat = np.ascontiguousarray(x).reshape(channels, -1) if self._plain else _laid(x, axes)

    def columns(self, block: Block, length: int, scratch: Scratch) -> np.ndarray:
        """The windows of a block, (groups, inputs*taps, planes*rows*columns*samples)."""
        groups, planes, rows = (part.stop - part.start for part in block[1:])
        inputs = length // math.prod(self._kernel)
        shape = (groups, inputs, *self._kernel, planes, rows, self._width, self.samples)
        channel, item = self._flat.shape[1], self._flat.itemsize
        strides = [step * item for step in (inputs * channel, channel, *self._taps, *self._moves, 1)]
        start = block.groups.start * inputs * channel
        start += block.planes.start * self._moves[0] + block.rows.start * self._moves[1]
        windows = np.ndarray(shape, self._flat.dtype, self._flat, start * item, strides)
        if self._plain:
            return windows.reshape(groups, length, -1)
        columns = scratch.matrix(groups, length, planes * rows * self._width * self.samples)
        columns.reshape(shape)[...] = windows
        return columns


def _laid(x: np.ndarray, axes: Sequence[Window]) -> np.ndarray:
    """x (samples, Cin, *sizes) as (Cin, all that windows see), samples innermost, with a tail for the last gap."""
    samples, channels = x.shape[:2]
    spans = [axis.span for axis in axes]
    size = math.prod(spans) * samples
    flat = np.zeros((channels, size + (axes[2].kernel - 1) * axes[2].dilation * samples), x.dtype)
    target, source = zip(*[met(-axis.before, 1, axis.span, size) for axis, size in zip(axes, x.shape[2:], strict=True)], strict=True)
    flat[:, :size].reshape(channels, *spans, samples)[:, *target] = np.moveaxis(x, 0, -1)[:, *source]
    return flat


def _is_plain(axis: Window, size: int) -> bool:
    """Whether the windows are the input's elements."""
    return axis == Window(1, 1, axis.dilation, 0, size)
