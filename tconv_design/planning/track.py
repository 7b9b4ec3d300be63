"""The chains whose every axis is at its own best in the criteria before the first product, searched jointly.

Bounds per axis say nothing of how a product of the axes, as the multiply-adds are, is shared out. But where each axis
keeps to its own best in what ranks before, few sizes are left, and their combinations can be gone through: the exact
cost-to-go of all of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from tconv_design.planning.criteria import Numbers
from tconv_design.planning.parts import Group, Part, Vector

if TYPE_CHECKING:
    from tconv_design.planning.bounds import Joint

MAX_STEPS = 100_000
PRODUCTS = ("macs", "params")


class Edge(NamedTuple):
    """A step of one axis: what comes out, by the best member of which group, at how many positions."""

    out: int
    group: Group | None
    numbers: Numbers | None
    positions: int


class Track:
    """The joint cost-to-go of chains that rank equal to `best` in all criteria before the first product."""

    def __init__(self, table: Joint, best: Vector) -> None:
        self.table, self.best = table, best
        self.steps = 0
        self.edges: list[list[dict[int, list[Edge]]]] = [self._axis(axis) for axis in range(table.ndim)]
        self.togo = self._joint()

    def score(self, place: int, axis: int, sizes: Sequence[int], cost: Vector, part: Part) -> Vector | None:
        """The least score of chains on the track from a beginning; None where it has left the track."""
        if not axis:
            onward = self.togo[place].get(tuple(sizes)) if place < len(self.togo) else None
            return onward and self._on_track(cost, onward)
        found = None
        ways = [self.edges[other][place].get(sizes[other], ()) for other in range(axis, self.table.ndim)]
        for way in product(*ways):
            out = (*sizes[:axis], *(edge.out for edge in way))
            onward = self.togo[place + 1].get(out)
            if onward is not None:
                total = _plus(self._paid(place, way, part), onward)
                found = total if found is None else min(found, total)
        return found and self._on_track(cost, found)

    def _on_track(self, cost: Vector, onward: Vector) -> Vector | None:
        total = _plus(cost, onward)
        return total if total[: len(self.best)] == self.best else None

    def _axis(self, axis: int) -> list[dict[int, list[Edge]]]:
        """Per place, the steps from each size that keep one axis at its own best."""
        sizes = {self.table.problem.in_size[axis]}
        found = []
        for place in range(len(self.table.chain)):
            steps = {size: list(self._steps(axis, place, size)) for size in sizes}
            found.append(steps)
            sizes = {edge.out for edges in steps.values() for edge in edges}
        return found

    def _steps(self, axis: int, place: int, size: int) -> Iterator[Edge]:
        table, criteria = self.table, len(self.best)
        here = table.onward(axis, place, size)
        for group, numbers, out, positions in table.steps(axis, place, size):
            onward = table.onward(axis, place + 1, out)
            if here is None or onward is None:
                continue
            paid = table.alone(axis, place, group, numbers, positions)
            if _plus(paid, onward)[:criteria] == here[:criteria]:
                yield Edge(out, group, numbers, positions)

    def _joint(self) -> list[dict[tuple[int, ...], Vector]]:
        """Per place, the joint cost-to-go of every combination of sizes; empty where there are too many."""
        layers = [{self.table.problem.in_size}]
        for place in range(len(self.table.chain)):
            after = set()
            for state in layers[-1]:
                for way in self._ways(place, state):
                    self.steps += 1
                    if self.steps > MAX_STEPS:
                        return []
                    after.add(tuple(edge.out for edge in way))
            layers.append(after)
        zero = (0,) * len(self.table.names)
        tables: list[dict[tuple[int, ...], Vector]] = [dict.fromkeys(layers[-1], zero)]
        for place in range(len(self.table.chain) - 1, -1, -1):
            tables.append({state: self._least(place, state, tables[-1]) for state in layers[place]})
        return tables[::-1]

    def _ways(self, place: int, state: Sequence[int]) -> Iterator[tuple[Edge, ...]]:
        return product(*(self.edges[axis][place][size] for axis, size in enumerate(state)))

    def _least(self, place: int, state: Sequence[int], after: dict[tuple[int, ...], Vector]) -> Vector:
        start = self.table.empty
        return min(
            _plus(self._paid(place, way, start), after[tuple(edge.out for edge in way)])
            for way in self._ways(place, state)
        )

    def _paid(self, place: int, way: Sequence[Edge], part: Part) -> Vector:
        for edge in way:
            if edge.group is None or edge.numbers is None:
                return (0,) * len(self.table.names)
            part = part.grown(edge.group, edge.numbers, edge.positions)
        return tuple(self.table.now(name, place, self.table.ndim, part) for name in self.table.names)


def _plus(one: Sequence[int], other: Sequence[int]) -> Vector:
    return tuple(map(int.__add__, one, other))
