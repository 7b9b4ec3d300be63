"""Joins on the way of a chain, as maps of its size, where the size of what is joined is known."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.layer import Axis

TOO_LONG = 2 * MAX_SIZE
"""No size: a map that must not shrink has no smaller one to give above the sizes that it refuses."""


class JoinMap(NamedTuple):
    """What a concat, an add, or a crop or pad by `like` makes of one axis, beside a signal of `other` rows.

    `how`: both must be `equal`; the larger is cropped, or the smaller padded, evenly (`crop`, `pad`); or the signal
    itself is brought `to` the other's size by cropping or padding (`crop to`, `pad to`).
    """

    how: Literal["equal", "crop", "pad", "crop to", "pad to"]
    other: int
    kind: Kind = "conv"

    @property
    def axis(self) -> Axis:
        """As a layer it changes nothing."""
        return Axis(1)

    def at(self, in_: int) -> Axis:
        """As a layer it changes nothing."""
        return Axis(1)

    def out(self, in_: int) -> int:
        """The size behind the join, never less for a larger input; below 1 or far too large where it cannot be made."""
        if self.how == "crop":
            return min(in_, self.other)
        if self.how == "pad":
            return max(in_, self.other)
        if in_ == self.other:
            return in_
        if in_ < self.other:
            return self.other if self.how == "pad to" else 0
        return self.other if self.how == "crop to" else TOO_LONG
