"""An architecture file as cases: its convolutions one by one, and the overlap of all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tconv_design.architecture.ends import nearest_legal
from tconv_design.architecture.model import Architecture, Size, title
from tconv_design.architecture.patterns import Patterns
from tconv_design.architecture.stacked import StackedOverlap, stacked_overlap
from tconv_design.architecture.templates import require_numbers
from tconv_design.architecture.walk import Row, walk
from tconv_design.linting.case import Case
from tconv_design.linting.finding import Finding, Place
from tconv_design.linting.overlaps import VISIBLE
from tconv_design.linting.rules import STACKED, findings
from tconv_design.linting.silence import silenced
from tconv_design.overlap import overlap

OPEN = 256
"""Rows of the input of a network that leaves its size open, or the nearest size that it takes."""


def of_network(
    architecture: Architecture, text: str, file: str, in_size: Sequence[int] | None, targets: Sequence[str]
) -> tuple[list[Finding], str]:
    """The findings of a network, and a remark on what was not reached (may be empty).

    `text` is the file's, whose comments silence. Raises InvalidQuestion for a network with unknowns.
    """
    require_numbers(architecture)
    size = _size(architecture, in_size)
    rows = list(walk(architecture, size))
    stacks = _stacks(architecture, rows)
    found = [*_of_layers(rows, stacks, file, targets), *_of_stack(rows, stacks, file)]
    ended = rows and rows[-1].out is None
    remark = f"{file}: {title(rows[-1].block, rows[-1].number)} and what follows is not reached" if ended else ""
    spans = _spans(architecture, text)
    return [each for each in found if not silenced(spans.get(each.place.line, ()), each.rule)], remark


def _size(architecture: Architecture, given: Sequence[int] | None) -> Size:
    size = tuple(given) if given is not None else architecture.size
    if size is not None:
        return size * architecture.ndim if len(size) == 1 else size
    guess = (OPEN,) * architecture.ndim
    return next(nearest_legal(architecture, guess), guess)


def _stacks(architecture: Architecture, rows: Iterable[Row]) -> list[StackedOverlap | None]:
    """The overlap of all layers up to each row that has an output."""
    patterns = Patterns(architecture)
    return [stacked_overlap(patterns.after(row)[1]) for row in rows if row.out is not None]


def _of_layers(
    rows: Sequence[Row], stacks: Sequence[StackedOverlap | None], file: str, targets: Sequence[str]
) -> Iterator[Finding]:
    for row in rows:
        if row.layer is None:
            continue
        for finding in findings(Case(row.layer, row.in_.size), _place(row, file), targets):
            is_checkerboard = finding.rule == "uneven-overlap"
            yield _evened(finding) if is_checkerboard and _is_evened(row, rows, stacks) else finding


def _is_evened(row: Row, rows: Sequence[Row], stacks: Sequence[StackedOverlap | None]) -> bool:
    """Whether everything that reads a layer leaves no unevenness: a blur whose kernel the stride divides."""
    readers = list(_readers(row.number, rows[: len(stacks)]))
    return bool(readers) and all((stack := stacks[number]) is not None and stack.uniform for number in readers)


def _readers(number: int, rows: Sequence[Row]) -> Iterator[int]:
    """The rows that read a row's output, through pads and crops, which leave every element as it is."""
    waiting = {number}
    for row in rows[number + 1 :]:
        if waiting & {*row.block.sources}:
            if row.block.kind in ("pad", "crop"):
                waiting.add(row.number)
            else:
                yield row.number


def _evened(finding: Finding) -> Finding:
    return finding._replace(severity="note", message=f"{finding.message}; the layer behind it evens it out")


def _of_stack(rows: Sequence[Row], stacks: Sequence[StackedOverlap | None], file: str) -> Iterator[Finding]:
    """The layer up to which several uneven layers make most of it, where that is more than any of them alone."""
    worst, uneven = 1.0, 0
    reached: tuple[float, Row] | None = None
    for row, stack in zip(rows, stacks, strict=False):
        own = overlap(row.layer, row.out.size) if row.layer and row.out else None
        if own is not None and not own.uniform and own.ratio is not None:
            worst, uneven = max(worst, own.ratio), uneven + 1
        ratio = _ratio(stack)
        if uneven > 1 and ratio > worst * (1 + 1e-9) and (reached is None or ratio > reached[0]):
            reached = ratio, row
    if reached is not None:
        ratio, row = reached
        yield Finding(
            STACKED,
            "warning" if ratio >= VISIBLE else "note",
            f"{uneven} layers of uneven overlap make more of it together: up to here the ways from the input to an "
            f"output element differ by a ratio of {ratio:.4g}, and no layer's own ratio is above {worst:.4g}",
            _place(row, file),
        )


def _ratio(stack: StackedOverlap | None) -> float:
    return stack.ratio if stack is not None and stack.ratio is not None else 1.0


def _place(row: Row, file: str) -> Place:
    return Place(file, row.block.line, title(row.block, row.number))


def _spans(architecture: Architecture, text: str) -> dict[int, list[str]]:
    """The lines of each layer, by the line on which it begins: up to the next layer's."""
    lines = text.splitlines()
    starts = sorted({block.line for block in architecture.blocks if block.line})
    ends = [*(start - 1 for start in starts[1:]), len(lines)]
    return {start: lines[start - 1 : max(end, start)] for start, end in zip(starts, ends, strict=True)}
