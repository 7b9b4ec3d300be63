"""The value grammar of the command line and of TOML: `4`, `4x6`, `?`, `1..7`, `2,4`, `3..9/2`, `1:2`, `0..3:0..4`.

A parameter on one axis is a `Values`: the finite set of whole numbers that it may take, kept as ranges so that a set
of 10**18 numbers costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.wording import shown

MAX_AXES = 3
MAX_LISTED = 10**6
_MOST_DIGITS = len(str(MAX_SIZE)) + 1


@dataclass(frozen=True, slots=True)
class Values:
    """A finite, sorted set of whole numbers as disjoint ranges."""

    ranges: tuple[range, ...]

    @classmethod
    def one(cls, value: int) -> Values:
        """The set of one number."""
        return cls((range(value, value + 1),))

    @classmethod
    def between(cls, low: int, high: int) -> Values:
        """All whole numbers from `low` to `high`, both included."""
        return cls((range(low, high + 1),))

    @property
    def size(self) -> int:
        """How many numbers there are; exact beyond the limits of len()."""
        return sum(count(part) for part in self.ranges)

    @property
    def low(self) -> int:
        """The smallest number."""
        return min(part[0] for part in self.ranges)

    @property
    def high(self) -> int:
        """The largest number."""
        return max(part[-1] for part in self.ranges)

    def __iter__(self) -> Iterator[int]:
        for part in self.ranges:
            yield from part

    def __contains__(self, value: object) -> bool:
        return any(value in part for part in self.ranges)

    def within(self, low: int, high: int) -> Iterator[range]:
        """The non-empty parts of the set from `low` to `high`, both included."""
        for part in self.ranges:
            clipped = clip(part, low, high)
            if clipped:
                yield clipped

    def __str__(self) -> str:
        return ",".join(_range_text(part) for part in self.ranges)


def count(part: range) -> int:
    """The length of an ascending range, exact where len() overflows."""
    try:
        return len(part)
    except OverflowError:
        return (part.stop - part.start + part.step - 1) // part.step


def clip(part: range, low: int, high: int) -> range:
    """The numbers of an ascending range from `low` to `high`, both included."""
    start, step = part.start, part.step
    if low > start:
        start += -(-(low - start) // step) * step
    return range(start, min(part.stop, high + 1), step)


def split_axes(name: str, text: str) -> list[str]:
    """`4x6` -> ["4", "6"]; a value without `x` is one entry. Raises InvalidQuestion for more than three axes."""
    parts = [part.strip() for part in text.strip().lower().split("x")]
    if not all(parts):
        raise InvalidQuestion(
            f"{name} {shown(text)} has an empty axis", f"write one value per axis, as in --{name.replace('_', '-')} 4x6"
        )
    if len(parts) > MAX_AXES:
        raise InvalidQuestion(f"{name} {shown(text)} has {len(parts)} axes, and a layer has 1 to {MAX_AXES}")
    return parts


def parse_values(name: str, text: str, least: int) -> Values | None:
    """The set that one axis's text means; None for `?`. Numbers start at `least`. Raises InvalidQuestion."""
    if text == "?":
        return None
    parts = [_parse_range(name, part.strip(), least) for part in text.split(",")]
    return Values(tuple(_disjoint(name, parts)))


def _parse_range(name: str, text: str, least: int) -> range:
    body, slash, step_text = text.partition("/")
    low_text, dots, high_text = body.partition("..")
    low = _number(name, low_text, text, least)
    if not dots:
        if slash:
            raise InvalidQuestion(f"{name} {shown(text)} has a step but no range", f"write {name} {low}..{low + 8}/2")
        return range(low, low + 1)
    high = _number(name, high_text, text, least)
    step = _number(f"the step of {name}", step_text, text, 1) if slash else 1
    if high < low:
        raise InvalidQuestion(f"{name} {shown(text)} is an empty range", f"write {high}..{low}")
    return range(low, high + 1, step)


def _number(name: str, digits: str, text: str, least: int) -> int:
    digits = digits.strip()
    if not digits.removeprefix("-").isascii() or not digits.removeprefix("-").isdigit():
        raise InvalidQuestion(
            f"{name} {shown(text)} is not a whole number, a range, a set or '?'",
            "write for example 4, 1..7, 2,4, 3..9/2 or ?",
        )
    digits = digits.removeprefix("-").lstrip("0") or "0" if not digits.startswith("-") else digits
    value = int(digits) if len(digits) <= _MOST_DIGITS else MAX_SIZE + 1
    if digits.startswith("-") or value < least:
        raise InvalidQuestion(f"{name} must be at least {least}, got {digits[:24]}", f"use {name} {least} or more")
    if value > MAX_SIZE:
        raise InvalidQuestion(f"{name} {shown(digits)} is above 10**18, the largest size that is answered")
    return value


def _disjoint(name: str, parts: list[range]) -> list[range]:
    parts = sorted((part[:1] if count(part) == 1 else part for part in parts), key=lambda part: part.start)
    if all(left.stop <= right.start for left, right in pairwise(parts)):
        return parts
    if all(part.step == 1 for part in parts):
        return _merged(parts)
    if sum(count(part) for part in parts) > MAX_LISTED:
        raise InvalidQuestion(f"{name}: overlapping ranges with steps span over {MAX_LISTED} numbers", "use one range")
    return [range(value, value + 1) for value in sorted({value for part in parts for value in part})]


def _merged(parts: list[range]) -> list[range]:
    merged = [parts[0]]
    for part in parts[1:]:
        last = merged[-1]
        if part.start <= last.stop:
            merged[-1] = range(last.start, max(last.stop, part.stop))
        else:
            merged.append(part)
    return merged


def _range_text(part: range) -> str:
    if count(part) == 1:
        return str(part[0])
    step = f"/{part.step}" if part.step != 1 else ""
    return f"{part.start}..{part[-1]}{step}"
