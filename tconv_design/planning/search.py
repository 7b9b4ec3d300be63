"""Whole chains in exact order of their packed scores: best first over their beginnings, each with its exact cost-to-go.

A beginning is pursued through the best member of each bucket; the next member comes when the one before was taken.
Beginnings of equal score are taken in the order of their layers, so that complete chains come in that order too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from tconv_design.planning.criteria import Numbers
from tconv_design.planning.members import Bucket
from tconv_design.planning.packing import Packing
from tconv_design.planning.places import Place, Sizes
from tconv_design.planning.reach import Reach
from tconv_design.planning.togo import Priced, Togo


class Budget(NamedTuple):
    """A resource that a chain may spend: what a layer takes (constant, factor), the least that is still to come."""

    pack: Packing
    togo: Sequence[Togo]
    most: int

    def takes(self, place: Place, numbers: Numbers, positions: int) -> int:
        """What one layer takes of it."""
        constant, factor = self.pack.cost(place, numbers, False)
        return constant + factor * positions


class Route(NamedTuple):
    """A chain on one axis, ready to be searched: `priced` is, per place, what the best member of each bucket costs."""

    places: tuple[Place, ...]
    sizes: Sequence[Sizes]
    priced: Sequence[Sequence[Priced]]
    togo: Sequence[Togo]
    budgets: tuple[Budget, ...] = ()
    reach: Reach | None = None


class Found(NamedTuple):
    """A chain: which route it goes, its packed score, its layers (a given map has None) and all its sizes."""

    route: int
    score: int
    layers: tuple[Numbers, ...]
    sizes: tuple[int, ...]


class _Node(NamedTuple):
    """A beginning; `sources` make what follows it among its siblings, in order."""

    score: int
    layers: tuple[Numbers, ...]
    route: int
    place: int
    cost: int
    sizes: tuple[int, ...]
    spent: tuple[int, ...]
    sources: tuple[Iterator[_Node], ...] = ()


Alive = Callable[[], object]


def chains(
    routes: Sequence[Route], pack: Packing, alive: Alive = lambda: None, top: int | None = None
) -> Iterator[Found]:
    """The chains of all routes, the best first: all of them, or the best `top` and perhaps more.

    `alive` is called in every step; what it raises ends the search.
    """
    seen: dict[tuple[object, ...], list[tuple[int, ...]]] = {}
    heap: list[_Node] = []
    for number, route in enumerate(routes):
        first = route.sizes[0][0]
        score = route.togo[0].at(first)
        if score < pack.infinite:
            heappush(heap, _Node(score, (), number, 0, 0, (first,), (0,) * len(route.budgets)))
    while heap:
        alive()
        node = heappop(heap)
        for source in node.sources:
            _push(heap, source)
        route = routes[node.route]
        if node.place == len(route.places):
            yield Found(node.route, node.score, node.layers, node.sizes)
        elif top is None or not _is_surpassed(node, route, seen, top):
            _push(heap, _children(route, pack, node))


def _is_surpassed(node: _Node, route: Route, seen: dict[tuple[object, ...], list[tuple[int, ...]]], top: int) -> bool:
    """Whether `top` better beginnings came here before that spent no more: each goes on as this one would."""
    alike = route.reach.spans(node.layers, node.sizes) if route.reach is not None else ()
    before = seen.setdefault((node.route, node.place, node.sizes[-1], alike), [])
    cheaper = sum(1 for spent in before if all(map(int.__le__, spent, node.spent)))
    before.append(node.spent)
    return cheaper >= top


def _push(heap: list[_Node], source: Iterator[_Node]) -> None:
    node = next(source, None)
    if node is not None:
        heappush(heap, node._replace(sources=(source, *node.sources)))


def _children(route: Route, pack: Packing, node: _Node) -> Iterator[_Node]:
    """The beginnings that are longer by one place, the best first: the first of every bucket."""
    place, size, onward = route.places[node.place], node.sizes[-1], route.togo[node.place + 1]
    if place.moves is None:
        yield from _given(route, pack, node)
        return
    waiting: list[tuple[int, Numbers, int, int, Iterator[_Node] | None, _Node | None]] = []
    pairs = zip(place.moves.buckets, route.priced[node.place], strict=True)
    tconv, ndim, cost, infinite = place.kind == "tconv", pack.ndim, node.cost, pack.infinite
    inward = size**ndim
    for number, (bucket, (shape, constant, factor)) in enumerate(pairs):
        out = shape.out(size)
        rest = onward.at(out)
        if out >= 1 and rest < infinite:
            score = cost + constant + factor * (inward if tconv else out**ndim) + rest
            waiting.append((score, bucket.members[0], number, out, None, None))
    heapify(waiting)
    while waiting:
        score, numbers, number, out, line, head = heappop(waiting)
        if head is None:
            line = _members(route, pack, node, place.moves.buckets[number], out)
            head = next(line, None)
            if head is None:
                continue
            if (head.score, head.layers[-1]) != (score, numbers):  # the best members are beyond a budget
                heappush(waiting, (head.score, head.layers[-1], number, out, line, head))
                continue
        assert line is not None
        yield head._replace(sources=(line,))


def _given(route: Route, pack: Packing, node: _Node) -> Iterator[_Node]:
    template = route.places[node.place].template
    assert template is not None
    out = template.out(node.sizes[-1])
    score = node.cost + route.togo[node.place + 1].at(out)
    sizes = (*node.sizes, out)
    if score < pack.infinite and (route.reach is None or route.reach.allows(node.layers, sizes)):
        yield node._replace(score=score, place=node.place + 1, sizes=sizes, sources=())


def _members(route: Route, pack: Packing, node: _Node, bucket: Bucket, out: int) -> Iterator[_Node]:
    """One node per member of a bucket, the best first, of those that every budget allows."""
    place, size, after = route.places[node.place], node.sizes[-1], node.place + 1
    positions = (size if place.kind == "tconv" else out) ** pack.ndim
    sizes, rest = (*node.sizes, out), route.togo[after].at(out)
    for numbers in bucket.members:
        constant, factor = pack.cost(place, numbers, bucket.inexact)
        cost = node.cost + constant + factor * positions
        spent = tuple(
            before + budget.takes(place, numbers, positions)
            for budget, before in zip(route.budgets, node.spent, strict=True)
        )
        if route.reach is not None and not route.reach.allows((*node.layers, numbers), sizes):
            continue
        if all(
            taken + budget.togo[after].at(out) <= budget.most
            for taken, budget in zip(spent, route.budgets, strict=True)
        ):
            yield _Node(cost + rest, (*node.layers, numbers), node.route, after, cost, sizes, spent)
