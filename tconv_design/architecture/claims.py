"""What a file claims about its layers and its output, held against what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tconv_design.architecture.model import Architecture, Size
from tconv_design.architecture.walk import Row, Signal, by_x


class Broken(NamedTuple):
    """A claim that does not hold: what is said of it, and what it asks for at the output of block `at`."""

    message: str
    wanted: Size | int
    """A size, or a number of channels."""
    at: int
    holds: str
    """What to write instead."""


def broken_claims(row: Row) -> list[Broken]:
    """The claims of a block that do not hold; none where nothing goes out."""
    block, found = row.block, []
    if block.in_channels is not None and block.in_channels != row.in_.channels:
        message = f"{row.in_.channels} channels come in, and in_channels {block.in_channels} is claimed"
        claim = f"what holds is in_channels = {row.in_.channels}"
        found.append(Broken(message, block.in_channels, block.sources[0], claim))
    if row.out and block.size is not None and block.size != row.out.size:
        outcome = f"size {by_x(row.out.size)}" if row.out.size else "a flat signal"
        message = f"{outcome} comes out, and size {by_x(block.size)} is claimed"
        found.append(Broken(message, block.size, row.number, _size_claim(row.out.size)))
    return found


def broken_output(architecture: Architecture, size: Sequence[int], number: int, out: Signal) -> list[Broken]:
    """The claims about the network's output that do not hold; `out` comes out of block `number`."""
    claims, found = architecture.output, []
    if claims.channels is not None and claims.channels != out.channels:
        message = f"the output has {out.channels} channels, and {claims.channels} are claimed"
        found.append(Broken(message, claims.channels, number, f"what holds is channels = {out.channels}"))
    wanted = tuple(size) if claims.same_as_input else claims.size
    if wanted is not None and wanted != out.size:
        asked = (
            f"that of the input, {by_x(wanted)}, is claimed" if claims.same_as_input else f"{by_x(wanted)} is claimed"
        )
        outcome = f"has size {by_x(out.size)}" if out.size else "is flat"
        message = f"the output {outcome}, and {asked}"
        found.append(Broken(message, wanted, number, _size_claim(out.size)))
    return found


def _size_claim(size: Size) -> str:
    return f"what holds is size = {list(size)}" if size else "leave the claim out"
