"""Some plan, when the search had to stop before it found one: what each axis would do on its own, or the smallest."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from time import monotonic

from tconv_design.planning.criteria import WHOLE
from tconv_design.planning.problem import Limits, Plan, Problem
from tconv_design.planning.ways import as_plan, ways

SECONDS = 1.0
"""For each try."""
TRIES = (("params",), ("macs",), ("kernel",), ("layers",))


class _Enough(Exception):
    """A try took too long."""


def makeshift(problem: Problem) -> list[Plan]:
    """At most one plan within all limits, ranked by nothing in particular."""
    if problem.limits == Limits():
        whole = problem._replace(rank=tuple(name for name in problem.rank if name not in WHOLE))
        tries = [whole, *(problem._replace(rank=rank) for rank in TRIES)]
    else:
        tries = [problem._replace(rank=rank) for rank in TRIES]
    return next((found for found in map(_one, tries) if found), [])


def _one(problem: Problem) -> list[Plan]:
    try:
        return [as_plan(problem, way) for way in islice(ways(problem, _until(monotonic() + SECONDS)), 1)]
    except _Enough:
        return []


def _until(end: float) -> Callable[[], None]:
    def alive() -> None:
        if monotonic() > end:
            raise _Enough

    return alive
