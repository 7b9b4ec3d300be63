"""Scores in lexicographic order packed into one whole number: digits of a mixed radix that no chain can overflow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tconv_design.planning.criteria import Numbers, is_uneven, is_unplain
from tconv_design.planning.places import Place, Sizes

Part = tuple[int, int]
"""A score as (constant, factor): constant + factor * positions**ndim."""

PARTS = {"small": 3}
"""How many numbers a criterion has, where it is not one."""


class Packing(NamedTuple):
    """The criteria and their radices. `ndim` axes are all alike: a layer counts for all of them."""

    names: tuple[str, ...]
    radices: tuple[int, ...]
    ndim: int

    @property
    def infinite(self) -> int:
        """More than any chain's score."""
        total = 1
        for radix in self.radices:
            total *= radix
        return total

    def cost(self, place: Place, numbers: Numbers, inexact: bool) -> Part:
        """What a layer adds to the packed score: (constant, factor of its positions)."""
        constant = factor = 0
        for radix, (one, other) in zip(self.radices, self._parts(place, numbers, inexact), strict=True):
            constant = constant * radix + one
            factor = factor * radix + other
        return constant, factor

    def unpack(self, packed: int) -> tuple[int, ...]:
        """The scores that were packed, in order."""
        digits = []
        for radix in reversed(self.radices):
            packed, digit = divmod(packed, radix)
            digits.append(digit)
        return tuple(reversed(digits))

    def _parts(self, place: Place, numbers: Numbers, inexact: bool) -> list[Part]:
        return [part for name in self.names for part in layer_parts(name, self.ndim, place, numbers, inexact)]


def layer_parts(name: str, ndim: int, place: Place, numbers: Numbers, inexact: bool) -> tuple[Part, ...]:
    """The numbers of one criterion of a layer that is alike on `ndim` axes."""
    taps = numbers[0] ** ndim
    if name == "exact":
        return ((int(inexact), 0),)
    if name == "even":
        return ((int(is_uneven(numbers)), 0),)
    if name == "plain":
        return ((int(is_unplain(numbers)), 0),)
    if name == "steady":
        return ((ndim * numbers[1], 0),)
    if name == "layers":
        return ((1, 0),)
    if name == "macs":
        return ((0, taps * place.work),)
    if name == "params":
        return ((taps * place.weights + place.bias, 0),)
    if name == "kernel":
        return ((ndim * numbers[0], 0),)
    if name == "pads":
        return ((ndim * (numbers[2] + numbers[3]), 0),)
    return ((ndim * numbers[0], 0), (ndim * numbers[1], 0), (ndim * (numbers[2] + numbers[3]), 0))


def packing(names: Sequence[str], ndim: int, chains: Sequence[tuple[Sequence[Place], Sequence[Sizes]]]) -> Packing:
    """Radices wide enough for each of the chains (their places and the sizes between)."""
    bounds = [1] * sum(PARTS.get(name, 1) for name in names)
    for places, sizes in chains:
        totals = [0] * len(bounds)
        for place, before, after in zip(places, sizes, sizes[1:], strict=False):
            if place.moves is None:
                continue
            kernel, stride, pads = place.largest()
            widest = (kernel, stride, pads, 0, 1, 2)
            position = (before if place.kind == "tconv" else after)[-1] ** ndim
            parts = [part for name in names for part in layer_parts(name, ndim, place, widest, True)]
            flags = {"exact", "even", "plain", "layers"}
            each = [name in flags for name in names for _ in range(PARTS.get(name, 1))]
            for slot, (constant, factor) in enumerate(parts):
                totals[slot] += 1 if each[slot] else constant + factor * position
        bounds = [max(pair) for pair in zip(bounds, totals, strict=True)]
    return Packing(tuple(names), tuple(bound + 1 for bound in bounds), ndim)
