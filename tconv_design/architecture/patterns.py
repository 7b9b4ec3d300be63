"""A network's endless patterns, block by block: receptive fields and stacked overlap, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tconv_design.architecture.model import INPUT, JOINS, Architecture
from tconv_design.architecture.receptive import WHOLE, Field, Fields, fields
from tconv_design.architecture.stacked import EVEN, FLAT, Stack, stack_up
from tconv_design.architecture.walk import Row

MAX_ROWS = 500_000
"""Rows of patterns in one network: long patterns in very many layers are given up."""


class Patterns:
    """Follows the rows of a walk in their order; what no later block reads is forgotten."""

    def __init__(self, architecture: Architecture) -> None:
        self._fields: dict[int, Fields] = {INPUT: (Field(),) * architecture.ndim}
        self._stacks: dict[int, Stack] = {INPUT: (EVEN,) * architecture.ndim}
        self._last_reader = {source: at for at, block in enumerate(architecture.blocks) for source in block.sources}
        self._left = MAX_ROWS

    def after(self, row: Row) -> tuple[Fields, Stack, tuple[str, ...]]:
        """The fields and the stack of a row that has an output, and a note on each that is lost there."""
        sources = row.block.sources if row.block.kind in JOINS else row.block.sources[:1]
        read, laid = [self._fields[each] for each in sources], [self._stacks[each] for each in sources]
        field, stack = self._afforded(row, fields(row, read), stack_up(row, laid))
        lost = (*_lost("receptive field", read, field), *_lost("overlap of the stack", laid, stack))
        self._fields[row.number], self._stacks[row.number] = field, stack
        for source in {*row.block.sources, row.number}:
            if self._last_reader.get(source, -1) <= row.number and source != INPUT:
                del self._fields[source], self._stacks[source]
        return field, stack, lost

    def _afforded(self, row: Row, field: Fields, stack: Stack) -> tuple[Fields, Stack]:
        self._left -= sum(len(each.intervals) for each in field if each) + sum(len(each) for each in stack if each)
        if self._left >= 0:
            return field, stack
        return (None,) * len(field) or WHOLE, (None,) * len(stack) or FLAT


def _lost(what: str, before: Sequence[Sequence[object]], after: Sequence[object]) -> Iterator[str]:
    """Says once that something is not told: it was of all that came in, and is not of what goes out."""
    if None in after and not any(None in each for each in before):
        yield f"from here on the {what} is not told: its pattern is too long, or that of joined branches differs"
