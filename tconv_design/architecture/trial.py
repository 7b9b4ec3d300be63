"""A walk that is over, on which changes are tried: only what a change reaches is walked again."""

from __future__ import annotations

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from tconv_design.architecture.claims import broken_claims, broken_output
from tconv_design.architecture.model import INPUT, Architecture, Block, Size
from tconv_design.architecture.walk import Row, Signal, step
from tconv_design.errors import InvalidQuestion

Changes = Mapping[int, Block]
Rows = Mapping[int, Row]


class Trial:
    """A network's rows for one input size, and what becomes of them if blocks are exchanged."""

    def __init__(self, architecture: Architecture, size: Size, rows: Sequence[Row]) -> None:
        self.architecture = architecture
        self.rows = rows
        self.size = size
        self._signals: dict[int, Signal] = {INPUT: Signal(size, architecture.channels)}
        self._signals |= {row.number: row.out for row in rows if row.out}
        self._readers: dict[int, list[int]] = defaultdict(list)
        self._copies: dict[int, list[int]] = defaultdict(list)
        for row in rows:
            for source in _sources(row.block):
                self._readers[source].append(row.number)
            self._copies[row.block.line or -1 - row.number].append(row.number)

    def out(self, number: int) -> Signal:
        """What a block puts out, INPUT being the network's input."""
        return self._signals[number]

    def changed(self, number: int, **fields: object) -> dict[int, Block]:
        """A block with other fields, and with it all copies that its table of the file stands for."""
        blocks = self.architecture.blocks
        copies = self._copies[blocks[number].line or -1 - number]
        return {copy: blocks[copy]._replace(**fields) for copy in copies}  # type: ignore[arg-type]

    def upstream(self, number: int, most: int) -> Iterator[Row]:
        """The rows on the main way that ends in `number`, last first."""
        while number != INPUT and most:
            yield self.rows[number]
            number, most = self.rows[number].block.sources[0], most - 1

    def tried(self, changes: Changes) -> dict[int, Row]:
        """The rows that the changes reach, as they become; the last has no output where the way would end."""
        signals = ChainMap({}, self._signals)
        rows: dict[int, Row] = {}
        waiting = list(changes)
        heapify(waiting)
        while waiting:
            number = heappop(waiting)
            if number in rows:
                continue
            block = changes.get(number, self.architecture.blocks[number])
            try:
                rows[number] = row = step(self.architecture.ndim, number, block, signals)
            except InvalidQuestion:  # a change that breaks a rule of the layer
                rows[number] = row = Row(number, block, signals[block.sources[0]], None)
            if row.out is None:
                break
            if row.out != self._signals.get(number):
                signals[number] = row.out
                for reader in self._readers[number]:
                    heappush(waiting, reader)
        return rows

    def helps(self, rows: Rows) -> bool:
        """Whether fewer things are wrong with these rows than with those that they replace, and none ends the way."""
        if any(row.out is None for row in rows.values()):
            return False
        return self._wrong(rows.values()) < self._wrong(self.rows[number] for number in rows)

    def _wrong(self, rows: Iterable[Row]) -> int:
        wrong = 0
        for row in rows:
            wrong += len(row.problems) + len(broken_claims(row))
            if row.number == len(self.architecture.blocks) - 1 and row.out:
                wrong += len(broken_output(self.architecture, self.size, row.number, row.out))
        return wrong


def _sources(block: Block) -> set[int]:
    return {*block.sources} | ({block.like} if block.like is not None else set())
