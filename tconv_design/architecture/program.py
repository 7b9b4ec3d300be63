"""A checked network as work for backends: its distinct layers, or the whole as a program of steps."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.architecture.model import JOINS, POOLS, Size
from tconv_design.architecture.walk import Row
from tconv_design.layer import Layer
from tconv_design.steps import Op, Pooling, Sides, Step

_OPS: dict[str, Op] = {
    "max_pool": "max",
    "avg_pool": "sum",
    "pixel_shuffle": "pixel_shuffle",
    "flatten": "reshape",
    "unflatten": "reshape",
    "linear": "linear",
    "concat": "concat",
    "add": "add",
    "crop": "trim",
    "pad": "trim",
}


def distinct_layers(rows: Sequence[Row]) -> dict[tuple[Layer, Size], list[int]]:
    """Every layer with its input size, once, in order, and the numbers (from 0) of the blocks that are it."""
    found: dict[tuple[Layer, Size], list[int]] = {}
    for row in rows:
        layer = row.layer
        if layer:
            found.setdefault((layer, row.in_.size), []).append(row.number)
    return found


def program(rows: Sequence[Row]) -> tuple[Step, ...]:
    """The steps of a walk that came to its end, one per block."""
    return tuple(map(_step, rows))


def _step(row: Row) -> Step:
    block, kind = row.block, row.block.kind
    assert row.out is not None
    out = (row.out.channels, *row.out.size)
    if kind in ("conv", "tconv"):
        return Step("layer", block.sources[:1], out, layer=row.layer)
    if kind in POOLS:
        pooling = tuple(Pooling(axis.kernel, axis.stride, axis.pad_begin, axis.dilation) for axis in row.axes)
        return Step(_OPS[kind], block.sources[:1], out, pooling=pooling)
    if kind in ("upsample", "pixel_shuffle"):
        scale = tuple(axis.stride for axis in row.axes)
        repeats = all(axis.kernel == axis.stride for axis in row.axes)
        return Step(_OPS.get(kind, "repeat" if repeats else "interpolate"), block.sources[:1], out, scale=scale)
    sources = block.sources if kind in JOINS else block.sources[:1]
    return Step(_OPS[kind], sources, out, sides=_sides(row))


def _sides(row: Row) -> tuple[Sides, ...]:
    """The rows taken off each source, negative where zeros are added."""
    if row.block.kind in JOINS:
        return row.fits or ((),) * len(row.block.sources)
    if row.fits or not row.axes:
        return row.fits
    sign = 1 if row.block.kind == "crop" else -1
    return (tuple((sign * axis.pad_begin, sign * axis.end) for axis in row.axes),)
