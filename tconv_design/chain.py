"""Run a whole network on small whole numbers, layer by layer, a backend's layers held against the definition's.

Between blocks every number is folded back to -2..2, so that float32 stays exact however deep the network is. Pools,
joins, crops, upsampling and linear layers are computed here, the same for every backend; an average pool is a sum and
linear interpolation has whole weights, for folding makes no difference between them and their multiples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from tconv_design.compare import complaint
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.samples import EXACT_IN_FLOAT32, LARGEST
from tconv_design.steps import Pooling, Sides, Step, last_readers

FOLD = 5
INPUT = -1

RunLayer = Callable[[int, Layer, np.ndarray, np.ndarray, np.ndarray], object]
"""(index of the step, layer, signal, weight, bias) -> what the backend made of it."""


class ChainVerdict(NamedTuple):
    """Whether every layer of the network gave the values expected; if not, which is the first that did not, and how.

    `shape` is that of the network's output, (1, channels, *size), None where a layer differs.
    """

    shape: tuple[int, ...] | None
    at: int | None = None
    detail: str = ""


def run_chain(steps: tuple[Step, ...], in_shape: Sequence[int], seed: int, run: RunLayer) -> ChainVerdict:
    """Run a network on an input of (channels, *size); it ends at the first layer that differs."""
    rng = np.random.default_rng(seed)
    signals = {INPUT: rng.integers(-2, 3, (1, *in_shape)).astype(np.float32)}
    readers = last_readers(steps)
    for index, step in enumerate(steps):
        inputs = [signals[source] for source in step.sources]
        if step.layer is None:
            value = compute(step, inputs, rng)
        else:
            weight, bias = parameters(step.layer, rng)
            value = reference(step.layer, inputs[0], weight, bias)
            wrong = complaint(value, run(index, step.layer, inputs[0].copy(), weight, bias))
            if wrong:
                return ChainVerdict(None, index, wrong)
        signals[index] = fold(value)
        for source in [each for each in {*step.sources, index} if readers.get(each, len(steps)) <= index]:
            del signals[source]
    return ChainVerdict(tuple(signals[len(steps) - 1].shape))


def fold(values: np.ndarray) -> np.ndarray:
    """Whole numbers folded to -2..2."""
    folded: np.ndarray = (np.mod(values + 2, FOLD) - 2).astype(np.float32)
    return folded


def parameters(layer: Layer, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Weight and bias of small whole numbers without 0, such that no sum over folded numbers exceeds 2**24."""
    terms = layer.in_channels // layer.groups * int(np.prod(layer.kernel))
    largest = max(1, min(LARGEST, (EXACT_IN_FLOAT32 - LARGEST - 1) // (2 * terms)))
    return _nonzero(rng, layer.weight_shape, largest), _nonzero(rng, (layer.out_channels,), LARGEST)


def _nonzero(rng: np.random.Generator, shape: Sequence[int], largest: int) -> np.ndarray:
    values: np.ndarray = rng.integers(1, largest, shape, np.int8, endpoint=True).astype(np.float32)
    values *= rng.integers(0, 1, shape, np.int8, endpoint=True) * np.float32(2) - 1
    return values


def compute(step: Step, inputs: Sequence[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """What a block that is no conv or tconv makes of its inputs, up to folding."""
    first = inputs[0]
    match step.op:
        case "max" | "sum":
            return _pooled(first, step)
        case "repeat":
            return _repeated(first, step.scale)
        case "interpolate":
            return _interpolated(first, step.scale)
        case "pixel_shuffle":
            return _shuffled(first, step)
        case "linear":
            flat = first.reshape(1, -1)
            product: np.ndarray = flat @ _nonzero(rng, (flat.shape[1], step.out[0]), 1) + _nonzero(
                rng, (step.out[0],), LARGEST
            )
            return product
        case "reshape":
            return first.reshape(1, *step.out)
    trimmed = [_trimmed(each, sides) for each, sides in zip(inputs, step.sides, strict=True)]
    if step.op == "concat":
        return np.concatenate(trimmed, axis=1)
    total: np.ndarray = sum(trimmed[1:], start=trimmed[0])
    return total


def _pooled(x: np.ndarray, step: Step) -> np.ndarray:
    """The largest, or the sum, under each window; rows beyond the ends are -infinity, or 0."""
    combine, beyond = (np.maximum, -np.inf) if step.op == "max" else (np.add, 0.0)
    rows = [_pool_rows(axis, out) for axis, out in zip(step.pooling, step.out[1:], strict=True)]
    pads = [(a.begin, max(0, n - a.begin - size)) for a, n, size in zip(step.pooling, rows, x.shape[2:], strict=True)]
    padded = np.pad(x, [(0, 0), (0, 0), *pads], constant_values=beyond)
    result: np.ndarray | None = None
    for window in _windows(step.pooling, step.out[1:]):
        seen = padded[window]
        result = seen.copy() if result is None else combine(result, seen, out=result)
    assert result is not None
    return np.where(np.isfinite(result), result, 0)


def _pool_rows(axis: Pooling, out: int) -> int:
    return (out - 1) * axis.stride + (axis.kernel - 1) * axis.dilation + 1


def _windows(pooling: Sequence[Pooling], out: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """For each tap of the window, the padded elements that it meets, as an index."""
    for taps in product(*(range(axis.kernel) for axis in pooling)):
        yield (
            ...,
            *(
                slice(tap * axis.dilation, tap * axis.dilation + (size - 1) * axis.stride + 1, axis.stride)
                for tap, axis, size in zip(taps, pooling, out, strict=True)
            ),
        )


def _repeated(x: np.ndarray, scale: Sequence[int]) -> np.ndarray:
    for axis, times in enumerate(scale, 2):
        x = np.repeat(x, times, axis)
    return x


def _interpolated(x: np.ndarray, scale: Sequence[int]) -> np.ndarray:
    """Linear upsampling times 2*scale per axis: the middle of row o lies at (o + 1/2)/scale - 1/2, ends repeated."""
    for axis, times in enumerate(scale, 2):
        size = x.shape[axis]
        before, part = np.divmod(2 * np.arange(size * times) + 1 - times, 2 * times)
        weight = part.reshape(-1, *[1] * (x.ndim - axis - 1)).astype(np.float32)
        left, right = (np.take(x, np.clip(row, 0, size - 1), axis) for row in (before, before + 1))
        x = fold(left * (2 * times - weight) + right * weight)
    return x


def _shuffled(x: np.ndarray, step: Step) -> np.ndarray:
    """Channels laid side by side: channel (c, r1, r2) of element (i, j) becomes element (i*s1 + r1, j*s2 + r2) of c."""
    ndim = len(step.scale)
    parts = x.reshape(1, step.out[0], *step.scale, *x.shape[2:])
    order = [2 + axis + offset for axis in range(ndim) for offset in (ndim, 0)]
    return parts.transpose(0, 1, *order).reshape(1, *step.out)


def _trimmed(x: np.ndarray, sides: Sides) -> np.ndarray:
    pads = [(max(-begin, 0), max(-end, 0)) for begin, end in sides]
    kept = [slice(max(begin, 0), size - max(end, 0)) for (begin, end), size in zip(sides, x.shape[2:], strict=True)]
    index: tuple[Any, ...] = (..., *kept)
    return np.pad(x[index], [(0, 0), (0, 0), *pads])
