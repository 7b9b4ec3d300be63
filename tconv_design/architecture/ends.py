"""Where a network's way ends for lack of rows: the smallest input that comes through."""

from __future__ import annotations

from tconv_design.architecture.model import Architecture, Size
from tconv_design.architecture.walk import by_x, walk
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE

MAX_STEPS = 100_000  # blocks walked in search of it


def smallest_input(architecture: Architecture, size: Size, number: int) -> str:
    """The smallest input, not below `size` on any axis, that gets through block `number`; empty where none is found."""
    upto = architecture._replace(blocks=architecture.blocks[: number + 1])
    if (number + 1) * 2 * MAX_SIZE.bit_length() > MAX_STEPS:
        return ""

    def at_least(least: int) -> Size:
        return tuple(max(each, least) for each in size)

    def passes(least: int) -> bool:
        try:
            rows = list(walk(upto, at_least(least)))
        except InvalidQuestion:
            return False
        return len(rows) == number + 1 and rows[-1].out is not None

    low, high = min(size), 2 * min(size)
    while high < MAX_SIZE and not passes(high):
        low, high = high, 2 * high
    if not passes(high):
        return ""
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if passes(middle) else (middle, high)
    return f"the smallest input that passes it is {by_x(at_least(high))}"
