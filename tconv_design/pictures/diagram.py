"""A network as a diagram: a box per layer, arrows along the main path, links for the skips, and where a join fails."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tconv_design.architecture.model import INPUT, JOINS, Block
from tconv_design.architecture.report import CheckedLayer, Report
from tconv_design.architecture.walk import by_x
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.scene import Note

MOST_LAYERS = 400


class Node(NamedTuple):
    """The input (0) or a layer, counted from 1, with what comes out of it; `rows` is the longest axis of that."""

    number: int
    kind: str
    words: str
    out: str
    rows: int
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """What the node is called in text: its number and kind, and its words."""
        return " ".join(filter(None, [f"{self.number}." if self.number else "", self.kind, self.words]))


class Edge(NamedTuple):
    """A signal from one node to another; a skip says what it is cropped or padded by."""

    source: int
    target: int
    label: str = ""

    @property
    def is_skip(self) -> bool:
        """Whether it passes over other layers."""
        return self.target - self.source > 1


class Diagram(NamedTuple):
    """Nodes by number, edges by target, and what is wrong with the network as a whole."""

    title: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    notes: tuple[Note, ...]

    def to_dict(self) -> dict[str, Any]:
        """The diagram as the public JSON document has it."""
        return {
            "title": self.title,
            "nodes": [node._asdict() | {"problems": list(node.problems)} for node in self.nodes],
            "edges": [edge._asdict() for edge in self.edges],
            "notes": [note.text for note in self.notes],
        }


def diagram(report: Report) -> Diagram:
    """The diagram of a checked network. Raises InvalidQuestion for more layers than are drawn."""
    if len(report.layers) > MOST_LAYERS:
        raise InvalidQuestion(
            f"a network of {len(report.layers)} layers is too long to draw: at most {MOST_LAYERS}",
            "draw a part of the file, or list it with tconv-design check",
        )
    channels = report.architecture.channels
    first = Node(0, "input", "", f"{by_x(report.size)} x{channels}", max(report.size))
    nodes = (first, *(_node(layer) for layer in report.layers))
    edges = tuple(edge for layer in report.layers for edge in _edges(layer))
    return Diagram(report.architecture.name or "network", nodes, edges, tuple(_notes(report)))


def _node(layer: CheckedLayer) -> Node:
    block, out = layer.row.block, layer.row.out
    size = f"{by_x(out.size)} x{out.channels}" if out else "nothing"
    rows = max(out.size, default=1) if out else 1
    words = " ".join(filter(None, [repr(block.label) if block.label else "", _words(block)]))
    return Node(layer.row.number + 1, block.kind, words, size, rows, tuple(map(str, layer.problems)))


def _words(block: Block) -> str:
    window = block.window
    if window is None or block.kind in ("crop", "pad"):
        return "" if window is None else window.padding
    if block.kind in ("upsample", "pixel_shuffle"):
        return f"x{window.stride}"
    return f"k{window.kernel} s{window.stride}"


def _edges(layer: CheckedLayer) -> Iterator[Edge]:
    row = layer.row
    for place, source in enumerate(row.block.sources):
        fits = row.fits[place] if row.block.kind in JOINS and place < len(row.fits) else ()
        cut = "x".join(f"{abs(begin)}:{abs(end)}" for begin, end in fits) if any(map(any, fits)) else ""
        how = row.block.fit.how if cut and row.block.fit else ""
        yield Edge(0 if source == INPUT else source + 1, row.number + 1, f"{how} {cut}".strip())


def _notes(report: Report) -> Iterator[Note]:
    yield from (Note(str(problem), "bad") for problem in report.problems)
    if report.legal:
        yield Note(f"the nearest input sizes at which everything fits: {' and '.join(map(by_x, report.legal))}")
    if report.holds:
        yield Note("every size fits, and every claim of the file holds", "good")


def mermaid(drawn: Diagram) -> str:
    """The diagram in Mermaid's flowchart language."""
    lines = ["flowchart TD"]
    for node in drawn.nodes:
        problems = "".join(f"<br/>✗ {_quoted(problem)}" for problem in node.problems)
        lines.append(f'    n{node.number}["{_quoted(node.name)}<br/>{node.out}{problems}"]')
    for edge in drawn.edges:
        arrow = f'-. "{edge.label or "skip"}" .->' if edge.is_skip else "-->"
        lines.append(f"    n{edge.source} {arrow} n{edge.target}")
    wrong = ",".join(f"n{node.number}" for node in drawn.nodes if node.problems)
    if wrong:
        lines += ["    classDef wrong stroke:#b91c1c,stroke-width:3px", f"    class {wrong} wrong"]
    return "\n".join(lines) + "\n"


def dot(drawn: Diagram) -> str:
    """The diagram in the DOT language of Graphviz."""
    lines = [f"digraph {_string(drawn.title)} {{", "    node [shape=box];"]
    for node in drawn.nodes:
        label = "\\n".join(_escaped(part) for part in (node.name, node.out, *(f"✗ {each}" for each in node.problems)))
        wrong = ', color="#b91c1c", penwidth=3' if node.problems else ""
        lines.append(f'    n{node.number} [label="{label}"{wrong}];')
    for edge in drawn.edges:
        more = f" [style=dashed, label={_string(edge.label or 'skip')}]" if edge.is_skip else ""
        lines.append(f"    n{edge.source} -> n{edge.target}{more};")
    return "\n".join([*lines, "}"]) + "\n"


def _quoted(text: str) -> str:
    """Mermaid knows a quotation mark inside of a text, and all that is HTML, only as an entity."""
    return "".join(f"#{ord(char)};" if char in '"<>&#`[]{}|\\' else char for char in text)


def _string(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
