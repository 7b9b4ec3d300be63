"""Chains whose axes differ, in exact order: best first over beginnings that grow by one axis of one layer at a time.

What is still to come is bounded per axis: a promise is broken by at least as many layers as the worst axis must break
it in, sums add up, and a product of the axes is at least one axis's share times the least of the others. While an axis
must keep to its own best in all criteria so far, its exact lexicographic cost-to-go bounds the next one; after that,
the least of that criterion alone. No bound is ever above what comes: the first complete chain is the best.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from heapq import heapify, heappop, heappush
from math import prod
from typing import NamedTuple

from tconv_design.dialects import dialects_of
from tconv_design.planning.criteria import Numbers, is_uneven, is_unplain
from tconv_design.planning.members import Bucket, Moves, Shape, axis_words
from tconv_design.planning.packing import Packing, layer_part, numbers_of, packing
from tconv_design.planning.places import Place, Sizes, axis_places, ordered_by, sizes_between
from tconv_design.planning.problem import Problem, Stage, lengths
from tconv_design.planning.reach import Reach, reach_limit
from tconv_design.planning.search import Alive
from tconv_design.planning.togo import Togo, prices, togo
from tconv_design.planning.track import PRODUCTS, Track

SUMS = ("kernel", "steady", "pads")
Vector = tuple[int, ...]


class Group(NamedTuple):
    """Members of a bucket that keep the same promises and that the same words say."""

    shape: Shape
    inexact: bool
    uneven: bool
    unplain: bool
    words: int
    members: tuple[Numbers, ...]


class Part(NamedTuple):
    """A layer of which some axes are chosen."""

    exact: int = 0
    even: int = 0
    plain: int = 0
    steady: int = 0
    kernel: int = 0
    pads: int = 0
    work: int = 1
    taps: int = 1
    words: int = -1

    def grown(self, group: Group, numbers: Numbers, positions: int) -> Part:
        """The layer with one more axis."""
        return Part(
            self.exact | group.inexact,
            self.even | group.uneven,
            self.plain | group.unplain,
            self.steady + numbers[1],
            self.kernel + numbers[0],
            self.pads + numbers[2] + numbers[3],
            self.work * positions * numbers[0],
            self.taps * numbers[0],
            self.words & group.words,
        )


class Joined(NamedTuple):
    """A complete chain: which of the problem's chains, its layers as one entry per axis, all its sizes."""

    chain: int
    layers: tuple[tuple[Numbers, ...], ...]
    sizes: tuple[tuple[int, ...], ...]


class _Node(NamedTuple):
    """A beginning. `layers` is flat, axis by axis; `sizes` those before this place, but after it on axes chosen."""

    score: Vector
    layers: tuple[Numbers, ...]
    chain: int
    place: int
    axis: int
    cost: Vector
    sizes: tuple[int, ...]
    part: Part
    way: tuple[tuple[int, ...], ...]
    sources: tuple[Iterator[_Node], ...] = ()


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

    def reaches(self, node: _Node, axis: int) -> bool:
        """Whether one axis can still come to the receptive field that is asked for."""
        limit = self.problem.limits.receptive_field
        if limit is None:
            return True
        if axis not in self.reach:
            tables = self.own[axis][1]
            self.reach[axis] = reach_limit(self.places[axis], self.sizes[axis], limit, tables)
        sizes = tuple(size[axis] for size in node.way) + ((node.sizes[axis],) if node.axis else ())
        return self.reach[axis].allows(node.layers[axis :: self.ndim], sizes)

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


def joint_chains(problem: Problem, alive: Alive = lambda: None) -> Iterator[Joined]:
    """The chains of a problem with several axes, the best first: those of all axes alike, the best `top` of the others.

    Perhaps more. `alive` is called in every step; what it raises ends the search.
    """
    names = numbers_of(problem.rank, lengths(problem))
    tables = [Joint(problem, chain, names) for chain in problem.chains]
    heap: list[_Node] = []
    seen: Seen = {}
    for number, table in enumerate(tables):
        alive()
        if table.possible:
            table.lay_track()
            zero = (0,) * (len(names) + 2)
            score = table.bound(0, 0, problem.in_size, zero, Part())
            if score is not None and table.within(0, 0, problem.in_size, (0, 0), Part()):
                way = (problem.in_size,)
                heappush(heap, _Node(score, (), number, 0, 0, zero, problem.in_size, Part(), way))
    ndim = len(problem.in_size)
    while heap:
        alive()
        node = heappop(heap)
        for source in node.sources:
            _push(heap, source)
        if node.place == len(problem.chains[node.chain]):
            rows = [node.layers[start : start + ndim] for start in range(0, len(node.layers), ndim)]
            yield Joined(node.chain, tuple(rows), node.way)
        elif problem.limits.receptive_field or not _is_surpassed(node, seen, problem.top, ndim):
            _push(heap, _children(tables[node.chain], node))


