"""A signal's way through an architecture: sizes and channels, block by block, and where they do not fit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from typing import Literal, NamedTuple

from tconv_design.architecture.model import INPUT, JOINS, Architecture, Block, Fit, Side, Size, title
from tconv_design.architecture.templates import templates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.layer import Axis, Layer

Sides = tuple[tuple[int, int], ...]


class Problem(NamedTuple):
    """What does not hold, and the nearest thing that helps (may be empty)."""

    message: str
    hint: str = ""
    about: Literal["size", "channels"] = "size"

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class Signal(NamedTuple):
    """What flows between blocks; a flattened signal has no axes."""

    size: Size
    channels: int


class Row(NamedTuple):
    """One block on the way: what comes in on its main side, what goes out, with which numbers.

    `number` is its place in the architecture, from 0. `axes`: its spatial map with numbers, empty for joins, `flatten`,
    `unflatten`, `linear` and crops or pads by `like`. `fits`: for a join, per source the (begin, end) rows per axis
    that are cropped (negative: padded) there; for a crop or pad by `like`, one entry.
    `out` is None where nothing can go out: the way ends there.
    """

    number: int
    block: Block
    in_: Signal
    out: Signal | None
    axes: tuple[Axis, ...] = ()
    fits: tuple[Sides, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def layer(self) -> Layer | None:
        """The layer of a conv or tconv that could be built, else None."""
        if self.block.kind not in ("conv", "tconv") or self.out is None:
            return None
        return Layer(self.block.kind, self.axes, self.block.groups, self.in_.channels, self.out.channels)


def walk(architecture: Architecture, size: Sequence[int]) -> Iterator[Row]:
    """Every block's row for an input of `size`, in order; the last one has no output where the way ends early.

    Joins whose sizes differ are reported, and the way goes on as if the first signal had the second's size. Raises
    InvalidQuestion for a block with unknowns.
    """
    signals = {INPUT: Signal(tuple(size), architecture.channels)}
    for index, block in enumerate(architecture.blocks):
        row = step(architecture.ndim, index, block, signals)
        yield row
        if row.out is None:
            return
        signals[index] = row.out


def step(ndim: int, index: int, block: Block, signals: Mapping[int, Signal]) -> Row:
    """One block's row in a network of `ndim` axes, from the signals that its sources put out."""
    main = signals[block.sources[0]]
    try:
        if block.kind in JOINS:
            row = _join(index, block, [signals[source] for source in block.sources])
        elif block.like is not None:
            row = _like(index, block, main, signals[block.like])
        elif block.window is not None:
            row = _map(ndim, index, block, main)
        else:
            row = _reshape(index, block, main)
    except _Ended as end:
        return Row(index, block, main, None, problems=(end.problem,))
    return row


