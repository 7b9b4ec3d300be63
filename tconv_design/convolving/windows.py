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

FEW_COLUMNS = 64  # columns that keep a matrix product busy
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
    inner = result.transpose(1, 2, 3, 4, 5, 0)  # samples last, as in the products
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
    outputs, axes = kernel.shape[1], solid(windows, ONE)
    spread = x.reshape(len(x), len(kernel), x.shape[1] // len(kernel), *solid(x.shape[2:], 1))
    width = axes[2].span if _joined(axes, outputs) else axes[2].count
    scratch = [Scratch(x.dtype) for _ in range(3)]
    rooms: dict[tuple[int, ...], _Room] = {}
    for block in _blocks(len(x), kernel.shape, axes, width):
        counts = tuple(part.stop - part.start for part in block)
        if counts not in rooms:
            rooms[counts] = _Room(counts, kernel.shape, axes, width, scratch)
        room = rooms[counts]
        begins = [part.start * axis.stride - axis.before for part, axis in zip(block[2:], axes, strict=False)]
        room.fill(spread[block.samples, block.groups], (*begins, -axes[2].before))
        np.matmul(kernel[block.groups], room.columns, out=room.product)
        yield block, room.values


def together(samples: int, windows: Sequence[Window]) -> int:
    """How many samples share a product: more than one where a map alone has few positions."""
    return min(samples, -(-FEW_COLUMNS // math.prod(window.count for window in windows)))


def _joined(axes: Sequence[Window], outputs: int) -> bool:
    """Whether windows that start in the gap between two rows are computed too, because they are cheap.

    With them the windows of consecutive rows are consecutive as well, and copied in one long run.
    """
    _, rows, columns = axes
    return rows.stride == columns.stride == 1 and (columns.span - columns.count) * outputs <= FEW_WASTED


def _blocks(samples: int, kernel: Sequence[int], axes: Sequence[Window], width: int) -> Iterator[Block]:
    """All windows in blocks of about BLOCK numbers, copied and computed."""
    groups, outputs, length = kernel
    depth, height, _ = (axis.count for axis in axes)
    for together_ in pieces(samples, together(samples, axes)):
        per_row = width * (together_.stop - together_.start)
        row = (length + outputs) * per_row
        for some in pieces(groups, BLOCK // (row * height * depth)):
            fits = BLOCK // (row * (some.stop - some.start))
            for planes in pieces(depth, fits // height):
                for rows in pieces(height, max(fits // (planes.stop - planes.start), FEW_COLUMNS // per_row)):
                    yield Block(together_, some, planes, rows)


class _Room:
    """The arrays that blocks of one size are computed in, one after the other.

    columns (groups, inputs*taps, planes*rows*columns*samples) are the windows, product is the kernel times them, and
    values is its part that counts, (groups, outputs, planes, rows, columns, samples).
    """

    def __init__(
        self, counts: Sequence[int], kernel: Sequence[int], axes: Sequence[Window], width: int, scratch: Sequence[Scratch]
    ) -> None:
        samples, groups, planes, rows = counts
        _, outputs, length = kernel
        taps = [axis.kernel for axis in axes]
        inputs = length // math.prod(taps)
        seen = [axis._replace(count=count) for axis, count in zip(axes, (planes, rows, axes[2].count), strict=True)]
        spans = [axis.span for axis in seen]
        size = math.prod(spans) * samples
        self._flat = scratch[0].array(groups, inputs, size + (taps[2] - 1) * axes[2].dilation * samples)
        self._laid = self._flat[..., :size].reshape(groups, inputs, *spans, samples)
        item, steps = self._flat.itemsize, self._laid.strides[2:5]
        along = [axis.dilation * step for axis, step in zip(seen, steps, strict=True)]
        moves = [axis.stride * step for axis, step in zip(seen, steps, strict=True)]
        shape = (groups, inputs, *taps, planes, rows, width, samples)
        self._windows = np.ndarray(shape, self._flat.dtype, self._flat, 0, (*self._flat.strides[:2], *along, *moves, item))
        self.columns = scratch[1].matrix(groups, length, planes * rows * width * samples)
        self._copied = self.columns.reshape(shape)
        self.product = scratch[2].matrix(groups, outputs, self.columns.shape[2])
        self.values = self.product.reshape(groups, outputs, planes, rows, width, samples)[..., : axes[2].count, :]

    def fill(self, x: np.ndarray, begins: Sequence[int]) -> None:
        """Copy the windows of x (samples, groups, inputs, *sizes) that start at `begins`, zero beyond the input.

        Samples become innermost. What is seen is laid first, with a tail for windows that start in the last gap.
        """
        pairs = map(met, begins, (1, 1, 1), self._laid.shape[2:], x.shape[3:])
        target, source = zip(*pairs, strict=True)
        self._flat[...] = 0
        self._laid[:, :, *target] = x[:, :, :, *source].transpose(1, 2, 3, 4, 5, 0)
        self._copied[...] = self._windows
