"""What `matrix` prints: a row per backend, or tables by framework and class, then what is broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tconv_design.matrix.row import BROKEN, STATUSES, Matrix, Row, Status
from tconv_design.matrix.verdict import CLASSES
from tconv_design.render.lines import Line, Tone, code_lines, heading, marked

if TYPE_CHECKING:
    from tconv_design.matrix.defects import Defect
    from tconv_design.solution import Solution

TONES: dict[Status, Tone] = {
    "native": "good",
    "workaround": "good",
    "refuses": "",
    "wrong": "bad",
    "crashed": "bad",
    "timeout": "bad",
    "unavailable": "bad",
}
SAYS: dict[Status, str] = {
    "native": "native (one call, ran it: every value equal)",
    "workaround": "workaround (the program around the call, ran it: every value equal)",
}
Table = list[list[str]]


def layer_lines(solution: Solution, matrix: Matrix) -> Iterator[Line]:
    """One layer: a row per backend, and its program."""
    yield Line(f"{solution.layer.kind}: {heading(solution)}", "title")
    for row in matrix.rows:
        name = f"{row.backend} {matrix.versions.get(row.backend, '')}".strip()
        detail = f": {row.detail}" if row.detail else ""
        yield marked(f"{name}: {SAYS.get(row.status, row.status)}{detail}", TONES[row.status], 2)
        yield from code_lines(row.code, 6)


def grid_lines(matrix: Matrix, defects: Sequence[Defect]) -> Iterator[Line]:
    """The whole grid: counts by framework, by class, then the broken ones."""
    for title, table in tables(matrix):
        yield Line(title, "title")
        yield from (Line(text, indent=2) for text in aligned(table))
        yield Line("")
    for name, why in sorted(matrix.gaps.items()):
        yield Line(f"· {name}: {why}", "quiet")
    yield from _defect_lines(matrix, defects)


def markdown_lines(matrix: Matrix, defects: Sequence[Defect]) -> Iterator[Line]:
    """The whole grid as the published page has it."""
    versions = ", ".join(f"{name} {version}" for name, version in matrix.versions.items())
    yield Line(f"Versions: {versions}.")
    yield Line("")
    for title, table in tables(matrix):
        yield Line(f"### {title[0].upper()}{title[1:]}")
        yield Line("")
        yield from (Line(f"| {' | '.join(row)} |") for row in [table[0], ["---"] * len(table[0]), *table[1:]])
        yield Line("")
    yield Line("### What is broken")
    yield Line("")
    if not defects:
        yield Line("Nothing.")
    for defect in defects:
        yield Line(f"- {_headline(matrix, defect)}")
        if defect.program:
            yield Line("")
            yield Line("  ```python")
            yield from (Line(text, indent=2 if text else 0) for text in defect.program.splitlines())
            yield Line("  ```")
            yield Line("")


def tables(matrix: Matrix) -> Iterator[tuple[str, Table]]:
    """Title and table: outcomes by framework, in its words and in ours; native by class, tconv and conv."""
    own, ours = ([row for row in matrix.rows if (row.words is None) == is_ours] for is_ours in (False, True))
    for title, rows in (("programs in the framework's own words", own), ("layers in our words for it", ours)):
        if rows:
            yield title, _outcomes(rows)
    for kind in ("tconv", "conv"):
        rows = [row for row in own if row.words is not None and row.words.kind == kind]
        if rows:
            yield f"{kind} in its own words: native of all, by class (! some wrong, x some refused)", _classes(rows)


def _outcomes(rows: Sequence[Row]) -> Table:
    counts = Counter((row.backend, row.status) for row in rows)
    backends = list(dict.fromkeys(row.backend for row in rows))
    absent = [name for name in backends if counts[name, "unavailable"]]
    shown = [
        status for status in STATUSES if status in ("native", "refuses") or any(counts[b, status] for b in backends)
    ]
    table = [["framework", "n", *shown, "not as read"]]
    for name in backends:
        if name in absent:
            table.append([name, "not available", *[""] * len(shown), ""])
            continue
        mine = [row for row in rows if row.backend == name]
        odd = sum(not row.as_predicted for row in mine)
        table.append([name, str(len(mine)), *(str(counts[name, status]) for status in shown), str(odd)])
    return table


def _classes(rows: Sequence[Row]) -> Table:
    kinds = [kind for kind in CLASSES if any(row.kind == kind for row in rows)]
    table = [["framework", *kinds]]
    for name in dict.fromkeys(row.backend for row in rows):
        cells = (Counter(row.status for row in rows if row.backend == name and row.kind == kind) for kind in kinds)
        table.append([name, *map(_cell, cells)])
    return table


def _cell(counts: Counter[Status]) -> str:
    total = sum(counts.values())
    if not total:
        return ""
    wrong = any(counts[status] for status in BROKEN)
    marks = ("!" if wrong else "") + ("x" if counts["refuses"] else "")
    return f"{counts['native']}/{total}{marks}"


def aligned(table: Table) -> list[str]:
    """Rows as lines, the first column to the left, the rest to the right."""
    widths = [max(len(row[index]) for row in table) for index in range(len(table[0]))]
    return [
        "  ".join(f"{cell:{'<' if index == 0 else '>'}{widths[index]}}" for index, cell in enumerate(row)).rstrip()
        for row in table
    ]


def _defect_lines(matrix: Matrix, defects: Sequence[Defect]) -> Iterator[Line]:
    if not defects:
        yield Line("✓ nothing is wrong", "good")
    for defect in defects:
        yield marked(_headline(matrix, defect), "bad")
        yield from code_lines(defect.program or defect.row.code, 4)


def _headline(matrix: Matrix, defect: Defect) -> str:
    row = defect.row
    kind = row.words.kind if row.words else row.layer.kind if row.layer else ""
    name = f"{row.backend} {matrix.versions.get(row.backend, '')}".strip()
    size = f", in {'x'.join(map(str, row.in_size))}" if row.in_size else ""
    known = f" (known: {row.known})" if row.known else ""
    return f"{name}, {kind}: {row.claim}, in {defect.count} of the grid{size}: {row.detail}{known}"
