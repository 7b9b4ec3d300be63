"""How many chains there are on one axis: exact whole numbers of any size, by the same tables as the costs."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.planning.places import Place, Sizes
from tconv_design.planning.togo import Listed, Table, Togo, given, slice_of, start


def count_chains(places: Sequence[Place], sizes: Sequence[Sizes]) -> int:
    """The chains through the places, from the only size before the first to the only one after the last."""
    if not sizes:
        return 0
    after: Togo = start(sizes[-1], 1, 0)
    for place, before in zip(reversed(places), reversed(sizes[:-1]), strict=True):
        if place.template is not None:
            after = given(place, before, after)
        elif isinstance(before, range) and isinstance(after, Table):
            after = _dense(place, before, after)
        else:
            after = _sparse(place, before, after)
    return after.at(sizes[0][0])


def _dense(place: Place, before: range, after: Table) -> Table:
    total = [0] * len(before)
    low, high = after.low, after.low + len(after.values) - 1
    for bucket in place.buckets:
        steps = bucket.shape.steps(before.start, before.stop - 1, low, high)
        if not steps:
            continue
        ins = slice_of(bucket.shape.a, bucket.shape.b - before.start, steps)
        outs = slice_of(bucket.shape.c, bucket.shape.d - low, steps)
        times = len(bucket.members)
        pairs = zip(total[ins], after.values[outs], strict=True)
        total[ins] = [one + times * other for one, other in pairs]
    return Table(before.start, total, 0)


def _sparse(place: Place, before: Sizes, after: Togo) -> Listed:
    known = {}
    maps = [(bucket.shape, len(bucket.members)) for bucket in place.buckets]
    for size in before:
        known[size] = sum(times * after.at(shape.out(size)) for shape, times in maps)
    return Listed(known, 0)
