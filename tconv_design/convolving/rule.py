"""Which algorithm computes a layer: the one that is estimated to take least time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from tconv_design.convolving import pointwise, stamps, subpixel, windows
from tconv_design.convolving.blocks import Work
from tconv_design.formula import Kind
from tconv_design.layer import Layer

# What it takes to multiply a number, to copy one in a run, to move one by itself, and to call numpy: in nanoseconds on
# one core, but only their ratios matter. Printed by bench/deriving.py, which times every algorithm on some 60 layers.
NANOSECONDS = (0.0093, 0.11, 0.48, 4800)


class Algorithm(NamedTuple):
    """A way to compute some layers of a kind, all of three axes."""

    name: str
    kind: Kind
    applies: Callable[[Layer], bool]
    work: Callable[[Layer, tuple[int, ...], int], Work]
    compute: Callable[[Layer, np.ndarray, np.ndarray, np.ndarray], np.ndarray]


ALGORITHMS = (
    Algorithm("pointwise", "conv", pointwise.applies, pointwise.work, pointwise.conv),
    Algorithm("windows", "conv", windows.applies, windows.work, windows.conv),
    Algorithm("stamps", "conv", stamps.applies, stamps.work, stamps.conv),
    Algorithm("stamps", "tconv", stamps.applies, stamps.work, stamps.conv_transpose),
    Algorithm("subpixel", "tconv", subpixel.applies, subpixel.work, subpixel.conv_transpose),
)


@lru_cache(maxsize=1024)
def ranked(layer: Layer, in_size: tuple[int, ...], samples: int) -> tuple[tuple[Algorithm, Work], ...]:
    """The algorithms that apply, with what they take for `samples` inputs; the fastest by estimate first."""
    works = [(each, each.work(layer, in_size, samples)) for each in able(layer)]
    return tuple(sorted(works, key=lambda one: nanoseconds(one[1])))


def able(layer: Layer) -> list[Algorithm]:
    """The algorithms that apply to a layer."""
    return [each for each in ALGORITHMS if each.kind == layer.kind and each.applies(layer)]


def nanoseconds(work: Work, costs: Sequence[float] = NANOSECONDS) -> float:
    """The estimated time of some work."""
    return sum(cost * count for cost, count in zip(costs, work, strict=False))
