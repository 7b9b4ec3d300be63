"""Which sizes a network takes on all its axes, the nearest ones to a given size, and how to get there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.claims import broken_claims, broken_output
from tconv_design.architecture.congruences import Legal, legal_sizes, without_sizes
from tconv_design.architecture.flat import sized_claims
from tconv_design.architecture.model import Architecture, Size, title
from tconv_design.architecture.templates import require_numbers
from tconv_design.architecture.walk import walk

PerAxis = tuple[int | None, ...]
Rows = tuple[tuple[int, int], ...]


class Nearest(NamedTuple):
    """The legal sizes next to `size`, per axis: at most as large, and at least; None where there is none.

    `crop` and `pad` are the (begin, end) rows per axis that get there, split evenly, the odd row at the end; None, as
    `out_below` and `out_above`, where an axis has no such size.
    """

    size: Size
    below: PerAxis
    above: PerAxis
    crop: Rows | None
    pad: Rows | None
    out_below: Size | None
    out_above: Size | None

    def to_dict(self, apart: bool) -> dict[str, Any]:
        """The public JSON document's `nearest`: a number for all axes, or where they are `apart` one per axis."""
        return {
            "below": list(self.below) if apart else self.below[0],
            "above": list(self.above) if apart else self.above[0],
            "crop": None if self.crop is None else [list(pair) for pair in self.crop],
            "pad": None if self.pad is None else [list(pair) for pair in self.pad],
            "out_below": None if self.out_below is None else list(self.out_below),
            "out_above": None if self.out_above is None else list(self.out_above),
        }


class Sizes(NamedTuple):
    """Every legal size per axis, and the nearest to a given size, if one is; `why` there is none, else empty."""

    axes: tuple[Legal, ...]
    why: str
    nearest: Nearest | None

    @property
    def apart(self) -> bool:
        """Whether axes differ, in their sizes or in the one that is given."""
        return len({each.classes for each in self.axes}) > 1 or (
            self.nearest is not None and len(set(self.nearest.size)) > 1
        )

    def to_list(self) -> list[Any]:
        """The public JSON document's `legal`: the congruences, or where axes differ a list of them per axis."""
        rows = [[each.to_dict() for each in axis.classes] for axis in self.axes]
        return rows if self.apart else rows[0]


class Answer(NamedTuple):
    """What `sizes` answers: with all claims and, if some fix a size, without those; and what was taken for granted."""

    legal: Sizes
    without_sizes: Sizes | None
    notes: tuple[str, ...] = ()


def sizes_of(architecture: Architecture) -> Answer:
    """The sizes that a network takes, and those next to its own if it has one.

    Raises InvalidQuestion for unknowns, and for networks whose sizes fall into too many cases.
    """
    require_numbers(architecture)
    free = without_sizes(architecture)
    notes = tuple(
        f"{_owner(architecture, claim.block)} claims {claim.features} features, which is about all axes together; "
        f"it was read as the size {_sides(architecture, claim.block)} before the flatten"
        for claim in sized_claims(architecture, 0)
        if claim.tied
    )
    return Answer(_sizes(architecture), None if free == architecture else _sizes(free), notes)


def _owner(architecture: Architecture, index: int) -> str:
    return title(architecture.blocks[index], index) if index < len(architecture.blocks) else "the output"


def _sides(architecture: Architecture, index: int) -> str:
    claims = [sized_claims(architecture, axis) for axis in range(architecture.ndim)]
    return "x".join(str(claim.size) for every in claims for claim in every if claim.block == index)


def _sizes(architecture: Architecture) -> Sizes:
    axes = tuple(legal_sizes(architecture, axis) for axis in range(architecture.ndim))
    why = next((_on_axis(each.why, axis, axes) for axis, each in enumerate(axes) if each.why), "")
    why = why or _elsewhere(architecture, axes)
    if why:
        axes = tuple(each if each.why else Legal((), why) for each in axes) if _is_elsewhere(axes) else axes
    return Sizes(axes, why, None if architecture.size is None else _nearest(architecture, axes, architecture.size))


def _is_elsewhere(axes: Sequence[Legal]) -> bool:
    return not any(each.why for each in axes)


def _on_axis(why: str, axis: int, axes: Sequence[Legal]) -> str:
    return why if all(each.why == why for each in axes) else f"axis {axis + 1}: {why}"


def _elsewhere(architecture: Architecture, axes: Sequence[Legal]) -> str:
    """What is wrong at every size: channels, and what else a layer asks for; the smallest sizes tell."""
    smallest = tuple(min(each.first for each in axis.classes) for axis in axes)
    row = None
    for row in walk(architecture, smallest):
        found = [str(problem) for problem in row.problems] + [each.message for each in broken_claims(row)]
        if found:
            return f"{title(row.block, row.number)}: {found[0]}"
    if row is None or row.out is None:
        return ""
    return next((each.message for each in broken_output(architecture, smallest, row.number, row.out)), "")


def _nearest(architecture: Architecture, axes: Sequence[Legal], size: Size) -> Nearest:
    below = tuple(axis.below(rows) for axis, rows in zip(axes, size, strict=True))
    above = tuple(axis.above(rows) for axis, rows in zip(axes, size, strict=True))
    crop = [None if found is None else _evenly(rows - found) for rows, found in zip(size, below, strict=True)]
    pad = [None if found is None else _evenly(found - rows) for rows, found in zip(size, above, strict=True)]
    return Nearest(size, below, above, _whole(crop), _whole(pad), _out(architecture, below), _out(architecture, above))


def _evenly(rows: int) -> tuple[int, int]:
    return rows // 2, rows - rows // 2


def _whole(rows: Sequence[tuple[int, int] | None]) -> Rows | None:
    known = tuple(pair for pair in rows if pair is not None)
    return known if len(known) == len(rows) else None


def _out(architecture: Architecture, size: PerAxis) -> Size | None:
    """The output's size; None where an axis has no size, and empty for a flat output."""
    known = tuple(rows for rows in size if rows is not None)
    if len(known) < len(size):
        return None
    outs = [row.out for row in walk(architecture, known)]
    return None if outs[-1] is None else outs[-1].size
