"""The receptive field of one output element of a network, on the network's input. Borders are ignored in its size."""

from __future__ import annotations

from typing import Literal

from tconv_design.architecture.model import INPUT, Architecture
from tconv_design.architecture.receptive import Field, Fields, fields
from tconv_design.architecture.templates import require_numbers
from tconv_design.architecture.walk import by_x, walk
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.common import sizes
from tconv_design.pictures.dependence import Spot, pinned, spot_in
from tconv_design.pictures.palette import INPUT as PAPER
from tconv_design.pictures.palette import PINNED
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Note, Scene, check_drawable


def field_scene(architecture: Architecture, size: Spot, pixel: Spot | None = None) -> Scene:
    """The input elements from the first to the last that output element `pixel` (None: the middle) depends on.

    Raises InvalidQuestion where the network does not go through, or its field is not known.
    """
    require_numbers(architecture)
    known: dict[int, Fields] = {INPUT: (Field(),) * architecture.ndim}
    out: Spot = size
    for row in walk(architecture, size):
        if row.out is None:
            raise InvalidQuestion(f"the network ends early: {row.problems[0]}", "see tconv-design check")
        known[row.number], out = fields(row, [known[source] for source in row.block.sources]), row.out.size
    found = known[max(known)]
    if not found or not all(found) or not out:
        raise InvalidQuestion("the output has no receptive field that is a rectangle of its input", "draw --view stack")
    check_drawable(size, "the input")
    check_drawable(out, "the output")
    spot = spot_in(pixel, out, "output")
    hulls = [field.at(at) if field else None for field, at in zip(found, spot, strict=True)]
    title = f"{architecture.name or 'network'}: what output {by_x(spot)} depends on"
    flow: Literal["across", "down"] = "down" if len(size) == 1 else "across"
    group = Group("", (_marked(size, hulls), pinned("output", out, spot)), flow)
    return Scene(title, (Frame((group,)),), (_said(hulls, size),))


def _marked(size: Spot, hulls: list[tuple[int, int] | None]) -> Grid:
    inside, outside = Cell(PINNED, "", "pin"), Cell(PAPER)
    ranges = [range(hull[0], hull[1] + 1) if hull else range(0) for hull in hulls]
    plain = (outside,) * size[-1]
    marked = tuple(inside if column in ranges[-1] else outside for column in range(size[-1]))
    if len(size) == 1:
        return Grid(f"input, {sizes(size)}", (marked,))
    return Grid(f"input, {sizes(size)}", tuple(marked if row in ranges[0] else plain for row in range(size[0])))


def _said(hulls: list[tuple[int, int] | None], size: Spot) -> Note:
    if not all(hulls):
        return Note("nothing of the input reaches it: a hole", "bad")
    rows = "x".join(str(hull[1] - hull[0] + 1) for hull in hulls if hull)
    beyond = any(hull and (hull[0] < 0 or hull[1] >= limit) for hull, limit in zip(hulls, size, strict=True))
    return Note(f"its receptive field is {rows}{', and reaches into the padding' if beyond else ''}")
