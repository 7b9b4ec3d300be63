"""Other inputs for a network that does not take its own: the smallest that comes through, the nearest that fit."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.architecture.claims import broken_claims, broken_output
from tconv_design.architecture.model import Architecture, Size
from tconv_design.architecture.walk import by_x, walk
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE

MAX_STEPS = 100_000  # blocks walked in search of it


MAX_BLOCKS = 2000  # of a network whose legal sizes are looked for


def nearest_legal(architecture: Architecture, size: Size) -> Iterator[Size]:
    """The nearest sizes below and above `size` at which nothing is wrong with the network, if they are cheap to know.

    Claims of fixed sizes are left aside.
    """
    if len(architecture.blocks) > MAX_BLOCKS:
        return
    from tconv_design.architecture.congruences import legal_sizes, without_sizes  # only what is wrong needs it

    loose = without_sizes(architecture)
    try:
        legal = [legal_sizes(loose, axis) for axis in range(loose.ndim)]
    except InvalidQuestion:
        return
    below = [each.below(rows) for each, rows in zip(legal, size, strict=True)]
    above = [each.above(rows) for each, rows in zip(legal, size, strict=True)]
    for sizes in (below, above):
        known = tuple(each for each in sizes if each is not None)
        if len(known) == len(size) and known != size and _fits(loose, known):
            yield known


def _fits(architecture: Architecture, size: Size) -> bool:
    rows = list(walk(architecture, size))
    if rows[-1].out is None or any(row.problems or broken_claims(row) for row in rows):
        return False
    return not broken_output(architecture, size, rows[-1].number, rows[-1].out)


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
