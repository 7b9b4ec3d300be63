"""Every layer of a box that turns `in` into `out` on one axis, exactly and without searching the last unknown.

Both formulas are one relation, `formula.remainder`, which is linear in every single symbol. So all unknowns but the
last are walked over their values (the one before the last only where the rest can still succeed), and the last is the
interval in which the remainder stays legal: 0..stride-1 for a conv, whose floor drops it, and the allowed
output_padding for a tconv, which puts it back. Such an interval is a `Run`: counted without being listed.
"""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.errors import InvalidQuestion
from tconv_design.factors import runs_over_a_factor
from tconv_design.plane import plane_size, walk_plane
from tconv_design.unknowns import SLOT, SYMBOLS, AxisQuestion, Numbers, Run, environments
from tconv_design.values import count

MAX_COMBINATIONS = 10**7
TERMS = ("pad_end", "pad_begin", "kernel", "in", "out")  # the order in which a last unknown is preferred
FACTORS = ("stride", "dilation")


def runs(question: AxisQuestion) -> Iterator[Run]:
    """Every solution exactly once, as runs. Raises InvalidQuestion where the box is too wide to count."""
    check_box(question)
    last = last_unknown(question)
    if last in FACTORS:
        return runs_over_a_factor(question, last)
    return _runs_over_a_term(question, last)


def count_solutions(question: AxisQuestion) -> int:
    """How many solutions there are, without listing them."""
    last = last_unknown(question)
    if last in FACTORS:
        return sum(count(run.values) for run in runs(question))
    check_box(question)
    before = _before_last(question)
    return sum(plane_size(question, env, last, before) for env in environments(question, last, before))


def solutions(question: AxisQuestion) -> Iterator[Numbers]:
    """Every solution once, in no particular order, made lazily."""
    for run in runs(question):
        yield from run.part(run.values)


def plain_tuples(question: AxisQuestion) -> list[tuple[int, ...]]:
    """All solutions as plain tuples in the order of `Numbers`: the fastest way to list them."""
    last, before = last_unknown(question), _before_last(question)
    if (last, before) != ("pad_begin", "kernel") or not question.symmetric:
        return list(solutions(question))
    check_box(question)
    found: list[tuple[int, ...]] = []
    for env in environments(question, last, before):
        i, o, s, d = env["in"], env["out"], env["stride"], env["dilation"]
        plane = walk_plane(question, env, last, before)
        found += [(i, o, k, s, d, p, p, base + step * p) for k, values, base, step in plane for p in values]
    return found


def last_unknown(question: AxisQuestion) -> str:
    """The symbol with the most values: the one that is not searched."""
    names = [name for name in (*TERMS, *FACTORS) if name in question.symbols]
    return max(names, key=lambda name: question.values(name).size)


def check_box(question: AxisQuestion) -> None:
    """Refuse a box too wide to count: raises InvalidQuestion naming the widest range but the last."""
    last = last_unknown(question)
    others = [name for name in question.symbols if name != last]
    combinations = 1
    for name in others:
        combinations *= question.values(name).size
    if combinations <= MAX_COMBINATIONS:
        return
    widest = max(others, key=lambda name: question.values(name).size)
    word = "padding" if widest.startswith("pad_") else widest
    raise InvalidQuestion(
        f"the unknowns but the last ({last.replace('pad_begin', 'padding')}) span {combinations} combinations, and at "
        f"most 10**7 can be counted",
        f"narrow {word}, which has {question.values(widest).size} values",
    )


def _runs_over_a_term(question: AxisQuestion, last: str) -> Iterator[Run]:
    """The last unknown is a term (a size, kernel or padding): the remainder is a line in it and in the one before."""
    before = _before_last(question)
    slot, before_slot = SLOT[last], SLOT[before]
    for env in environments(question, last, before):
        fixed = [env.get(name, 0) for name in SYMBOLS]
        for value, found, base, step in walk_plane(question, env, last, before):
            fixed[before_slot] = value
            if question.symmetric:
                fixed[-1] = fixed[-2]
            yield Run(tuple(fixed), slot, question.symmetric, found, base, step)


def _before_last(question: AxisQuestion) -> str:
    """The term with the most values but for the last unknown."""
    last = last_unknown(question)
    names = [name for name in TERMS if name in question.symbols and name != last]
    return max(names, key=lambda name: question.values(name).size)
