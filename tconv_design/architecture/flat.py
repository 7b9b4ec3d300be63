"""What claims about features say of sizes: a linear layer that claims 512 fixes the size that is flattened."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import NamedTuple

from tconv_design.architecture.model import INPUT, Architecture, Block, title
from tconv_design.architecture.templates import templates
from tconv_design.architecture.walk import walk
from tconv_design.errors import InvalidQuestion


class SizedClaim(NamedTuple):
    """A claim about features, as the size that it leaves for the signal before a flatten.

    `block` is the layer that claims (one past the last: the output), `flatten` the one whose input it is about. `size`
    is None where no size fits. `tied`: the claim is about all axes together, and was read as one about each.
    """

    block: int
    flatten: int
    size: int | None
    features: int
    tied: bool = False


class _Flow(NamedTuple):
    """Channels of a signal; None where they depend on the size, and then the flatten and its channels."""

    channels: int | None
    flatten: int = 0
    per_row: int = 1


def sized_claims(architecture: Architecture, axis: int) -> tuple[SizedClaim, ...]:
    """Every claim about features that fixes a size. Raises InvalidQuestion where such features cannot be followed."""
    if not any(block.kind == "flatten" for block in architecture.blocks):
        return ()
    return tuple(_claims(architecture, axis))


def _claims(architecture: Architecture, axis: int) -> Iterator[SizedClaim]:
    flows = {INPUT: _Flow(architecture.channels)}
    for index, block in enumerate(architecture.blocks):
        flow = flows[block.sources[0]]
        if block.in_channels is not None and flow.channels is None:
            yield _claim(architecture, axis, index, flow, block.in_channels)
        flows[index] = _after(architecture, index, block, [flows[source] for source in block.sources])
    last = flows[len(architecture.blocks) - 1]
    if last.channels is None and architecture.output.channels is not None:
        yield _claim(architecture, axis, len(architecture.blocks), last, architecture.output.channels)


def _claim(architecture: Architecture, axis: int, index: int, flow: _Flow, features: int) -> SizedClaim:
    rows, rest = divmod(features, flow.per_row)
    if rest or rows < 1:
        return SizedClaim(index, flow.flatten, None, features)
    if architecture.ndim == 1:
        return SizedClaim(index, flow.flatten, rows, features)
    size = _sizes_of(architecture, flow.flatten, rows)
    if size is None:
        raise InvalidQuestion(
            f"{features} features are {rows} elements of {flow.per_row} channels, which is no size equal on "
            f"{architecture.ndim} axes, and not what the file's own size comes to",
            "claim the size before the flatten instead, as in size = [7, 5]",
        )
    return SizedClaim(index, flow.flatten, size[axis], features, tied=True)


def _sizes_of(architecture: Architecture, flatten: int, rows: int) -> tuple[int, ...] | None:
    """The size that has so many elements: what the network's own size comes to, or one equal on all axes."""
    if architecture.size is not None:
        own = next((row.in_.size for row in walk(architecture, architecture.size) if row.number == flatten), ())
        if own and prod(own) == rows:
            return own
    root = round(rows ** (1 / architecture.ndim))
    found = next((each for each in (root - 1, root, root + 1) if each**architecture.ndim == rows), None)
    return None if found is None else (found,) * architecture.ndim


def _after(architecture: Architecture, index: int, block: Block, flows: list[_Flow]) -> _Flow:
    main = flows[0]
    if block.kind == "flatten":
        return main if main.channels is None else _Flow(None, index, main.channels)
    if block.kind == "concat" and all(flow.channels is not None for flow in flows):
        return _Flow(sum(flow.channels or 0 for flow in flows))
    if block.kind in ("concat", "unflatten") and any(flow.channels is None for flow in flows):
        raise InvalidQuestion(
            f"{title(block, index)} takes as many features as the size makes, so its channels depend on the size",
            "put a linear layer with channels between",
        )
    if main.channels is None:
        return main if block.channels is None else _Flow(block.channels)
    if block.kind == "unflatten":
        return _Flow(main.channels // prod(block.size or (1,)))
    if block.kind == "pixel_shuffle" and block.window is not None:
        parts = prod(each.axis.stride for each in templates(block.window, architecture.ndim))
        return _Flow(main.channels // parts)
    return _Flow(main.channels if block.channels is None else block.channels)
