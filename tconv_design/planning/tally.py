"""How many chains there are on one axis: exact whole numbers of any size, by the same tables as the costs.

The layers of one stride are a row of multiplicities by offset, mostly straight lines. Their differences are few, and
what multiplies a table by a row is a few additions to the sums of the table by the differences of the row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate
from operator import add, sub
from typing import NamedTuple

from tconv_design.planning.members import Moves
from tconv_design.planning.places import Place, Sizes
from tconv_design.planning.togo import Listed, Shared, Table, Togo, given, start

DIFFERENCES: tuple[tuple[int, ...], ...] = ((), (1,), (1, 1), (1, 2), (1, 1, 2))
"""Distances at which differences are taken, one after the other; the row decides which leave the fewest numbers."""


class Row(NamedTuple):
    """Layers that map in = a*q + b to out = c*q + d: how many there are for each d, as differences."""

    a: int
    b: int
    c: int
    distances: tuple[int, ...]
    terms: tuple[tuple[int, int], ...]
    """(d, number), by d."""


def count_chains(places: Sequence[Place], sizes: Sequence[Sizes], shared: Shared | None = None) -> int:
    """The chains through the places, from the only size before the first to the only one after the last.

    `shared` holds the tables of other chains, and takes these.
    """
    if not sizes:
        return 0
    shared = {} if shared is None else shared
    after = shared.setdefault((None, sizes[-1], 0), start(sizes[-1], 1, 0))
    for place, before in zip(reversed(places), reversed(sizes[:-1]), strict=True):
        key = place, before, id(after)
        if key not in shared:
            shared[key] = _before(place, before, after)
        after = shared[key]
    return after.at(sizes[0][0])


def _before(place: Place, before: Sizes, after: Togo) -> Togo:
    if place.moves is None:
        return given(place, before, after)
    if isinstance(before, range) and isinstance(after, Table):
        return _dense(place.moves, before, after)
    return _sparse(place, before, after)


@cache
def rows(moves: Moves) -> tuple[Row, ...]:
    """All buckets of a box, those that differ in `d` only as one row."""
    found: dict[tuple[int, int, int], Counter[int]] = {}
    for bucket in moves.buckets:
        a, b, c, d = bucket.shape
        found.setdefault((a, b, c), Counter())[d] += len(bucket.members)
    return tuple(Row(*key, *_fewest(numbers)) for key, numbers in found.items())


def _fewest(numbers: Counter[int]) -> tuple[tuple[int, ...], tuple[tuple[int, int], ...]]:
    def work(row: Counter[int]) -> int:
        return sum(1 if abs(number) == 1 else 2 for number in row.values())

    ways = {distances: _differences(numbers, distances) for distances in DIFFERENCES}
    best = min(ways, key=lambda distances: work(ways[distances]))
    return best, tuple(sorted(ways[best].items()))


def _differences(numbers: Counter[int], distances: Sequence[int]) -> Counter[int]:
    for distance in distances:
        later = Counter({offset + distance: number for offset, number in numbers.items()})
        numbers = Counter({at: numbers[at] - later[at] for at in {*numbers, *later} if numbers[at] != later[at]})
    return numbers


def _dense(moves: Moves, before: range, after: Table) -> Table:
    total = [0] * len(before)
    firsts = {row: -((row.b - before.start) // row.a) for row in rows(moves)}
    base = min((row.c * first + row.terms[0][0] for row, first in firsts.items()), default=after.low)
    base = min(base, after.low)
    sums = _Sums([0] * (after.low - base) + list(after.values))
    for row, first in firsts.items():
        ins = slice(row.a * first + row.b - before.start, None, row.a)
        found = total[ins]
        for offset, number in row.terms:
            onward = sums.by(row.distances)[row.c * first + offset - base :: row.c][: len(found)]
            found[: len(onward)] = _plus(found, number, onward)
        total[ins] = found
    return Table(before.start, total, 0)


def _plus(found: Sequence[int], number: int, onward: Sequence[int]) -> Iterator[int]:
    if number == 1:
        return map(add, found, onward)
    if number == -1:
        return map(sub, found, onward)
    return (one + number * other for one, other in zip(found, onward, strict=False))


class _Sums:
    """Sums of a table from each place to its end, in steps of each of the distances."""

    def __init__(self, values: list[int]) -> None:
        self.known: dict[tuple[int, ...], list[int]] = {(): values}

    def by(self, distances: tuple[int, ...]) -> list[int]:
        if distances not in self.known:
            found = list(self.by(distances[:-1]))
            step = distances[-1]
            for first in range(1, step + 1):
                found[-first::-step] = accumulate(found[-first::-step])
            self.known[distances] = found
        return self.known[distances]


def _sparse(place: Place, before: Sizes, after: Togo) -> Listed:
    known = {}
    maps = [(bucket.shape, len(bucket.members)) for bucket in place.buckets]
    for size in before:
        known[size] = sum(times * after.at(shape.out(size)) for shape, times in maps)
    return Listed(known, 0)
