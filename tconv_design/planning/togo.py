"""What the best way on costs, from every size at every place of a chain: dynamic programming from the end.

Tables over all sizes between two bounds where these are few, else dictionaries of the sizes that occur.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.util import find_spec
from typing import NamedTuple

from tconv_design.planning.members import Shape
from tconv_design.planning.packing import Packing
from tconv_design.planning.places import Place, Sizes

LARGEST = 2**62
"""Packed scores up to this may be added up in 64 bits."""
PAYS_FROM = 4 * 10**6
"""So many steps through tables take longer than importing numpy."""


class Priced(NamedTuple):
    """A bucket's map and the cost of its best member: constant + factor * positions**ndim."""

    shape: Shape
    constant: int
    factor: int


class Table(NamedTuple):
    """A number per size, for the sizes from `low` on; `missing` stands for every other size."""

    low: int
    values: Sequence[int]
    missing: int

    def at(self, size: int) -> int:
        """The number of one size."""
        index = size - self.low
        return self.values[index] if 0 <= index < len(self.values) else self.missing


class Listed(NamedTuple):
    """A number per size that occurs."""

    known: dict[int, int]
    missing: int

    def at(self, size: int) -> int:
        """The number of one size."""
        return self.known.get(size, self.missing)


Togo = Table | Listed


def prices(places: Sequence[Place], pack: Packing) -> list[list[Priced]]:
    """Per place, what the best member of each bucket costs; nothing for a given map."""
    known: dict[Place, list[Priced]] = {}
    for place in places:
        if place not in known:
            known[place] = [
                Priced(bucket.shape, *pack.cost(place, bucket.members[0], bucket.inexact)) for bucket in place.buckets
            ]
    return [known[place] for place in places]


Shared = dict[tuple[Place | None, Sizes, int], Togo]
"""Tables by their place, sizes and the table after them: chains that end alike share them."""


def togo(
    places: Sequence[Place],
    sizes: Sequence[Sizes],
    priced: Sequence[Sequence[Priced]],
    pack: Packing,
    shared: Shared | None = None,
) -> list[Togo]:
    """Before each place and after the last, the least cost of reaching the end from every size.

    `shared` holds the tables of other chains with the same packing, and takes these.
    """
    shared = {} if shared is None else shared
    step = _dense_fast if pays(places, sizes, pack) else _dense
    found = [shared.setdefault((None, sizes[-1], 0), start(sizes[-1], 0, pack.infinite))]
    for index in range(len(places) - 1, -1, -1):
        place, before, after = places[index], sizes[index], found[-1]
        key = place, before, id(after)
        if key not in shared:
            if place.template is not None:
                shared[key] = given(place, before, after)
            elif isinstance(before, range) and isinstance(after, Table):
                shared[key] = step(place, priced[index], before, after, pack.ndim)
            else:
                shared[key] = _sparse(place, priced[index], before, after, pack.ndim)
        found.append(shared[key])
    return found[::-1]


def pays(places: Sequence[Place], sizes: Sequence[Sizes], pack: Packing) -> bool:
    """Whether numpy is there, can hold the scores and is worth its import, or imported already."""
    if pack.infinite > LARGEST:
        return False
    steps = sum(
        len(place.buckets) * min(map(len, pair)) for place, *pair in zip(places, sizes, sizes[1:], strict=False)
    )
    return "numpy" in sys.modules or (steps > PAYS_FROM and find_spec("numpy") is not None)


def _dense_fast(place: Place, priced: Sequence[Priced], before: range, after: Table, ndim: int) -> Table:
    from tconv_design.planning import fast

    counts_in = place.kind == "tconv"
    best = fast.dense(priced, before, after.low, after.values, ndim, after.missing, counts_in)
    return Table(before.start, best, after.missing)


def start(end: Sizes, value: int, missing: int) -> Togo:
    """The table after the last place."""
    if isinstance(end, range):
        return Table(end.start, [value] * len(end), missing)
    return Listed(dict.fromkeys(end, value), missing)


def given(place: Place, before: Sizes, after: Togo) -> Togo:
    """The table before a given map: each size has what its output has."""
    assert place.template is not None
    values = [after.at(place.template.out(size)) for size in before]
    if isinstance(before, range):
        return Table(before.start, values, after.missing)
    return Listed(dict(zip(before, values, strict=True)), after.missing)


def _dense(place: Place, priced: Sequence[Priced], before: range, after: Table, ndim: int) -> Table:
    best = [after.missing] * len(before)
    low, high = after.low, after.low + len(after.values) - 1
    tconv = place.kind == "tconv"
    positions = [size**ndim for size in (before if tconv else range(low, high + 1))]
    for shape, constant, factor in priced:
        steps = shape.steps(before.start, before.stop - 1, low, high)
        if not steps:
            continue
        ins = slice_of(shape.a, shape.b - before.start, steps)
        outs = slice_of(shape.c, shape.d - low, steps)
        onward = after.values[outs]
        if factor:
            paid = zip(onward, positions[ins if tconv else outs], strict=True)
            onward = [value + constant + factor * n for value, n in paid]
        else:
            onward = [value + constant for value in onward]
        best[ins] = map(min, best[ins], onward)
    return Table(before.start, best, after.missing)


def slice_of(factor: int, offset: int, steps: range) -> slice:
    """The places of factor*q + offset in a table, for the q of `steps`."""
    return slice(factor * steps[0] + offset, factor * steps[-1] + offset + 1, factor)


def _sparse(place: Place, priced: Sequence[Priced], before: Sizes, after: Togo, ndim: int) -> Listed:
    known = {}
    tconv = place.kind == "tconv"
    for size in before:
        best = after.missing
        for shape, constant, factor in priced:
            out = shape.out(size)
            if out < 1:
                continue
            onward = after.at(out)
            if onward < best:
                best = min(best, onward + constant + factor * (size if tconv else out) ** ndim)
        if best < after.missing:
            known[size] = best
    return Listed(known, after.missing)
