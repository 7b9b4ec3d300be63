"""The solutions of one axis, however its padding was asked for: counted, or made lazily for ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.policies import policy_solutions
from tconv_design.question import PolicyQuestion
from tconv_design.solver import count_solutions, runs
from tconv_design.unknowns import SLOT, AxisQuestion, Numbers, Run
from tconv_design.values import clip

REACH = 10_000
"""How many solutions at either end of a long run are ranked, at least."""
SHARED_PROMISES = {("tconv", "pad_begin"): 2, ("tconv", "pad_end"): 2, ("tconv", "kernel"): 1}
"""How many promises (exact, then even) a whole run keeps or breaks alike, by its kind and what varies in it."""


def count_candidates(axis: AxisQuestion | PolicyQuestion) -> int:
    """How many solutions an axis has; exact, and without listing them where the padding is in numbers."""
    if isinstance(axis, PolicyQuestion):
        return sum(1 for _ in policy_solutions(axis))
    return count_solutions(axis)


def candidates(
    axis: AxisQuestion | PolicyQuestion,
    limit: int,
    is_hopeless: Callable[[Numbers, int], bool] = lambda *_: False,
) -> Iterator[Numbers]:
    """The solutions of an axis among which the best `limit` are: all, but for very long runs.

    A run is left out where `is_hopeless` says so of its first solution, going by the first of its promises only: as
    many as hold for all.
    """
    if isinstance(axis, PolicyQuestion):
        yield from policy_solutions(axis)
        return
    for run in runs(axis):
        shared = SHARED_PROMISES.get((axis.kind, Numbers._fields[run.last]), 0)
        if shared and is_hopeless(next(run.part(run.values[:1])), shared):
            continue
        reach = max(limit, REACH)
        if run.size <= 2 * reach:
            yield from run.part(run.values)
        else:
            for values in _worth_ranking(run, reach):
                yield from run.part(values)


def _worth_ranking(run: Run, reach: int) -> Iterator[range]:
    """Both ends of a long run, as cost and size grow or shrink along it, and what stands out between them.

    That is the one without output_padding, and the kernels that are multiples of the stride.
    """
    yield run.values[:reach]
    yield run.values[-reach:]
    between = run.values[reach:-reach]
    stride = run.fixed[SLOT["stride"]]
    even = range(0)
    if run.last == SLOT["kernel"] and between.step == 1 and stride > 1:
        even = clip(range(stride, between.stop, stride), between.start, between.stop - 1)
        yield from (even[:reach], even[reach:][-reach:])
    plain = -run.base // run.step if run.step else 0
    if run.step and run.base + run.step * plain == 0 and plain in between and plain not in even:
        yield range(plain, plain + 1)
