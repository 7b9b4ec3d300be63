"""Cases of sizes through a block's spatial map on one axis."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd

from tconv_design.architecture.branches import (
    Branch,
    Floor,
    Line,
    Signal,
    as_floor,
    as_lines,
    check_number,
    congruent,
    refine,
)
from tconv_design.architecture.maps import FloorMap, Kept, LineMap, PeriodicMap
from tconv_design.formula import MAX_SIZE


def undropped(rule: Kept, key: int, branch: Branch) -> Iterator[Branch]:
    """The part whose sizes a pool takes whole."""
    signal = branch.signals[key]
    if isinstance(signal, Floor) and branch.is_everything:
        period = signal.divisor * rule.stride
        start = (rule.first * signal.divisor - signal.offset) % period
        stop = start + rule.run * signal.divisor - 1
        branch.modulus, branch.first, branch.last = period, 0, period - 1
        yield from (part for part in (branch.narrowed(start, stop), branch.narrowed(0, stop - period)) if part)
        return
    for each in as_lines(branch, key):
        check_number(rule.run)
        for rest in range(rule.run):
            yield from congruent(each, key, rule.first + rest, rule.stride)


def mapped(rule: FloorMap | LineMap | PeriodicMap, main: int, index: int, branch: Branch) -> Iterator[Branch]:
    """The block's output as a signal of its own; the part where it has from one row to 10**18."""
    for each in _apply(rule, main, index, branch):
        left = each.at_least(index, 1)
        n = None if left is None else left.smallest
        if left is not None and n is not None and left.size(index, n) <= MAX_SIZE:
            yield left


def _apply(rule: FloorMap | LineMap | PeriodicMap, main: int, index: int, branch: Branch) -> Iterator[Branch]:
    if isinstance(rule, FloorMap):
        yield from _floored(rule, main, index, branch)
        return
    if isinstance(rule, PeriodicMap):
        yield from _by_remainder(rule, main, index, branch)
        return
    signal = branch.signals[main]
    if rule.slope == 1 and isinstance(signal, Floor):
        branch.signals[index] = Floor(signal.offset + rule.offset * signal.divisor, signal.divisor)
        yield branch
        return
    for each in as_lines(branch, main):
        line = each.signals[main]
        assert isinstance(line, Line)
        each.signals[index] = Line(line.slope * rule.slope, line.offset * rule.slope + rule.offset)
        yield each


def _floored(rule: FloorMap, main: int, index: int, branch: Branch) -> Iterator[Branch]:
    signal = branch.signals[main]
    if isinstance(signal, Line) and signal.slope % rule.stride:
        common = gcd(signal.slope, rule.stride)
        inner = as_floor(branch, Line(signal.slope // common, (signal.offset + rule.offset) // common))
        if inner is not None:
            branch.signals[index] = Floor(inner.offset, inner.divisor * (rule.stride // common))
            yield branch
            return
        for each in refine(branch, rule.stride // common):
            each.signals[index] = _floored_line(rule, each.signals[main])
            yield each
        return
    if isinstance(signal, Line):
        branch.signals[index] = _floored_line(rule, signal)
    else:
        branch.signals[index] = Floor(signal.offset + rule.offset * signal.divisor, signal.divisor * rule.stride)
    yield branch


def _floored_line(rule: FloorMap, line: Signal) -> Line:
    assert isinstance(line, Line)
    assert not line.slope % rule.stride
    return Line(line.slope // rule.stride, (line.offset + rule.offset) // rule.stride)


def _by_remainder(rule: PeriodicMap, main: int, index: int, branch: Branch) -> Iterator[Branch]:
    for cell in as_lines(branch, main):
        line = cell.signals[main]
        assert isinstance(line, Line)
        for each in refine(cell, rule.period // gcd(line.slope, rule.period)):
            line = each.signals[main]
            assert isinstance(line, Line)
            size = line.offset % rule.period + rule.period  # any size of this remainder tells
            offset = rule.template.out(size) - rule.slope * size
            each.signals[index] = Line(line.slope * rule.slope, line.offset * rule.slope + offset)
            yield each
