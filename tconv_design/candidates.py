"""The solutions of one axis, however its padding was asked for: counted, or made lazily for ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.policies import policy_solutions
from tconv_design.question import PolicyQuestion
from tconv_design.solver import count_solutions, runs
from tconv_design.unknowns import AxisQuestion, Numbers

LONG_RUN = 20_000
SHARED_PROMISES = {("tconv", "pad_begin"): 2, ("tconv", "pad_end"): 2, ("tconv", "kernel"): 1}
"""How many promises (exact, then even) a whole run keeps or breaks alike, by its kind and what varies in it."""


def count_candidates(axis: AxisQuestion | PolicyQuestion) -> int:
    """How many solutions an axis has; exact, and without listing them where the padding is in numbers."""
    if isinstance(axis, PolicyQuestion):
        return sum(1 for _ in policy_solutions(axis))
    return count_solutions(axis)


def candidates(
    axis: AxisQuestion | PolicyQuestion, is_hopeless: Callable[[Numbers, int], bool] = lambda *_: False
) -> Iterator[Numbers]:
    """The solutions of an axis that can rank first: all, but for runs longer than LONG_RUN.

    Of such a run only both ends are made: cost and size grow or shrink along it. A run is left out where
    `is_hopeless` says so of its first solution, going by the first of its promises only: as many as hold for all.
    """
    if isinstance(axis, PolicyQuestion):
        yield from policy_solutions(axis)
        return
    for run in runs(axis):
        shared = SHARED_PROMISES.get((axis.kind, Numbers._fields[run.last]), 0)
        if shared and is_hopeless(next(run.part(run.values[:1])), shared):
            continue
        if run.size <= LONG_RUN:
            yield from run.part(run.values)
        else:
            yield from run.part(run.values[: LONG_RUN // 2])
            yield from run.part(run.values[-LONG_RUN // 2 :])
