"""A scene as text: cells as numbers where they fit, else as characters, in any terminal and in a pipe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Mark, Scene
from tconv_design.render.lines import Line

SIGNS: dict[Mark, str] = {"": " ", "hole": "!", "weak": "-", "pin": "*", "out": "/", "bar": "#"}
MEANINGS: dict[Mark, str] = {
    "hole": "! no tap arrives",
    "weak": "- fewer taps than inside",
    "pin": "* what this picture is about",
    "out": "/ cropped away",
}
RAMP = ".:-=+*%#@"
"""From white to black."""
_MARKS = {"good": "✓ ", "bad": "✗ ", "": "· "}


def show_lines(scene: Scene, width: int) -> Iterator[Line]:
    """The scene in `width` columns, without colours."""
    yield Line(scene.title, "title")
    for frame in scene.frames:
        yield Line("")
        yield from _frame(frame, width)
    yield from notes(scene)


def notes(scene: Scene) -> Iterator[Line]:
    """What the signs mean, and the sentences below the picture."""
    marks = {cell.mark for row in _all_rows(scene) for cell in row}
    meanings = [text for mark, text in MEANINGS.items() if mark in marks]
    yield Line("")
    if meanings:
        yield Line("; ".join(meanings), "quiet")
    for note in scene.notes:
        yield Line(_MARKS[note.tone] + note.text, note.tone, 2)


def _all_rows(scene: Scene) -> Iterator[Sequence[Cell]]:
    for frame in scene.frames:
        for group in frame.groups:
            for grid in group.grids:
                yield from dict.fromkeys(grid.rows)


def _frame(frame: Frame, width: int) -> Iterator[Line]:
    for group in frame.groups:
        yield from _group(group, width)
    if frame.caption:
        yield Line(frame.caption, "quiet", 2)


def _group(group: Group, width: int) -> Iterator[Line]:
    if group.title:
        yield Line(group.title)
    for grid in group.grids:
        yield Line(grid.title, "quiet", 2)
        for text in grid_text(grid, width - 2):
            yield Line(text, "code", 2)


def grid_text(grid: Grid, width: int) -> Iterator[str]:
    """The rows of a grid; a line that is too long goes on below if it is the only one."""
    size = cell_width(grid, width)
    if not fits(grid, width):
        yield too_wide(grid, width)
        return
    texts = [[cell_text(cell, size) for cell in row] for row in grid.rows]
    across = max(width // size, 1)
    for begin in range(0, len(texts[0]), across):
        for row in texts:
            yield "".join(row[begin : begin + across]).rstrip()


def fits(grid: Grid, width: int) -> bool:
    """Whether a map has room; a single row, with its bars, goes on below."""
    return len(grid.rows[0]) <= width or any(cell.mark == "bar" for cell in grid.rows[-1]) or len(grid.rows) == 1


def too_wide(grid: Grid, width: int) -> str:
    """What stands in the place of a map without room."""
    return f"({len(grid.rows[0])} columns do not fit in {width}; --save NAME.svg draws them)"


def cell_width(grid: Grid, width: int) -> int:
    """Characters per cell: room for the longest text and its sign, or one where that is too much for the width."""
    longest = max(len(cell.text) for row in grid.rows for cell in row)
    wide = max(longest + 2, 3)
    return wide if len(grid.rows) == 1 or wide * len(grid.rows[0]) <= width else 1


def cell_text(cell: Cell, size: int) -> str:
    """The text and the sign of a cell, or its shade as one character."""
    if not cell.fill:
        return " " * size
    if size == 1:
        return cell.text if len(cell.text) == 1 else _shade(cell.fill)
    sign = SIGNS[cell.mark]
    if cell.mark == "bar":
        return f"{sign} ".rjust(size)
    return f"{cell.text or '.'}{sign}".rjust(size)


def _shade(fill: str) -> str:
    red, green, blue = (int(fill[at : at + 2], 16) for at in (1, 3, 5))
    light = (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
    return RAMP[min(int((1 - light) * len(RAMP)), len(RAMP) - 1)]
