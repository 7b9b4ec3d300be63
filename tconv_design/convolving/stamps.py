"""Transposed convolution by stamps: a product makes every input element's multiple of the kernel, and they are added.

The product takes the weight as it lies in memory. Taps of one residue add to one plane, shifted by whole elements, so
that sums run along rows; the planes are interleaved at the end. A convolution of stride 1 with few outputs is computed
like this too: its columns would be many more numbers than its stamps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import product
from operator import mul
from typing import Any, NamedTuple

import numpy as np

from tconv_design.convolving.blocks import LEAST, MOST, Scratch, Work, block_size, in_runs, pieces, spread
from tconv_design.convolving.planes import are_many, begun, interleave, per_axis, residues, writes
from tconv_design.layer import Axis, Layer

FEW_ROWS = 256  # rows of a product that are worth arranging its columns for
FEW_WASTED = 512  # multiply-adds per row and stamp that cost less than ending each sum at the row's end
LONG_MAP = 1000  # elements of a map that is worth a product of its own where there are more samples
MANY_STAMPS = 4  # stamps for each number of the input that pay for laying it
LONG_RUN = 128  # numbers side by side that are added at little more than the cost of their bytes


class Grid(NamedTuple):
    """What stamps are added on: planes of `sizes` elements, before cropping.

    The input's rows are laid `width` elements apart, with zeros between them; where that is a plane's width, elements
    that follow each other in the input do so in the planes too, and all rows are one run. Else `together` samples make
    the runs longer, lying innermost.
    """

    in_size: tuple[int, ...]
    sizes: tuple[int, ...]
    width: int
    together: int

    @property
    def elements(self) -> int:
        """Elements that each input has in a product."""
        return math.prod(self.in_size[:2]) * self.width * self.together

    @property
    def run(self) -> int:
        """Elements that are added without a gap."""
        rows = self.in_size[1] if self.width == self.sizes[2] else 1
        return rows * self.width * self.together


def applies(layer: Layer) -> bool:
    """Whether it is a transposed convolution, or has stride 1 and pads less than the kernel spans."""
    return layer.kind == "tconv" or all(
        axis.stride == 1 and max(axis.pad_begin, axis.pad_end) < axis.effective_kernel for axis in layer.axes
    )


def conv(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Convolution of x (N, Cin, *spatial) with weight (Cout, Cin/groups, *kernel); returns (N, Cout, *out).

    It is the transposed convolution with the kernel turned around and its channels exchanged.
    """
    kernels = weight.reshape(layer.groups, layer.out_channels // layer.groups, *weight.shape[1:]).swapaxes(1, 2)
    turned = _turned(layer)
    return conv_transpose(turned, x, np.flip(kernels, (3, 4, 5)).reshape(turned.weight_shape), bias)


def _turned(layer: Layer) -> Layer:
    reaches = [axis.effective_kernel - 1 for axis in layer.axes]
    axes = tuple(
        Axis(axis.kernel, 1, reach - axis.pad_begin, reach - axis.pad_end, 0, axis.dilation)
        for axis, reach in zip(layer.axes, reaches, strict=True)
    )
    return Layer("tconv", axes, layer.groups, layer.in_channels, layer.out_channels)


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel); (N, Cout, *out)."""
    groups, outputs, grid = layer.groups, layer.out_channels // layer.groups, _grid(layer, x.shape[2:], len(x))
    kernels = weight.reshape(groups, layer.in_channels // groups, outputs, math.prod(layer.kernel))
    offset = bias.reshape(groups, outputs)
    result = begun(layer, x, bias)
    numbers = x.size + weight.size + result.size
    laid, stamped, summed = Scratch(x.dtype), Scratch(x.dtype), _Sums(layer, grid, x.dtype)
    for samples in pieces(len(x), grid.together):
        columns = _columns(x[samples], groups, grid.width, laid)
        for some in _blocks(kernels.shape, grid.elements, numbers):
            stamps = _stamps(kernels[some[0], :, some[1]], columns[some[0]], stamped)
            planes = summed.planes(stamps, offset[some])
            interleave(layer, planes, (0, 0, 0), result[samples, *some])
    return result.reshape(len(x), layer.out_channels, *result.shape[3:])


def work(layer: Layer, in_size: tuple[int, ...], samples: int) -> Work:
    """What `conv_transpose`, or `conv`, takes."""
    whole = layer if layer.kind == "tconv" else _turned(layer)
    grid, weight, taps = _grid(whole, in_size, samples), math.prod(layer.weight_shape), math.prod(layer.kernel)
    groups, inputs, outputs = layer.groups, layer.in_channels // layer.groups, layer.out_channels // layer.groups
    result = samples * layer.out_channels * math.prod(layer.output_size(in_size))
    numbers = samples * layer.in_channels * math.prod(in_size) + weight + result
    some, few = next(_blocks((groups, inputs, outputs, taps), grid.elements, numbers))
    block = (some.stop - some.start) * (few.stop - few.start)
    batches = -(-samples // grid.together)
    blocks = batches * -(-groups * outputs // block)
    turned = weight if layer.kind == "conv" else 0
    laid = layer.in_channels * spread(grid.elements) if grid.elements > math.prod(in_size) else 0
    stamped = samples * layer.out_channels * taps * grid.elements // grid.together
    added = result if _is_apart(whole) else stamped + 2 * result
    return Work(
        stamped * inputs,
        in_runs(stamped + added, grid.run),
        result + batches * laid + turned,
        blocks * (_additions(whole) + writes(whole)),
        result + 2 * turned + laid + block * (taps * spread(grid.elements) + _planes(whole, grid)),
    )


def _additions(layer: Layer) -> int:
    """How often numpy is called to add the taps of a block."""
    return math.prod(-(-axis.kernel // (axis.stride if axis.dilation == 1 else 1)) for axis in layer.axes)


def _planes(layer: Layer, grid: Grid) -> int:
    """Numbers of one output's planes besides its stamps, until they are interleaved."""
    if _is_apart(layer):
        return 0
    planes = (math.prod(per_axis(layer)) * math.prod(grid.sizes) + grid.width) * grid.together
    return planes * 2 if are_many(layer) else planes