class _Ended(Exception):
    """Nothing goes out of a block."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(message, hint)


def _map(ndim: int, index: int, block: Block, main: Signal) -> Row:
    assert block.window is not None
    if len(main.size) != ndim:
        raise _Ended(f"{title(block, index)} needs {ndim} axes, and the signal is flat", "add an unflatten before it")
    found = templates(block.window, ndim)
    try:
        axes = tuple(template.at(size) for template, size in zip(found, main.size, strict=True))
        out = tuple(template.out(size) for template, size in zip(found, main.size, strict=True))
        channels = _channels(block, axes, main)
        if block.kind in ("conv", "tconv"):
            Layer(block.kind, axes, block.groups, main.channels, channels)
        if min(out) < 1:
            Layer(block.window.kind, axes).output_size(main.size)  # raises, with the reason
    except InvalidQuestion as error:
        raise _Ended(error.message, error.hint) from None
    if max(out) > MAX_SIZE:
        raise _Ended("its output is longer than 10**18, the largest size that is answered")
    return Row(index, block, main, Signal(out, channels), axes)


def _channels(block: Block, axes: Sequence[Axis], main: Signal) -> int:
    if block.kind == "pixel_shuffle":
        parts = prod(axis.stride for axis in axes)
        if main.channels % parts:
            raise InvalidQuestion(
                f"pixel_shuffle lays {parts} channels side by side, and {main.channels} is no multiple of {parts}",
                f"give the layer before it {-(-main.channels // parts) * parts} channels",
            )
        return main.channels // parts
    return main.channels if block.channels is None else block.channels


def _reshape(index: int, block: Block, main: Signal) -> Row:
    if block.kind == "flatten":
        return Row(index, block, main, Signal((), main.channels * prod(main.size)))
    if main.size:
        raise _Ended(
            f"{block.kind} needs a flat signal, and this one has size {by_x(main.size)}", "add a flatten before it"
        )
    if block.kind == "linear":
        return Row(index, block, main, Signal((), main.channels if block.channels is None else block.channels))
    assert block.size is not None
    if main.channels % prod(block.size):
        raise _Ended(
            f"{main.channels} features are no multiple of {prod(block.size)}, the elements of size {by_x(block.size)}",
            f"use {-(-main.channels // prod(block.size)) * prod(block.size)} features",
        )
    return Row(index, block, main, Signal(block.size, main.channels // prod(block.size)))


def _like(index: int, block: Block, main: Signal, target: Signal) -> Row:
    assert block.fit is not None
    if len(main.size) != len(target.size):
        raise _Ended(f"a {block.fit.how} like a signal with other axes: {by_x(main.size)} and {by_x(target.size)}")
    sign = 1 if block.fit.how == "crop" else -1
    sides = []
    for axis, (size, wanted) in enumerate(zip(main.size, target.size, strict=True)):
        if sign * (size - wanted) < 0:
            other = "pad" if block.fit.how == "crop" else "crop"
            raise _Ended(f"axis {axis + 1}: a {block.fit.how} makes no {wanted} of {size}", f"use a {other}")
        split = block.fit.sides[axis].split(sign * (size - wanted))
        if split is None:
            asked = f"a {block.fit.how} of {_said(block.fit.sides[axis])}"
            raise _Ended(f"axis {axis + 1}: {asked} makes no {wanted} of {size}")
        sides.append((sign * split[0], sign * split[1]))
    return Row(index, block, main, Signal(target.size, main.channels), fits=(tuple(sides),))


def _join(index: int, block: Block, signals: Sequence[Signal]) -> Row:
    ranks = {len(signal.size) for signal in signals}
    if len(ranks) > 1:
        raise _Ended(f"{block.kind} joins a flat signal and one with axes", "flatten both")
    channels = sum(signal.channels for signal in signals)
    problems: list[Problem] = []
    if block.kind == "add":
        channels = signals[0].channels
        for signal in signals[1:]:
            if signal.channels != channels:
                unequal = f"add needs equal channels, and has {channels} and {signal.channels}"
                problems.append(Problem(unequal, about="channels"))
    size, fits = [], []
    if block.fit is None and len({signal.size for signal in signals}) > 1:
        problems.append(Problem(f"{' and '.join(by_x(signal.size) for signal in signals)} do not join"))
    for axis in range(ranks.pop()):
        sizes = [signal.size[axis] for signal in signals]
        target, rows, problem = _fit_axis(axis, block.fit, sizes)
        size.append(target)
        fits.append(rows)
        problems += [problem] if problem else []
    per_source = tuple(zip(*fits, strict=True)) if fits else ((),) * len(signals)
    return Row(index, block, signals[0], Signal(tuple(size), channels), fits=per_source, problems=tuple(problems))


def _fit_axis(axis: int, fit: Fit | None, sizes: Sequence[int]) -> tuple[int, list[tuple[int, int]], Problem | None]:
    """(the size that all take, the rows cropped or padded of each, what does not fit)."""
    same = [(0, 0)] * len(sizes)
    if len(set(sizes)) == 1:
        return sizes[0], same, None
    if fit is None:
        return sizes[1], same, None
    target = min(sizes) if fit.how == "crop" else max(sizes)
    sign = 1 if fit.how == "crop" else -1
    splits = [fit.sides[axis].split(abs(size - target)) if size != target else (0, 0) for size in sizes]
    if None in splits:
        asked = f"a {fit.how} of {_said(fit.sides[axis])}"
        return target, same, Problem(f"axis {axis + 1}: {asked} makes no {target} of {_listed(sizes)}")
    return target, [(sign * split[0], sign * split[1]) for split in splits if split], None


def _listed(sizes: Sequence[int]) -> str:
    return " and ".join(map(str, sizes))


def _said(side: Side) -> str:
    if side.begin is None and side.end is None:
        return "equal sides" if side.equal else "both sides"
    return ":".join("?" if rows is None else str(rows) for rows in (side.begin, side.end))


def by_x(size: Sequence[int]) -> str:
    """A size as people write it, 4x6; a flat signal has none."""
    return "x".join(map(str, size)) or "flat"
