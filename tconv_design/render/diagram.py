"""A network's diagram as text: a line per layer with its size, where skips come from, and what is wrong."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.pictures.diagram import Diagram, Node
from tconv_design.render.lines import Line

_MARKS = {"good": "✓ ", "bad": "✗ ", "": "· "}
BAR = 24
"""Characters of the longest signal's bar; the others are shorter in the same proportion of powers of two."""


def diagram_lines(drawn: Diagram, width: int) -> Iterator[Line]:
    """The diagram in `width` columns; the bars are left out where they have no room."""
    yield Line(drawn.title, "title")
    names = [
        f"{node.number or '':>{len(str(len(drawn.nodes)))}} {node.kind} {node.words}".rstrip() for node in drawn.nodes
    ]
    name_width, out_width = max(map(len, names)), max(len(node.out) for node in drawn.nodes)
    longest = max(node.rows for node in drawn.nodes).bit_length()
    for node, name in zip(drawn.nodes, names, strict=True):
        text = f"{name.ljust(name_width)}  {node.out.ljust(out_width)}"
        skips = _skips(drawn, node)
        if len(text) + 2 + BAR + len(skips) <= width:
            text += f"  {'#' * (BAR * node.rows.bit_length() // longest)}".ljust(BAR + 2)
        yield Line(f"{text}{skips}".rstrip())
        for problem in node.problems:
            yield Line(f"✗ {problem}", "bad", 4)
    yield Line("")
    for note in drawn.notes:
        yield Line(_MARKS[note.tone] + note.text, note.tone)


def _skips(drawn: Diagram, node: Node) -> str:
    edges = (edge for edge in drawn.edges if edge.target == node.number and edge.is_skip)
    said = (f"{edge.source or 'input'}{f' ({edge.label})' * bool(edge.label)}" for edge in edges)
    text = ", ".join(said)
    return f"  <- {text}" if text else ""
