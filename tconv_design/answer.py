"""Solve a question: count everything in the box, show the best, and where nothing fits say why and what would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

from tconv_design.candidates import candidates, count_candidates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.question import SIZES, AxisAsked, Question
from tconv_design.ranking import CRITERIA, Combination, Ranking
from tconv_design.solution import Solution, build
from tconv_design.solver import runs
from tconv_design.unknowns import AxisQuestion, Numbers, field_of
from tconv_design.values import Values
from tconv_design.wording import per_axis

MOST_EQUAL = 20_000
"""Up to twice as many solutions that differ in one symbol only are compared across axes."""
_SIZE_NAMES = ("in", "out")


@dataclass(frozen=True, slots=True)
class Answer:
    """What `solve` found. `count` is all there are in `box`; `solutions` the best of them, as many as were asked for.

    With no solution, `why` says the reason in numbers and `nearest` holds solutions with one change each.
    """

    kind: Kind
    query: dict[str, Any]
    box: dict[str, str]
    count: int
    solutions: tuple[Solution, ...]
    nearest: tuple[Solution, ...] = ()
    why: str = ""
    complete: bool = True

    def to_dict(self) -> dict[str, Any]:
        """The answer as the public JSON document has it."""
        return {
            "query": self.query,
            "box": self.box,
            "count": self.count,
            "complete": self.complete,
            "solutions": [solution.to_dict() for solution in self.solutions],
            "nearest": [solution.to_dict() for solution in self.nearest],
            "why": self.why,
        }

    def _repr_html_(self) -> str:
        from tconv_design.notebook import answer_html  # only here: a notebook asks for it

        return answer_html(self)


def answer(question: Question, *, rank: Sequence[str] = CRITERIA, limit: int = 10) -> Answer:
    """Solve a question. Raises InvalidQuestion or InvalidLayer where it is wrong rather than unanswerable."""
    if not isinstance(limit, int) or limit < 0:
        raise InvalidQuestion(f"limit must be a whole number from 0 on, got {limit!r}")
    limit = min(limit, MAX_SIZE)  # islice counts no further
    asked, question = question, question._replace(axes=tuple(_widened(axis) for axis in question.axes))
    ranking = Ranking(question.kind, question.ndim, question.groups, rank)
    each = {axis.numbers: count_candidates(axis.numbers) for axis in dict.fromkeys(question.axes)}
    counts = [each[axis.numbers] for axis in question.axes]
    box = box_text(question)
    if not all(counts):
        from tconv_design.nearest import nearest_solutions  # only here: start-up is felt on every call
        from tconv_design.why import why_none

        failing = [axis for axis, count in enumerate(counts) if not count]
        why = why_none(question, failing)
        # what fails is relaxed from what was asked; the other axes keep the solutions that they have
        axes = (asked.axes[axis] if axis in failing else solved for axis, solved in enumerate(question.axes))
        nearest = nearest_solutions(question._replace(axes=tuple(axes)), failing, ranking)
        return Answer(question.kind, question.query, box, 0, (), nearest, why)
    count, found = _solutions(question, ranking, counts, limit)
    if not count:
        return _untied(question, ranking, box, limit)
    channels = (question.in_channels, question.out_channels)
    solutions = tuple(build(question.kind, combination, question.groups, channels) for combination in found)
    return Answer(question.kind, question.query, box, count, solutions)


def _widened(axis: AxisAsked) -> AxisAsked:
    """A single unknown needs no search, so no box: it may be any number, unless infinitely many fit."""
    if axis.boxed != axis.unknown or len(axis.unknown) != 1 or not isinstance(axis.numbers, AxisQuestion):
        return axis
    name = axis.unknown[0]
    symbol, least = ("pad_begin", 0) if name == "padding" else (name, 1)
    if name == "padding" and not axis.numbers.symmetric:
        return axis
    wide = axis.numbers.with_values(symbol, Values.between(least, MAX_SIZE))._replace(below_kernel=())
    if any(run.values[0] < run.values[-1] == MAX_SIZE for run in runs(wide)):
        return axis
    return AxisAsked(wide, axis.unknown)


def _solutions(
    question: Question, ranking: Ranking, counts: Sequence[int], limit: int
) -> tuple[int, list[Combination]]:
    """How many there are, and the best of them: those equal on all axes first."""
    shared = _shared(question)
    if question.ndim > 1 and not shared:
        axes = [candidates(axis.numbers, limit) for axis in question.axes]
        return prod(counts), list(ranking.best_products(axes, limit, lambda _: False))
    equal_count = counts[0] if _isotropic(question) else sum(1 for _ in _equal(question, shared))
    equal = _best_equal(question, shared, ranking, limit) if limit else []
    count = equal_count if question.tied else prod(counts)
    if question.tied or len(equal) == limit or equal_count == count:
        return count, equal
    axes = [candidates(axis.numbers, limit) for axis in question.axes]
    # the best `limit` hold at most all that are equal, and those are in already
    rest = ranking.best_products(axes, limit, lambda combination: _is_equal(combination, shared))
    return count, (equal + list(rest))[:limit]


def _best_equal(question: Question, shared: Sequence[str], ranking: Ranking, limit: int) -> list[Combination]:
    best = ranking.best(limit)
    if _isotropic(question):
        for n in candidates(question.axes[0].numbers, limit, best.is_hopeless):
            best.offer((n,) * question.ndim)
    else:
        for combination in _equal(question, shared):
            best.offer(combination)
    return best.ordered()


def _isotropic(question: Question) -> bool:
    return all(axis == question.axes[0] for axis in question.axes)


def _shared(question: Question) -> tuple[str, ...]:
    """The unknowns that are the same on an axis as on the next when a solution is equal on all axes.

    Sizes belong to them only where everything known is the same on all axes.
    """
    unknown = {name for axis in question.axes for name in axis.unknown}
    if "padding" in unknown:
        unknown = unknown - {"padding"} | {"pad_begin", "pad_end"}
    if not _isotropic(question):
        unknown -= set(_SIZE_NAMES)
    elif not unknown:
        unknown = {"kernel"}
    return tuple(field_of(name) for name in sorted(unknown))


def _equal(question: Question, shared: Sequence[str]) -> Iterator[Combination]:
    """The combinations that are equal on all axes, of axes that are asked about differently."""
    first, *others = (axis.numbers for axis in question.axes)
    pools: list[dict[tuple[int, ...], list[Numbers]]] = []
    for other in others:
        pool: dict[tuple[int, ...], list[Numbers]] = {}
        for n in candidates(other, MOST_EQUAL):
            pool.setdefault(tuple(getattr(n, name) for name in shared), []).append(n)
        pools.append(pool)
    for n in candidates(first, MOST_EQUAL):
        key = tuple(getattr(n, name) for name in shared)
        yield from product([n], *(pool.get(key, ()) for pool in pools))


def _is_equal(combination: Combination, shared: Sequence[str]) -> bool:
    first = combination[0]
    return all(getattr(n, name) == getattr(first, name) for n in combination[1:] for name in shared)


def _untied(question: Question, ranking: Ranking, box: dict[str, str], limit: int) -> Answer:
    free = answer(question._replace(tied=False), rank=ranking.criteria, limit=min(limit, 3))
    others = f"{free.count} is" if free.count == 1 else f"{free.count} are"
    why = f"no solution is the same on all axes, but {others} if every axis may differ; drop --tied to see them"
    return Answer(question.kind, question.query, box, 0, (), free.solutions, why)


def box_text(question: Question) -> dict[str, str]:
    """The part of the box that each unknown was searched in, in the grammar of the command line.

    A size that was left open is no part of it: it follows from the rest.
    """
    names = dict.fromkeys(name for axis in question.axes for name in axis.unknown if not _follows(axis, name))
    texts = {}
    for name in names:
        parts = [_box_of(axis, name) for axis in question.axes]
        texts[name] = per_axis(parts)
    return texts


def _follows(axis: AxisAsked, name: str) -> bool:
    return name in _SIZE_NAMES and getattr(axis.numbers, field_of(name)) == SIZES


def _box_of(axis: AxisAsked, name: str) -> str:
    numbers = axis.numbers
    if name == "padding" and isinstance(numbers, AxisQuestion):
        sides = ("pad_begin",) if numbers.symmetric else ("pad_begin", "pad_end")
        return ":".join("0..K-1" if side in numbers.below_kernel else str(numbers.values(side)) for side in sides)
    if name == "output_padding":
        limit = max(numbers.stride.high, numbers.dilation.high)
        return str(Values(tuple((numbers.output_padding or Values.one(0)).within(0, limit - 1))))
    return str(getattr(numbers, field_of(name)))
