"""What a backend computed, judged against the reference: shape, phase and every value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np

from tconv_design.samples import IMPULSE, RAMP


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether the values are exactly those expected, and if not, what is wrong with them.

    Shapes are (batch, channels, *spatial). `max_abs_error` is None where shapes differ or values are not finite;
    `phase_shift` is, per spatial axis, how many elements later the values arrive, None where that cannot be told.
    """

    status: Literal["agrees", "differs"]
    actual_shape: tuple[int, ...] | None = None
    max_abs_error: float | None = None
    phase_shift: tuple[int, ...] | None = None
    detail: str = ""


def judge(expected: np.ndarray, actual: Any, bias: np.ndarray) -> Verdict:
    """Compare what came out with what should have: (3, Cout, *out) of `samples.draw`, float32, exactly.

    `bias` (Cout,) is the value of rows that nothing reached; without it a shift cannot be told from an empty border.
    """
    shape = tuple(map(int, actual.shape)) if isinstance(actual, np.ndarray) else None
    unfit = _unfit(expected, actual)
    if unfit or shape is None:
        return Verdict("differs", shape, detail=unfit)
    if shape == expected.shape and np.array_equal(expected, actual):
        return Verdict("agrees", shape, 0.0, (0,) * (expected.ndim - 2))
    if shape[:2] != expected.shape[:2] or actual.ndim != expected.ndim:
        return Verdict("differs", shape, detail=_shapes(expected.shape, shape))
    return _difference(expected, actual, bias.reshape(-1, *[1] * (expected.ndim - 2)))


def complaint(expected: np.ndarray, actual: Any) -> str:
    """What is wrong with values that should be exactly those expected; empty where nothing is."""
    if unfit := _unfit(expected, actual):
        return unfit
    if actual.shape != expected.shape:
        return _shapes(expected.shape, actual.shape)
    if np.array_equal(expected, actual):
        return ""
    return _values(expected, actual, float(np.max(np.abs(actual.astype(np.float64) - expected))))


def _unfit(expected: np.ndarray, actual: Any) -> str:
    """Why a result cannot be compared at all."""
    if not isinstance(actual, np.ndarray):
        return f"the result is a {type(actual).__name__}, not a numpy array"
    if actual.dtype != expected.dtype:
        return f"dtype {actual.dtype} instead of {expected.dtype}"
    wild = actual.size - int(np.count_nonzero(np.isfinite(actual)))
    return f"{wild} of {actual.size} values are NaN or infinite" if wild else ""


def _difference(expected: np.ndarray, actual: np.ndarray, bias: np.ndarray) -> Verdict:
    shift = phase_shift(expected - bias, actual - bias)
    explained = shift is not None and _matches(expected - bias, actual - bias, shift)
    if actual.shape != expected.shape:
        detail = _shapes(expected.shape, actual.shape)
        if explained and shift:
            detail += f"; the values in it are right{f', but arrive {_in_words(shift)}' if any(shift) else ''}"
        return Verdict("differs", actual.shape, None, shift, detail)
    error = float(np.max(np.abs(actual.astype(np.float64) - expected)))
    if np.array_equal(actual + bias, expected):
        detail = "the bias is missing"
    elif explained and shift:
        detail = f"same shape, but every value arrives {_in_words(shift)}"
    else:
        detail = _values(expected, actual, error)
    return Verdict("differs", actual.shape, error, shift, detail)


def phase_shift(expected: np.ndarray, actual: np.ndarray) -> tuple[int, ...] | None:
    """By how many elements, per spatial axis, `actual` arrives later than `expected`; None if no shift explains it.

    Both (3, Cout, *spatial) of `samples.draw`, without the bias; their spatial sizes may differ. Where no shift
    explains all the samples, one at which the impulse's response is found is taken: wrong rows elsewhere hide nothing.
    """
    shifts = list(_candidates(expected[IMPULSE], actual[IMPULSE]))
    first = slice(0, 1)  # the noise of one channel refutes nearly every shift at a fraction of the cost
    for shift in shifts:
        if _matches(expected[first, first], actual[first, first], shift) and _matches(expected, actual, shift):
            return shift
    extents = [_extent(expected[IMPULSE], axis) for axis in range(1, expected.ndim - 1)]
    box = [slice(first, last + 1) for first, last in filter(None, extents)]
    if len(box) < len(extents):
        return None
    response, impulse = expected[IMPULSE:RAMP, :, *box], actual[IMPULSE:RAMP]
    for shift in shifts:
        if _matches(response, impulse, tuple(each.start + step for each, step in zip(box, shift, strict=True))):
            return shift
    return None


def _candidates(expected: np.ndarray, actual: np.ndarray) -> Iterator[tuple[int, ...]]:
    """Shifts worth trying, least first: small ones, and those that line up either end of the impulse's response."""
    per_axis = []
    for axis in range(1, expected.ndim):
        shifts = {-2, -1, 0, 1, 2}
        ours, theirs = _extent(expected, axis), _extent(actual, axis)
        if ours and theirs:
            shifts |= {theirs[0] - ours[0], theirs[1] - ours[1]}
        per_axis.append(shifts)
    yield from sorted(product(*per_axis), key=lambda shift: (sum(map(abs, shift)), shift))


def _extent(response: np.ndarray, axis: int) -> tuple[int, int] | None:
    """First and last index along `axis` at which (channels, *spatial) is not silent."""
    others = tuple(each for each in range(response.ndim) if each != axis)
    loud = np.flatnonzero(np.any(response, axis=others))
    return (int(loud[0]), int(loud[-1])) if loud.size else None


def _matches(expected: np.ndarray, actual: np.ndarray, shift: tuple[int, ...]) -> bool:
    """Whether `actual` is `expected` moved by `shift` wherever both exist, and that is most of what is not silent."""
    ours: list[slice] = []
    for step, size, other in zip(shift, expected.shape[2:], actual.shape[2:], strict=True):
        ours.append(slice(max(0, -step), max(0, min(size, other - step))))
    theirs = [slice(each.start + step, max(0, each.stop + step)) for each, step in zip(ours, shift, strict=True)]
    seen = expected[:, :, *ours]
    loud = int(np.count_nonzero(seen))
    return loud > 0 and 2 * loud >= int(np.count_nonzero(expected)) and np.array_equal(seen, actual[:, :, *theirs])


def _shapes(expected: tuple[int, ...], actual: tuple[int, ...]) -> str:
    return f"shape {actual} instead of {expected}"


def _in_words(shift: tuple[int, ...]) -> str:
    """(1,) -> '1 element later'; (0, -2) -> '2 elements earlier on axis 2'."""
    words = []
    for axis, step in enumerate(shift):
        if step:
            where = f" on axis {axis + 1}" if len(shift) > 1 else ""
            plural = "" if abs(step) == 1 else "s"
            words.append(f"{abs(step)} element{plural} {'later' if step > 0 else 'earlier'}{where}")
    return " and ".join(words)


def _values(expected: np.ndarray, actual: np.ndarray, error: float) -> str:
    wrong = np.argwhere(actual != expected)
    place = tuple(map(int, wrong[0]))
    return (
        f"same shape, but {len(wrong)} of {expected.size} values differ, by up to {error:g}; "
        f"the first at {place}: {actual[place]:g} instead of {expected[place]:g}"
    )
