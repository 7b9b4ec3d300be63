"""How many taps reach each output element: one axis as numbers, bars and links, two as a map.

Source: Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from tconv_design.pictures.common import heading, input_grid, notes_of, title_of
from tconv_design.pictures.palette import NONE, shade
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Link, Mark, Row, Scene, check_drawable
from tconv_design.pictures.taps import inputs_of, inside
from tconv_design.solution import Solution

HIGHEST_BAR = 12
MOST_LINKS = 2000


class Reached(NamedTuple):
    """Taps of each row of an axis, and those that it would have far from any border."""

    taps: tuple[int, ...]
    inside: tuple[int, ...]


def overlap_scene(solutions: Sequence[Solution]) -> Scene:
    """The overlap of one layer, or of several on one scale. Raises InvalidQuestion for what cannot be drawn."""
    for solution in solutions:
        check_drawable(solution.out_size, "the output", max(solution.layer.stride))
        check_drawable(solution.in_size, "the input")
    reached = [reached_rows(solution) for solution in solutions]
    most = max(_product_most(each) for each in reached)
    groups = tuple(_group(solution, rows, most) for solution, rows in zip(solutions, reached, strict=True))
    return Scene(title_of("overlap", solutions), (Frame(groups),), notes_of(solutions))


def reached_rows(solution: Solution) -> tuple[Reached, ...]:
    """Per axis, the taps that reach each output row."""
    kind, found = solution.layer.kind, []
    for axis, in_size, out_size in zip(solution.layer.axes, solution.in_size, solution.out_size, strict=True):
        rows = [inputs_of(kind, axis, in_size, row) for row in range(out_size)]
        period = [inside(kind, axis, row) for row in range(min(axis.stride, out_size))]
        full = tuple(period[row % axis.stride] if kind == "tconv" else period[0] for row in range(out_size))
        found.append(Reached(tuple(map(len, rows)), full))
    return tuple(found)


def _product_most(rows: Sequence[Reached]) -> int:
    return max(prod(max(each.taps) for each in rows), 1)


def _group(solution: Solution, rows: Sequence[Reached], most: int) -> Group:
    if len(rows) == 1:
        output = Grid(f"output, {solution.out_size[0]}: taps per element", _line(rows[0], most))
        return Group(heading(solution), (input_grid(solution.in_size), output), "down", _links(solution))
    output = Grid(
        f"output, {solution.out_size[0]}x{solution.out_size[1]}: taps per element", _map(rows[0], rows[1], most)
    )
    return Group(heading(solution), (input_grid(solution.in_size), output))


def _line(row: Reached, most: int) -> tuple[Row, ...]:
    """The numbers, and bars below them."""
    numbers = tuple(_cell(taps, full, most) for taps, full in zip(row.taps, row.inside, strict=True))
    if most > HIGHEST_BAR:
        return (numbers,)
    bars = (
        tuple(
            Cell(cell.fill, "", "bar") if taps >= level else Cell(NONE)
            for cell, taps in zip(numbers, row.taps, strict=True)
        )
        for level in range(1, most + 1)
    )
    return (numbers, *bars)


def _map(down: Reached, across: Reached, most: int) -> tuple[Row, ...]:
    known: dict[tuple[int, int], Row] = {}
    rows = []
    for taps, full in zip(down.taps, down.inside, strict=True):
        if (taps, full) not in known:
            pairs = zip(across.taps, across.inside, strict=True)
            known[taps, full] = tuple(_cell(taps * other, full * other_full, most) for other, other_full in pairs)
        rows.append(known[taps, full])
    return tuple(rows)


def _cell(taps: int, full: int, most: int) -> Cell:
    mark: Mark = "hole" if not taps else "weak" if taps < full else ""
    return Cell(shade(taps, most), str(taps), mark)


def _links(solution: Solution) -> tuple[Link, ...]:
    """From each input row to each output row that it reaches; none where they would be a blot."""
    (axis,) = solution.layer.axes
    found = []
    for row in range(solution.out_size[0]):
        found += [Link(each, row) for each in inputs_of(solution.layer.kind, axis, solution.in_size[0], row)]
        if len(found) > MOST_LINKS:
            return ()
    return tuple(found)
