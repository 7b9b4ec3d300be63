"""Transposed convolution as a convolution of stride 1 with a set of outputs for every plane (Shi et al. 2016).

Tap j*stride + r of the kernel adds input element q - j to element q of plane r: along each axis the input is convolved
with the kernel's taps of residue r, turned around. All planes share their windows and so one product.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tconv_design.convolving.blocks import MOST, Work, pieces
from tconv_design.convolving.planes import are_many, begun, interleave, per_axis, residues, writes
from tconv_design.convolving.windows import Problem, Window, products, products_work
from tconv_design.layer import Axis, Layer

REARRANGED = 4  # numbers moved while one of the kernel's is, across pages


class Kept(NamedTuple):
    """The elements of every plane along one axis that reach the output: `size` of them from `first` on."""

    first: int
    size: int


def applies(layer: Layer) -> bool:
    """Whether all planes share their windows: along each axis the stride or the dilation is 1."""
    return layer.kind == "tconv" and all(1 in (axis.stride, axis.dilation) for axis in layer.axes)


def conv_transpose(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """Transposed convolution of x (N, Cin, *spatial) with weight (Cin, Cout/groups, *kernel); (N, Cout, *out)."""
    groups, outputs = layer.groups, layer.out_channels // layer.groups
    kernels = weight.reshape(groups, layer.in_channels // groups, outputs, *layer.kernel)
    result, offset = begun(layer, x, bias), bias.reshape(groups, outputs)
    for some in pieces(outputs, _together(layer, _problem(layer, x.shape[2:], len(x)))):
        _write(layer, x, kernels[:, :, some], offset[:, some], result[:, :, some])
    return result.reshape(len(x), layer.out_channels, *result.shape[3:])


def _write(layer: Layer, x: np.ndarray, kernels: np.ndarray, bias: np.ndarray, result: np.ndarray) -> None:
    """Some outputs: kernels (groups, inputs, outputs, *kernel), bias (groups, outputs), their part of the result."""
    planes = per_axis(layer)
    rows = np.repeat(bias, math.prod(planes), axis=1)
    problem = _problem(layer, x.shape[2:], len(x))._replace(outputs=rows.shape[1])
    starts = [span.first for span in _kept(layer, x.shape[2:])]
    for block, values in products(problem, x, _by_plane(layer, kernels), rows):
        begins = [start + part.start for start, part in zip(starts, block[2:], strict=True)]
        made = values.reshape(len(values), -1, *planes, *values.shape[2:])
        interleave(layer, made, begins, result[block.samples, block.groups])


def work(layer: Layer, in_size: tuple[int, ...], samples: int) -> Work:
    """What `conv_transpose` takes."""
    problem, outputs = _problem(layer, in_size, samples), layer.out_channels // layer.groups
    some = min(outputs, _together(layer, problem))
    rows = some * math.prod(per_axis(layer))
    made = products_work(problem._replace(outputs=rows))
    times, kernel = -(-outputs // some), problem.groups * problem.length * rows
    extended = any(len(residues(axis)) * -(-axis.kernel // axis.stride) != axis.kernel for axis in layer.axes)
    result = samples * layer.out_channels * math.prod(layer.output_size(in_size))
    return Work(
        made.multiplied * times,
        made.copied * times + 2 * result,
        REARRANGED * kernel * times + result,
        made.calls * times * writes(layer),
        result + kernel * (2 if extended else 1) + made.held * (2 if are_many(layer) else 1),
    )


@lru_cache(maxsize=1024)
def _problem(layer: Layer, in_size: tuple[int, ...], samples: int) -> Problem:
    """All outputs' planes as the outputs of one product."""
    inputs, outputs = layer.in_channels // layer.groups, layer.out_channels // layer.groups
    planes, rows, columns = map(_window, layer.axes, _kept(layer, in_size))
    outputs *= math.prod(per_axis(layer))
    return Problem(layer.groups, outputs, inputs, (planes, rows, columns), in_size, samples)


def _window(axis: Axis, span: Kept) -> Window:
    """The windows along one axis that make the kept elements of a plane."""
    taps = -(-axis.kernel // axis.stride)
    dilation = axis.dilation if axis.stride == 1 else 1
    return Window(taps, 1, dilation, (taps - 1) * dilation - span.first, span.size)


@lru_cache(maxsize=1024)
def _kept(layer: Layer, in_size: tuple[int, ...]) -> tuple[Kept, ...]:
    """The planes' elements per axis that cropping leaves."""
    firsts = [axis.pad_begin // axis.stride for axis in layer.axes]
    lasts = [
        (axis.pad_begin + out - 1) // axis.stride
        for axis, out in zip(layer.axes, layer.output_size(in_size), strict=True)
    ]
    return tuple(Kept(first, last + 1 - first) for first, last in zip(firsts, lasts, strict=True))


def _together(layer: Layer, problem: Problem) -> int:
    """How many outputs share windows: few enough that their planes are a block, but more numbers than the windows."""
    planes = math.prod(per_axis(layer))
    fits = MOST // (planes * math.prod(window.places for window in problem.windows))
    return max(fits, -(-2 * problem.length // planes))


def _by_plane(layer: Layer, kernels: np.ndarray) -> np.ndarray:
    """Kernels (groups, inputs, outputs, *kernel) by plane: (groups, outputs*planes, inputs*taps of a plane).

    Taps that are not there are 0.
    """
    taps = [-(-axis.kernel // axis.stride) for axis in layer.axes]
    split = [length for pair in zip(taps, per_axis(layer), strict=True) for length in pair]
    whole = _extended(kernels, [split[0] * split[1], split[2] * split[3], split[4] * split[5]])
    turned = np.flip(whole.reshape(*kernels.shape[:3], *split), (3, 5, 7)).transpose(0, 2, 4, 6, 8, 1, 3, 5, 7)
    return turned.reshape(len(kernels), kernels.shape[2] * math.prod(per_axis(layer)), -1)


def _extended(kernels: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """The kernels with zeros behind their taps up to `size`."""
    if kernels.shape[3:] == tuple(size):
        return kernels
    whole = np.zeros((*kernels.shape[:3], *size), kernels.dtype)
    whole[:, :, :, *map(slice, kernels.shape[3:])] = kernels
    return whole
