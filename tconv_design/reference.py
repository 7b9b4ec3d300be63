"""The slow, obvious convolutions that every backend is judged by, straight from the definition.

One loop over the positions of the small side, in float64; nothing here is shared with the numpy backend.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import numpy as np

from tconv_design.layer import Layer

BLOCK = 2**20  # numbers handled at a time, so that memory stays near that of input, weight and output


def reference(layer: Layer, x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
    """What `layer` makes of `x`, by definition.

    x (N, Cin, *spatial), weight `layer.weight_shape`, bias (Cout,); returns (N, Cout, *out) in the dtype of x.
    Raises InvalidLayer where nothing of the input is left.
    """
    out_size = layer.output_size(x.shape[2:])
    compute = _scatter if layer.kind == "tconv" else _gather
    result = compute(layer, x.astype(np.float64), weight.astype(np.float64), out_size)
    result += bias.reshape(-1, *[1] * layer.ndim)
    return result.astype(x.dtype)


def _scatter(layer: Layer, x: np.ndarray, weight: np.ndarray, out_size: tuple[int, ...]) -> np.ndarray:
    """Every input element lays its multiple of the kernel down at position*stride; then the result is cropped."""
    batch, groups, inputs = len(x), layer.groups, layer.in_channels // layer.groups
    full_size = [axis.full(size) for axis, size in zip(layer.axes, x.shape[2:], strict=True)]
    full = np.zeros((batch, layer.out_channels, *full_size))
    kernels = weight.reshape(groups, inputs, -1)
    for block in _blocks(x.shape[2:], batch * kernels[:, 0].size):
        elements = np.stack([x[_everywhere(position)] for position in block])
        elements = elements.reshape(len(block) * batch, groups, inputs).swapaxes(0, 1)
        stamps = (elements @ kernels).swapaxes(0, 1).reshape(len(block), batch, layer.out_channels, *layer.kernel)
        for position, stamp in zip(block, stamps, strict=True):
            full[_window(layer, position)] += stamp
    return _crop(layer, full, out_size)


def _crop(layer: Layer, full: np.ndarray, out_size: tuple[int, ...]) -> np.ndarray:
    """The window [pad_begin, pad_begin + out) of `full`, reading 0 beyond its end."""
    result = np.zeros((*full.shape[:2], *out_size))
    window = [slice(axis.pad_begin, axis.pad_begin + out) for axis, out in zip(layer.axes, out_size, strict=True)]
    kept = full[_everywhere(window)]
    result[tuple(slice(size) for size in kept.shape)] = kept
    return result


def _gather(layer: Layer, x: np.ndarray, weight: np.ndarray, out_size: tuple[int, ...]) -> np.ndarray:
    """Every output element is the sum of a window of the zero-padded input times the kernel."""
    batch, groups = len(x), layer.groups
    padded = np.pad(x, [(0, 0), (0, 0), *layer.padding])
    kernels = weight.reshape(groups, layer.out_channels // groups, -1).swapaxes(1, 2)
    result = np.zeros((batch, layer.out_channels, *out_size))
    for block in _blocks(out_size, batch * layer.in_channels * int(np.prod(layer.kernel))):
        windows = np.stack([padded[_window(layer, position)] for position in block])
        windows = windows.reshape(len(block) * batch, groups, kernels.shape[1]).swapaxes(0, 1)
        sums = (windows @ kernels).swapaxes(0, 1).reshape(len(block), batch, layer.out_channels)
        for position, total in zip(block, sums, strict=True):
            result[_everywhere(position)] = total
    return result


def _window(layer: Layer, position: tuple[int, ...]) -> tuple[Any, ...]:
    """The big side's elements under the kernel that stands at `position` of the small side, on all channels."""
    return _everywhere(
        slice(i * axis.stride, i * axis.stride + axis.effective_kernel, axis.dilation)
        for i, axis in zip(position, layer.axes, strict=True)
    )


def _everywhere(spatial: Iterable[int | slice]) -> tuple[Any, ...]:
    """An index of spatial axes, on every sample and channel."""
    return (..., *spatial)


def _blocks(size: tuple[int, ...], numbers_each: int) -> Iterator[list[tuple[int, ...]]]:
    """All positions of a grid of `size`, in order, in lists short enough for BLOCK."""
    positions = np.ndindex(*size)
    while block := list(islice(positions, max(1, BLOCK // max(1, numbers_each)))):
        yield block
