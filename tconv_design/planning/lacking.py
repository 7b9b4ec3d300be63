"""Why there is no plan, in numbers: the sizes that can be reached instead, or how far a limit is off."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from time import monotonic
from typing import Any

from tconv_design.planning.places import open_places, reachable
from tconv_design.planning.problem import Problem
from tconv_design.planning.ways import way_scores, ways
from tconv_design.wording import counted

SECONDS = 2.0
"""For each amount that is looked for."""
WORDS = {"max_params": ("params", "fewest parameters"), "max_macs": ("macs", "fewest multiply-adds")}


class _Enough(Exception):
    """Looking for an amount took too long."""


def why_none(problem: Problem, total: int) -> str:
    """The reason: no chain at all (`total` is 0), or none within the limits."""
    if total:
        return "; ".join((f"no chain of the {total} in the box is within all limits", *_amounts(problem)))
    numbers = [len(chain) for chain in problem.chains]
    layers = counted(numbers[0], "layer") if len(numbers) == 1 else f"{min(numbers)} to {max(numbers)} layers"
    for axis, (in_, out) in enumerate(zip(problem.in_size, problem.out_size, strict=True)):
        chains = [open_places(chain, axis) for chain in problem.chains]
        sizes = {size for places in chains for size in reachable(places, in_, 2 * out)}
        where = f"axis {axis + 1}: " if len(problem.in_size) > 1 else ""
        if out not in sizes:
            return f"{where}no chain of {layers} in the box leads from {in_} to {out}{_nearest(sizes, in_, out)}"
    return f"every axis has chains of {layers}, but no number of layers has chains on all axes"


def _nearest(sizes: set[int], in_: int, out: int) -> str:
    below = max((size for size in sizes if size < out), default=None)
    above = min((size for size in sizes if size > out), default=None)
    found = " and ".join(str(size) for size in (below, above) if size is not None)
    return f"; the nearest that they come to: {found}" if found else ""


def _amounts(problem: Problem) -> Iterator[str]:
    """The least that the other limits leave of what has a limit of its own."""
    for field, (name, words) in WORDS.items():
        most = getattr(problem.limits, field)
        if most is None:
            continue
        changes: dict[str, Any] = {field: None}
        freed = problem._replace(rank=(name,), top=1, limits=problem.limits._replace(**changes))
        least = _least(freed, name)
        if least is not None:
            yield f"the {words} are {least}, and at most {most} are allowed"


def _least(problem: Problem, name: str) -> int | None:
    end = monotonic() + SECONDS

    def alive() -> None:
        if monotonic() > end:
            raise _Enough

    try:
        return next((way_scores(problem, way)[name] for way in islice(ways(problem, alive), 1)), None)
    except _Enough:
        return None
