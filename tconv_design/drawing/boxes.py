"""A diagram as SVG: a box per layer, as wide as its signal is long (in powers of two), skips on the right."""

from __future__ import annotations

from html import escape
from math import log2

from tconv_design.drawing.svg import FONT, SIGNS, TONES, label, number, wrapped
from tconv_design.pictures.diagram import Diagram, Edge, Node

NAMES, NARROW, STEP, HEIGHT, GAP, LANE, MARGIN = 230, 130, 26, 26, 18, 14, 16
ROW = HEIGHT + GAP
PROBLEM = 16  # pixels for a line of what is wrong


def boxes(drawn: Diagram) -> str:
    """The whole diagram."""
    widest = NARROW + STEP * log2(max(node.rows for node in drawn.nodes))
    centre = MARGIN + NAMES + widest / 2
    lanes = _lanes([edge for edge in drawn.edges if edge.is_skip])
    right = MARGIN + NAMES + widest + LANE * (max(lanes.values(), default=0) + 2)
    width = max(right + 110 * any(edge.label for edge in lanes) + MARGIN, 560.0)
    tops, bottom = _tops(drawn, width)
    body = [label(MARGIN, MARGIN + 14, drawn.title, 16, weight="600")]
    body += [_arrow(edge, tops, centre) for edge in drawn.edges if not edge.is_skip]
    body += [_skip(edge, lane, drawn, tops, centre, widest) for edge, lane in lanes.items()]
    for node in drawn.nodes:
        body += _box(node, tops[node.number], centre, width)
    for note in drawn.notes:
        for line in wrapped(f"{SIGNS[note.tone]} {note.text}", width - 2 * MARGIN, 13):
            bottom += 20
            body.append(label(MARGIN, bottom, line, 13, TONES[note.tone]))
    extent = f"{number(width)} {number(bottom + MARGIN)}"
    box = 'width="{}" height="{}" viewBox="0 0 {} {}"'.format(*extent.split() * 2)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{FONT}" role="img">'
    title = f"<title>{escape(drawn.title)}</title>"
    return "\n".join([head, title, '<rect width="100%" height="100%" fill="#fff"/>', *body, "</svg>"]) + "\n"


def _tops(drawn: Diagram, width: float) -> tuple[dict[int, float], float]:
    """Where each node's box begins, and where the last ends; what is wrong with a layer stands below its box."""
    tops, top = {}, MARGIN + 30.0
    for node in drawn.nodes:
        tops[node.number] = top
        top += ROW + PROBLEM * sum(len(wrapped(each, width - NAMES - 2 * MARGIN, 12)) for each in node.problems)
    return tops, top


def _lanes(skips: list[Edge]) -> dict[Edge, int]:
    """Skips that run beside each other get lanes of their own, the shortest the innermost."""
    lanes: dict[Edge, int] = {}
    for edge in sorted(skips, key=lambda each: each.target - each.source):
        taken = {lane for other, lane in lanes.items() if other.source < edge.target and edge.source < other.target}
        lanes[edge] = next(lane for lane in range(len(skips)) if lane not in taken)
    return lanes


def _half(node: Node) -> float:
    return (NARROW + STEP * log2(max(node.rows, 1))) / 2


def _box(node: Node, top: float, centre: float, width: float) -> list[str]:
    half, wrong = _half(node), bool(node.problems)
    stroke, thick = ("#b91c1c", 2.5) if wrong else ("#1d4ed8", 1)
    place = f'x="{number(centre - half)}" y="{number(top)}" width="{number(2 * half)}" height="{HEIGHT}" rx="4"'
    middle = f'x="{number(centre)}" y="{number(top + 17)}" font-size="12" text-anchor="middle"'
    parts = [
        f'<rect {place} fill="{"#fee2e2" if wrong else "#dbeafe"}" stroke="{stroke}" stroke-width="{thick}"/>',
        f"<text {middle}>{escape(node.out)}</text>",
        label(MARGIN, top + 17, node.name, 12),
    ]
    at = top + HEIGHT + 12
    for problem in node.problems:
        for line in wrapped(f"{SIGNS['bad']} {problem}", width - NAMES - 2 * MARGIN, 12):
            parts.append(label(MARGIN + 20, at, line, 12, TONES["bad"]))
            at += PROBLEM
    return parts


def _arrow(edge: Edge, tops: dict[int, float], centre: float) -> str:
    begin, end = tops[edge.source] + HEIGHT, tops[edge.target]
    line = f"M{number(centre)} {number(begin)}V{number(end)}m-4 -6l4 6l4 -6"
    return f'<path d="{line}" fill="none" stroke="#374151"/>'


def _skip(edge: Edge, lane: int, drawn: Diagram, tops: dict[int, float], centre: float, widest: float) -> str:
    begin, end = tops[edge.source] + HEIGHT / 2, tops[edge.target] + HEIGHT / 2
    from_, to = centre + _half(drawn.nodes[edge.source]), centre + _half(drawn.nodes[edge.target])
    turn = centre + widest / 2 + LANE * (lane + 1)
    line = f"M{number(from_)} {number(begin)}H{number(turn)}V{number(end)}H{number(to)}m6 -4l-6 4l6 4"
    path = f'<path d="{line}" fill="none" stroke="#b45309" stroke-dasharray="5 3"/>'
    return path + label(to + 9, end - 4, edge.label, 11, "#b45309") if edge.label else path
