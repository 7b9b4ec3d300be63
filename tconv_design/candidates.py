"""The solutions of one axis, however its padding was asked for: counted, or made lazily for ranking."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.policies import policy_solutions
from tconv_design.question import PolicyQuestion
from tconv_design.solver import AxisQuestion, Numbers, count_solutions, runs

LONG_RUN = 20_000


def count_candidates(axis: AxisQuestion | PolicyQuestion) -> int:
    """How many solutions an axis has; exact, and without listing them where the padding is in numbers."""
    if isinstance(axis, PolicyQuestion):
        return sum(1 for _ in policy_solutions(axis))
    return count_solutions(axis)


def candidates(axis: AxisQuestion | PolicyQuestion) -> Iterator[Numbers]:
    """The solutions of an axis that can rank first: all, but for runs longer than LONG_RUN.

    Of such a run only both ends are made: cost and size grow or shrink along it.
    """
    if isinstance(axis, PolicyQuestion):
        yield from policy_solutions(axis)
        return
    for run in runs(axis):
        if run.size <= LONG_RUN:
            yield from run.part(run.values)
        else:
            yield from run.part(run.values[: LONG_RUN // 2])
            yield from run.part(run.values[-LONG_RUN // 2 :])
