"""The output of a transposed convolution as planes, one for each residue of its full position modulo the stride.

Position f of the full result, before cropping, is element f // stride of plane f % stride. Every tap adds to one plane
and moves along it without gaps; the planes are interleaved once, at the end (Shi et al. 2016, "pixel shuffle"). There
are only those planes that a tap adds to: what lies between them is the bias.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from tconv_design.convolving.blocks import met
from tconv_design.layer import Axis, Layer

FEW_PLANES = 32  # up to here each plane is written by itself; more of them are transposed together
MANY_RESIDUES = 8  # more of them along an axis all have a plane where more than half have a tap


@lru_cache(maxsize=1024)
def residues(axis: Axis) -> Sequence[int]:
    """The residues along one axis that have a plane: those of a tap, or all of many where most have one."""
    most = axis.stride if 2 * axis.kernel > axis.stride > MANY_RESIDUES else axis.kernel
    if axis.dilation == 1:
        return range(min(most, axis.stride))
    period = axis.stride // math.gcd(axis.stride, axis.dilation)
    return tuple(sorted(tap * axis.dilation % axis.stride for tap in range(min(most, period))))


def per_axis(layer: Layer) -> tuple[int, ...]:
    """How many planes there are along each axis."""
    return tuple(len(residues(axis)) for axis in layer.axes)


def begun(layer: Layer, x: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """The output (N, groups, Cout/groups, *out), with the bias where there may be no plane."""
    groups = layer.groups
    result = np.empty((len(x), groups, layer.out_channels // groups, *layer.output_size(x.shape[2:])), x.dtype)
    if per_axis(layer) != layer.stride:
        result[...] = bias.reshape(groups, layer.out_channels // groups, 1, 1, 1)
    return result


def are_many(layer: Layer) -> bool:
    """Whether the planes are interleaved all at once, with a copy of them."""
    return per_axis(layer) == layer.stride and math.prod(layer.stride) > FEW_PLANES


def writes(layer: Layer) -> int:
    """How often numpy is called to interleave planes."""
    return 2 if are_many(layer) else math.prod(per_axis(layer))


def interleave(layer: Layer, planes: np.ndarray, starts: Sequence[int], result: np.ndarray) -> None:
    """Write planes (groups, outputs, *planes, *sizes, samples) into result (samples, groups, outputs, *out).

    `starts` are the planes' first elements; what lies before or after the output is left out.
    """
    stride, out_size, sizes = layer.stride, result.shape[3:], planes.shape[5:8]
    offsets = [start * axis.stride - axis.pad_begin for start, axis in zip(starts, layer.axes, strict=True)]
    inner = result.transpose(1, 2, 3, 4, 5, 0)
    if are_many(layer):
        _transpose(layer, planes, offsets, inner)
        return
    there = [residues(axis) for axis in layer.axes]
    for plane in np.ndindex(*planes.shape[2:5]):
        begins = [offset + each[index] for offset, each, index in zip(offsets, there, plane, strict=True)]
        source, target = zip(*map(met, begins, stride, sizes, out_size), strict=True)
        inner[:, :, *target] = planes[:, :, *plane, *source]


def _transpose(layer: Layer, planes: np.ndarray, offsets: Sequence[int], result: np.ndarray) -> None:
    """Neighbours in the output are elements of neighbouring planes: they are moved in runs of the last stride."""
    whole = np.ascontiguousarray(planes.transpose(8, 0, 1, 5, 2, 6, 3, 7, 4))
    sizes = [size * stride for size, stride in zip(planes.shape[5:8], layer.stride, strict=True)]
    source, target = zip(*map(met, offsets, (1, 1, 1), sizes, result.shape[2:5]), strict=True)
    whole = whole.reshape(-1, *planes.shape[:2], *sizes).transpose(1, 2, 3, 4, 5, 0)
    result[:, :, *target] = whole[:, :, *source]
