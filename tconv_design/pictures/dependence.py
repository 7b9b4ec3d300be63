"""Which input elements make one output element, and which output elements one input element reaches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.common import heading, sizes, title_of
from tconv_design.pictures.palette import BLANK, INPUT, PINNED
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Note, Row, Scene, check_drawable
from tconv_design.pictures.taps import inputs_of, outputs_of
from tconv_design.solution import Solution
from tconv_design.wording import counted

Spot = tuple[int, ...]


def output_scene(solutions: Sequence[Solution], pixel: Spot | None = None) -> Scene:
    """The inputs of one output element (from 0 per axis; None: the middle)."""
    groups, notes = [], []
    for solution in solutions:
        _check(solution)
        spot = spot_in(pixel, solution.out_size, "output")
        axes = zip(solution.layer.axes, solution.in_size, spot, strict=True)
        reached = [Counter(inputs_of(solution.layer.kind, axis, size, row)) for axis, size, row in axes]
        grids = _counted("input", solution.in_size, reached), pinned("output", solution.out_size, spot)
        groups.append(_group(solution, grids))
        notes.append(Note(f"output {_at(spot)} is made of {_said(reached, 'input element')}"))
    return Scene(title_of("grid", solutions), (Frame(tuple(groups)),), tuple(notes))


def input_scene(solutions: Sequence[Solution], element: Spot) -> Scene:
    """The outputs that one input element (from 0 per axis) reaches."""
    groups, notes = [], []
    for solution in solutions:
        _check(solution)
        spot = spot_in(element, solution.in_size, "input")
        axes = zip(solution.layer.axes, solution.out_size, spot, strict=True)
        reached = [Counter(outputs_of(solution.layer.kind, axis, size, row)) for axis, size, row in axes]
        grids = pinned("input", solution.in_size, spot), _counted("output", solution.out_size, reached)
        groups.append(_group(solution, grids))
        notes.append(Note(f"input {_at(spot)} reaches {_said(reached, 'output element')}"))
    return Scene(title_of("grid", solutions), (Frame(tuple(groups)),), tuple(notes))


def _check(solution: Solution) -> None:
    check_drawable(solution.out_size, "the output", max(solution.layer.stride))
    check_drawable(solution.in_size, "the input")


def spot_in(given: Spot | None, size: Spot, what: str) -> Spot:
    """An element of a signal, one number for all its axes; None is the middle. Raises InvalidQuestion outside of it."""
    if given is None:
        return tuple(rows // 2 for rows in size)
    if len(given) not in (1, len(size)) or any(at >= rows for at, rows in zip(given * len(size), size, strict=False)):
        last = "x".join(str(rows - 1) for rows in size)
        raise InvalidQuestion(
            f"the {what} of {sizes(size)} has no element {'x'.join(map(str, given))}",
            f"elements count from 0 on each axis: the last is {last}",
        )
    return given * len(size) if len(given) == 1 else given


def _group(solution: Solution, grids: tuple[Grid, Grid]) -> Group:
    return Group(heading(solution), grids, "down" if len(solution.out_size) == 1 else "across")


def pinned(what: str, size: Spot, spot: Spot) -> Grid:
    """A signal with one element marked."""
    blank, pin = Cell(INPUT if what == "input" else BLANK), Cell(PINNED, "•", "pin")
    plain: Row = (blank,) * size[-1]
    marked: Row = (*plain[: spot[-1]], pin, *plain[spot[-1] + 1 :])
    rows = tuple(
        marked if len(size) == 1 or row == spot[0] else plain for row in range(size[0] if len(size) > 1 else 1)
    )
    return Grid(f"{what}, {sizes(size)}", rows)


def _counted(what: str, size: Spot, reached: Sequence[Counter[int]]) -> Grid:
    blank = Cell(INPUT if what == "input" else BLANK)
    downs = reached[0] if len(size) > 1 else Counter({0: 1})
    rows = []
    for row in range(size[0] if len(size) > 1 else 1):
        taps = [downs[row] * reached[-1][column] for column in range(size[-1])]
        rows.append(tuple(Cell(PINNED, str(each), "pin") if each else blank for each in taps))
    return Grid(f"{what}, {sizes(size)}: taps", tuple(rows))


def _at(spot: Spot) -> str:
    return "x".join(map(str, spot))


def _said(reached: Sequence[Counter[int]], what: str) -> str:
    elements = taps = 1
    for each in reached:
        elements, taps = elements * len(each), taps * each.total()
    through = "" if taps == elements else f" through {taps} taps"
    return f"{counted(elements, what)}{through}"
