"""Bounds on what is still to come of a chain whose axes differ, from tables per axis.

A promise is broken by at least as many layers as the worst axis must break it in, sums add up, and a product of the
axes is at least one axis's share times the least of the others. While an axis must keep to its own best in all criteria
so far, its exact lexicographic cost-to-go bounds the next one; after that, the least of that criterion alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from math import prod

from tconv_design.planning.criteria import Numbers
from tconv_design.planning.packing import Packing, layer_part, packing
from tconv_design.planning.parts import Group, Part, Vector, groups
from tconv_design.planning.places import Place, Sizes, axis_places, ordered_by, sizes_between
from tconv_design.planning.problem import Problem, Stage
from tconv_design.planning.reach import Reach, reach_limit
from tconv_design.planning.togo import Togo, prices, togo
from tconv_design.planning.track import PRODUCTS, Track

SUMS = ("kernel", "steady", "pads")


class Joint:
    """The tables of one chain of a problem: its places per axis, the sizes between, and the bounds from them."""

    def __init__(self, problem: Problem, chain: Sequence[Stage], names: tuple[str, ...]) -> None:
        self.problem, self.chain, self.names = problem, chain, names
        self.empty = Part()
        self.ndim = len(problem.in_size)
        axes = range(self.ndim)
        self.places = [axis_places(problem, chain, axis) for axis in axes]
        ends = list(zip(problem.in_size, problem.out_size, strict=True))
        self.sizes = [sizes_between(self.places[axis], *ends[axis]) for axis in axes]
        self.possible = all(self.sizes)
        if self.possible:
            self._bound_products()
            self.own = [self._tables(axis, names, self.places[axis]) for axis in axes]
        self.track: Track | None = None
        self.reach: dict[int, Reach] = {}
        self.onward = cache(self._onward)
        self.least = cache(self._least)
        self.share = cache(self._share)

    def _bound_products(self) -> None:
        """The least positions*kernel and the least kernel of every place, per axis."""
        self.work = [
            [_least_work(*each) for each in _steps(p, s)] for p, s in zip(self.places, self.sizes, strict=True)
        ]
        self.taps = [[_least_taps(place) for place in places] for places in self.places]
        for axis in range(self.ndim):
            others = [other for other in range(self.ndim) if other != axis]
            self.places[axis] = tuple(
                place._replace(
                    work=place.work * prod(self.work[other][index] for other in others),
                    weights=place.weights * prod(self.taps[other][index] for other in others),
                )
                for index, place in enumerate(self.places[axis])
            )

    def _tables(self, axis: int, names: Sequence[str], places: Sequence[Place]) -> tuple[Packing, list[Togo]]:
        pack = packing(names, 1, [(places, self.sizes[axis])])
        return pack, togo(places, self.sizes[axis], prices(places, pack), pack)

    def _onward(self, axis: int, place: int, size: int) -> Vector | None:
        """The exact cost-to-go of an axis on its own, in all criteria; None where there is no way."""
        pack, tables = self.own[axis]
        packed = tables[place].at(size)
        return None if packed >= pack.infinite else pack.unpack(packed)

    def _least(self, axis: int, name: str, place: int, size: int) -> int:
        """The least that is to come in one criterion alone, on one axis."""
        return self.share(axis, name)[place].at(size)

    def reaches(self, axis: int, layers: Sequence[Numbers], sizes: Sequence[int]) -> bool:
        """Whether one axis, with these layers and sizes, can still come to the receptive field that is asked for."""
        limit = self.problem.limits.receptive_field
        if limit is None:
            return True
        if axis not in self.reach:
            tables = self.own[axis][1]
            self.reach[axis] = reach_limit(self.places[axis], self.sizes[axis], limit, tables)
        return self.reach[axis].allows(layers, sizes)

    def _share(self, axis: int, name: str) -> list[Togo]:
        ordered = ordered_by(name, self.problem, self.chain, axis)
        places = [given._replace(moves=own.moves) for given, own in zip(self.places[axis], ordered, strict=True)]
        return self._tables(axis, (name,), places)[1]

    def steps(self, axis: int, place: int, size: int) -> Iterator[tuple[Group | None, Numbers | None, int, int]]:
        """(group, its best member, output size, positions) of all that may stand on one axis of a layer."""
        given = self.places[axis][place]
        if given.moves is None:
            assert given.template is not None
            yield None, None, given.template.out(size), 0
            return
        for group in groups(given.moves, self.ndim, self.chain[place].groups):
            out = group.shape.out(size)
            if out >= 1:
                yield group, group.members[0], out, size if given.kind == "tconv" else out

    def alone(self, axis: int, place: int, group: Group | None, numbers: Numbers | None, positions: int) -> Vector:
        """What one axis of a layer adds to its own cost-to-go."""
        if group is None or numbers is None:
            return (0,) * len(self.names)
        given = self.places[axis][place]
        parts = (layer_part(name, 1, given, numbers, group.inexact) for name in self.names)
        return tuple(constant + factor * positions for constant, factor in parts)

    def now(self, name: str, place: int, axis: int, part: Part) -> int:
        """What the axes chosen so far make of a layer in one criterion, at least."""
        if not axis:
            return 0
        if name == "layers":
            return 1
        stage = self.places[0][place]
        if name == "macs":
            return part.work * self._weights(place) * prod(self.work[other][place] for other in range(axis, self.ndim))
        if name == "params":
            taps = part.taps * prod(self.taps[other][place] for other in range(axis, self.ndim))
            return taps * self._weights(place) + stage.bias
        return int(getattr(part, name))

    def _weights(self, place: int) -> int:
        stage = self.chain[place]
        return stage.in_channels * stage.out_channels // stage.groups

    def lay_track(self) -> None:
        """Search jointly those chains whose axes are all at their own best before the first product, if any can be."""
        first = next((slot for slot, name in enumerate(self.names) if name in PRODUCTS), len(self.names))
        zero = (0,) * len(self.names)
        score = self._axes_bound(0, 0, self.problem.in_size, zero, self.empty, first)
        if first and score is not None and all(score[1]):
            track = Track(self, score[0])
            self.track = track if track.togo else None

    def bound(self, place: int, axis: int, sizes: Sequence[int], cost: Vector, part: Part) -> Vector | None:
        """No chain from here has a smaller score; None where there is none. `axis` axes of the layer are chosen."""
        found = self._axes_bound(place, axis, sizes, cost, part, len(self.names))
        if found is None or self.track is None or found[0][: len(self.track.best)] != self.track.best:
            return found and found[0]
        return self.track.score(place, axis, sizes, cost[: len(self.names)], part) or found[0]

    def _axes_bound(
        self, place: int, axis: int, sizes: Sequence[int], cost: Vector, part: Part, criteria: int
    ) -> tuple[Vector, list[bool]] | None:
        """The bound in the first criteria, and which axes must be at their own best to reach it."""
        where = [place + 1 if other < axis else place for other in range(self.ndim)]
        own = [self.onward(*each) for each in zip(range(self.ndim), where, sizes, strict=True)]
        if None in own:
            return None
        score, tight = [], [True] * self.ndim
        for slot, name in enumerate(self.names[:criteria]):
            now = self.now(name, place, axis, part)
            ahead = [
                vector[slot] if tight[other] and vector else self.least(other, name, where[other], sizes[other])
                for other, vector in enumerate(own)
            ]
            if name in SUMS:
                score.append(cost[slot] + now + sum(ahead))
                continue
            shares = [now + value if other < axis else value for other, value in enumerate(ahead)]
            total = max(shares)
            tight = [was and share == total for was, share in zip(tight, shares, strict=True)]
            score.append(cost[slot] + total)
        return tuple(score), tight

    def within(self, place: int, axis: int, sizes: Sequence[int], spent: Vector, part: Part) -> bool:
        """Whether the limits on parameters and multiply-adds can still be kept; `spent` is what they are so far."""
        limits = self.problem.limits
        for name, most, before in zip(("params", "macs"), (limits.max_params, limits.max_macs), spent, strict=True):
            if most is None:
                continue
            now = self.now(name, place, axis, part)
            for other in range(self.ndim):
                chosen = other < axis
                ahead = self.least(other, name, place + 1 if chosen else place, sizes[other])
                if before + ahead + (now if chosen else 0) > most:
                    return False
        return True


def _steps(places: Sequence[Place], sizes: Sequence[Sizes]) -> Iterator[tuple[Place, Sizes, Sizes]]:
    return zip(places, sizes, sizes[1:], strict=False)


def _least_work(place: Place, before: Sizes, after: Sizes) -> int:
    """The least positions * kernel of the layers that fit between sizes."""
    least = []
    for bucket in place.buckets:
        steps = bucket.shape.steps(before[0], before[-1], after[0], after[-1])
        if steps:
            a, b, c, d = bucket.shape
            kernel = min(numbers[0] for numbers in bucket.members)
            least.append(kernel * (a * steps[0] + b if place.kind == "tconv" else c * steps[0] + d))
    return min(least, default=1)


def _least_taps(place: Place) -> int:
    return min((numbers[0] for bucket in place.buckets for numbers in bucket.members), default=1)
