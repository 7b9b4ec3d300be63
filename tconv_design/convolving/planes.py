"""The output of a transposed convolution as planes, one for each residue of its full position modulo the stride.

Position f of the full result, before cropping, is element f // stride of plane f % stride. Every tap adds to one plane
and moves along it without gaps; the planes are interleaved once, at the end (Shi et al. 2016, "pixel shuffle").
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tconv_design.convolving.blocks import met
from tconv_design.layer import Layer

FEW_PLANES = 64  # up to here each plane is written by itself; more of them are transposed together


class Kept(NamedTuple):
    """The elements of every plane along one axis that reach the output: `count` of them from `first` on."""

    first: int
    count: int


def kept(layer: Layer, in_size: Sequence[int]) -> list[Kept]:
    """The planes' elements per axis that cropping leaves."""
    ends = [axis.pad_begin + out for axis, out in zip(layer.axes, layer.output_size(tuple(in_size)), strict=True)]
    firsts = [axis.pad_begin // axis.stride for axis in layer.axes]
    lasts = [(end - 1) // axis.stride for axis, end in zip(layer.axes, ends, strict=True)]
    return [Kept(first, last + 1 - first) for first, last in zip(firsts, lasts, strict=True)]


def interleave(layer: Layer, planes: np.ndarray, starts: Sequence[int], result: np.ndarray) -> None:
    """Write planes (groups, outputs, *stride, *counts, samples) into result (groups, outputs, *out, samples).

    `starts` are the planes' first elements; what lies before or after the output is left out.
    """
    offsets = [start * axis.stride - axis.pad_begin for start, axis in zip(starts, layer.axes, strict=True)]
    if math.prod(layer.stride) > FEW_PLANES:
        _transpose(layer, planes, offsets, result)
        return
    for residues in np.ndindex(*layer.stride):
        pairs = [
            met(offset + residue, axis.stride, count, out)
            for axis, offset, residue, count, out in zip(
                layer.axes, offsets, residues, planes.shape[2 + layer.ndim :], result.shape[2:], strict=False
            )
        ]
        plane, places = zip(*pairs, strict=True)
        result[:, :, *places] = planes[:, :, *residues, *plane]


def _transpose(layer: Layer, planes: np.ndarray, offsets: Sequence[int], result: np.ndarray) -> None:
    """Every element's strides lie together in the output: they are moved in runs of the last stride."""
    ndim, (groups, outputs, *_, samples) = layer.ndim, planes.shape
    counts = planes.shape[2 + ndim : 2 + 2 * ndim]
    order = [axis for pair in zip(range(2 + ndim, 2 + 2 * ndim), range(2, 2 + ndim), strict=True) for axis in pair]
    whole = np.ascontiguousarray(planes.transpose(2 + 2 * ndim, 0, 1, *order))
    sizes = [count * stride for count, stride in zip(counts, layer.stride, strict=True)]
    bounds = list(zip(offsets, sizes, result.shape[2:], strict=False))
    source = [slice(max(0, -offset), min(size, out - offset)) for offset, size, out in bounds]
    target = [slice(max(0, offset), min(out, size + offset)) for offset, size, out in bounds]
    whole = np.moveaxis(whole.reshape(samples, groups, outputs, *sizes), 0, -1)
    result[:, :, *target] = whole[:, :, *source]
