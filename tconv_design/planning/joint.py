"""Chains whose axes differ, in exact order: best first over beginnings that grow by one axis of one layer at a time.

No bound on what is still to come is ever above it: the first complete chain is the best.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from tconv_design.dialects.legal import dialects_of
from tconv_design.planning.bounds import Joint
from tconv_design.planning.criteria import Numbers
from tconv_design.planning.packing import numbers_of
from tconv_design.planning.parts import Group, Part, Vector, groups
from tconv_design.planning.places import Place
from tconv_design.planning.problem import Problem, lengths
from tconv_design.planning.search import Alive


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
    if all(_reaches(table, grown, axis) for axis in range(table.ndim)):
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
    if score is None or not _reaches(table, node, (node.axis or table.ndim) - 1):
        return None
    if not table.within(node.place, node.axis, node.sizes, node.cost[-2:], node.part):
        return None
    return node._replace(score=score)


def _reaches(table: Joint, node: _Node, axis: int) -> bool:
    sizes = tuple(size[axis] for size in node.way) + ((node.sizes[axis],) if node.axis else ())
    return table.reaches(axis, node.layers[axis :: table.ndim], sizes)