@lru_cache(maxsize=1024)
def _grid(layer: Layer, in_size: tuple[int, ...], samples: int) -> Grid:
    reaches = [(axis.effective_kernel - 1) // axis.stride for axis in layer.axes]
    ends = [axis.pad_begin + out for axis, out in zip(layer.axes, layer.output_size(in_size), strict=True)]
    sizes = tuple(
        max(size + reach, -(-end // axis.stride))
        for axis, size, reach, end in zip(layer.axes, in_size, reaches, ends, strict=True)
    )
    inputs, row = layer.in_channels // layer.groups, in_size[2]
    many = layer.out_channels * math.prod(layer.kernel) >= MANY_STAMPS * layer.in_channels
    alone = samples == 1 or in_size[1] * row >= LONG_MAP
    if many and alone and (sizes[2] - row) * inputs <= FEW_WASTED and sizes[2] <= 2 * row:
        return Grid(in_size, sizes, sizes[2], 1)
    stamps = layer.out_channels * math.prod(layer.kernel) * math.prod(in_size)
    together = max(LONG_RUN // (row if row > 1 else in_size[1]), LEAST // stamps)
    return Grid(in_size, sizes, row, max(1, min(samples, together)))


def _blocks(kernels: Sequence[int], elements: int, numbers: int) -> Iterator[tuple[slice, slice]]:
    """Groups and outputs whose stamps are a block for a layer of so many numbers."""
    groups, _, outputs, taps = kernels
    one = taps * elements
    for some in pieces(groups, block_size(numbers) // (outputs * one)):
        for few in pieces(outputs, _outputs(taps, (some.stop - some.start) * one, numbers)):
            yield some, few


def _outputs(taps: int, one: int, numbers: int) -> int:
    """How many outputs of so many stamps each are a block: FEW_ROWS rows, if the layer itself has as many numbers."""
    return max(1, block_size(numbers) // one, min(-(-FEW_ROWS // taps), max(numbers, MOST) // one))


def _columns(x: np.ndarray, groups: int, width: int, scratch: Scratch) -> np.ndarray:
    """x (N, Cin, *spatial) as (groups, inputs, elements), a sample's elements beside those of the others."""
    samples, channels, planes, rows, row = x.shape
    if samples == 1 and width == row:
        return x.reshape(groups, channels // groups, -1)
    columns = scratch.matrices(groups, channels // groups, planes * rows * width * samples)
    laid = columns.reshape(channels, planes, rows, width, samples)
    laid[:, :, :, :row] = x.transpose(1, 2, 3, 4, 0)
    laid[:, :, :, row:] = 0
    return columns


def _stamps(kernels: np.ndarray, columns: np.ndarray, scratch: Scratch) -> np.ndarray:
    """Kernels (groups, inputs, outputs, taps) times columns: (groups, outputs, taps, elements)."""
    groups, inputs, outputs, taps = kernels.shape
    rows = kernels.reshape(groups, inputs, outputs * taps).swapaxes(1, 2)
    product = np.matmul(rows, columns, out=scratch.matrices(groups, outputs * taps, columns.shape[2]))
    return product.reshape(groups, outputs, taps, -1)


def _is_apart(layer: Layer) -> bool:
    """Whether stamps lie side by side, without gap or overlap, to the output's end."""
    return all(axis.kernel == axis.stride and axis.dilation == 1 and axis.end >= 0 for axis in layer.axes)


class _Sums:
    """Adds the taps of stamps to planes."""

    def __init__(self, layer: Layer, grid: Grid, dtype: np.dtype[Any]) -> None:
        self._layer, self._grid, self._apart = layer, grid, _is_apart(layer)
        self._scratch = Scratch(dtype)

    def planes(self, stamps: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Stamps (groups, outputs, taps, elements) and bias as planes, (groups, outputs, *planes, *sizes, samples).

        Stamps that lie side by side are the planes. The zeros between an input's rows are added too: past a plane's
        end, to the next one or to the tail.
        """
        depth, rows, _ = self._grid.in_size
        samples = stamps.shape[3] // (depth * rows * self._grid.width)
        stamped = (*stamps.shape[:2], *self._layer.kernel, depth, rows, self._grid.width, samples)
        if self._apart:
            stamps += bias[:, :, None, None]
            return stamps.reshape(stamped)
        shape = (*stamps.shape[:2], *per_axis(self._layer), *self._grid.sizes, samples)
        size, tail = math.prod(shape), (self._grid.width - self._grid.in_size[2]) * samples
        flat = self._scratch.array(size + tail)
        planes, source = flat[:size].reshape(shape), stamps.reshape(stamped)
        planes.reshape(*shape[:2], -1)[...] = bias[:, :, None]
        flat[size:] = 0
        for taps, origin in _moves(self._layer):
            some, start = source[:, :, *taps], sum(map(mul, origin, planes.strides[2:8]))
            place = np.ndarray(some.shape, flat.dtype, flat, start, planes.strides)
            place += some
        return planes


def _moves(layer: Layer) -> Iterator[tuple[tuple[slice, ...], tuple[int, ...]]]:
    """Taps that are added together, along three axes, and where: first plane and first element of it on each."""
    for (tap, plane, reach), (row, row_plane, down), (column, column_plane, right) in product(*map(_along, layer.axes)):
        yield (tap, row, column), (plane, row_plane, column_plane, reach, down, right)


def _along(axis: Axis) -> Iterator[tuple[slice, int, int]]:
    """Taps, their first plane and its first element: undilated ones together, as many as there are planes."""
    kernel, stride, dilation = axis.kernel, axis.stride, axis.dilation
    if dilation == 1:
        for first in range(0, kernel, stride):
            yield slice(first, min(kernel, first + stride)), 0, first // stride
        return
    plane = {residue: index for index, residue in enumerate(residues(axis))}
    for tap in range(kernel):
        reach, residue = divmod(tap * dilation, stride)
        yield slice(tap, tap + 1), plane[residue], reach
