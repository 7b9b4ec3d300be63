"""How results look in a notebook: what the command line prints, and a picture where there is room for one."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from tconv_design.errors import InvalidQuestion
from tconv_design.render.lines import Line, solve_lines
from tconv_design.render.plain import plain_text

if TYPE_CHECKING:
    from tconv_design.answer import Answer
    from tconv_design.architecture.report import Report
    from tconv_design.solution import Solution


def solution_svg(solution: Solution) -> str | None:
    """The overlap of a layer as SVG; None where it is too large to draw."""
    from tconv_design.drawing.svg import svg
    from tconv_design.pictures.overlap import overlap_scene

    try:
        return svg(overlap_scene([solution]))
    except InvalidQuestion:
        return None


def answer_html(answer: Answer) -> str:
    """The solutions as `solve` prints them, the best one drawn below."""
    best = solution_svg(answer.solutions[0]) if answer.solutions else None
    return _pre(solve_lines(answer)) + (best or "")


def report_html(report: Report) -> str:
    """The network as `show` draws it; the text of `check` where it is too long for that."""
    from tconv_design.drawing.boxes import boxes
    from tconv_design.pictures.diagram import diagram
    from tconv_design.render.check import check_lines

    try:
        return boxes(diagram(report))
    except InvalidQuestion:
        return _pre(check_lines(report, "network", ()))


def _pre(lines: Iterable[Line]) -> str:
    return f"<pre>{escape(plain_text(lines, 'utf-8'))}</pre>"
