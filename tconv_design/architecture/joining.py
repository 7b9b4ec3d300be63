"""Cases of sizes at a join, and at a crop or pad to another signal's size, on one axis."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import combinations

from tconv_design.architecture.branches import Branch, Floor, Line, as_lines, equal, refined_one
from tconv_design.architecture.model import Block, Side


def joined(block: Block, axis: int, index: int, branch: Branch) -> Iterable[Branch]:
    """The part where the sizes of a join agree, with its output as a signal of its own."""
    flat = [key not in branch.signals for key in block.sources]
    if any(flat):
        return (branch,) if all(flat) else ()
    first = block.sources[0]
    if len({branch.signals[key] for key in block.sources}) == 1:
        branch.signals[index] = branch.signals[first]
        return (branch,)
    if block.fit is None:
        return _joined_as_they_are(block, index, branch)
    return _joined_by_fit(block, block.fit.sides[axis], index, branch)


def _joined_as_they_are(block: Block, index: int, branch: Branch) -> Iterator[Branch]:
    branches: Iterable[Branch] = (branch,)
    first, *others = block.sources
    for key in others:
        branches = [agreed for each in branches for agreed in _agree(each, first, key)]
    for each in branches:
        each.signals[index] = each.signals[first]
        yield each


def _agree(branch: Branch, one: int, other: int) -> Iterator[Branch]:
    """The part where two signals have the same size."""
    if branch.signals[one] == branch.signals[other]:
        yield branch
        return
    first, second = branch.signals[one], branch.signals[other]
    if isinstance(first, Floor) and isinstance(second, Floor):
        for each in as_lines(branch, one if first.divisor > second.divisor else other):
            yield from _agree(each, one, other)
    elif isinstance(first, Floor):
        yield from equal(branch, other, first)
    elif isinstance(second, Floor):
        yield from equal(branch, one, second)
    else:
        yield from _where(branch, one, other, 1, 0, 0)


def _joined_by_fit(block: Block, side: Side, index: int, branch: Branch) -> Iterator[Branch]:
    """The part where every size is cropped to the smallest, or padded to the largest, as `side` asks."""
    assert block.fit is not None
    keys = list(dict.fromkeys(block.sources))
    branches: list[Branch] = [branch]
    for key in keys:
        branches = [each for every in branches for each in as_lines(every, key)]
    for one, other in combinations(keys, 2):
        branches = [each for every in branches for each in _by_order(every, one, other)]
    for each in branches:
        n = each.smallest
        assert n is not None
        sizes = {key: each.size(key, n) for key in keys}
        cut = block.fit.how == "crop"
        target = min(keys, key=sizes.__getitem__) if cut else max(keys, key=sizes.__getitem__)
        others = [key for key in keys if sizes[key] != sizes[target]]
        yield from _all_split(each, others, target, 1 if cut else -1, side, index)


def _all_split(
    branch: Branch, others: Iterable[int], target: int, sign: int, side: Side, index: int
) -> Iterator[Branch]:
    branches: Iterable[Branch] = (branch,)
    for key in others:
        branches = [each for every in branches for each in _split(every, key, target, sign, side)]
    for each in branches:
        each.signals[index] = each.signals[target]
        yield each


def cut_like(block: Block, axis: int, index: int, branch: Branch) -> Iterator[Branch]:
    """The part where a crop or pad by `like` makes the other signal's size, with its output as a signal of its own."""
    main, target = block.sources[0], block.like
    if target is None or block.fit is None or main not in branch.signals or target not in branch.signals:
        return
    sign = 1 if block.fit.how == "crop" else -1
    for part in as_lines(branch, main):
        for each in as_lines(part, target):
            for left in _split(each, main, target, sign, block.fit.sides[axis]):
                left.signals[index] = left.signals[target]
                yield left


def _by_order(branch: Branch, one: int, other: int) -> Iterator[Branch]:
    """The parts where the first of two Lines is shorter, as long, and longer."""
    for least, most in ((None, -1), (0, 0), (1, None)):
        yield from _where(branch.copy(), one, other, 1, least, most)


def _split(branch: Branch, one: int, other: int, sign: int, side: Side) -> Iterator[Branch]:
    """The part where sign*(one - other) rows, of two Lines, can be split as `side` asks, evenly if it asks nothing."""
    if side.begin is not None and side.end is not None:
        yield from _where(branch, one, other, sign, side.begin + side.end, side.begin + side.end)
        return
    least = (side.begin or 0) + (side.end or 0)
    for each in _where(branch, one, other, sign, least, None):
        yield from _even(each, one, other) if side.begin is None and side.end is None else (each,)


def _even(branch: Branch, one: int, other: int) -> Iterator[Branch]:
    slope, offset = _difference(branch, one, other, 1)
    if slope % 2:
        half = refined_one(branch, 2, offset % 2)
        yield from (half,) if half.smallest is not None else ()
    elif offset % 2 == 0:
        yield branch


def _where(branch: Branch, one: int, other: int, sign: int, least: int | None, most: int | None) -> Iterator[Branch]:
    """The part where least <= sign*(one - other) <= most (None: no limit), of two Lines."""
    slope, offset = _difference(branch, one, other, sign)
    low, high = (None if limit is None else limit - offset for limit in (least, most))
    if slope == 0:
        yield from (branch,) if (low is None or low <= 0) and (high is None or high >= 0) else ()
        return
    if slope < 0:
        low, high = high, low
    left = branch.turns(None if low is None else -(-low // slope), None if high is None else high // slope)
    yield from () if left is None else (left,)


def _difference(branch: Branch, one: int, other: int, sign: int) -> tuple[int, int]:
    """(slope, offset) of sign*(one - other), of two Lines."""
    first, second = branch.signals[one], branch.signals[other]
    assert isinstance(first, Line)
    assert isinstance(second, Line)
    return sign * (first.slope - second.slope), sign * (first.offset - second.offset)
