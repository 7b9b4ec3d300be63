"""A planning problem from an architecture with blanks: its blocks from the first that has to be planned on."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from tconv_design.architecture.costs import multiply_adds, parameters
from tconv_design.architecture.model import INPUT, JOINS, Architecture, Block, Side, Size, Window, title
from tconv_design.architecture.templates import Template, templates
from tconv_design.architecture.walk import Row, walk
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.padding import POLICIES
from tconv_design.planning.build import NO_LIMITS
from tconv_design.planning.criteria import DEFAULT
from tconv_design.planning.joints import JoinMap
from tconv_design.planning.members import Box
from tconv_design.planning.problem import Limits, Problem, Stage
from tconv_design.question import ask

EASY = (Side(), Side(0, None), Side(None, 0))
"""Sides by which any difference can be made up."""


class _Known(NamedTuple):
    """What is known of a block's output before anything is planned: its channels, and its size where that is fixed."""

    channels: int
    size: Size | None


def is_open(window: Window) -> bool:
    """Whether a window has blanks: numbers to be found."""
    texts = [window.kernel, window.stride, window.output_padding, window.dilation]
    texts += [] if window.padding in POLICIES else [window.padding]
    return any(sign in text for text in texts for sign in ("?", "..", ","))


def file_problem(
    architecture: Architecture,
    *,
    size: Sequence[int] | None = None,
    rank: tuple[str, ...] = DEFAULT,
    top: int = 5,
    limits: Limits = NO_LIMITS,
) -> Problem:
    """The blanks of an architecture's convs and tconvs as one problem; `size` of the input, where the file has none.

    Raises InvalidQuestion where there is nothing to plan, no target to plan for, or a block that cannot be planned
    across.
    """
    in_size = tuple(size) if size is not None else architecture.size
    if in_size is None:
        raise InvalidQuestion("the network's input size is open", "give it in the file, or as --in")
    first = next(
        (index for index, block in enumerate(architecture.blocks) if block.window and is_open(block.window)), None
    )
    if first is None:
        raise InvalidQuestion("the file has no blanks to fill", 'write kernel = "?" or stride = "1..4" where one is')
    before = _before(architecture, in_size, first)
    start = _start(architecture.blocks[:first])
    signals = {INPUT: _Known(architecture.channels, in_size)} | {
        row.number: _Known(row.out.channels, row.out.size) for row in before if row.out
    }
    stages = tuple(_stages(architecture, start, signals))
    begin = signals[start - 1].size
    assert begin is not None
    paid = [row for row in before if row.number < start]
    spent = (sum(map(parameters, paid)), sum(map(multiply_adds, paid)))
    left = limits._replace(
        max_params=None if limits.max_params is None else limits.max_params - spent[0],
        max_macs=None if limits.max_macs is None else limits.max_macs - spent[1],
    )
    target = _target(architecture, in_size)
    return Problem((stages,), begin, target, rank, top, left, architecture._replace(size=in_size), start, spent)


def _before(architecture: Architecture, in_size: Size, first: int) -> list[Row]:
    """The rows of the blocks before the first blank. Raises InvalidQuestion where they do not fit."""
    rows = list(walk(architecture._replace(blocks=architecture.blocks[:first]), in_size))
    for row in rows:
        for problem in row.problems:
            raise InvalidQuestion(f"{title(row.block, row.number)}: {problem.message}", problem.hint)
    return rows


def _start(known: Sequence[Block]) -> int:
    """Where the chain begins: behind the last known block that is no step of one signal."""
    steps = [block.window is not None and block.sources == (index - 1,) for index, block in enumerate(known)]
    return len(steps) - next((length for length, step in enumerate(reversed(steps)) if not step), len(steps))


def _target(architecture: Architecture, in_size: Size) -> Size:
    """The size to plan for. Raises InvalidQuestion where the file claims none."""
    output, last = architecture.output, architecture.blocks[-1]
    target = in_size if output.same_as_input else output.size or last.size
    if target is None:
        raise InvalidQuestion(
            "the file does not say what size is to come out, so there is nothing to plan for",
            'write output = { size = [64, 64] }, or output = "input"',
        )
    return target


