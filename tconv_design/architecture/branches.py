"""Input sizes on one axis, case by case: within a branch every signal's size is a formula of the input size n.

A branch holds the n with first <= n mod modulus <= last and low <= n <= high. Of n = modulus*t + r it knows each live
signal either as a Floor of n, which needs no case of its own however large its divisor is (floors of floors are
floors), or as a Line in t. Taking a branch apart gives new branches; the signals that it is handed come along.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd, lcm

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE

MAX_BRANCHES = 10_000
"""Cases that are kept apart at once."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The size floor((n + offset) / divisor). No Line equals it, whatever its numbers."""

    offset: int
    divisor: int


@dataclass(frozen=True, slots=True)
class Line:
    """The size slope*t + offset, where t = n // modulus of the branch."""

    slope: int
    offset: int


Signal = Floor | Line
INPUT_SIZE = Floor(0, 1)


@dataclass(slots=True)
class Branch:
    """The sizes n with first <= n mod modulus <= last and low <= n <= high (None: no end), and their signals."""

    modulus: int
    first: int
    last: int
    low: int
    high: int | None
    signals: dict[int, Signal]

    @property
    def is_everything(self) -> bool:
        """Whether every remainder is in, and no line hangs on the modulus."""
        whole = self.last - self.first + 1 == self.modulus
        return whole and not any(isinstance(signal, Line) and signal.slope for signal in self.signals.values())

    def copy(self) -> Branch:
        """The same sizes, to be shrunk apart from these."""
        return Branch(self.modulus, self.first, self.last, self.low, self.high, dict(self.signals))

    @property
    def smallest(self) -> int | None:
        """The smallest n of the branch up to 10**18; None where there is none."""
        turn, rest = divmod(self.low, self.modulus)
        rest = max(rest, self.first)
        found = turn * self.modulus + rest if rest <= self.last else (turn + 1) * self.modulus + self.first
        return found if found <= (MAX_SIZE if self.high is None else min(self.high, MAX_SIZE)) else None

    def size(self, key: int, n: int) -> int:
        """The size of a signal where the input has n rows."""
        signal = self.signals[key]
        if isinstance(signal, Floor):
            return (n + signal.offset) // signal.divisor
        return signal.slope * (n // self.modulus) + signal.offset

    def narrowed(self, first: int, last: int) -> Branch | None:
        """The part whose n mod modulus lies from `first` to `last`."""
        first, last = max(first, self.first), min(last, self.last)
        if first > last:
            return None
        return Branch(self.modulus, first, last, self.low, self.high, dict(self.signals))

    def at_least(self, key: int, least: int) -> Branch | None:
        """The part where a signal has `least` rows or more; the branch itself, shrunk."""
        signal = self.signals[key]
        if isinstance(signal, Floor):
            self.low = max(self.low, least * signal.divisor - signal.offset)
        elif signal.slope:
            self.low = max(self.low, -(-(least - signal.offset) // signal.slope) * self.modulus)
        elif signal.offset < least:
            return None
        return self._living()

    def exactly(self, key: int, size: int) -> Branch | None:
        """The part where a signal has `size` rows; the branch itself, shrunk."""
        signal = self.signals[key]
        if isinstance(signal, Floor):
            return self.between(size * signal.divisor - signal.offset, (size + 1) * signal.divisor - signal.offset - 1)
        if not signal.slope:
            return self if signal.offset == size else None
        turn, rest = divmod(size - signal.offset, signal.slope)
        return None if rest else self.turns(turn, turn)

    def turns(self, low: int | None, high: int | None) -> Branch | None:
        """The part whose t lies from `low` to `high`; the branch itself, shrunk."""
        start = 1 if low is None else low * self.modulus
        return self.between(start, None if high is None else (high + 1) * self.modulus - 1)

    def between(self, low: int, high: int | None) -> Branch | None:
        """The part from `low` to `high`; the branch itself, shrunk."""
        self.low = max(self.low, low)
        if high is not None:
            self.high = high if self.high is None else min(self.high, high)
        return self._living()

    def _living(self) -> Branch | None:
        return None if self.smallest is None else self


def refine(branch: Branch, times: int) -> list[Branch]:
    """The same sizes at a modulus `times` as large: one branch if it holds every n and no line, else `times`."""
    if times == 1:
        return [branch]
    if branch.is_everything:
        branch.modulus *= times
        branch.last = branch.modulus - 1
        return [branch]
    check_number(times)
    return [refined_one(branch, times, part) for part in range(times)]


def refined_one(branch: Branch, times: int, part: int) -> Branch:
    """The sizes whose t is `part` modulo `times`, at a modulus `times` as large."""
    signals: dict[int, Signal] = {
        key: Line(signal.slope * times, signal.offset + signal.slope * part) if isinstance(signal, Line) else signal
        for key, signal in branch.signals.items()
    }
    shift = part * branch.modulus
    return Branch(branch.modulus * times, branch.first + shift, branch.last + shift, branch.low, branch.high, signals)


def as_lines(branch: Branch, key: int) -> Iterator[Branch]:
    """Branches in which a signal is a Line: apart where its floor steps up."""
    signal = branch.signals[key]
    if isinstance(signal, Line):
        yield branch
        return
    for each in refine(branch, lcm(branch.modulus, signal.divisor) // branch.modulus):
        slope = each.modulus // signal.divisor
        start, stop = ((rest + signal.offset) // signal.divisor for rest in (each.first, each.last))
        check_number(stop - start + 1)
        for step in range(start, stop + 1):
            cell = step * signal.divisor - signal.offset
            part = each.narrowed(cell, cell + signal.divisor - 1)
            if part is not None:
                part.signals[key] = Line(slope, step)
                yield part


def as_floor(branch: Branch, signal: Signal) -> Floor | None:
    """A signal as a Floor of n, where it is one on the whole branch."""
    if isinstance(signal, Floor):
        return signal
    if signal.slope < 1 or branch.modulus % signal.slope:
        return None
    divisor = branch.modulus // signal.slope
    if branch.last - branch.first >= divisor:
        return None
    return Floor(signal.offset * divisor - branch.first, divisor)


def congruent(branch: Branch, key: int, rest: int, stride: int) -> Iterator[Branch]:
    """The part in which a Line is `rest` modulo `stride`: one case, or none."""
    line = branch.signals[key]
    assert isinstance(line, Line)
    common = gcd(line.slope, stride)
    difference, odd = divmod(rest - line.offset, common)
    if odd:
        return
    times = stride // common
    if times == 1:
        yield branch
        return
    yield refined_one(branch, times, difference * pow(line.slope // common, -1, times) % times)


def equal(branch: Branch, key: int, other: Floor) -> Iterator[Branch]:
    """The part in which a Line equals a Floor of n; one case where both grow alike."""
    divisor = other.divisor
    for each in refine(branch, lcm(branch.modulus, divisor) // branch.modulus):
        line = each.signals[key]
        assert isinstance(line, Line)
        growth = line.slope - each.modulus // divisor
        if not growth:
            cell = line.offset * divisor - other.offset
            part = each.narrowed(cell, cell + divisor - 1)
            if part is not None:
                yield part
            continue
        yield from _crossings(each, growth, line.offset, other)


def _crossings(branch: Branch, growth: int, offset: int, other: Floor) -> Iterator[Branch]:
    """Where growth*t + offset = floor((r + other.offset) / other.divisor), for r from first to last: a few t only."""
    steps = [(rest + other.offset) // other.divisor - offset for rest in (branch.first, branch.last)]
    low, high = min(step // growth for step in steps), max(-(-step // growth) for step in steps)
    low = max(low, branch.low // branch.modulus)
    check_number(high - low + 1)
    for turn in range(low, high + 1):
        cell = (growth * turn + offset) * other.divisor - other.offset
        part = branch.narrowed(cell, cell + other.divisor - 1)
        part = part and part.turns(turn, turn)
        if part is not None:
            yield part


def check_number(branches: int) -> None:
    """Raises InvalidQuestion for more cases than are kept apart at once."""
    if branches > MAX_BRANCHES:
        raise InvalidQuestion(
            f"the sizes of this network fall into {branches} cases or more, and {MAX_BRANCHES} are looked at",
            "ask about a part of it, or bring sizes together earlier: a join or a pool that drops nothing leaves few",
        )
