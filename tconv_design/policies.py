"""Solving an axis whose padding is a policy: the dialect's rule gives the pads, so every other unknown is walked.

`in` alone is not: out never shrinks when in grows, so the sizes that give an out are found by bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis
from tconv_design.question import PolicyQuestion
from tconv_design.solver import MAX_COMBINATIONS
from tconv_design.unknowns import Numbers
from tconv_design.values import Values


def policy_solutions(question: PolicyQuestion) -> Iterator[Numbers]:
    """Every solution once. Raises InvalidQuestion if the dialect refuses all that is asked, or the box is too wide."""
    factors = (question.kernel, question.stride, question.dilation)
    given = question.output_padding
    _check_width([*(values.size for values in factors), 1 if given is None else given.size])
    extras = _extras(question)
    refusals, refused_all = [], True
    for kernel, stride, dilation in product(*factors):
        seen: dict[Numbers, None] = {}
        for extra in extras:
            try:
                seen.update(dict.fromkeys(_solve(question, kernel, stride, dilation, extra)))
                refused_all = False
            except InvalidQuestion as refusal:
                refusals.append(refusal)
        yield from seen
    if refused_all:
        raise refusals[0]


def _extras(question: PolicyQuestion) -> Sequence[int | None]:
    """None lets the dialect choose."""
    given = question.output_padding
    return (None,) * (question.may_choose or given is None) + (() if given is None else tuple(given))


def _check_width(sizes: Sequence[int]) -> None:
    combinations = 1
    for size in sizes:
        combinations *= size
    if combinations > MAX_COMBINATIONS:
        raise InvalidQuestion(
            f"a named padding with {combinations} combinations of unknowns cannot be counted; at most 10**7 can",
            "narrow kernel or stride, or write the padding as numbers",
        )


def _solve(question: PolicyQuestion, kernel: int, stride: int, dilation: int, extra: int | None) -> Iterator[Numbers]:
    def at(in_: int) -> Iterator[Numbers]:
        for begin, end, op in question.policy(in_, kernel, stride, dilation, extra):
            if question.kind == "conv" or op < max(stride, dilation):
                out = Axis(kernel, stride, begin, end, op, dilation).out(question.kind, in_)
                yield Numbers(in_, out, kernel, stride, dilation, begin, end, op)

    for in_ in _inputs(question.in_, question.out, lambda size: next((n.out for n in at(size)), 0)):
        yield from (n for n in at(in_) if n.out in question.out)


def _inputs(sizes: Values, outs: Values, out_of: Callable[[int], int]) -> Iterator[int]:
    """The sizes whose out lies between the smallest and the largest that is asked for."""
    if sizes.size == 1:
        yield from sizes
        return
    first = _bisect(sizes, lambda size: out_of(size) >= outs.low)
    last = _bisect(sizes, lambda size: out_of(size) > outs.high)
    _check_width([last - first])
    for part in sizes.within(first, last - 1):
        yield from part


def _bisect(sizes: Values, holds: Callable[[int], bool]) -> int:
    """The smallest size for which a monotone condition holds, or one above the largest."""
    low, high = sizes.low, sizes.high + 1
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
