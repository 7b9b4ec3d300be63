"""Where nothing fits: the nearest change of each single parameter, of in and of out that does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

from tconv_design.candidates import candidates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.question import PolicyQuestion, Question
from tconv_design.ranking import Ranking
from tconv_design.solution import Change, Solution, build
from tconv_design.solver import runs
from tconv_design.unknowns import SLOT, AxisQuestion, Numbers, Run, field_of
from tconv_design.values import Values
from tconv_design.wording import per_axis

_PARAMETERS = ("kernel", "stride", "padding", "output_padding", "dilation")
_MOST_RUNS = 20_000
_REACH = 256


def nearest_solutions(question: Question, failing: Sequence[int], ranking: Ranking) -> tuple[Solution, ...]:
    """Solutions with one parameter changed (on every failing axis), the nearest of each; out and in both ways.

    The other axes take their best candidate. Ordered as the parameters are; empty where no single change helps.
    """
    others = {axis: _first(question, axis, ranking) for axis in range(question.ndim) if axis not in failing}
    asked = [axis.numbers for axis in question.axes]
    found = []
    for name, side in _tries():
        each = {axis: _nearest(axis, name, side, ranking) for axis in dict.fromkeys(asked[axis] for axis in failing)}
        changed = {axis: each[asked[axis]] for axis in failing}
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
    best = ranking.best(1)
    for n in candidates(question.axes[axis].numbers, 1, best.is_hopeless):
        best.offer((n,))
    return best.ordered()[0][0]


class _Loose(NamedTuple):
    """A question with one symbol set free, and what that symbol was asked to be; None: to equal the other side."""

    axis: AxisQuestion | PolicyQuestion
    symbol: str
    asked: Values | None

    def value(self, n: Numbers) -> int:
        value: int = getattr(n, field_of(self.symbol))
        return value

    def distance(self, n: Numbers) -> int:
        """How far a solution is from what was asked."""
        asked = Values.one(n.pad_begin) if self.asked is None else self.asked
        return max(asked.low - self.value(n), self.value(n) - asked.high, 0)

    def is_on_side(self, n: Numbers, side: int) -> bool:
        """Whether a solution lies below (-1) or above (1) what was asked; 0 is both, as what was asked has none."""
        if side == 0 or self.asked is None:
            return True
        return self.value(n) < self.asked.low if side < 0 else self.value(n) > self.asked.high


def _nearest(axis: AxisQuestion | PolicyQuestion, name: str, side: int, ranking: Ranking) -> Numbers | None:
    """The candidate whose `name` is nearest to what was asked, the better-ranked first."""
    for loose in _loosened(axis, name):
        pool = [n for n in _near(loose) if loose.is_on_side(n, side)]
        if pool:
            return min(pool, key=lambda n: (loose.distance(n), ranking.key((n,))))
    return None


def _loosened(axis: AxisQuestion | PolicyQuestion, name: str) -> Iterator[_Loose]:
    """The question with one parameter set free; for padding first begin = end, then the sides apart."""
    asked = _asked(axis, name)
    if isinstance(axis, PolicyQuestion):
        if name not in ("padding", "output_padding"):
            reach = MAX_SIZE if name in ("in", "out") else asked.high + _REACH
            changes: dict[str, Any] = {field_of(name): Values.between(max(1, asked.low - _REACH), reach)}
            yield _Loose(axis._replace(**changes), name, asked)
    elif name == "padding":
        yield from _loosened_padding(axis)
    elif name == "output_padding":
        if axis.kind == "tconv":
            limit = max(axis.stride.high, axis.dilation.high)
            yield _Loose(axis._replace(output_padding=Values.between(0, limit - 1)), name, asked)
    else:
        yield _Loose(axis.with_values(name, Values.between(1, MAX_SIZE)), name, asked)


def _loosened_padding(axis: AxisQuestion) -> Iterator[_Loose]:
    free, begin = Values.between(0, MAX_SIZE), axis.pad_begin
    apart = axis._replace(symmetric=False, below_kernel=())
    if not axis.symmetric:
        yield _Loose(apart._replace(pad_end=free), "pad_end", axis.pad_end)
        yield _Loose(apart._replace(pad_begin=free), "pad_begin", begin)
        return
    yield _Loose(axis._replace(pad_begin=free, below_kernel=()), "pad_begin", begin)
    if begin.size == 1:
        yield _Loose(apart._replace(pad_end=free), "pad_end", begin)
    else:
        low = Values(tuple(begin.within(begin.low, begin.low + _REACH)))
        yield _Loose(apart._replace(pad_begin=low, pad_end=free), "pad_end", None)


def _asked(axis: AxisQuestion | PolicyQuestion, name: str) -> Values:
    if name == "padding":
        return axis.pad_begin if isinstance(axis, AxisQuestion) else Values.one(0)
    values: Values | None = getattr(axis, field_of(name))
    return values or Values.one(0)


def _near(loose: _Loose) -> list[Numbers]:
    """Candidates that can be nearest, from a bounded number of runs."""
    for tried in (loose, _narrowed(loose)):
        try:
            return list(islice(_near_runs(tried), _MOST_RUNS))
        except InvalidQuestion:  # the loose box is too wide to search, or the dialect refuses it
            continue
    return []


def _narrowed(loose: _Loose) -> _Loose:
    """The symbol set free only within a reach of what was asked: for questions whose sizes are open too."""
    if isinstance(loose.axis, PolicyQuestion) or loose.asked is None:
        return loose
    free = loose.axis.values(loose.symbol)
    low, high = max(free.low, loose.asked.low - _REACH), min(free.high, loose.asked.high + _REACH)
    return loose._replace(axis=loose.axis.with_values(loose.symbol, Values.between(low, high)))


def _near_runs(loose: _Loose) -> Iterator[Numbers]:
    if isinstance(loose.axis, PolicyQuestion):
        yield from candidates(loose.axis, 1)
        return
    field = field_of(loose.symbol)
    for run in runs(loose.axis):
        if Numbers._fields[run.last] != field:
            yield from run.part(run.values[:2])
            if loose.symbol == "output_padding" and run.step and loose.asked:
                yield from _beside(run, loose.asked)
            continue
        asked = loose.asked or Values.one(run.fixed[SLOT["pad_begin"]])
        for low, high in ((0, asked.low - 1), (asked.low, asked.high), (asked.high + 1, MAX_SIZE)):
            part = run.values[max(0, low - run.values.start) : max(0, high + 1 - run.values.start)]
            yield from run.part(part[-1:] if low == 0 else part[:1])


def _beside(run: Run, asked: Values) -> Iterator[Numbers]:
    """The solutions of a run whose output_padding is nearest to what was asked, on both sides."""
    for value in (asked.low, asked.high):
        at = ((value - run.base) // run.step - run.values.start) // run.values.step
        at = min(max(at, 0), run.size - 1)
        yield from run.part(run.values[max(at - 1, 0) : at + 3])


def _change(question: Question, failing: Sequence[int], name: str, numbers: Sequence[Numbers]) -> Change:
    before = per_axis([_asked_text(question.axes[axis].numbers, name) for axis in failing])
    after = per_axis([_value_text(numbers[axis], name) for axis in failing])
    return Change(name, before, after, failing[0] if len(failing) < question.ndim else None)


def _asked_text(axis: AxisQuestion | PolicyQuestion, name: str) -> str:
    if name != "padding" or not isinstance(axis, AxisQuestion):
        return str(_asked(axis, name))
    begin = "0..K-1" if "pad_begin" in axis.below_kernel else str(axis.pad_begin)
    return begin if axis.symmetric else f"{begin}:{axis.pad_end}"


def _value_text(n: Numbers, name: str) -> str:
    if name == "padding":
        return str(n.pad_begin) if n.pad_begin == n.pad_end else f"{n.pad_begin}:{n.pad_end}"
    return str(getattr(n, field_of(name)))
