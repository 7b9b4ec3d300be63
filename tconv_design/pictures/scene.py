"""A picture as plain data: frames of grids of cells, the links between them, and what is to be read below."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from tconv_design.errors import InvalidQuestion

Mark = Literal["", "hole", "weak", "pin", "out", "bar"]
"""hole: no tap arrives; weak: fewer taps than inside; pin: what the frame is about; out: cropped; bar: of a bar."""
Tone = Literal["", "good", "bad"]

MOST_ROWS = 512
MOST_CELLS = 40_000
"""Cells of a grid that are drawn one by one; equal rows are drawn once."""


class Cell(NamedTuple):
    """One element: its colour as #rrggbb, what is written in it, and what it stands out by."""

    fill: str
    text: str = ""
    mark: Mark = ""


Row = tuple[Cell, ...]


class Grid(NamedTuple):
    """Elements in rows and columns; a signal of one axis is one row."""

    title: str
    rows: tuple[Row, ...]


class Link(NamedTuple):
    """From a column of a group's first grid to one of its second."""

    first: int
    second: int


class Group(NamedTuple):
    """The grids of one layer, beside each other or one below the other, on the scale of the whole scene."""

    title: str
    grids: tuple[Grid, ...]
    flow: Literal["across", "down"] = "across"
    links: tuple[Link, ...] = ()


class Frame(NamedTuple):
    """What is seen at once."""

    groups: tuple[Group, ...]
    caption: str = ""


class Note(NamedTuple):
    """A sentence below the picture."""

    text: str
    tone: Tone = ""


class Scene(NamedTuple):
    """A picture of one frame, or an animation of several."""

    title: str
    frames: tuple[Frame, ...]
    notes: tuple[Note, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The scene as the public JSON document has it: cells as [fill, text, mark]."""
        frames = [
            {"caption": frame.caption, "groups": [_group_dict(group) for group in frame.groups]}
            for frame in self.frames
        ]
        return {"title": self.title, "frames": frames, "notes": [note.text for note in self.notes]}


def _group_dict(group: Group) -> dict[str, Any]:
    grids = [{"title": grid.title, "rows": [[list(cell) for cell in row] for row in grid.rows]} for grid in group.grids]
    return {"title": group.title, "grids": grids, "links": [list(link) for link in group.links]}


def check_drawable(size: tuple[int, ...], what: str, stride: int = 1) -> None:
    """Raises InvalidQuestion for what no picture has room for."""
    if len(size) > 2:
        raise InvalidQuestion(
            f"a picture has one axis or two, and {what} has {len(size)}",
            "draw one axis after the other: each is a layer",
        )
    if max(size) > MOST_ROWS:
        fix = f"the pattern repeats every {stride} rows: give a smaller --in" if stride > 1 else "give a smaller --in"
        shown = "x".join(map(str, size))
        raise InvalidQuestion(f"{what}, {shown}, is too large to draw: at most {MOST_ROWS} rows an axis fit", fix)
