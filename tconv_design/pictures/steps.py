"""The algorithm frame by frame: one value times the kernel, laid down `stride` further, overlaps added, then cropped.

A kernel of ones makes each sum readable: it is the sum of the inputs that reach the element.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod
from operator import add
from typing import Literal

from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis
from tconv_design.pictures.common import heading, notes_of, sizes
from tconv_design.pictures.palette import BLANK, INPUT, OUTSIDE, PINNED, shade
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Mark, Note, Row, Scene, check_drawable
from tconv_design.reasons import sides
from tconv_design.reasons import sizes as merged
from tconv_design.solution import Solution

MOST_FRAMES = 100
MOST_ELEMENTS = 200_000
"""Of all frames together."""
Spot = tuple[int, ...]


def steps_scene(solutions: Sequence[Solution]) -> Scene:
    """The steps of one layer. Raises InvalidQuestion for several layers, and for more steps than are drawn."""
    if len(solutions) > 1:
        raise InvalidQuestion("steps are those of one layer", "draw one after the other")
    (solution,) = solutions
    moved = solution.in_size if solution.layer.kind == "tconv" else solution.out_size
    steps = prod(moved)
    if steps > MOST_FRAMES:
        raise InvalidQuestion(f"{steps} steps are too many to draw: at most {MOST_FRAMES}", "give a smaller --in")
    canvas = _canvas(solution)
    check_drawable(canvas, "what is laid down")
    if prod(canvas) * steps > MOST_ELEMENTS:
        raise InvalidQuestion(
            f"{steps} steps of {prod(canvas)} elements are too much to draw: at most {MOST_ELEMENTS} in all",
            "give a smaller --in or kernel",
        )
    frames = _laid(solution) if solution.layer.kind == "tconv" else _slid(solution)
    ones = Note("the kernel is all ones, and the input counts 1, 2, 3, ...: each element is the sum of what reaches it")
    return Scene(f"steps of a {heading(solution)}", tuple(frames), (ones, *notes_of(solutions)))


def _canvas(solution: Solution) -> Spot:
    """All that is laid down before the crop (tconv), or the input with its padding (conv)."""
    if solution.layer.kind == "conv":
        axes = zip(solution.layer.axes, solution.in_size, strict=True)
        return tuple(axis.pad_begin + size + axis.pad_end for axis, size in axes)
    triples = zip(solution.layer.axes, solution.in_size, solution.out_size, strict=True)
    return tuple(max((n - 1) * a.stride + (a.kernel - 1) * a.dilation + 1, a.pad_begin + out) for a, n, out in triples)


def _laid(solution: Solution) -> Iterator[Frame]:
    """A tconv: each input value times the kernel, added to what lies there; then the crop."""
    canvas, sums, most = _canvas(solution), Counter[Spot](), max(_sums(solution).values())
    for number, spot in _numbered(solution.in_size):
        taps = _taps(solution.layer.axes, spot)
        for tap in taps:
            sums[tap] += number
        at = "x".join(str(row * axis.stride) for row, axis in zip(spot, solution.layer.axes, strict=True))
        caption = f"input value {number} times the kernel is laid down from row {at} on; overlaps add"
        yield _frame(solution, [spot], _values("laid down", canvas, sums, most, taps), caption)
    yield _frame(solution, (), _values("output", canvas, sums, most, (), _kept(solution)), _crop(solution))


def _slid(solution: Solution) -> Iterator[Frame]:
    """A conv: each output value is the sum of the inputs below the kernel."""
    layer, canvas = solution.layer, _canvas(solution)
    shift = tuple(axis.pad_begin for axis in layer.axes)
    values = {tuple(map(add, spot, shift)): number for number, spot in _numbered(solution.in_size)}
    windows = {spot: _taps(layer.axes, spot) for _, spot in _numbered(solution.out_size)}
    sums = {spot: sum(values.get(tap, 0) for tap in taps) for spot, taps in windows.items()}
    done: dict[Spot, int] = {}
    for spot, taps in windows.items():
        done[spot] = sums[spot]
        below = _values("input with its padding", canvas, values, len(values), taps)
        caption = f"output value {sums[spot]} is the sum of the inputs below the kernel"
        after = _values("output", solution.out_size, done, max(sums.values()), [spot])
        yield Frame((Group("", (below, after), _flow(solution)),), caption)


def _sums(solution: Solution) -> Counter[Spot]:
    sums = Counter[Spot]()
    for number, spot in _numbered(solution.in_size):
        for tap in _taps(solution.layer.axes, spot):
            sums[tap] += number
    return sums


def _numbered(size: Spot) -> Iterator[tuple[int, Spot]]:
    """The elements in order, the first being 1."""
    return enumerate(product(*map(range, size)), 1)


def _taps(axes: Sequence[Axis], spot: Spot) -> list[Spot]:
    """Where the kernel lies when it begins at `spot` times the stride."""
    pairs = zip(axes, spot, strict=True)
    return list(
        product(*([at * axis.stride + tap * axis.dilation for tap in range(axis.kernel)] for axis, at in pairs))
    )


def _kept(solution: Solution) -> Collection[Spot]:
    pairs = zip(solution.layer.axes, solution.out_size, strict=True)
    return set(product(*(range(axis.pad_begin, axis.pad_begin + out) for axis, out in pairs)))


def _crop(solution: Solution) -> str:
    layer = solution.layer
    kept = f", but output_padding {merged(layer.output_padding)} keeps rows of it" if any(layer.output_padding) else ""
    return f"padding {sides(layer.padding)} is cropped away{kept}: {sizes(solution.out_size)} is left"


def _frame(solution: Solution, pins: Collection[Spot], canvas: Grid, caption: str) -> Frame:
    numbers = {spot: number for number, spot in _numbered(solution.in_size)}
    cells = {
        spot: Cell(PINNED if spot in pins else INPUT, str(n), "pin" if spot in pins else "")
        for spot, n in numbers.items()
    }
    before = Grid(f"input, {sizes(solution.in_size)}", _rows(solution.in_size, cells))
    return Frame((Group("", (before, canvas), _flow(solution)),), caption)


def _flow(solution: Solution) -> Literal["across", "down"]:
    return "down" if len(solution.in_size) == 1 else "across"


def _values(
    title: str,
    size: Spot,
    values: Mapping[Spot, int],
    most: int,
    pins: Collection[Spot],
    kept: Collection[Spot] | None = None,
) -> Grid:
    """Values on a canvas; those outside `kept` are crossed out."""
    pinned, cells = set(pins), {}
    for spot in product(*map(range, size)):
        value = values.get(spot)
        fill = BLANK if value is None else shade(value, most)
        mark: Mark = "pin" if spot in pinned else "hole" if kept is not None and not value else ""
        cells[spot] = Cell(fill if mark != "hole" else shade(0, most), "" if value is None else str(value), mark)
        if kept is not None and spot not in kept:
            cells[spot] = Cell(OUTSIDE, cells[spot].text, "out")
    return Grid(f"{title}, {sizes(size)}", _rows(size, cells))


def _rows(size: Spot, cells: Mapping[Spot, Cell]) -> tuple[Row, ...]:
    if len(size) == 1:
        return (tuple(cells[column,] for column in range(size[0])),)
    return tuple(tuple(cells[row, column] for column in range(size[1])) for row in range(size[0]))
