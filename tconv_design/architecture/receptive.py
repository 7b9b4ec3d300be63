"""The receptive field: which rows of the network's input each row of a signal depends on, exactly, on one axis.

In the endless interior this is a pattern: P rows further on in the signal, the same rows Q further on in the input.
One such period is all there is to keep. Transposed convolutions make it longer, strides shorten it again.
Borders are ignored, as in the literature: a padded row counts as if the input had one there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from math import gcd, lcm
from typing import NamedTuple

from tconv_design.architecture.model import JOINS
from tconv_design.architecture.reach import MAX_PERIOD, period_after, prime_factors, rows_read
from tconv_design.architecture.walk import Row
from tconv_design.formula import Kind
from tconv_design.layer import Axis

MAX_READ = 2**20  # intervals looked at for one layer

Interval = tuple[int, int]


class Field(NamedTuple):
    """The input rows that the rows of a signal depend on.

    `intervals`: for each row of one period the first and last input row, None where nothing reaches it; `advance`:
    input rows from one period to the next.
    """

    intervals: tuple[Interval | None, ...] = ((0, 0),)
    advance: int = 1

    @property
    def size(self) -> int:
        """Rows from the first to the last that one row depends on, where that is most; 0 if nothing reaches any."""
        return max((last - first + 1 for first, last in filter(None, self.intervals)), default=0)

    @property
    def jump(self) -> Fraction:
        """Input rows from one row of the signal to the next; below 1 where the signal is finer than the input."""
        return Fraction(self.advance, len(self.intervals))

    def at(self, row: int) -> Interval | None:
        """The first and last input row that `row` depends on."""
        periods, place = divmod(row, len(self.intervals))
        found = self.intervals[place]
        return found and (found[0] + periods * self.advance, found[1] + periods * self.advance)


Fields = tuple[Field | None, ...]
"""One field per axis, None where its period is too long."""

WHOLE: Fields = ()
"""The fields of a signal that depends on the whole input: everything from a flatten on."""


def fields(row: Row, sources: Sequence[Fields]) -> Fields:
    """The fields of a block's output from those of its sources."""
    if WHOLE in sources or row.block.kind in ("flatten", "linear", "unflatten"):
        return WHOLE
    if row.block.kind in JOINS:
        moved = [_moved(each, [begin for begin, _ in fit]) for each, fit in zip(sources, row.fits, strict=True)]
        return tuple(_hull_of_fields(on_axis) for on_axis in zip(*moved, strict=True))
    if row.fits:
        return _moved(sources[0], [begin for begin, _ in row.fits[0]])
    assert row.block.window is not None
    kind = row.block.window.kind
    return tuple(field and through(kind, axis, field) for field, axis in zip(sources[0], row.axes, strict=True))


@lru_cache(maxsize=256)
def through(kind: Kind, axis: Axis, field: Field) -> Field | None:
    """The field behind a layer; None where its period is longer than MAX_PERIOD rows."""
    period, rows = period_after(kind, axis, len(field.intervals))
    if period > MAX_PERIOD:
        return None
    rising = _is_rising(field)
    if not rising and period * min(axis.kernel, len(field.intervals)) > MAX_READ:
        return None
    intervals = tuple(_hull(_read(field, rows_read(kind, axis, row), rising)) for row in range(period))
    return _shortest(Field(intervals, rows // len(field.intervals) * field.advance))


def _read(field: Field, rows: range, rising: bool) -> Iterable[Interval | None]:
    """The intervals that decide the hull of those of `rows`: an earlier row of equal place begins earlier."""
    if rising and len(rows) > 2:
        return field.at(rows[0]), field.at(rows[-1])
    places = len(field.intervals) // gcd(len(field.intervals), rows.step)
    deciding = [*rows[:places], *rows[max(places, len(rows) - places) :]]
    return map(field.at, deciding)


def _is_rising(field: Field) -> bool:
    """Whether every row is reached, and none begins or ends before its predecessor."""
    following = [*field.intervals, field.at(len(field.intervals))]
    return all(one and two and one[0] <= two[0] and one[1] <= two[1] for one, two in pairwise(following))


def _hull(intervals: Iterable[Interval | None]) -> Interval | None:
    reached = [interval for interval in intervals if interval]
    return (min(first for first, _ in reached), max(last for _, last in reached)) if reached else None


def _moved(fields_: Fields, begins: Sequence[int]) -> Fields:
    """The fields after `begins` rows are cropped at the beginning (negative: padded), per axis."""
    return tuple(
        field and Field(tuple(field.at(row + begin) for row in range(len(field.intervals))), field.advance)
        for field, begin in zip(fields_, begins, strict=True)
    )


def _hull_of_fields(branches: Sequence[Field | None]) -> Field | None:
    """The field of a join; None where its branches jump by different steps, or meet only after too many rows."""
    known = [field for field in branches if field]
    if len(known) < len(branches) or len({field.jump for field in known}) > 1:
        return None
    period = lcm(*(len(field.intervals) for field in known))
    if period > MAX_PERIOD:
        return None
    intervals = tuple(_hull(field.at(row) for field in known) for row in range(period))
    return _shortest(Field(intervals, int(known[0].jump * period)))


def _shortest(field: Field) -> Field:
    """The same field with the smallest period that says it."""
    period = len(field.intervals)
    for factor in prime_factors(period):
        shorter = Field(field.intervals[: period // factor], field.advance // factor)
        whole = field.advance % factor == 0 and all(shorter.at(row) == field.intervals[row] for row in range(period))
        if whole:
            field, period = shorter, period // factor
    return field
