"""Where nothing fits: the nearest change of each single parameter, of in and of out that does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from tconv_design.candidates import candidates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.question import PolicyQuestion, Question
from tconv_design.ranking import Ranking
from tconv_design.solution import Change, Solution, build
from tconv_design.solver import AxisQuestion, Numbers, runs
from tconv_design.values import Values

_PARAMETERS = ("kernel", "stride", "padding", "output_padding", "dilation")
_MOST_RUNS = 20_000
_POLICY_REACH = 64
_FIELD = {"in": "in_", "padding": "pad_begin"}


def nearest_solutions(question: Question, failing: Sequence[int], ranking: Ranking) -> tuple[Solution, ...]:
    """Solutions with one parameter changed (on every failing axis), the nearest of each; out and in both ways.

    The other axes take their best candidate. Ordered as the parameters are; empty where no single change helps.
    """
    others = {axis: _first(question, axis, ranking) for axis in range(question.ndim) if axis not in failing}
    found = []
    for name, side in _tries():
        changed = {axis: _nearest(question.axes[axis].numbers, name, side, ranking) for axis in failing}
        if all(changed.values()):
            combination = tuple({**others, **changed}[axis] for axis in range(question.ndim))
            numbers = [n for n in combination if n is not None]
            change = _change(question, failing, name, numbers)
            found.append(build(question.kind, tuple(numbers), question.groups, _channels(question), change))
    return tuple(found)


def _tries() -> Iterator[tuple[str, int]]:
    """Each parameter with the side to look at: below what was asked (-1), above (+1) or either (0)."""
    yield from (("out", -1), ("out", 1))
    yield from ((name, 0) for name in _PARAMETERS)
    yield from (("in", -1), ("in", 1))


def _channels(question: Question) -> tuple[int, int]:
    return question.in_channels, question.out_channels


def _first(question: Question, axis: int, ranking: Ranking) -> Numbers:
    one = Ranking(question.kind, 1, question.groups, ranking.criteria)
    pool = islice(candidates(question.axes[axis].numbers), _MOST_RUNS)
    return min(pool, key=lambda n: one.key((n,)))


def _nearest(axis: AxisQuestion | PolicyQuestion, name: str, side: int, ranking: Ranking) -> Numbers | None:
    """The candidate whose `name` is nearest to what was asked, the better-ranked first."""
    one = Ranking(ranking.kind, 1, ranking.groups, ranking.criteria)
    best, best_key = None, None
    for relaxed in _relaxed(axis, name):
        for n in _near(relaxed, name, _asked(axis, name), side):
            key = (_distance(_asked(axis, name), _value(n, name)), one.key((n,)))
            if best_key is None or key < best_key:
                best, best_key = n, key
        if best is not None:
            return best
    return None


def _asked(axis: AxisQuestion | PolicyQuestion, name: str) -> Values:
    if name == "padding":
        return axis.pad_begin if isinstance(axis, AxisQuestion) else Values.one(0)
    values = axis.in_ if name == "in" else getattr(axis, name)
    return values or Values.one(0)


def _value(n: Numbers, name: str) -> int:
    if name == "padding":
        return max(n.pad_begin, n.pad_end)
    return getattr(n, _FIELD.get(name, name))  # type: ignore[no-any-return]


def _distance(asked: Values, value: int) -> int:
    return max(asked.low - value, value - asked.high, 0)


def _relaxed(axis: AxisQuestion | PolicyQuestion, name: str) -> Iterator[AxisQuestion | PolicyQuestion]:
    """The question with one parameter set free; for padding first begin = end, then each side alone."""
    if isinstance(axis, PolicyQuestion):
        yield from _relaxed_policy(axis, name)
        return
    if name == "padding":
        free = Values.between(0, MAX_SIZE)
        if axis.symmetric:
            yield axis._replace(pad_begin=free, below_kernel=())
            axis = axis._replace(pad_begin=Values.one(axis.pad_begin.low), pad_end=Values.one(axis.pad_begin.low))
        axis = axis._replace(symmetric=False, below_kernel=())
        yield axis._replace(pad_end=free)
        yield axis._replace(pad_begin=free)
    elif name == "output_padding":
        if axis.kind == "tconv":
            yield axis._replace(output_padding=Values.between(0, max(axis.stride.high, axis.dilation.high) - 1))
    else:
        yield axis.with_values(name, Values.between(1, MAX_SIZE))


def _relaxed_policy(axis: PolicyQuestion, name: str) -> Iterator[PolicyQuestion]:
    if name in ("padding", "output_padding"):
        return
    asked = _asked(axis, name)
    reach = MAX_SIZE if name in ("in", "out") else asked.high + _POLICY_REACH
    changes: dict[str, Any] = {_FIELD.get(name, name): Values.between(max(1, asked.low - _POLICY_REACH), reach)}
    yield axis._replace(**changes)


def _near(axis: AxisQuestion | PolicyQuestion, name: str, asked: Values, side: int) -> Iterable[Numbers]:
    """Candidates that can be nearest on a side, from a bounded number of runs."""
    try:
        pool = list(islice(_near_runs(axis, name, asked), _MOST_RUNS))
    except InvalidQuestion:  # the relaxed box is too wide to search, or the dialect refuses it
        return []
    return [n for n in pool if _on_side(asked, _value(n, name), side)]


def _on_side(asked: Values, value: int, side: int) -> bool:
    return value < asked.low if side < 0 else value > asked.high if side > 0 else value not in asked


def _near_runs(axis: AxisQuestion | PolicyQuestion, name: str, asked: Values) -> Iterator[Numbers]:
    if isinstance(axis, PolicyQuestion):
        yield from candidates(axis)
        return
    field = "pad_end" if name == "padding" and not axis.symmetric and axis.pad_end.size > 1 else _FIELD.get(name, name)
    for run in runs(axis):
        if Numbers._fields[run.last] != field:
            yield from run.part(run.values[:2])
            continue
        for low, high in ((0, asked.low - 1), (asked.high + 1, MAX_SIZE)):
            part = run.values[max(0, low - run.values.start) : max(0, high + 1 - run.values.start)]
            yield from run.part(part[-1:] if low == 0 else part[:1])


def _change(question: Question, failing: Sequence[int], name: str, numbers: Sequence[Numbers]) -> Change:
    before = _joined([_asked_text(question.axes[axis].numbers, name) for axis in failing])
    after = _joined([_value_text(numbers[axis], name) for axis in failing])
    return Change(name, before, after, failing[0] if len(failing) < question.ndim else None)


def _asked_text(axis: AxisQuestion | PolicyQuestion, name: str) -> str:
    if name != "padding" or not isinstance(axis, AxisQuestion):
        return str(_asked(axis, name))
    begin = "0..K-1" if "pad_begin" in axis.below_kernel else str(axis.pad_begin)
    return begin if axis.symmetric else f"{begin}:{axis.pad_end}"


def _value_text(n: Numbers, name: str) -> str:
    if name == "padding":
        return str(n.pad_begin) if n.pad_begin == n.pad_end else f"{n.pad_begin}:{n.pad_end}"
    return str(_value(n, name))


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)
