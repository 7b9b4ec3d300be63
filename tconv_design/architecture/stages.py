"""One block on one axis, as the stages that cases of sizes pass: conditions that drop some, and maps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import NamedTuple

from tconv_design.architecture.branches import INPUT_SIZE, Branch, Line, equal
from tconv_design.architecture.flat import SizedClaim
from tconv_design.architecture.joining import cut_like, joined
from tconv_design.architecture.maps import kept, size_map
from tconv_design.architecture.model import JOINS, POOLS, Architecture, Block
from tconv_design.architecture.passing import mapped, undropped
from tconv_design.architecture.templates import Template, templates
from tconv_design.errors import InvalidQuestion

Take = Callable[[Branch], Iterable[Branch]]


class Stage(NamedTuple):
    """What `take` leaves of a branch; `reason` is the sentence where it leaves nothing of any, `keys` the signals."""

    reason: str
    take: Take
    keys: tuple[int, ...] = ()


def stages(architecture: Architecture, axis: int, index: int, claims: Iterable[SizedClaim]) -> list[Stage]:
    """The stages of a block, its claims and, after the last block, the output's claims included."""
    block = architecture.blocks[index]
    found = [_feature_stage(each, block) for each in claims if each.flatten == index]
    found += _own_stages(architecture, axis, index, block)
    if block.size is not None and block.kind != "unflatten":
        found.append(_claim_stage(index, block.size, axis, block.line))
    if index == len(architecture.blocks) - 1:
        found += _output_stages(architecture, axis, index)
    return found


def _own_stages(architecture: Architecture, axis: int, index: int, block: Block) -> list[Stage]:
    main = block.sources[0]
    if block.kind in JOINS:
        return [
            Stage(
                f"joins sizes that never fit{_asked(block, axis)}", partial(joined, block, axis, index), block.sources
            )
        ]
    if block.like is not None:
        return [
            Stage(
                f"never makes the size it shall{_asked(block, axis)}",
                partial(cut_like, block, axis, index),
                (main, block.like),
            )
        ]
    if block.window is None:
        return [_reshape_stage(index, block, axis)]
    needs_axes = Stage("needs a signal with axes, and takes a flat one", partial(_if_spatial, main))
    template = templates(block.window, architecture.ndim)[axis]
    try:
        return [needs_axes, *_map_stages(template, index, block)]
    except InvalidQuestion as error:
        return [Stage(f"cannot be: {error}", _nothing)]


def _map_stages(template: Template, index: int, block: Block) -> Iterator[Stage]:
    main = block.sources[0]
    if block.kind in POOLS and not template.ceil_mode:
        rule = kept(template)
        if rule.run < rule.stride:
            yield Stage("drops rows of every size that comes so far", partial(undropped, rule, main), (main,))
    yield Stage(
        "leaves nothing of any size that comes so far", partial(mapped, size_map(template), main, index), (main,)
    )


def _asked(block: Block, axis: int) -> str:
    if block.fit is None:
        return ""
    side = block.fit.sides[axis]
    if side.begin is None and side.end is None:
        return f" with a {block.fit.how} that is equal on both sides"
    sides = ":".join("?" if rows is None else str(rows) for rows in (side.begin, side.end))
    return f" with a {block.fit.how} of {sides}"


def _nothing(branch: Branch) -> Iterable[Branch]:
    return ()


def _if_spatial(key: int, branch: Branch) -> Iterable[Branch]:
    return (branch,) if key in branch.signals else ()


def _reshape_stage(index: int, block: Block, axis: int) -> Stage:
    main = block.sources[0]
    if block.kind == "flatten":
        return Stage("", lambda branch: (branch,))
    if block.kind == "linear":
        return Stage("needs a flat signal, and takes one with axes", partial(_if_flat, main))
    assert block.size is not None
    return Stage(
        "needs a flat signal, and takes one with axes", partial(_unflatten, main, index, Line(0, block.size[axis]))
    )


def _if_flat(key: int, branch: Branch) -> Iterable[Branch]:
    return () if key in branch.signals else (branch,)


def _unflatten(key: int, index: int, size: Line, branch: Branch) -> Iterable[Branch]:
    if key in branch.signals:
        return
    branch.signals[index] = size
    yield branch


def _feature_stage(claim: SizedClaim, block: Block) -> Stage:
    main = block.sources[0]
    if claim.size is None:
        return Stage(f"never gives the {claim.features} features that are claimed after it", _nothing)
    wanted = f"never flattens to the {claim.features} features that are claimed after it"
    return Stage(wanted, partial(_exactly, main, claim.size), (main,))


def _claim_stage(key: int, size: tuple[int, ...], axis: int, line: int) -> Stage:
    if axis >= len(size):
        return Stage("has axes, and its claim has fewer", _nothing)
    reason = f"is {size[axis]} long, as {_claimant(line)}, at no size that fits so far"
    return Stage(reason, partial(_exactly, key, size[axis]), (key,))


def _output_stages(architecture: Architecture, axis: int, last: int) -> Iterator[Stage]:
    output = architecture.output
    if output.size is not None:
        yield _claim_stage(last, output.size, axis, output.line)
    if output.same_as_input:
        reason = f"has the input's size, as {_claimant(output.line)}, at no size that fits so far"
        yield Stage(reason, partial(_same_as_input, last), (last,))


def _claimant(line: int) -> str:
    return f"line {line} claims" if line else "is claimed"


def _exactly(key: int, size: int, branch: Branch) -> Iterable[Branch]:
    left = branch.exactly(key, size) if key in branch.signals else None
    return () if left is None else (left,)


def _same_as_input(key: int, branch: Branch) -> Iterable[Branch]:
    signal = branch.signals.get(key)
    if signal is None:
        return
    if isinstance(signal, Line):
        yield from equal(branch, key, INPUT_SIZE)
        return
    growth = signal.divisor - 1
    if growth:  # n <= (n + offset)/divisor < n + 1
        left = branch.between((signal.offset - signal.divisor) // growth + 1, signal.offset // growth)
        yield from (() if left is None else (left,))
    elif not signal.offset:
        yield branch