def _stages(architecture: Architecture, start: int, signals: dict[int, _Known]) -> list[Stage]:
    """One stage per block from `start` on; `signals` grows by what is known of their outputs."""
    stages = []
    for index, block in enumerate(architecture.blocks[start:], start):
        if block.sources[0] != index - 1:
            raise InvalidQuestion(
                f"{title(block, index)} does not go on from the layer before it: blanks are filled along one signal",
                "fill the blanks of one branch at a time",
            )
        stage, channels = _stage(architecture.ndim, index, block, signals)
        signals.setdefault(index, _Known(channels, block.size))
        stages.append(stage)
    return stages


def _stage(ndim: int, index: int, block: Block, signals: dict[int, _Known]) -> tuple[Stage, int]:
    """(the stage, the channels behind it)."""
    channels = signals[index - 1].channels
    claim = tuple(block.size) if block.size else ()
    if block.kind in ("conv", "tconv") and block.window is not None:
        after = channels if block.channels is None else block.channels
        boxes = _boxes(ndim, block.window)
        return Stage(block.window.kind, boxes, (), block.groups, channels, after, block.bias, claim), after
    given: tuple[Template | JoinMap, ...]
    if block.kind in JOINS or block.like is not None:
        given = _joined(ndim, index, block, signals)
    elif block.window is None:
        raise InvalidQuestion(
            f"{title(block, index)} comes after a blank, and blanks are filled along a signal that keeps its axes",
            "give the size before it as the output's size, and plan up to there",
        )
    elif is_open(block.window):
        raise InvalidQuestion(
            f"{title(block, index)} has a blank, and only those of conv and tconv are filled", "write its numbers"
        )
    else:
        given = templates(block.window, ndim)
    if block.kind == "concat":
        channels = sum(signals[source].channels for source in block.sources)
    if block.kind == "pixel_shuffle":
        channels //= prod(each.axis.stride for each in given)
    return Stage("conv", (), given, size=claim), channels


def _boxes(ndim: int, window: Window) -> tuple[Box, ...]:
    every = "x".join([f"1..{MAX_SIZE}"] * ndim)
    options = {
        "in": every,
        "out": every,
        "kind": window.kind,
        "kernel": window.kernel,
        "stride": window.stride,
        "padding": window.padding,
        "dilation": window.dilation,
        "dialect": window.dialect,
    }
    named = window.padding in POLICIES
    if window.kind == "tconv" and (window.output_padding or not named):
        options["output_padding"] = window.output_padding or "0"
    if named and not window.output_padding:
        options.pop("output_padding", None)
    return tuple(axis.numbers for axis in ask(options).axes)


def _joined(ndim: int, index: int, block: Block, signals: dict[int, _Known]) -> tuple[JoinMap, ...]:
    """What a join makes of each axis. Raises InvalidQuestion where the size of what is joined is not known."""
    others = block.sources[1:] if block.like is None else (block.like,)
    sizes = [signals[source].size for source in others]
    if None in sizes:
        raise InvalidQuestion(
            f"{title(block, index)} joins a signal whose size depends on the blanks before it",
            "give that layer a size, so that the blanks can be filled for it",
        )
    if len({*sizes}) > 1 or not sizes[0] or len(sizes[0]) != ndim:
        raise InvalidQuestion(f"{title(block, index)} joins signals of several sizes", "plan with one skip per join")
    how = block.fit.how if block.fit else "equal"
    if block.fit and any(side not in EASY for side in block.fit.sides):
        raise InvalidQuestion(
            f"{title(block, index)} {how}s by given rows, and a plan can only split what is left over evenly",
            f'write {how} = "center"',
        )
    if block.like is not None:
        return tuple(JoinMap("crop to" if how == "crop" else "pad to", other) for other in sizes[0])
    return tuple(JoinMap(how, other) for other in sizes[0])
