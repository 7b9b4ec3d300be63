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
from typing import Any, NamedTuple

import numpy as np

from tconv_design.convolving.blocks import Scratch, Work, block_size, in_runs, pieces
from tconv_design.convolving.planes import Kept, interleave, kept
from tconv_design.layer import Axis, Layer

FEW_ROWS = 256  # rows of a product that are worth arranging its columns for
LONG_RUN = 128  # numbers side by side that are added at little more than the cost of their bytes


class Shift(NamedTuple):
    """Along one axis: taps, the planes that they add to, and the elements moved, in the input and in the planes."""

    taps: slice
    planes: slice
    source: slice
    target: slice


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
    groups, outputs, in_size = layer.groups, layer.out_channels // layer.groups, x.shape[2:]
    kernels = weight.reshape(groups, layer.in_channels // groups, outputs, math.prod(layer.kernel))
    offset = bias.reshape(groups, outputs, 1, 1, 1, 1, 1, 1, 1)
    result = np.empty((len(x), groups, outputs, *layer.output_size(in_size)), x.dtype)
    fits = block_size(x.size + weight.size + result.size)
    stamped, summed = Scratch(x.dtype), _Sums(layer, in_size, x.dtype)
    for samples in pieces(len(x), _together(in_size)):
        columns = _columns(x[samples], groups)
        for some in _blocks(kernels.shape, columns.shape[2], fits):
            stamps = _stamps(kernels[some[0], :, some[1]], columns[some[0]], stamped)
            stamps = stamps.reshape(len(stamps), -1, *layer.kernel, *in_size, samples.stop - samples.start)
            planes, starts = summed.planes(stamps, offset[some])
            interleave(layer, planes, starts, result[samples, *some])
    return result.reshape(len(x), layer.out_channels, *result.shape[3:])


def work(layer: Layer, in_size: tuple[int, ...], samples: int) -> Work:
    """What `conv_transpose`, or `conv`, takes."""
    elements, taps = math.prod(in_size), math.prod(layer.kernel)
    x, weight = samples * layer.in_channels * elements, math.prod(layer.weight_shape)
    result = samples * layer.out_channels * math.prod(layer.output_size(in_size))
    batch = max(1, min(samples, _together(in_size)))
    stamped = samples * layer.out_channels * taps * elements
    block = max(block_size(x + weight + result), -(-FEW_ROWS // taps) * taps * elements * batch)
    block = min(block, layer.out_channels * taps * elements * batch)
    spread = math.prod(
        span.size * axis.stride for span, axis in zip(kept(_as_tconv(layer), in_size), layer.axes, strict=True)
    )
    turned = weight if layer.kind == "conv" else 0
    moved = x if batch > 1 else 0
    added = result if _is_apart(layer) else stamped + 2 * result
    held = (
        result
        + 2 * turned
        + min(moved, batch * layer.in_channels * elements)
        + 2 * block
        + block * spread // (taps * elements)
    )
    return Work(
        stamped * (layer.in_channels // layer.groups),
        in_runs(stamped + added, _row(in_size) * batch),
        result + moved + turned,
        held,
    )


def _as_tconv(layer: Layer) -> Layer:
    return layer if layer.kind == "tconv" else _turned(layer)


def _row(in_size: Sequence[int]) -> int:
    """Elements of a sample that lie side by side in every sum."""
    return in_size[2] if in_size[2] > 1 else in_size[1]


def _together(in_size: Sequence[int]) -> int:
    """How many samples are added at once: more than one where their rows alone are short."""
    return -(-LONG_RUN // _row(in_size))


def _blocks(kernels: Sequence[int], elements: int, fits: int) -> Iterator[tuple[slice, slice]]:
    """Groups and outputs whose stamps are as many numbers as fit, with at least FEW_ROWS rows."""
    groups, _, outputs, taps = kernels
    for some in pieces(groups, fits // (outputs * taps * elements)):
        most = fits // ((some.stop - some.start) * taps * elements)
        for few in pieces(outputs, max(most, -(-FEW_ROWS // taps))):
            yield some, few


def _columns(x: np.ndarray, groups: int) -> np.ndarray:
    """x (N, Cin, *spatial) as (groups, inputs, elements), a sample's elements beside those of the others."""
    inputs = x.shape[1] // groups
    if len(x) == 1:
        return x.reshape(groups, inputs, -1)
    columns = Scratch(x.dtype).matrices(groups, inputs, x[:, 0].size)
    columns.reshape(*x.shape[1:], len(x))[...] = x.transpose(1, 2, 3, 4, 0)
    return columns


def _stamps(kernels: np.ndarray, columns: np.ndarray, scratch: Scratch) -> np.ndarray:
    """Kernels (groups, inputs, outputs, taps) times columns: (groups, outputs*taps, elements)."""
    flat = kernels.reshape(*kernels.shape[:2], -1).swapaxes(1, 2)
    groups, rows, _ = flat.shape
    return np.matmul(flat, columns, out=scratch.matrices(groups, rows, columns.shape[2]))


def _is_apart(layer: Layer) -> bool:
    """Whether stamps lie side by side, without gap or overlap, to the output's end."""
    return all(axis.kernel == axis.stride and axis.dilation == 1 and axis.end >= 0 for axis in layer.axes)


class _Sums:
    """Adds the taps of stamps to planes."""

    def __init__(self, layer: Layer, in_size: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self._stride, self._spans = layer.stride, kept(layer, in_size)
        self._shifts = _shifts(layer, in_size)
        self._apart = _is_apart(layer)
        self._scratch = Scratch(dtype)

    def planes(self, stamps: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, list[int]]:
        """Stamps (groups, outputs, *kernel, *in_size, samples) and bias as planes, with the planes' first elements.

        Stamps that lie side by side are the planes.
        """
        if self._apart:
            stamps += bias
            return stamps, [0, 0, 0]
        sizes = [span.size for span in self._spans]
        planes = self._scratch.array(*stamps.shape[:2], *self._stride, *sizes, stamps.shape[-1])
        planes[...] = bias
        for taps, residues, source, target in self._shifts:
            planes[:, :, *residues, *target] += stamps[:, :, *taps, *source]
        return planes, [span.first for span in self._spans]


@lru_cache(maxsize=1024)
def _shifts(layer: Layer, in_size: tuple[int, ...]) -> list[tuple[tuple[slice, ...], ...]]:
    """Everything that is added: taps, their planes, and the elements moved, each along three axes."""
    along = map(_along, layer.axes, kept(layer, in_size), in_size)
    return [tuple(zip(*each, strict=True)) for each in product(*along)]


def _along(axis: Axis, span: Kept, size: int) -> Iterator[Shift]:
    """Taps that move together, with what they move; none that move nothing to what is kept."""
    for taps, planes, reach in _moves(axis):
        first = max(0, span.first - reach)
        last = min(size, span.first + span.size - reach)
        if first < last:
            moved = reach - span.first
            yield Shift(taps, planes, slice(first, last), slice(first + moved, last + moved))


def _moves(axis: Axis) -> Iterator[tuple[slice, slice, int]]:
    """Taps, their planes and how many elements they reach: undilated ones together, as many as there are planes."""
    kernel, stride, dilation = axis.kernel, axis.stride, axis.dilation
    if dilation == 1:
        for first in range(0, kernel, stride):
            last = min(kernel, first + stride)
            yield slice(first, last), slice(0, last - first), first // stride
        return
    for tap in range(kernel):
        reach, plane = divmod(tap * dilation, stride)
        yield slice(tap, tap + 1), slice(plane, plane + 1), reach
