"""Transposed convolution by stamps: one product makes every input element's multiple of the kernel, then they are added.

The product needs the weight as it lies in memory. Taps of one residue add to one plane, shifted by whole elements, so
that sums run along rows; the planes are interleaved at the end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import product
from typing import NamedTuple

import numpy as np

from tconv_design.convolving.blocks import BLOCK, LONG_RUN, Scratch, pieces
from tconv_design.convolving.planes import Kept, interleave, kept
from tconv_design.layer import Axis, Layer

FEW_ROWS = 256  # rows of a product that are worth arranging its columns for


class Shift(NamedTuple):
    """Along one axis: taps, the planes that they add to, and the elements that they take from the input to the planes."""

    taps: slice
    planes: slice
    source: slice
    target: slice


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel); (N, Cout, *out)."""
    groups, outputs, in_size = layer.groups, layer.out_channels // layer.groups, x.shape[2:]
    spans = kept(layer, in_size)
    shifts = list(product(*map(_shifts, layer.axes, spans, in_size)))
    kernels = weight.reshape(groups, -1, outputs, math.prod(layer.kernel))
    offset = bias.reshape(groups, outputs, *[1] * (2 * layer.ndim + 1))
    result = np.empty((len(x), groups, outputs, *layer.output_size(in_size)), x.dtype)
    inner = np.moveaxis(result, 0, -1)
    stamped, summed = Scratch(x.dtype), Scratch(x.dtype)
    for samples in pieces(len(x), together(len(x), in_size)):
        columns = _columns(x[samples], groups)
        for some in _blocks(kernels.shape, columns.shape[2]):
            stamps = _stamps(kernels[some[0], :, some[1]], columns[some[0]], stamped)
            stamps = stamps.reshape(len(stamps), -1, *layer.kernel, *in_size, samples.stop - samples.start)
            planes = summed.array(*stamps.shape[:2], *layer.stride, *[span.count for span in spans], stamps.shape[-1])
            planes[...] = offset[some]
            for each in shifts:
                taps, residues, source, target = zip(*each, strict=True)
                planes[:, :, *residues, *target] += stamps[:, :, *taps, *source]
            interleave(layer, planes, [span.first for span in spans], inner[*some, ..., samples])
    return result.reshape(len(x), layer.out_channels, *result.shape[3:])


def together(samples: int, in_size: Sequence[int]) -> int:
    """How many samples are added at once: more than one where their rows alone are short."""
    return min(samples, -(-LONG_RUN // in_size[-1]))


def _blocks(kernels: Sequence[int], elements: int) -> Iterator[tuple[slice, slice]]:
    """Groups and outputs whose stamps are about BLOCK numbers, and enough rows that a product is worth its columns."""
    groups, _, outputs, taps = kernels
    for some in pieces(groups, BLOCK // (outputs * taps * elements)):
        fits = BLOCK // ((some.stop - some.start) * taps * elements)
        for chosen in pieces(outputs, max(fits, -(-FEW_ROWS // taps))):
            yield some, chosen


def _columns(x: np.ndarray, groups: int) -> np.ndarray:
    """x (N, Cin, *spatial) as (groups, inputs, elements), a sample's elements beside those of the others."""
    inputs = x.shape[1] // groups
    if len(x) == 1:
        return x.reshape(groups, inputs, -1)
    columns = Scratch(x.dtype).matrix(groups, inputs, x[:, 0].size)
    columns.reshape(*x.shape[1:], len(x))[...] = np.moveaxis(x, 0, -1)
    return columns


def _stamps(kernels: np.ndarray, columns: np.ndarray, scratch: Scratch) -> np.ndarray:
    """kernels (groups, inputs, outputs, taps) times columns (groups, inputs, elements): (groups, outputs*taps, elements)."""
    flat = kernels.reshape(*kernels.shape[:2], -1).swapaxes(1, 2)
    return np.matmul(flat, columns, out=scratch.matrix(*flat.shape[:2], columns.shape[2]))


def _shifts(axis: Axis, span: Kept, size: int) -> Iterator[Shift]:
    """Taps that move together, with what they move; none that move nothing to what is kept."""
    for taps, planes, reach in _moves(axis):
        first = max(0, span.first - reach)
        last = min(size, span.first + span.count - reach)
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
