"""Scores in lexicographic order packed into one whole number: digits of a mixed radix that no chain can overflow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from tconv_design.planning.criteria import Numbers, is_uneven, is_unplain
from tconv_design.planning.places import Place, Sizes

Part = tuple[int, int]
"""A score as (constant, factor): constant + factor * positions**ndim."""

PARTS = {"small": ("kernel", "steady", "pads")}
"""The numbers that a criterion consists of, where they are several."""


FLAGS = ("exact", "even", "plain", "layers")
"""At most 1 per layer."""


def numbers_of(rank: Sequence[str], lengths: Collection[int]) -> tuple[str, ...]:
    """The criteria as single numbers, each where it first ranks, without a number of layers that all chains share."""
    names = dict.fromkeys(part for name in rank for part in PARTS.get(name, (name,)))
    return tuple(name for name in names if name != "layers" or len(set(lengths)) > 1)


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
        return [layer_part(name, self.ndim, place, numbers, inexact) for name in self.names]


def layer_part(name: str, ndim: int, place: Place, numbers: Numbers, inexact: bool) -> Part:
    """One number of a layer that is alike on `ndim` axes."""
    taps = numbers[0] ** ndim
    if name == "exact":
        return (int(inexact), 0)
    if name == "even":
        return (int(is_uneven(numbers)), 0)
    if name == "plain":
        return (int(is_unplain(numbers)), 0)
    if name == "steady":
        return (ndim * numbers[1], 0)
    if name == "layers":
        return (1, 0)
    if name == "macs":
        return (0, taps * place.work)
    if name == "params":
        return (taps * place.weights + place.bias, 0)
    if name == "kernel":
        return (ndim * numbers[0], 0)
    return (ndim * (numbers[2] + numbers[3]), 0)


def packing(names: Sequence[str], ndim: int, chains: Sequence[tuple[Sequence[Place], Sequence[Sizes]]]) -> Packing:
    """Radices wide enough for each of the chains (their places and the sizes between)."""
    bounds = [1] * len(names)
    for places, sizes in chains:
        totals = [0] * len(bounds)
        for place, before, after in zip(places, sizes, sizes[1:], strict=False):
            if place.moves is None:
                continue
            kernel, stride, pads = place.largest()
            widest = (kernel, stride, pads, 0, 1, 2)
            position = (before if place.kind == "tconv" else after)[-1] ** ndim
            for slot, name in enumerate(names):
                constant, factor = layer_part(name, ndim, place, widest, True)
                totals[slot] += 1 if name in FLAGS else constant + factor * position
        bounds = [max(pair) for pair in zip(bounds, totals, strict=True)]
    return Packing(tuple(names), tuple(bound + 1 for bound in bounds), ndim)
