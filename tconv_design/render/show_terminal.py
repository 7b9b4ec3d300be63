"""A scene on a terminal with colours: numbers on coloured cells, or half blocks where there is no room for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, zip_longest
from typing import TextIO

from rich.console import Console
from rich.style import Style
from rich.text import Text

from tconv_design.pictures.palette import ink
from tconv_design.pictures.scene import Cell, Grid, Group, Scene
from tconv_design.render.lines import Line
from tconv_design.render.show import cell_text, cell_width, fits, notes, too_wide
from tconv_design.render.terminal import on_terminal

HALF = "▀"


def show_on_terminal(scene: Scene, stream: TextIO) -> None:
    """Print the scene in colour; beside each other what fits."""
    console = Console(file=stream, highlight=False, markup=False, emoji=False)
    on_terminal([Line(scene.title, "title")], stream, False)
    for frame in scene.frames:
        console.print()
        for group in frame.groups:
            for text in _group(group, console.width):
                console.print(text, soft_wrap=True)
        if frame.caption:
            on_terminal([Line(frame.caption, "quiet", 2)], stream, False)
    on_terminal(notes(scene), stream, False)


def _group(group: Group, width: int) -> Iterator[Text]:
    if group.title:
        yield Text(group.title)
    blocks = [[Text(grid.title, "dim"), *_grid(grid, width - 2)] for grid in group.grids]
    widths = [max(text.cell_len for text in block) for block in blocks]
    if group.flow == "across" and sum(widths) + 3 * len(widths) <= width:
        for row in zip_longest(*blocks, fillvalue=Text("")):
            line = Text("  ")
            for text, wide in zip(row, widths, strict=True):
                line += text + Text(" " * (wide - text.cell_len + 3))
            line.rstrip()
            yield line
        return
    for block in blocks:
        yield from (Text("  ") + text for text in block)


def _grid(grid: Grid, width: int) -> Iterator[Text]:
    size = cell_width(grid, width)
    if not fits(grid, width):
        yield Text(too_wide(grid, width))
        return
    across = max(width // size, 1)
    for begin in range(0, len(grid.rows[0]), across):
        rows = [row[begin : begin + across] for row in grid.rows]
        if size > 1:
            yield from (_runs([(cell_text(cell, size), _style(cell)) for cell in row]) for row in rows)
            continue
        for at in range(0, len(rows), 2):
            yield _halves(rows[at], rows[at + 1] if at + 1 < len(rows) else ())


def _halves(upper: Sequence[Cell], lower: Sequence[Cell]) -> Text:
    pairs = zip_longest(upper, lower, fillvalue=Cell(""))
    return _runs([(HALF, Style(color=top.fill or None, bgcolor=low.fill or None)) for top, low in pairs])


def _runs(parts: Sequence[tuple[str, Style]]) -> Text:
    """The parts as one line; what is alike beside each other is coloured once."""
    runs = groupby(parts, key=lambda part: part[1])
    return Text.assemble(*(("".join(text for text, _ in run), style) for style, run in runs))


def _style(cell: Cell) -> Style:
    if not cell.fill:
        return Style()
    return Style(color=ink(cell.fill), bgcolor=cell.fill, bold=cell.mark == "pin", strike=cell.mark == "out")
