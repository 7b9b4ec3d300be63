"""A planning problem from plain options, as the command line has them: each layer's box is exactly `solve`'s."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.planning.criteria import DEFAULT
from tconv_design.planning.members import Box
from tconv_design.planning.problem import Limits, Problem, Stage
from tconv_design.question import ask
from tconv_design.values import parse_values
from tconv_design.wording import did_you_mean, shown

NO_LIMITS = Limits()
MAX_LAYERS = 1000
BOX_OPTIONS = ("kernel", "stride", "padding", "output_padding", "dilation", "dialect")


def chain_problem(
    in_: Any,
    out: Any,
    layers: Any,
    *,
    channels: Any = None,
    kind: str | None = None,
    rank: tuple[str, ...] = DEFAULT,
    top: int = 5,
    limits: Limits = NO_LIMITS,
    bias: bool = True,
    **options: Any,
) -> Problem:
    """Chains of equal boxes from `in_` to `out`, for each number of layers of `layers` ("3..6", 4, "2,4").

    `options` are `BOX_OPTIONS` and `groups`, as for `solve`; sizes are ints, one per axis, or text. `channels`:
    "512:3", or a list of one more than there are layers; None is one channel throughout. Raises InvalidQuestion.
    """
    for name in options:
        if name not in (*BOX_OPTIONS, "groups"):
            raise InvalidQuestion(f"unknown option {name!r}", did_you_mean(name, (*BOX_OPTIONS, "groups")))
    numbers = _numbers_of_layers(layers)
    sizes = ask({"in": in_, "out": out, "kind": kind} | _shaped(options))
    ins, outs = (tuple(_one(name, axis.numbers, name) for axis in sizes.axes) for name in ("in", "out"))
    boxes = _boxes(sizes.kind, len(ins), options)
    groups = ask({"in": 1, "out": "?", "kernel": 1, "groups": options.get("groups")}).groups
    chains = tuple(
        tuple(
            Stage(sizes.kind, boxes, (), groups, before, after, bias)
            for before, after in pairwise(channel_list(channels, number, groups))
        )
        for number in numbers
    )
    return Problem(chains, ins, outs, rank, top, limits)


def channel_list(channels: Any, layers: int, groups: int = 1) -> tuple[int, ...]:
    """The channels before, between and after `layers` layers.

    "a:b" is a geometric row, channels_i = a*(b/a)^(i/layers) rounded to the nearest whole number (a half upwards), at
    least 1; with groups, to the nearest multiple of them. A list is taken as it stands. Raises InvalidQuestion.
    """
    if channels is None:
        return (groups,) * (layers + 1)
    if isinstance(channels, str) and ":" in channels:
        first, last = (_channel(part) for part in channels.split(":", 1))
        found = [geometric(first, last, index, layers, groups) for index in range(1, layers)]
        return _divisible((first, *found, last), groups)
    parts = channels.split(",") if isinstance(channels, str) else [channels] if isinstance(channels, int) else channels
    given = tuple(_channel(part) for part in parts)
    if len(given) != layers + 1:
        fix = f"use --layers {len(given) - 1}" if len(given) > 1 else f"write {given[0]}:{given[0]}"
        raise InvalidQuestion(
            f"{len(given)} channels (before, between, after) are for {len(given) - 1} layers, and there are {layers}",
            f"{fix}, or give {layers + 1} channels",
        )
    return _divisible(given, groups)


def geometric(first: int, last: int, index: int, steps: int, unit: int = 1) -> int:
    """first*(last/first)^(index/steps) to the nearest multiple of `unit`, at least one: exact, a half upwards.

    x/unit >= m - 1/2 where (2*first^(steps-index)*last^index's root) does: compared as whole powers.
    """
    power = first ** (steps - index) * last**index  # the value to the power of `steps`
    low, high = 0, max(first, last) // unit + 1
    while low < high:  # the largest m with unit*(2m - 1)/2 <= value
        middle = (low + high + 1) // 2
        if (unit * (2 * middle - 1)) ** steps <= power << steps:
            low = middle
        else:
            high = middle - 1
    return max(1, low) * unit


def _channel(part: Any) -> int:
    values = parse_values("channels", str(part).strip(), 1)
    if values is None or values.size != 1:
        raise InvalidQuestion(
            f"channels {shown(str(part))} is not one whole number", "write for example 512:3 or 512,256,64,3"
        )
    return values.low


def _divisible(row: tuple[int, ...], groups: int) -> tuple[int, ...]:
    for channels in row:
        if channels % groups:
            fix = -(-channels // groups) * groups
            raise InvalidQuestion(f"channels {channels} must be a multiple of groups {groups}", f"use {fix}")
    return row


def _numbers_of_layers(layers: Any) -> tuple[int, ...]:
    values = parse_values("layers", str(layers).strip(), 1)
    if values is None:
        raise InvalidQuestion("the number of layers is open", "give a number or a range, for example --layers 3..6")
    if values.high > MAX_LAYERS:
        raise InvalidQuestion(
            f"layers {values} goes beyond {MAX_LAYERS}, the most that are planned", "use fewer layers"
        )
    return tuple(values)


def _shaped(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options whose number of axes counts, with the sizes: their values do not."""
    given = {name: value for name, value in options.items() if name in BOX_OPTIONS and value is not None}
    return {"kernel": 1} | given


def _one(name: str, numbers: Any, field: str) -> int:
    values = numbers.in_ if field == "in" else numbers.out
    if values.size != 1:
        raise InvalidQuestion(
            f"a chain needs one {name}, and {values if values.high < MAX_SIZE else '?'} is open",
            f"give --{name} as a number, for example --{name} 4",
        )
    return int(values.low)


def _boxes(kind: Kind, ndim: int, options: Mapping[str, Any]) -> tuple[Box, ...]:
    """What `solve` would look through, one box per axis, for any sizes."""
    every = "x".join([f"1..{MAX_SIZE}"] * ndim)
    given = {name: value for name, value in options.items() if name in BOX_OPTIONS}
    question = ask({"in": every, "out": every, "kind": kind, **given})
    return tuple(axis.numbers for axis in question.axes)
