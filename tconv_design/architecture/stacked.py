"""The overlap of a whole stack: how many ways lead from the input to each element of a signal, on one axis.

A layer's own overlap says how unevenly its taps fall on an even signal; here it falls on what the layers before left.
A conv sums over its window and a tconv scatters; pools count as the sum over their window; nearest upsampling and pixel
shuffle repeat, linear upsampling weighs two neighbours. At a join the most uneven of the signals counts on each axis:
its unevenness stays visible beside the others. Borders are left out: this is the endless interior, one period of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import gcd, prod
from typing import Any, NamedTuple

from tconv_design.architecture.model import JOINS
from tconv_design.architecture.reach import MAX_PERIOD, period_after, prime_factors, rows_read
from tconv_design.architecture.walk import Row
from tconv_design.formula import Kind
from tconv_design.layer import Axis

MAX_BITS = 4000
MAX_READ = 2**20  # counts added up for one layer

Counts = tuple[int, ...]
Stack = tuple[Counts | None, ...]
"""One period of counts per axis, over their common divisor; None where it is too long, or the counts too large."""

FLAT: Stack = ()
"""The counts of a signal that was flattened: there is nothing left to overlap."""
EVEN: Counts = (1,)


class StackedOverlap(NamedTuple):
    """The overlap of all layers up to here, as `overlap.Overlap`; `ratio` is None where there are holes."""

    uniform: bool
    holes: bool
    ratio: float | None

    def to_dict(self) -> dict[str, Any]:
        """The overlap as the public JSON document has it."""
        return self._asdict()


def stacked_overlap(stack: Stack) -> StackedOverlap | None:
    """What a stack's counts come to; None where they are not known, or flat."""
    known = [counts for counts in stack if counts]
    if not known or len(known) < len(stack):
        return None
    if any(min(counts) == 0 for counts in known):
        return StackedOverlap(False, True, None)
    try:
        ratio = prod(max(counts) for counts in known) / prod(min(counts) for counts in known)
    except OverflowError:
        return None
    return StackedOverlap(all(len(counts) == 1 for counts in known), False, ratio)


def stack_up(row: Row, sources: Sequence[Stack]) -> Stack:
    """The counts of a block's output from those of its sources."""
    if row.block.kind in ("flatten", "linear"):
        return FLAT
    if row.block.kind == "unflatten" and row.out is not None:
        return (EVEN,) * len(row.out.size)
    if row.block.kind in JOINS:
        moved = [_moved(each, [begin for begin, _ in fit]) for each, fit in zip(sources, row.fits, strict=True)]
        return tuple(_most_uneven(on_axis) for on_axis in zip(*moved, strict=True))
    if row.fits:
        return _moved(sources[0], [begin for begin, _ in row.fits[0]])
    assert row.block.window is not None
    kind = row.block.window.kind
    linear = row.block.kind == "upsample" and any(axis.kernel != axis.stride for axis in row.axes)
    if linear:
        return tuple(counts and interpolated(axis.stride, counts) for counts, axis in _pairs(sources[0], row.axes))
    return tuple(counts and through(kind, axis, counts) for counts, axis in _pairs(sources[0], row.axes))


def _pairs(stack: Stack, axes: Sequence[Axis]) -> Iterable[tuple[Counts | None, Axis]]:
    return zip(stack, axes, strict=True)


@lru_cache(maxsize=256)
def through(kind: Kind, axis: Axis, counts: Counts) -> Counts | None:
    """The counts behind a layer; None where their period is longer than MAX_PERIOD, or they have over MAX_BITS bits."""
    period, _ = period_after(kind, axis, len(counts))
    if period > MAX_PERIOD or period * min(axis.kernel, len(counts)) > MAX_READ:
        return None
    return _lowest(tuple(_sum(counts, rows_read(kind, axis, row)) for row in range(period)))


def interpolated(scale: int, counts: Counts) -> Counts | None:
    """The counts behind linear upsampling by `scale`: the middle of row o lies at (o + 1/2)/scale - 1/2."""
    period = len(counts) * scale
    if period > MAX_PERIOD:
        return None
    found = []
    for row in range(period):
        before, part = divmod(2 * row + 1 - scale, 2 * scale)
        left, right = counts[before % len(counts)], counts[(before + 1) % len(counts)]
        found.append(left * (2 * scale - part) + right * part)
    return _lowest(tuple(found))


def _sum(counts: Counts, rows: range) -> int:
    """The counts of `rows`: whole rounds of the places that they come by, and the rest one by one."""
    places = len(counts) // gcd(len(counts), rows.step)
    rounds, rest = divmod(len(rows), places)
    total = sum(counts[row % len(counts)] for row in rows[:rest])
    return total + (rounds * sum(counts[row % len(counts)] for row in rows[:places]) if rounds else 0)


def _moved(stack: Stack, begins: Sequence[int]) -> Stack:
    """The counts after `begins` rows are cropped at the beginning (negative: padded), per axis."""
    return tuple(
        counts and tuple(counts[(place + begin) % len(counts)] for place in range(len(counts)))
        for counts, begin in zip(stack, begins, strict=True)
    )


def _most_uneven(signals: Sequence[Counts | None]) -> Counts | None:
    known = [counts for counts in signals if counts]
    if len(known) < len(signals):
        return None
    most = known[0]
    for counts in known[1:]:
        most = counts if _is_more_uneven(counts, most) else most
    return most


def _is_more_uneven(one: Counts, two: Counts) -> bool:
    return max(one) * min(two) > max(two) * min(one) if min(one) and min(two) else min(one) < min(two)


def _lowest(counts: Counts) -> Counts | None:
    """The counts over their common divisor and their smallest period; None where one has over MAX_BITS bits."""
    common = gcd(*counts) or 1
    counts = tuple(count // common for count in counts)
    if max(counts).bit_length() > MAX_BITS:
        return None
    for factor in prime_factors(len(counts)):
        shorter = counts[: len(counts) // factor]
        if shorter * factor == counts:
            counts = shorter
    return counts