Seen = dict[tuple[int, int, tuple[int, ...]], list[tuple[Vector, tuple[Numbers, ...]]]]


def _is_surpassed(node: _Node, seen: Seen, top: int, ndim: int) -> bool:
    """Whether `top` better beginnings came here before that spent no more: each goes on as this one would.

    Beginnings that are equal on all axes do not count: who asks may leave out what they come to.
    """
    rows = [node.layers[start : start + ndim] for start in range(0, len(node.layers), ndim)]
    if node.axis or all(len(set(row)) == 1 for row in rows):
        return False
    before = seen.setdefault((node.chain, node.place, node.sizes), [])
    better = 0
    for cost, layers in before:
        spends_less = cost[-2] <= node.cost[-2] and cost[-1] <= node.cost[-1]
        better += spends_less and (cost[:-2], layers) <= (node.cost[:-2], node.layers)
    before.append((node.cost, node.layers))
    return better >= top


def _push(heap: list[_Node], source: Iterator[_Node]) -> None:
    node = next(source, None)
    if node is not None:
        heappush(heap, node._replace(sources=(source, *node.sources)))


def _children(table: Joint, node: _Node) -> Iterator[_Node]:
    place = table.places[node.axis][node.place]
    if place.template is not None:
        yield from _given(table, node)
        return
    assert place.moves is not None
    heads = []
    for number, group in enumerate(groups(place.moves, table.ndim, table.chain[node.place].groups)):
        line = _members(table, node, place, group)
        head = next(line, None)
        if head is not None:
            heads.append((head.score, head.layers, number, head, line))
    heapify(heads)
    while heads:
        *_, head, line = heappop(heads)
        yield head._replace(sources=(line,))


def _given(table: Joint, node: _Node) -> Iterator[_Node]:
    maps = [places[node.place].template for places in table.places]
    out = tuple(each.out(size) for each, size in zip(maps, node.sizes, strict=True) if each)
    score = table.bound(node.place + 1, 0, out, node.cost, Part()) if min(out) >= 1 else None
    if score is None:
        return
    grown = node._replace(score=score, place=node.place + 1, sizes=out, way=(*node.way, out), sources=())
    if all(table.reaches(grown, axis) for axis in range(table.ndim)):
        yield grown


def _members(table: Joint, node: _Node, place: Place, group: Group) -> Iterator[_Node]:
    """One node per member of a group that may stand on this axis of this layer, the best first."""
    axis, size = node.axis, node.sizes[node.axis]
    out = group.shape.out(size)
    if out < 1 or table.onward(axis, node.place + 1, out) is None:
        return
    sizes = (*node.sizes[:axis], out, *node.sizes[axis + 1 :])
    for numbers in group.members:
        part = node.part.grown(group, numbers, size if place.kind == "tconv" else out)
        grown = node._replace(layers=(*node.layers, numbers), sizes=sizes, part=part, axis=axis + 1, sources=())
        checked = _scored(table, grown)
        if checked is not None:
            yield checked


def _scored(table: Joint, node: _Node) -> _Node | None:
    """A node with its bound; with all axes chosen, its layer is closed. None where nothing can come of it."""
    if not set(table.problem.limits.portable) <= set(dialects_of(node.part.words)):
        return None
    if node.axis == table.ndim:
        every = (*table.names, "params", "macs")
        paid = [table.now(name, node.place, node.axis, node.part) for name in every]
        cost = tuple(before + new for before, new in zip(node.cost, paid, strict=True))
        node = node._replace(cost=cost, place=node.place + 1, axis=0, part=Part(), way=(*node.way, node.sizes))
    score = table.bound(node.place, node.axis, node.sizes, node.cost, node.part)
    if score is None or not table.reaches(node, (node.axis or table.ndim) - 1):
        return None
    if not table.within(node.place, node.axis, node.sizes, node.cost[-2:], node.part):
        return None
    return node._replace(score=score)


@cache
def groups(moves: Moves, ndim: int, channel_groups: int) -> tuple[Group, ...]:
    """The buckets of one axis, each in groups that keep the same promises and have the same words."""
    return tuple(group for bucket in moves.buckets for group in _groups(moves, bucket, ndim, channel_groups))


def _groups(moves: Moves, bucket: Bucket, ndim: int, channel_groups: int) -> Iterator[Group]:
    found: dict[tuple[bool, bool, int], list[Numbers]] = {}
    for numbers in bucket.members:
        said = axis_words(moves.kind, numbers, bucket.shape, ndim, channel_groups)
        found.setdefault((is_uneven(numbers), is_unplain(numbers), said), []).append(numbers)
    for (uneven, unplain, said), members in found.items():
        yield Group(bucket.shape, bucket.inexact, uneven, unplain, said, tuple(members))
