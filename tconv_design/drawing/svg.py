"""A scene as SVG 1.1, written small: cells of one colour are one rectangle, equal rows are drawn once.

Lengths are in pixels. The same text gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from textwrap import wrap
from typing import NamedTuple

from tconv_design.pictures.palette import ink
from tconv_design.pictures.scene import Cell, Frame, Grid, Group, Row, Scene

FONT = "system-ui,sans-serif"
WIDTH = 1100
LARGEST, SMALLEST, BORDERED = 30, 2, 8
MARGIN, GAP, LINE = 16, 24, 20
LETTER = 0.56  # of a letter's height: about the mean width of a sans-serif letter
MARKS = {"hole": "#dc2626", "weak": "#b45309", "pin": "#111827", "out": "#6b7280"}
TONES = {"": "#374151", "good": "#15803d", "bad": "#b91c1c"}
HALO = 'stroke="#fff" stroke-width="3" paint-order="stroke" xml:space="preserve"'
SIGNS = {"": "·", "good": "✓", "bad": "✗"}


class Part(NamedTuple):
    """A piece of a drawing with its extent."""

    body: str
    width: float
    height: float


def svg(scene: Scene) -> str:
    """The whole scene: all its frames, as many beside each other as fit, and the notes."""
    unit = unit_of(scene)
    frames = [_frame(frame, unit, at) for at, frame in enumerate(scene.frames)]
    strip = _strip(frames)
    return _document(scene, strip)


def frame_svgs(scene: Scene) -> list[str]:
    """Each frame of an animation, with title and notes, all of the same extent."""
    unit = unit_of(scene)
    parts = [_frame(frame, unit, at) for at, frame in enumerate(scene.frames)]
    width, height = max(part.width for part in parts), max(part.height for part in parts)
    return [_document(scene, Part(part.body, width, height)) for part in parts]


def unit_of(scene: Scene) -> int:
    """The side of a cell: one for all grids, so that they are on one scale."""
    widest = max(_frame_columns(frame) for frame in scene.frames)
    return max(SMALLEST, min(LARGEST, (WIDTH - 2 * MARGIN) // max(widest, 1)))


def _frame_columns(frame: Frame) -> int:
    columns = [_columns(group) for group in frame.groups]
    return sum(columns) + 2 * (len(columns) - 1) if _beside(frame) else max(columns)


def _beside(frame: Frame) -> bool:
    """Whether layers stand beside each other: maps do, signals of one axis are compared one below the other."""
    return all(group.flow == "across" for group in frame.groups)


def _columns(group: Group) -> int:
    columns = [len(grid.rows[0]) for grid in group.grids]
    return max(columns) if group.flow == "down" else sum(columns) + 2 * (len(columns) - 1)


def _document(scene: Scene, part: Part) -> str:
    width = max(part.width + 2 * MARGIN, 480, _length(scene.title, 16) + 2 * MARGIN)
    notes = list(_notes(scene, width - 2 * MARGIN))
    top = MARGIN + 1.6 * LINE
    height = top + part.height + len(notes) * LINE + MARGIN
    lines = [
        label(MARGIN, MARGIN + 14, scene.title, 16, weight="600"),
        f'<g transform="translate({MARGIN} {number(top)})">',
        part.body,
        "</g>",
    ]
    lines += [label(MARGIN, top + part.height + LINE * (at + 0.8), *note) for at, note in enumerate(notes)]
    box = f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{FONT}" role="img">'
    named = f"<title>{escape(scene.title)}</title>"
    return "\n".join([head, named, '<rect width="100%" height="100%" fill="#fff"/>', *lines, "</svg>"]) + "\n"


def _notes(scene: Scene, width: float) -> Iterator[tuple[str, int, str]]:
    for note in scene.notes:
        first = f"{SIGNS[note.tone]} "
        for line in wrap(note.text, max(int(width / (13 * LETTER)) - 2, 20)):
            yield first + line, 13, TONES[note.tone]
            first = "   "


def _strip(frames: Sequence[Part]) -> Part:
    width, height = max(frame.width for frame in frames), max(frame.height for frame in frames)
    across = max(1, min(len(frames), int((WIDTH + GAP) // (width + GAP))))
    places = (((at % across) * (width + GAP), (at // across) * (height + GAP)) for at in range(len(frames)))
    body = [
        f'<g transform="translate({number(x)} {number(y)})">{frame.body}</g>'
        for (x, y), frame in zip(places, frames, strict=True)
    ]
    down = -(-len(frames) // across)
    return Part("\n".join(body), across * (width + GAP) - GAP, down * (height + GAP) - GAP)


def _frame(frame: Frame, unit: int, place: int) -> Part:
    parts = [_group(group, unit, f"{place}-{at}-") for at, group in enumerate(frame.groups)]
    body, left, top, width, bottom = [], 0.0, 0.0, 0.0, 0.0
    for part in parts:
        body.append(f'<g transform="translate({number(left)} {number(top)})">{part.body}</g>')
        width, bottom = max(width, left + part.width), max(bottom, top + part.height + GAP / 2)
        if _beside(frame):
            left += part.width + 2 * GAP
        else:
            top = bottom
    top = bottom
    if frame.caption:
        for line in wrap(frame.caption, max(int(width / (12 * LETTER)), 24)):
            body.append(label(0, top + 8, line, 12))
            top += 16
    return Part("\n".join(body), width, top)


def _group(group: Group, unit: int, key: str) -> Part:
    left, top, width, places = 0.0, 0.0, _length(group.title, 13), []
    body = []
    if group.title:
        body, top = [label(0, 13, group.title, 13, weight="600")], 1.3 * LINE
    for at, grid in enumerate(group.grids):
        part = _grid(grid, unit, f"{key}{at}")
        places.append((left, top, part))
        body.append(f'<g transform="translate({number(left)} {number(top)})">{part.body}</g>')
        if group.flow == "down":
            top += part.height + GAP * (2 if group.links else 0.6)
        else:
            left += part.width + GAP
        width = max(width, places[-1][0] + part.width)
    if group.links:
        body.insert(0, _links(group, unit, places))
    return Part("\n".join(body), width, max(y + part.height for _, y, part in places))


def _links(group: Group, unit: int, places: Sequence[tuple[float, float, Part]]) -> str:
    begin, end = places[0][1] + places[0][2].height, places[1][1] + LINE
    lines = (
        f"M{number((link.first + 0.5) * unit)} {number(begin)}L{number((link.second + 0.5) * unit)} {number(end)}"
        for link in group.links
    )
    return f'<path d="{"".join(lines)}" stroke="#9ca3af" fill="none"/>'


def _grid(grid: Grid, unit: int, key: str) -> Part:
    """The title above the cells; rows that are equal refer to the first of them."""
    known: dict[Row, str] = {}
    body = [label(0, 12, grid.title, 12)]
    for at, row in enumerate(grid.rows):
        name, y = known.get(row), LINE + at * unit
        if name:
            body.append(f'<use href="#{name}" y="{at * unit - int(name.rpartition("-")[2]) * unit}"/>')
            continue
        known[row] = name = f"r{key}-{at}"
        body.append(f'<g id="{name}">{"".join(_row(row, unit, y))}</g>')
    columns, rows = len(grid.rows[0]), len(grid.rows)
    if unit < BORDERED:
        body.append(f'<rect y="{LINE}" width="{columns * unit}" height="{rows * unit}" fill="none" stroke="#9ca3af"/>')
    return Part("".join(body), max(columns * unit, _length(grid.title, 12)), LINE + rows * unit)


def _row(row: Row, unit: int, y: int) -> Iterator[str]:
    left = 0
    for fill, run in groupby(row, key=lambda cell: cell.fill):
        cells = list(run)
        if fill:
            yield f'<path d="M{left * unit} {y}h{len(cells) * unit}v{unit}h-{len(cells) * unit}z" fill="{fill}"/>'
        left += len(cells)
    if unit < BORDERED:
        return
    lines = "".join(f"M{at * unit} {y}h{unit}v{unit}h-{unit}z" for at, cell in enumerate(row) if cell.fill)
    if lines:
        yield f'<path d="{lines}" fill="none" stroke="#6b7280" stroke-width=".5"/>'
    for at, cell in enumerate(row):
        yield from _mark(cell, at * unit, y, unit)
        if cell.text and len(cell.text) * _height(unit) * LETTER <= unit - 1:
            yield _label(cell, (at + 0.5) * unit, y + unit / 2, unit)


def _label(cell: Cell, x: float, y: float, unit: int) -> str:
    size = _height(unit)
    at = f'x="{number(x)}" y="{number(y + size * 0.36)}" font-size="{size}"'
    return f'<text {at} text-anchor="middle" fill="{ink(cell.fill)}">{escape(cell.text)}</text>'


def _mark(cell: Cell, x: int, y: int, unit: int) -> Iterator[str]:
    """Holes have a cross, weak cells a broken border, pinned ones a thick one, cropped ones a stroke."""
    if cell.mark in ("", "bar"):
        return
    colour, inner = MARKS[cell.mark], unit - 3
    if cell.mark in ("hole", "out"):
        second = f"M{x + unit - 3} {y + 3}l-{unit - 6} {unit - 6}" if cell.mark == "hole" else ""
        yield f'<path d="M{x + 3} {y + 3}l{unit - 6} {unit - 6}{second}" stroke="{colour}" stroke-opacity=".7"/>'
        return
    dash = ' stroke-dasharray="3 2"' if cell.mark == "weak" else ""
    box = f'x="{x + 1.5}" y="{y + 1.5}" width="{inner}" height="{inner}"'
    yield f'<rect {box} fill="none" stroke="{colour}" stroke-width="1.5"{dash}/>'


def _height(unit: int) -> int:
    return max(7, min(13, unit // 2))


def label(x: float, y: float, text: str, size: int, colour: str = "#111827", weight: str = "") -> str:
    """A line of text at its baseline, readable over lines."""
    heavy = f' font-weight="{weight}"' if weight else ""
    return (
        f'<text x="{number(x)}" y="{number(y)}" font-size="{size}" fill="{colour}"{heavy} {HALO}>{escape(text)}</text>'
    )


def wrapped(text: str, width: float, size: int) -> list[str]:
    """A sentence in lines of about `width` pixels."""
    return wrap(text, max(int(width / (size * LETTER)), 24))


def _length(text: str, size: int) -> float:
    return len(text) * size * LETTER


def number(value: float) -> str:
    """A length, to a tenth of a pixel."""
    return f"{value:.1f}".removesuffix(".0")
