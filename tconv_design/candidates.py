"""The solutions of one axis, however its padding was asked for: counted, or made lazily for ranking."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.formula import Kind
from tconv_design.policies import policy_solutions
from tconv_design.question import PolicyQuestion
from tconv_design.solver import count_solutions, runs
from tconv_design.unknowns import SLOT, SYMBOLS, AxisQuestion, Numbers, Run
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

    Of these both ends are made, and what is exact, even or plain between them; where only `legal` changes in the middle
    of more than 2*REACH layers that differ in one symbol, that is not looked for.

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
            for values in _worth_ranking(axis.kind, run, reach):
                yield from run.part(values)


def _worth_ranking(kind: Kind, run: Run, reach: int) -> Iterator[range]:
    """Both ends of a long run, as cost and size grow or shrink along it, and what keeps a promise between them."""
    yield run.values[:reach]
    yield run.values[-reach:]
    between = run.values[reach:-reach]
    even = _even_kernels(kind, run, between)
    yield from (even[:reach], even[reach:][-reach:])
    for value in sorted(set(_promising(kind, run))):
        if value in between and value not in even:
            yield range(value, value + 1)


def _even_kernels(kind: Kind, run: Run, between: range) -> range:
    """The kernels of a run that are multiples of its stride."""
    stride = run.fixed[SLOT["stride"]]
    if kind == "conv" or run.last != SLOT["kernel"] or between.step > 1 or stride == 1:
        return range(0)
    return clip(range(stride, between.stop, stride), between.start, between.stop - 1)


def _promising(kind: Kind, run: Run) -> Iterator[int]:
    """The single values of a run's varying symbol at which a layer can be exact, even or plain."""
    in_, out, kernel, stride, dilation, begin, end = run.fixed
    last = SYMBOLS[run.last]
    apart = {"pad_begin": end, "pad_end": begin}
    if not run.symmetric and last in apart:
        yield apart[last]
    if run.step:
        yield -run.base // run.step  # no output_padding, if it comes out whole
    if kind == "tconv":
        yield {"out": in_ * stride, "in": out // stride, "stride": out // in_ if in_ else 0}.get(last, 0)
        if last == "stride":
            yield from (kernel // taps for taps in range(1, min(kernel, REACH) + 1) if kernel % taps == 0)
        return
    over, total = dilation * (kernel - 1), 2 * begin if run.symmetric else begin + end
    keeps = {
        "pad_begin": over // 2 if run.symmetric else over - end,
        "pad_end": over - begin,
        "kernel": total // dilation + 1 if dilation else 0,
        "dilation": total // (kernel - 1) if kernel > 1 else 0,
    }
    yield keeps.get(last, 0)
