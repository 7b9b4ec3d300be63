"""Sample data that make a wrong layer visible and leave float32 no room to round."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from tconv_design.layer import Layer

if TYPE_CHECKING:
    import numpy as np

RANDOM, IMPULSE, RAMP = range(3)
BATCH = 3  # one sample of each, in this order

EXACT_IN_FLOAT32 = 2**24  # every whole number up to here is a float32
LARGEST = 7


class Samples(NamedTuple):
    """What a layer is run on: signal (3, Cin, *in), weight in the canonical layout, bias (Cout,), all float32."""

    signal: np.ndarray
    weight: np.ndarray
    bias: np.ndarray


def draw(layer: Layer, in_size: tuple[int, ...], seed: int) -> Samples:
    """Small whole numbers: noise, an impulse in the middle, and a ramp; no weight and no bias is zero.

    Equal arguments give equal data. No sum exceeds 2**24, so any order of adding up is exact in float32; only
    kernels of more than 16 million weights per output element could pass that, and noise does not in practice.
    """
    import numpy as np

    rng = np.random.default_rng(seed)
    largest = magnitude(layer)
    signal = np.zeros((BATCH, layer.in_channels, *in_size), np.float32)
    signal[RANDOM] = rng.integers(-largest, largest, signal.shape[1:], np.int8, endpoint=True)
    signal[(IMPULSE, 0, *_middle(layer, in_size))] = 1
    signal[RAMP] = (np.arange(signal[RAMP].size) % (largest + 1)).reshape(signal.shape[1:])
    return Samples(signal, _nonzero(rng, layer.weight_shape, largest), _nonzero(rng, (layer.out_channels,), LARGEST))


def magnitude(layer: Layer) -> int:
    """The largest number in signal and weight: at most 7, and such that every sum stays exact."""
    terms = layer.in_channels // layer.groups * math.prod(layer.kernel)
    return max(1, min(LARGEST, math.isqrt((EXACT_IN_FLOAT32 - LARGEST - 1) // terms)))


def _nonzero(rng: np.random.Generator, shape: tuple[int, ...], largest: int) -> np.ndarray:
    import numpy as np

    size = rng.integers(1, largest, shape, np.int8, endpoint=True)
    sign = rng.integers(0, 1, shape, np.int8, endpoint=True) * 2 - 1
    weight: np.ndarray = (size * sign).astype(np.float32)
    return weight


def _middle(layer: Layer, in_size: tuple[int, ...]) -> tuple[int, ...]:
    """The input element under the middle of the output, per axis: its response is the least likely to be cropped."""
    middle = []
    for axis, size, out in zip(layer.axes, in_size, layer.output_size(in_size), strict=True):
        tap = axis.kernel // 2 * axis.dilation
        if layer.kind == "tconv":
            element = (out // 2 + axis.pad_begin - tap) // axis.stride
        else:
            element = out // 2 * axis.stride + tap - axis.pad_begin
        middle.append(min(max(element, 0), size - 1))
    return tuple(middle)
