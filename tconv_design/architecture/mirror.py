"""The decoder that undoes an encoder, level by level, for one size; its sizes; and where two sizes fall together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.congruences import Legal, legal_sizes, without_sizes
from tconv_design.architecture.inverses import Inverse, inverse
from tconv_design.architecture.maps import FloorMap, LineMap, size_map
from tconv_design.architecture.model import INPUT, JOINS, POOLS, Architecture, Block, Output, Size, title
from tconv_design.architecture.templates import require_numbers, templates
from tconv_design.architecture.walk import Row, walk
from tconv_design.architecture.writing import toml_text
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer

Range = tuple[int, int]

SHOWN = 3
"""Joins that a note names."""


class Level(NamedTuple):
    """One step of the decoder: `of` is the encoder's layer that it undoes, from `in_` back to `out`.

    `inputs` are per axis the smallest and the largest size that the encoder's layer turns into the same output.
    """

    of: str
    inverse: Inverse
    layer: Layer | None
    in_: Size
    out: Size
    inputs: tuple[Range, ...]

    def to_dict(self) -> dict[str, Any]:
        """The level as the public JSON document has it."""
        block, keras = self.inverse.block, self.inverse.keras
        return {
            "of": self.of,
            "kind": None if block is None else block.kind,
            "in": list(self.in_),
            "out": list(self.out),
            "layer": None if self.layer is None else self.layer.to_dict(),
            "output_padding": None if self.layer is None else list(self.layer.output_padding),
            "keras": keras
            and {
                "padding": keras.padding,
                "output_padding": None if keras.output_padding is None else list(keras.output_padding),
            },
            "inputs": [list(pair) for pair in self.inputs],
        }


class Mirror(NamedTuple):
    """A decoder, from the encoder's output back to `sizes[-1]`, its input.

    `works_for`: per axis the sizes that come back with these very settings, None where the encoder crops by what other
    signals measure. `inputs`: per axis the smallest and largest size with the same output. `why` is not empty where
    there is no decoder.
    """

    levels: tuple[Level, ...]
    sizes: tuple[Size, ...]
    decoder: Architecture | None
    works_for: tuple[Legal, ...] | None = None
    inputs: tuple[Range, ...] = ()
    notes: tuple[str, ...] = ()
    why: str = ""

    @property
    def file(self) -> str:
        """The decoder as the text of an architecture file."""
        return "" if self.decoder is None else toml_text(self.decoder)

    @property
    def apart(self) -> bool:
        """Whether axes differ in the sizes that come back."""
        return self.works_for is not None and len({each.classes for each in self.works_for}) > 1

    def to_dict(self) -> dict[str, Any]:
        """The body of the public JSON document."""
        works = None if self.works_for is None else [[e.to_dict() for e in each.classes] for each in self.works_for]
        return {
            "layers": [level.layer.to_dict() for level in self.levels if level.layer is not None],
            "sizes": [list(size) for size in self.sizes],
            "file": self.file,
            "levels": [level.to_dict() for level in self.levels],
            "works_for": works if works is None or self.apart else works[0],
            "inputs": [list(pair) for pair in self.inputs],
            "notes": list(self.notes),
            "why": self.why,
        }


def mirror(architecture: Architecture, size: Sequence[int]) -> Mirror:
    """The decoder of an encoder for an input of `size`.

    Joins are passed on their main path. Raises InvalidQuestion for unknowns.
    """
    require_numbers(architecture)
    rows = list(walk(architecture, size))
    if rows[-1].out is None:
        return Mirror((), (), None, why=f"{title(rows[-1].block, rows[-1].number)}: {rows[-1].problems[0]}")
    path = _main_path(rows)
    channels = _channels(path)
    try:
        undone = [(row, inverse(row, into)) for row, into in zip(path, channels, strict=True)]
    except InvalidQuestion as error:
        return Mirror((), (), None, why=str(error))
    undone = [pair for pair in reversed(undone) if pair[1].block is not None]
    if not undone:
        return Mirror((), (), None, why="nothing has to be undone: no layer on the main path changes the signal")
    decoder = _decoder(architecture, tuple(size), path, [each.block for _, each in undone if each.block is not None])
    back = list(walk(decoder, decoder.size or ()))
    if back[-1].out is None or back[-1].out.size != tuple(size):
        return Mirror((), (), None, why=f"the way back ends at {title(back[-1].block, back[-1].number)}")
    levels = tuple(_levels(architecture, undone, back[len(back) - len(undone) :]))
    sizes = (_size_of(path[-1]), *(level.out for level in levels))
    works_for, refused = _works_for(architecture, path, decoder)
    inputs = tuple(_all_inputs(architecture, path, axis) for axis in range(architecture.ndim))
    return Mirror(levels, sizes, decoder, works_for, inputs, (*_notes(path), *refused))


def _size_of(row: Row) -> Size:
    assert row.out is not None
    return row.out.size


def _main_path(rows: Sequence[Row]) -> list[Row]:
    """The rows from the input to the output, by each block's main signal."""
    path, at = [], len(rows) - 1
    while at != INPUT:
        path.append(rows[at])
        at = rows[at].block.sources[0]
    return path[::-1]


