"""Layers of one and two axes as layers of three, which is what the algorithms compute.

The axis of a 1-D layer becomes the middle one, (1, out, 1): blocks divide planes and rows, and numbers of the last axis
lie together with those of the one before it where it has only one.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from tconv_design.layer import Axis, Layer


@lru_cache(maxsize=1024)
def volume(layer: Layer) -> Layer:
    """The layer on three axes; those that were not there have a kernel of one element."""
    return Layer(layer.kind, solid(layer.axes, Axis(1)), layer.groups, layer.in_channels, layer.out_channels)


def solid(sizes: Sequence[Any], one: Any) -> tuple[Any, Any, Any]:
    """One to three of something as three, with `one` for those that are not there."""
    if len(sizes) == 3:
        return (sizes[0], sizes[1], sizes[2])
    return (one, sizes[0], sizes[1] if len(sizes) == 2 else one)
