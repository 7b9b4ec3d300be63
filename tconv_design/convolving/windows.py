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

from tconv_design.convolving.blocks import Scratch, Work, block_size, in_runs, met, pieces, spread
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
    def joined(self) -> bool:
        """Whether windows in the gap between two rows are computed too, because they are cheap.

        With them the windows of consecutive rows are consecutive as well, and copied in one long run.
        """
        _, rows, columns = self.windows
        beside = rows.stride == columns.stride == 1 and rows.places > 1
        return beside and (columns.span - columns.places) * self.outputs <= FEW_WASTED

    @property
    def together(self) -> int:
        """How many samples share a product: more than one where a map has few windows, or all its numbers are few.

        Samples lie innermost then, so that runs are longer; but not for windows with gaps, whose runs are one element.
        """
        places = math.prod(window.places for window in self.windows)
        one = self.groups * (self.length + self.outputs) * places
        small = 0 if self.strided else self.fits // one
        return max(1, min(self.samples, max(-(-FEW_COLUMNS // places), small)))

    @property
    def strided(self) -> bool:
        """Whether windows that follow each other start further apart than their elements."""
        return any(window.stride > 1 for window in self.windows)

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
    columns: slice


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
        inner[block.groups, :, block.planes, block.rows, block.columns, block.samples] = values
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
        counts = _counts(block)
        if counts not in rooms:
            rooms[counts] = _Room(problem, counts, scratch)
        room = rooms[counts]
        begins = [part.start * window.stride - window.before for part, window in zip(block[2:], windows, strict=True)]
        room.fill(grouped[block.samples, block.groups], begins)
        np.matmul(kernel[block.groups], room.columns, out=room.product)
        np.add(room.product, bias[block.groups, :, None], out=room.product)
        yield block, room.values


def products_work(problem: Problem) -> Work:
    """What `products` takes, without a result."""
    block = next(_blocks(problem), None)
    if block is None:
        return Work(0, 0, 0, 0, 0)
    counts = _counts(block)
    shape = _shape(problem, counts)
    columns = math.prod(shape.placed)
    length, outputs = problem.length, problem.outputs
    held = shape.groups * (problem.inputs * shape.laid + (length + outputs) * spread(columns))
    places = math.prod(window.places for window in problem.windows)
    made = problem.groups * length * problem.samples * places * columns // math.prod(counts[2:] + counts[:1])
    run = shape.placed[2] * shape.placed[3] * (shape.placed[1] if shape.joined else 1)
    copied, scattered = (0, made) if problem.strided else (in_runs(made, run), 0)
    blocks = -(-problem.samples * problem.groups * places // math.prod(counts))
    return Work(made * (1 if outputs == 1 else max(outputs, FEW_OUTPUTS)), copied, scattered, blocks, held)


def _blocks(problem: Problem) -> Iterator[Block]:
    """All windows, in blocks of about as many numbers as fit."""
    planes, rows, columns = problem.windows
    one = (problem.length + problem.outputs) * problem.together  # for fewer samples at the end too: no block is larger
    for samples in pieces(problem.samples, problem.together):
        row = one * (columns.span if problem.joined else columns.places)
        for groups in pieces(problem.groups, problem.fits // (row * rows.places * planes.places)):
            most = problem.fits // (one * (groups.stop - groups.start))  # windows of each group
            for some in pieces(planes.places, most // (rows.places * columns.places)):
                each = max(most // (some.stop - some.start), FEW_COLUMNS // problem.together)
                for few in pieces(rows.places, each // columns.places):
                    for part in pieces(columns.places, each):
                        yield Block(samples, groups, some, few, part)


def _counts(block: Block) -> tuple[int, ...]:
    return tuple(part.stop - part.start for part in block)


class Shape(NamedTuple):
    """Sizes of a block: what its windows see, how many numbers that is for each input, and where windows are placed.

    `placed` are planes, rows, columns and samples, the columns with those in the gap if rows are `joined`.
    """

    groups: int
    seen: tuple[Window, Window, Window]
    laid: int
    placed: tuple[int, int, int, int]
    joined: bool


def _shape(problem: Problem, counts: tuple[int, ...]) -> Shape:
    samples, groups, planes, rows, columns = counts
    first, second, third = problem.windows
    joined = problem.joined and columns == third.places
    seen = (first._replace(places=planes), second._replace(places=rows), third._replace(places=columns))
    tail = (third.kernel - 1) * third.dilation if joined else 0
    laid = (math.prod(window.span for window in seen) + tail) * samples
    width = third.span if joined else columns
    return Shape(groups, seen, laid, (planes, rows, width, samples), joined)


class _Room:
    """The arrays that blocks of one size are computed in, one after the other.

    columns (groups, inputs*taps, planes*rows*columns*samples) are the windows, product is the kernel times them, and
    values is its part that counts, (groups, outputs, planes, rows, columns, samples).
    """

    def __init__(self, problem: Problem, counts: tuple[int, ...], scratch: Sequence[Scratch]) -> None:
        groups, seen, laid, placed, _ = _shape(problem, counts)
        spans = [window.span for window in seen]
        self._flat = scratch[0].array(groups, problem.inputs, laid)
        inside = self._flat[..., : math.prod(spans) * placed[3]]
        self._laid = inside.reshape(groups, problem.inputs, *spans, placed[3])
        steps = list(zip(seen, self._laid.strides[2:5], strict=True))
        taps = [window.dilation * step for window, step in steps]
        moves = [window.stride * step for window, step in steps]
        shape = (groups, problem.inputs, *[window.kernel for window in seen], *placed)
        strides = (*self._flat.strides[:2], *taps, *moves, self._flat.itemsize)
        self._windows = np.ndarray(shape, self._flat.dtype, self._flat, 0, strides)
        self.columns = scratch[1].matrices(groups, problem.length, math.prod(placed))
        self._copied = self.columns.reshape(shape)
        self.product = scratch[2].matrices(groups, problem.outputs, math.prod(placed))
        self.values = self.product.reshape(groups, problem.outputs, *placed)[..., : counts[4], :]

    def fill(self, x: np.ndarray, begins: Sequence[int]) -> None:
        """Copy the windows of x (samples, groups, inputs, *sizes) from `begins` on, zero beyond the input.

        Samples become innermost. What is seen is laid first, with a tail for the windows in the last gap.
        """
        target, source = zip(*map(met, begins, (1, 1, 1), self._laid.shape[2:5], x.shape[3:]), strict=True)
        self._flat[...] = 0
        self._laid[:, :, *target] = x[:, :, :, *source].transpose(1, 2, 3, 4, 5, 0)
        self._copied[...] = self._windows
