"""Convolution by windows: every window of the input copied out as a column, then one matrix product.

Known as im2col (Chellapilla, Puri, Simard 2006). Columns are made for a few rows of the output at a time, so that they
are still in the cache when the product reads them.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tconv_design.convolving.blocks import LINE, Scratch, Work, block_size, in_runs, met, pieces
from tconv_design.layer import Layer

FEW_COLUMNS = 80  # columns that keep a matrix product busy
FEW_OUTPUTS = 16  # outputs that take a product as long as any fewer do, down to two
FEW_WASTED = 256  # multiply-adds per row of the output that cost less than ending each copy at the row's end


class Window(NamedTuple):
    """Where windows stand along one axis: at so many `places`, the first `before` elements before the input's first."""

    kernel: int
    stride: int
    dilation: int
    before: int
    places: int

    @property
    def span(self) -> int:
        """Elements from the first that a window sees to the last."""
        return (self.places - 1) * self.stride + (self.kernel - 1) * self.dilation + 1


class Problem(NamedTuple):
    """A kernel and the windows that it is multiplied with; inputs and outputs are those of one group."""

    groups: int
    outputs: int
    inputs: int
    windows: tuple[Window, Window, Window]
    in_size: tuple[int, ...]
    samples: int

    @property
    def length(self) -> int:
        """Numbers of one window."""
        return self.inputs * math.prod(window.kernel for window in self.windows)

    @property
    def width(self) -> int:
        """Windows computed along the last axis: those in the gap between two rows too, where they are cheap.

        With them the windows of consecutive rows are consecutive as well, and copied in one long run.
        """
        _, rows, columns = self.windows
        beside = rows.stride == columns.stride == 1
        joined = beside and (columns.span - columns.places) * self.outputs <= FEW_WASTED
        return columns.span if joined else columns.places

    @property
    def together(self) -> int:
        """How many samples share a product: more than one where a map alone has few windows."""
        return max(1, min(self.samples, -(-FEW_COLUMNS // math.prod(window.places for window in self.windows))))

    @property
    def fits(self) -> int:
        """Numbers of a block, copied and computed."""
        places = math.prod(window.places for window in self.windows)
        data = self.samples * (self.inputs * math.prod(self.in_size) + self.outputs * places)
        return block_size(self.groups * (self.outputs * self.length + data))


class Block(NamedTuple):
    """Windows that are computed together."""

    samples: slice
    groups: slice
    planes: slice
    rows: slice


def applies(layer: Layer) -> bool:
    """Windows make every convolution."""
    return layer.kind == "conv"


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel); returns (N, Cout, *out)."""
    problem = _problem(layer, x.shape[2:], len(x))
    groups, outputs = problem.groups, problem.outputs
    out_size = [window.places for window in problem.windows]
    result = np.empty((len(x), groups, outputs, *out_size), x.dtype)
    inner = result.transpose(1, 2, 3, 4, 5, 0)  # samples last, as in the products
    kernel, rows = weight.reshape(groups, outputs, problem.length), bias.reshape(groups, outputs)
    for block, values in products(problem, x, kernel, rows):
        inner[block.groups, :, block.planes, block.rows, :, block.samples] = values
    return result.reshape(len(x), layer.out_channels, *out_size)


def work(layer: Layer, in_size: tuple[int, ...], samples: int) -> Work:
    """What `conv` takes."""
    problem = _problem(layer, in_size, samples)
    result = samples * layer.out_channels * math.prod(window.places for window in problem.windows)
    made = products_work(problem)
    return made._replace(copied=made.copied + result, held=made.held + result)


@lru_cache(maxsize=1024)
def _problem(layer: Layer, in_size: tuple[int, ...], samples: int) -> Problem:
    inputs, outputs = layer.in_channels // layer.groups, layer.out_channels // layer.groups
    planes, rows, columns = (
        Window(axis.kernel, axis.stride, axis.dilation, axis.pad_begin, out)
        for axis, out in zip(layer.axes, layer.output_size(in_size), strict=True)
    )
    return Problem(layer.groups, outputs, inputs, (planes, rows, columns), in_size, samples)


def products(
    problem: Problem, x: np.ndarray, kernel: np.ndarray, bias: np.ndarray
) -> Iterator[tuple[Block, np.ndarray]]:
    """kernel (groups, outputs, inputs*taps) times every window of x (N, Cin, *spatial), plus bias (groups, outputs).

    Yields blocks with their values, (groups, outputs, planes, rows, columns, samples), valid until the next one.
    """
    windows = problem.windows
    grouped = x.reshape(len(x), problem.groups, problem.inputs, *x.shape[2:])
    scratch = [Scratch(x.dtype) for _ in range(3)]
    rooms: dict[tuple[int, ...], _Room] = {}
    for block in _blocks(problem):
        counts = tuple(part.stop - part.start for part in block)
        if counts not in rooms:
            rooms[counts] = _Room(problem, counts, scratch)
        room = rooms[counts]
        begins = [part.start * window.stride - window.before for part, window in zip(block[2:], windows, strict=False)]
        room.fill(grouped[block.samples, block.groups], (*begins, -windows[2].before))
        np.matmul(kernel[block.groups], room.columns, out=room.product)
        np.add(room.product, bias[block.groups, :, None], out=room.product)
        yield block, room.values


def products_work(problem: Problem) -> Work:
    """What `products` takes, without a result."""
    planes, rows, columns = problem.windows
    per_row = problem.width * problem.together
    row = (problem.length + problem.outputs) * per_row
    block = max(problem.fits, row * max(1, FEW_COLUMNS // per_row)) + row
    block = min(block, problem.groups * row * planes.places * rows.places)
    strided = any(window.stride > 1 for window in problem.windows)
    gaps = math.prod(-(-window.stride // window.kernel) for window in problem.windows)
    made = problem.groups * problem.length * problem.samples * planes.places * rows.places * problem.width
    joined = columns.places == 1 or problem.width > columns.places
    moved = in_runs(made, per_row * rows.places if joined else per_row)
    copied, scattered = (0, made) if strided else (moved, 0)
    multiplied = made * (1 if problem.outputs == 1 else max(problem.outputs, FEW_OUTPUTS))
    return Work(multiplied, copied, scattered, block * (1 + gaps) + LINE * (problem.length + problem.outputs))


def _blocks(problem: Problem) -> Iterator[Block]:
    """All windows, in blocks of about as many numbers as fit."""
    planes, rows, _ = problem.windows
    for samples in pieces(problem.samples, problem.together):
        per_row = problem.width * (samples.stop - samples.start)
        row = (problem.length + problem.outputs) * per_row
        for groups in pieces(problem.groups, problem.fits // (row * rows.places * planes.places)):
            most = problem.fits // (row * (groups.stop - groups.start))
            for some in pieces(planes.places, most // rows.places):
                each = max(most // (some.stop - some.start), FEW_COLUMNS // per_row)
                for few in pieces(rows.places, each):
                    yield Block(samples, groups, some, few)


class _Room:
    """The arrays that blocks of one size are computed in, one after the other.

    columns (groups, inputs*taps, planes*rows*columns*samples) are the windows, product is the kernel times them, and
    values is its part that counts, (groups, outputs, planes, rows, columns, samples).
    """

    def __init__(self, problem: Problem, counts: tuple[int, ...], scratch: Sequence[Scratch]) -> None:
        samples, groups, planes, rows = counts
        inputs, outputs, width = problem.inputs, problem.outputs, problem.width
        last = problem.windows[2]
        seen = (problem.windows[0]._replace(places=planes), problem.windows[1]._replace(places=rows), last)
        spans = [window.span for window in seen]
        size, tail = math.prod(spans) * samples, (last.kernel - 1) * last.dilation * samples
        self._flat = scratch[0].array(groups, inputs, size + tail)
        self._laid = self._flat[..., :size].reshape(groups, inputs, *spans, samples)
        shape = (groups, inputs, *[window.kernel for window in seen], planes, rows, width, samples)
        steps = list(zip(seen, self._laid.strides[2:5], strict=True))
        taps = [window.dilation * step for window, step in steps]
        moves = [window.stride * step for window, step in steps]
        strides = (*self._flat.strides[:2], *taps, *moves, self._flat.itemsize)
        self._windows = np.ndarray(shape, self._flat.dtype, self._flat, 0, strides)
        self.columns = scratch[1].matrices(groups, problem.length, planes * rows * width * samples)
        self._copied = self.columns.reshape(shape)
        self.product = scratch[2].matrices(groups, outputs, self.columns.shape[2])
        self.values = self.product.reshape(groups, outputs, planes, rows, width, samples)[..., : last.places, :]

    def fill(self, x: np.ndarray, begins: Sequence[int]) -> None:
        """Copy the windows of x (samples, groups, inputs, *sizes) from `begins` on, zero beyond the input.

        Samples become innermost. What is seen is laid first, with a tail for the windows in the last gap.
        """
        target, source = zip(*map(met, begins, (1, 1, 1), self._laid.shape[2:5], x.shape[3:]), strict=True)
        self._flat[...] = 0
        self._laid[:, :, *target] = x[:, :, :, *source].transpose(1, 2, 3, 4, 5, 0)
        self._copied[...] = self._windows
