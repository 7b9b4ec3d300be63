"""Two unknown terms at once: the remainder is a plane over them, and stays legal on an interval of one per value of
the other. Walked run by run, or counted without walking.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.counting import held_floor_sum
from tconv_design.formula import MAX_SIZE
from tconv_design.unknowns import AxisQuestion, Env, Interval, interval, meet, remainder_at
from tconv_design.values import count


def walk_plane(question: AxisQuestion, env: Env, last: str, before: str) -> Iterator[tuple[int, range, int, int]]:
    """All (before, last) whose remainder a + b*before + c*last is legal.

    Yields the value of `before`, the values of `last`, and output_padding as (base, step): it is base + step*last.
    """
    lasts = question.values(last)
    a, b, c = _coefficients(question, env, last, before)
    cap = _padding_cap(question, env, last, before)
    bottom, top = lasts.low, lasts.high
    tconv = question.kind == "tconv"
    step = c if tconv else 0
    gapless = lasts.size == top - bottom + 1
    down, up = sorted((c * bottom, c * top))
    for low, high in _slacks(question, env["stride"], env["dilation"]):
        for part in question.values(before).within(*interval(b, low - up - a, high - down - a)):
            for value in part:
                start = a + b * value
                if c > 0:  # interval, written out where most of the time goes
                    least, most = -((start - low) // c), (high - start) // c
                else:
                    least, most = -((high - start) // -c), (start - low) // -c
                if least < bottom:
                    least = bottom
                if most > top:
                    most = top
                if cap is not None:
                    least, most = meet((least, most), cap(value))
                base = start if tconv else 0
                if gapless and least <= most:
                    yield value, range(least, most + 1), base, step
                elif least <= most:
                    yield from ((value, found, base, step) for found in lasts.within(least, most))


def plane_size(question: AxisQuestion, env: Env, last: str, before: str) -> int:
    """How many (before, last) there are in a plane; in closed form where the bounds allow it."""
    size = _counted_size if _is_plain(question, last) else _walked_size
    return size(question, env, last, before)


def _is_plain(question: AxisQuestion, last: str) -> bool:
    """Whether the last unknown takes every number between two bounds that do not depend on the others."""
    values = question.values(last)
    return not question.below_kernel and values.size == values.high - values.low + 1


def _counted_size(question: AxisQuestion, env: Env, last: str, before: str) -> int:
    """How many (before, last) a plane has, without walking it, where `_is_plain`.

    For one value of `before`, low <= start - n*last <= high holds for the last unknowns from a quotient to a quotient.
    """
    a, b, c = _coefficients(question, env, last, before)
    sign, n = (-1, c) if c > 0 else (1, -c)
    bounds = question.values(last).low - 1, question.values(last).high
    total = 0
    for slack in _slacks(question, env["stride"], env["dilation"]):
        low, high = sorted((sign * slack[0], sign * slack[1]))
        for part in question.values(before).ranges:
            start, slope, length = sign * (a + b * part.start), sign * b * part.step, count(part)
            total += held_floor_sum(start - low, slope, n, length, *bounds)
            total -= held_floor_sum(start - high - 1, slope, n, length, *bounds)
    return total


def _walked_size(question: AxisQuestion, env: Env, last: str, before: str) -> int:
    return sum(count(found) for _, found, _, _ in walk_plane(question, env, last, before))


def _coefficients(question: AxisQuestion, env: Env, last: str, before: str) -> tuple[int, int, int]:
    """a, b, c of the remainder as a + b*before + c*last."""
    a = remainder_at(question, env | {before: 0, last: 0})
    b = remainder_at(question, env | {before: 1, last: 0})
    c = remainder_at(question, env | {before: 0, last: 1})
    return a, b - a, c - a


def _slacks(question: AxisQuestion, stride: int, dilation: int) -> Iterator[Interval]:
    """The intervals that the remainder may lie in."""
    if question.kind == "conv":
        yield 0, stride - 1
        return
    for part in question.output_padding.within(0, max(stride, dilation) - 1):
        if part.step == 1:
            yield part.start, part.stop - 1
        else:
            yield from ((value, value) for value in part)


def _padding_cap(question: AxisQuestion, env: Env, last: str, before: str) -> Callable[[int], Interval] | None:
    """Bounds on the last unknown, given the one before it, from padding <= K-1 = dilation*(kernel-1)."""
    pads = question.below_kernel
    if not pads:
        return None
    dilation = env["dilation"]

    def bounds(value: int) -> Interval:
        known = env | {before: value}
        largest = max((known[name] for name in pads if name != last), default=0)
        if last == "kernel":
            return -(-largest // dilation) + 1, MAX_SIZE
        cap = dilation * (known["kernel"] - 1)
        if largest > cap:
            return 1, 0
        return (0, cap) if last in pads else (0, MAX_SIZE)

    return bounds
