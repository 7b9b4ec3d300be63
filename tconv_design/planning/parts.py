"""Layers whose axes are chosen one by one: what an axis may be, and what a layer comes to so far."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tconv_design.planning.criteria import Numbers, is_uneven, is_unplain
from tconv_design.planning.members import Bucket, Moves, Shape, axis_words

Vector = tuple[int, ...]


class Group(NamedTuple):
    """Members of a bucket that keep the same promises and that the same words say."""

    shape: Shape
    inexact: bool
    uneven: bool
    unplain: bool
    words: int
    members: tuple[Numbers, ...]


class Part(NamedTuple):
    """A layer of which some axes are chosen."""

    exact: int = 0
    even: int = 0
    plain: int = 0
    steady: int = 0
    kernel: int = 0
    pads: int = 0
    work: int = 1
    taps: int = 1
    words: int = -1

    def grown(self, group: Group, numbers: Numbers, positions: int) -> Part:
        """The layer with one more axis."""
        return Part(
            self.exact | group.inexact,
            self.even | group.uneven,
            self.plain | group.unplain,
            self.steady + numbers[1],
            self.kernel + numbers[0],
            self.pads + numbers[2] + numbers[3],
            self.work * positions * numbers[0],
            self.taps * numbers[0],
            self.words & group.words,
        )


@cache
def groups(moves: Moves, ndim: int, channel_groups: int) -> tuple[Group, ...]:
    """The buckets of one axis, each in groups that keep the same promises and have the same words."""
    return tuple(group for bucket in moves.buckets for group in _groups(moves, bucket, ndim, channel_groups))


def _groups(moves: Moves, bucket: Bucket, ndim: int, channel_groups: int) -> Iterator[Group]:
    found: dict[tuple[bool, bool, int], list[Numbers]] = {}
    for numbers in bucket.members:
        said = axis_words(moves.kind, numbers, bucket.shape, ndim, channel_groups)
        found.setdefault((is_uneven(numbers), is_unplain(numbers), said), []).append(numbers)
    for (uneven, unplain, said), members in found.items():
        yield Group(bucket.shape, bucket.inexact, uneven, unplain, said, tuple(members))