def _channels(path: Sequence[Row]) -> list[int]:
    """The channels that each row's inverse gives: those that come in on the main path, whatever a join adds."""
    found, last = [], None
    for row in path:
        found.append(row.in_.channels if last is None else last)
        joins = row.block.kind in JOINS
        last = found[-1] if joins else None
    return found


def _decoder(architecture: Architecture, size: Size, path: Sequence[Row], blocks: Sequence[Block]) -> Architecture:
    """The decoder as a network that claims the encoder's input; a flat signal comes in as channels of one element."""
    start, chain = _size_of(path[-1]), list(blocks)
    if not start:
        start, chain = (1,) * architecture.ndim, [Block("flatten", ()), *chain]
    name = f"mirror of {architecture.name}" if architecture.name else ""
    output = Output(architecture.channels, size)
    return Architecture(_in_a_row(chain), architecture.ndim, _channels_out(path), start, output, name)


def _in_a_row(blocks: Sequence[Block]) -> tuple[Block, ...]:
    return tuple(block._replace(sources=(index - 1,)) for index, block in enumerate(blocks))


def _channels_out(path: Sequence[Row]) -> int:
    """The channels that come to the decoder: the encoder's, or those of the main path where it ends with joins."""
    *_, into = _channels(path)
    last = path[-1].out
    assert last is not None
    return into if path[-1].block.kind in JOINS else last.channels


def _levels(architecture: Architecture, undone: Sequence[tuple[Row, Inverse]], back: Sequence[Row]) -> Iterator[Level]:
    for (row, each), way in zip(undone, back, strict=True):
        pairs = [] if not row.in_.size else enumerate(zip(row.in_.size, _size_of(row), strict=False))
        inputs = tuple(_inputs(architecture, row, axis, (out, out)) or (own, own) for axis, (own, out) in pairs)
        yield Level(title(row.block, row.number), each, way.layer, way.in_.size, _size_of(way), inputs)


def _inputs(architecture: Architecture, row: Row, axis: int, outs: Range) -> Range | None:
    """The smallest and largest size that a row turns into one from `outs`; None where that depends on more."""
    if row.block.window is None:
        return None if any(map(any, row.fits[0])) else outs
    rule = size_map(templates(row.block.window, architecture.ndim)[axis])
    low, high = outs
    if isinstance(rule, FloorMap):
        return max(1, low * rule.stride - rule.offset), (high + 1) * rule.stride - rule.offset - 1
    if isinstance(rule, LineMap):
        return max(1, -(-(low - rule.offset) // rule.slope)), (high - rule.offset) // rule.slope
    return None


def _all_inputs(architecture: Architecture, path: Sequence[Row], axis: int) -> Range:
    """The smallest and largest size of the input that the path turns into the same output."""
    own = path[0].in_.size[axis]
    if any(not _size_of(row) for row in path):
        return own, own
    outs = (_size_of(path[-1])[axis],) * 2
    for row in reversed(path):
        found = _inputs(architecture, row, axis, outs)
        if found is None:
            return own, own
        outs = found
    return outs


def _works_for(
    architecture: Architecture, path: Sequence[Row], decoder: Architecture
) -> tuple[tuple[Legal, ...] | None, tuple[str, ...]]:
    """(per axis the sizes that these very settings bring back, or None, and then why that is not told)."""
    if any(map(any, (pair for row in path for fit in row.fits[:1] for pair in fit))):
        return None, ("for other sizes its crops or pads follow other signals, so these settings are for this size",)
    there = [_fixed(row.block) for row in path if not row.fits]
    back = list(decoder.blocks)
    if _size_of(path[-1]) == ():
        back = back[1:]
    blocks = _in_a_row(there + back)
    whole = Architecture(blocks, architecture.ndim, architecture.channels, output=Output(same_as_input=True))
    try:
        return tuple(legal_sizes(without_sizes(whole), axis) for axis in range(architecture.ndim)), ()
    except InvalidQuestion as error:
        return None, (f"which sizes these settings bring back is not told: {error}",)


def _fixed(block: Block) -> Block:
    """A block for the way there and back: what a pool drops is put back."""
    return block._replace(kind="conv", in_channels=None) if block.kind in POOLS else block._replace(in_channels=None)


def _notes(path: Sequence[Row]) -> Iterator[str]:
    joins = [title(row.block, row.number) for row in path if row.block.kind in JOINS]
    if joins:
        more = f" and {len(joins) - SHOWN} more" if len(joins) > SHOWN else ""
        yield f"the mirror follows the main path only through {', '.join(joins[:SHOWN])}{more}"
