"""Modules in a row: the rows that pads add directly before a convolution, and that they crop directly after it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from tconv_design.dialects.call import Call, Opaque, Program
from tconv_design.errors import Refused

Sides = list[tuple[int, int]]
"""(begin, end) per axis."""


def surroundings(
    program: Program, call: Call, ndim: int, conv: str, pad: str, pads: Callable[[Call, int], Sides]
) -> tuple[Sides, Sides]:
    """Rows added before a convolution and rows cropped after it, per axis, in the Sequential that it stands in.

    `conv` and `pad` are patterns of the names of modules, `pads` reads a pad. What stands beyond another module is no
    part of the layer, and pads before the next convolution are that one's. Raises Refused where rows are added after
    the convolution.
    """
    earlier, later = neighbours(program, call)
    before = _total(map(pads, _adjacent(earlier, pad), _forever(ndim)), ndim)
    beside = list(_adjacent(later, pad))
    beyond = later[len(beside) :]
    if beyond and isinstance(beyond[0], Call) and re.fullmatch(conv, beyond[0].last):
        return before, [(0, 0)] * ndim
    after = [(-begin, -end) for begin, end in _total(map(pads, beside, _forever(ndim)), ndim)]
    if any(side < 0 for pair in after for side in pair):
        raise Refused("rows that are padded after the convolution hold no bias, so this is no layer", "pad its input")
    return before, after


def neighbours(program: Program, call: Call) -> tuple[Sequence[Any], Sequence[Any]]:
    """What stands before a module in its Sequential, the nearest first, and what stands after it."""
    for sequential in program.named("Sequential"):
        modules = sequential.args
        if len(modules) == 1 and isinstance(modules[0], tuple) and not isinstance(modules[0], Call | Opaque):
            modules = modules[0]
        if call in modules:
            place = modules.index(call)
            return modules[:place][::-1], modules[place + 1 :]
    return (), ()


def _adjacent(modules: Iterable[Any], pattern: str) -> Iterator[Call]:
    for each in modules:
        if not isinstance(each, Call) or not re.fullmatch(pattern, each.last):
            return
        yield each


def _total(rows: Iterable[Sides], ndim: int) -> Sides:
    total = [(0, 0)] * ndim
    for each in rows:
        total = [(a + begin, b + end) for (a, b), (begin, end) in zip(total, each, strict=True)]
    return total


def _forever(ndim: int) -> Iterator[int]:
    while True:
        yield ndim
