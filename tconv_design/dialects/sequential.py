"""Modules in a row: the rows that pads add before a convolution, and that they crop after it."""

from __future__ import annotations

import re
from collections.abc import Callable

from tconv_design.dialects.call import Call, Program
from tconv_design.errors import Refused

Sides = list[tuple[int, int]]
"""(begin, end) per axis."""


def surroundings(
    program: Program, ndim: int, conv: str, pad: str, pads: Callable[[Call, int], Sides]
) -> tuple[Sides, Sides]:
    """Rows added before the convolution and rows cropped after it, per axis, in the Sequentials of a program.

    `conv` and `pad` are patterns of the names of modules, `pads` reads a pad. Raises Refused where rows are added
    after the convolution.
    """
    before, after = [(0, 0)] * ndim, [(0, 0)] * ndim
    for sequential in program.named("Sequential"):
        is_after = False
        for each in sequential.args:
            if isinstance(each, Call) and re.fullmatch(conv, each.last):
                is_after = True
            elif isinstance(each, Call) and re.fullmatch(pad, each.last):
                rows = zip(after if is_after else before, pads(each, ndim), strict=True)
                if is_after:
                    after = [(a - begin, b - end) for (a, b), (begin, end) in rows]
                else:
                    before = [(a + begin, b + end) for (a, b), (begin, end) in rows]
    if any(side < 0 for pair in after for side in pair):
        raise Refused("rows that are padded after the convolution hold no bias, so this is no layer", "pad its input")
    return before, after
