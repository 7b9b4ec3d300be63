"""Where one input element lands: the impulse responses of layers on one scale, so that a shift of one row is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis
from tconv_design.pictures.common import heading, sizes, title_of
from tconv_design.pictures.palette import BLANK, PINNED
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Note, Scene, check_drawable
from tconv_design.pictures.taps import check_taps
from tconv_design.solution import Solution


def phase_scene(solutions: Sequence[Solution], names: Sequence[str] = ()) -> Scene:
    """The taps of the middle input's impulse, numbered from 1, in each layer's output; `names` say whose they are.

    Raises InvalidQuestion for fewer than two layers, and for layers of different inputs.
    """
    if len(solutions) < 2:
        raise InvalidQuestion(
            "phase sets two layers beside each other, and there is one",
            "ask for two, as in --dialect torch,keras or --limit 2",
        )
    if len({solution.in_size for solution in solutions}) > 1:
        raise InvalidQuestion("phase needs layers of one input size", "give one --in")
    titles = [*names, *[""] * len(solutions)]
    groups = [_group(*pair) for pair in zip(solutions, titles, strict=False)]
    notes = [_shift(solutions[0], solution, number) for number, solution in enumerate(solutions[1:], 2)]
    return Scene(title_of("phase", solutions), (Frame(tuple(groups)),), tuple(notes))


def landing(solution: Solution) -> tuple[tuple[int | None, ...], ...]:
    """Per axis and output row, the number (from 1) of the tap through which the middle input arrives, or None."""
    found = []
    for axis, in_size, out in zip(solution.layer.axes, solution.in_size, solution.out_size, strict=True):
        check_taps(axis)
        taps = {_row(solution, axis, in_size // 2, tap): tap + 1 for tap in range(axis.kernel)}
        found.append(tuple(taps.get(row) for row in range(out)))
    return tuple(found)


def _row(solution: Solution, axis: Axis, row: int, tap: int) -> int | None:
    offset = tap * axis.dilation - axis.pad_begin
    if solution.layer.kind == "tconv":
        return row * axis.stride + offset
    place, rest = divmod(row - offset, axis.stride)
    return None if rest else place


def _group(solution: Solution, name: str) -> Group:
    check_drawable(solution.out_size, "the output", max(solution.layer.stride))
    check_drawable(solution.in_size, "the input")
    taps = landing(solution)
    downs = taps[0] if len(taps) > 1 else (1,)
    rows = tuple(tuple(_cell(down, across, len(taps)) for across in taps[-1]) for down in downs)
    flow: Literal["across", "down"] = "across" if len(taps) > 1 else "down"
    title = f"{name}: {heading(solution)}" if name else heading(solution)
    return Group(title, (Grid(f"output, {sizes(solution.out_size)}: taps of one input", rows),), flow)


def _cell(down: int | None, across: int | None, axes: int) -> Cell:
    if down is None or across is None:
        return Cell(BLANK)
    return Cell(PINNED, str(across) if axes == 1 else f"{down},{across}", "pin")


def _shift(first: Solution, other: Solution, number: int) -> Note:
    if first.layer.kind != other.layer.kind or first.layer.stride != other.layer.stride:
        return Note(
            f"layer {number} has another kind or stride than layer 1: their responses differ in more than place"
        )
    if first.layer.kernel != other.layer.kernel or first.layer.dilation != other.layer.dilation:
        return Note(f"layer {number} has another kernel than layer 1: compare where tap 1 lands")
    sign = 1 if first.layer.kind == "tconv" else -1
    rows = [a.pad_begin - b.pad_begin for a, b in zip(first.layer.axes, other.layer.axes, strict=True)]
    if not any(rows):
        return Note(f"layer {number} lays its values exactly where layer 1 does", "good")
    what = "output" if sign == 1 else "input"
    shifts = "x".join(f"{sign * each:+d}" for each in rows)
    return Note(f"layer {number} is shifted by {shifts} {what} rows against layer 1: equal shapes, other values", "bad")
