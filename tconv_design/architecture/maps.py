"""What a block's spatial map does to any size of one axis, in closed form.

A conv or pool gives floor((x + offset) / stride), with `ceil_mode` and named paddings too: these add a row from some
remainder of x on, and one step of the stride is one row more. A tconv gives stride*x + offset, but for Paddle's `same`,
whose crop depends on the remainder.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tconv_design.architecture.templates import Template


class FloorMap(NamedTuple):
    """floor((x + offset) / stride)."""

    offset: int
    stride: int


class LineMap(NamedTuple):
    """slope*x + offset."""

    slope: int
    offset: int


class PeriodicMap(NamedTuple):
    """template.out(x), which grows by slope*period when x grows by `period`."""

    template: Template
    period: int
    slope: int


class Kept(NamedTuple):
    """The x of which a pool drops nothing, or rows of its padding only: (x - first) mod stride < run."""

    first: int
    run: int
    stride: int


def size_map(template: Template) -> FloorMap | LineMap | PeriodicMap:
    """The map of a template. Raises InvalidQuestion where the dialect refuses its padding."""
    stride = template.axis.stride
    if template.kind == "conv":
        start = template.out(stride)
        step = _first(1, stride, lambda rest: template.out(stride + rest) > start)
        return FloorMap(start * stride - step, stride)
    if _varies(template):
        return PeriodicMap(template, stride, stride)
    return LineMap(stride, template.out(1) - stride)


def kept(template: Template) -> Kept:
    """Where a pool drops no row that comes in. Raises InvalidQuestion where the dialect refuses its padding."""
    stride = template.axis.stride
    if not _varies(template):
        pads = template.at(stride).pad_end
        return Kept(-template.dropped(stride) % stride, min(pads + 1, stride), stride)
    return Kept(1, _first(1, stride, lambda rest: template.dropped(rest + 1) > template.at(rest + 1).pad_end), stride)


def _varies(template: Template) -> bool:
    """Whether the padding depends on the size: all that do pad less from remainder 1 on, down to remainder 0."""
    return template.policy is not None and template.at(1) != template.at(template.axis.stride)


def _first(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The smallest number from `low` on for which a monotone condition holds, or `high`."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low
