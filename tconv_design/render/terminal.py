"""Lines on a terminal: wrapped at its width, in colour unless NO_COLOR or --no-color says otherwise."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal, TextIO

from rich.console import Console
from rich.text import Text

from tconv_design.render.lines import Line
from tconv_design.render.plain import plain_text

STYLES = {"": "", "title": "bold", "good": "green", "bad": "red", "quiet": "dim", "code": "cyan"}
MARKS = ("✓ ", "✗ ", "· ")
NARROWEST = 16  # characters of text left beside the indent, however narrow the terminal


def on_terminal(lines: Iterable[Line], stream: TextIO, no_color: bool) -> None:
    """Print the lines; long ones wrap under their own beginning."""
    system: Literal["auto"] | None = None if no_color or os.environ.get("NO_COLOR") else "auto"
    console = Console(file=stream, color_system=system, highlight=False, markup=False, emoji=False)
    page = Text()
    for line in lines:
        text = plain_text([Line(line.text)], stream.encoding).rstrip("\n")
        mark, body = (text[:2], text[2:]) if line.text[:2] in MARKS else ("", text)
        beginning = " " * line.indent + mark
        width = max(console.width - len(beginning), NARROWEST)
        for part in Text(body).wrap(console, width, overflow="fold") or [Text()]:
            page.append(f"{beginning}{part.plain}\n", STYLES[line.tone])
            beginning = " " * len(beginning)
    console.print(page, end="", soft_wrap=True)
