"""Criteria of a whole chain, which do not add up along it: the receptive field and the evenness of the whole stack.

Chains come in the order of the criteria that add up. Those that are equal in all criteria before the first that does
not are looked at together, and the order is proven once all of them were seen. Where they are too many, the largest
field is searched for as a limit, one field after the other; for the stack that is no help, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from tconv_design.architecture.stacked import EVEN, through
from tconv_design.formula import MAX_SIZE
from tconv_design.planning.criteria import WHOLE
from tconv_design.planning.places import open_places
from tconv_design.planning.problem import Plan, Problem
from tconv_design.planning.reach import axes_of, whole_field
from tconv_design.planning.search import Alive
from tconv_design.planning.ways import Way, are_alike, as_plan, way_scores, ways

MAX_LOOKED = 2000
"""Chains that are looked at while they are equal in all criteria before the first that does not add up."""
MAX_STEPS = 100_000
"""Beginnings that are looked at for one field."""

EVENLY = (False, Fraction(1))

Key = tuple[Any, ...]


class TooMany(Exception):
    """More was looked at than is worth it."""


def ranked(problem: Problem, alive: Alive, found: list[Plan]) -> str:
    """Put the best plans into `found`, in order; returns why they are not proven best, or nothing."""
    whole = [name for name in problem.rank if name in WHOLE]
    if not whole:
        for way in islice(ways(problem, alive), problem.top):
            found.append(as_plan(problem, way))
        return ""
    groups = _Groups(problem, whole, alive)
    try:
        return groups.look()
    finally:
        groups.kept.sort(key=lambda row: row[0])
        found.extend(_with_scores(problem, way) for _, way in groups.kept[: problem.top])


class _Groups:
    """Chains in groups that are equal in all criteria before the first that does not add up."""

    def __init__(self, problem: Problem, whole: Sequence[str], alive: Alive) -> None:
        self.problem, self.whole, self.alive = problem, whole, alive
        added = tuple(name for name in problem.rank if name not in WHOLE)
        self.added = problem._replace(rank=added, top=MAX_SIZE)  # however many
        self.leading = problem.rank[: problem.rank.index(whole[0])]
        self.alike = are_alike(problem)
        self.kept: list[tuple[Key, Way]] = []

    def look(self) -> str:
        """Collect chains until the best are among them; returns a doubt, or nothing."""
        group: Key | None = None
        seen = settled = 0
        for way in ways(self.added, self.alive):
            lead, seen = self.lead(way), seen + 1
            if lead != group:
                if len(self.kept) >= self.problem.top:
                    return ""
                group, seen, settled = lead, 0, len(self.kept)
            self.kept.append((self.key(way), way))
            settled += list(self.whole) == ["stack"] and unevenness(self.problem, way) == EVENLY
            if settled >= self.problem.top:  # no stack is more even, and those that come later rank behind
                return ""
            if seen >= MAX_LOOKED:
                return self._too_many(lead)
        return ""

    def _too_many(self, group: Key) -> str:
        doubt = (
            f"more than {MAX_LOOKED} chains are equal in all that ranks before {self.whole[0]}, which does not add up "
            f"along a chain: the best of those that were looked at are shown, not proven best"
        )
        if list(self.whole) != ["field"]:
            return doubt
        before = [row for row in self.kept if self.lead(row[1]) != group]
        try:
            missing = self.problem.top - len(before)
            level = [(self.key(way), way) for way in islice(self._by_field(group), missing)]
        except TooMany:
            return doubt
        self.kept = before + level
        return "" if len(level) == missing else doubt

    def _by_field(self, group: Key) -> Iterator[Way]:
        """The chains of a group, those with the largest field first."""
        below: int | None = None
        while (field := self._largest(group, below)) is not None:
            for way in self._from(group, field):
                if self.field(way) == field:
                    yield way
            below = field

    def _largest(self, group: Key, below: int | None) -> int | None:
        """The largest field of a group that is smaller than `below`."""
        largest = self._some_field(group, 1, below)
        if largest is None:
            return None
        step = largest
        while step:
            more = self._some_field(group, largest + step, below)
            largest, step = (more, step * 2) if more is not None else (largest, step // 2)
        return largest

    def _some_field(self, group: Key, least: int, below: int | None) -> int | None:
        if below is not None and least >= below:
            return None
        fields = (self.field(way) for way in self._from(group, least))
        return next((field for field in fields if below is None or field < below), None)

    def _from(self, group: Key, least: int) -> Iterator[Way]:
        """The chains of a group with at least such a field, in the order of what adds up."""
        asked = self.problem.limits.receptive_field or (1, None)
        limits = self.problem.limits._replace(receptive_field=(max(asked[0], least), asked[1]))
        for way in ways(self.added._replace(limits=limits), _limited(self.alive)):
            lead = self.lead(way)
            if lead > group:
                return
            if lead == group:
                yield way

    def lead(self, way: Way) -> Key:
        """What chains of one group have in common."""
        scores = way_scores(self.problem, way)
        return (self._untied(way), *(scores[name] for name in self.leading))

    def key(self, way: Way) -> Key:
        """What chains are ordered by, in full."""
        scores = way_scores(self.problem, way)
        whole: dict[str, Any] = {}
        if "field" in self.whole:
            whole["field"] = -self.field(way)
        if "stack" in self.whole:
            whole["stack"] = unevenness(self.problem, way)
        row = [(whole if name in WHOLE else scores)[name] for name in self.problem.rank]
        return (self._untied(way), row, way.layers)

    def field(self, way: Way) -> int:
        """The receptive field of a chain, on the axis where it is smallest."""
        return min(fields(self.problem, way))

    def _untied(self, way: Way) -> bool:
        return self.alike and any(len(set(layer)) > 1 for layer in way.layers)


def _limited(alive: Alive) -> Alive:
    steps = 0

    def limited() -> None:
        nonlocal steps
        steps += 1
        if steps > MAX_STEPS:
            raise TooMany
        alive()

    return limited


def fields(problem: Problem, way: Way) -> tuple[int, ...]:
    """The receptive field of a chain per axis, in rows; 0 where its pattern is too long to be followed."""
    found = []
    for axis in range(len(problem.in_size)):
        places = open_places(problem.chains[way.chain], axis)
        numbers = [layer[axis] for layer in way.layers]
        found.append(whole_field(places, numbers, [size[axis] for size in way.sizes]) or 0)
    return tuple(found)


def unevenness(problem: Problem, way: Way) -> tuple[bool, Fraction]:
    """(whether rows are never reached, most over fewest ways from the input to a row), over all axes of a chain."""
    holes, ratio = False, Fraction(1)
    for axis in range(len(problem.in_size)):
        places = open_places(problem.chains[way.chain], axis)
        counts: tuple[int, ...] | None = EVEN
        for kind, each in axes_of(places, [layer[axis] for layer in way.layers], [size[axis] for size in way.sizes]):
            counts = counts and through(kind, each, counts)
        if not counts or min(counts) == 0:
            holes = True
        else:
            ratio *= Fraction(max(counts), min(counts))
    return holes, ratio


def _with_scores(problem: Problem, way: Way) -> Plan:
    """The plan, with the scores that do not add up; a stack with holes has none."""
    plan = as_plan(problem, way)
    every: dict[str, Any] = dict(plan.scores)
    if "field" in problem.rank:
        found = fields(problem, way)
        every["field"] = found[0] if len(set(found)) == 1 else list(found)
    if "stack" in problem.rank:
        holes, ratio = unevenness(problem, way)
        every["stack"] = None if holes else float(ratio)
    return plan._replace(scores={name: every[name] for name in problem.rank})
