"""A pasted layer as a question: what its words mean, on every axis, with the sizes that the user gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tconv_design.dialects.catalogue import NAMES, SPOKEN, no_dialect, read
from tconv_design.dialects.reading import Fixed, Hints, Pads, Reading
from tconv_design.errors import InvalidQuestion
from tconv_design.padding import Policy
from tconv_design.question import SIZES, AxisAsked, PolicyQuestion, Question
from tconv_design.unknowns import AxisQuestion
from tconv_design.values import Values, parse_values, split_axes
from tconv_design.wording import shown

LAYER = "layer"
_BESIDE = (LAYER, "in", "out", "kernel", "in_channels", "out_channels", "dialect", "tied")


def reading_of(options: Mapping[str, Any]) -> Reading:
    """What the pasted layer among the options means. Raises InvalidQuestion for options that the layer says itself."""
    given = {name: value for name, value in options.items() if value is not None}
    text = given.get(LAYER)
    if not isinstance(text, str):
        raise InvalidQuestion(f"layer must be text, got {shown(str(text))}", 'as in "nn.ConvTranspose2d(8, 4, 3)"')
    for name in given:
        if name not in _BESIDE:
            option = f"--{name.replace('_', '-')}"
            raise InvalidQuestion(f"the pasted layer has its own {name}", f"drop {option}, or change it in the layer")
    dialect, runtime = _spoken(given.get("dialect"))
    kernel = None
    if "kernel" in given:
        kernel = tuple(_number("kernel", part) for part in split_axes("kernel", _text(given["kernel"])))
    in_channels, out_channels = (
        _number(name, given[name]) if name in given else None for name in ("in_channels", "out_channels")
    )
    reading = read(text, dialect, Hints(kernel, in_channels, out_channels, runtime))
    _check_channels(read(text, dialect, Hints(kernel, runtime=runtime)), in_channels, out_channels)
    if kernel is not None and reading.kernel != (kernel * reading.ndim)[: reading.ndim]:
        raise InvalidQuestion("the pasted layer has its own kernel", "drop --kernel, or change it in the layer")
    return reading


def _check_channels(alone: Reading, in_channels: int | None, out_channels: int | None) -> None:
    """Raises InvalidQuestion where the user gives other channels than the code says of itself."""
    for name, given, said in (
        ("in_channels", in_channels, alone.in_channels),
        ("out_channels", out_channels, alone.out_channels),
    ):
        if given is not None and said not in (None, given):
            raise InvalidQuestion(
                f"{alone.call} says {name} {said} itself, and {given} is given",
                f"drop --{name.replace('_', '-')}, or change it in the layer",
            )


def pasted_question(reading: Reading, options: Mapping[str, Any]) -> Question:
    """The question whether, and at which sizes, a layer that was read does what the sizes among the options say."""
    sizes = {name: _sizes(name, options.get(name), reading) for name in ("in", "out")}
    if all(values is SIZES for row in sizes.values() for values in row):
        raise InvalidQuestion("the pasted layer does not say its input size", "give --in, --out or both")
    if all(values.size == 1 for values in sizes["in"]):
        reading.output_size([values.low for values in sizes["in"]])  # raises Refused where the framework refuses
    axes = (_axis(reading, axis, sizes["in"][axis], sizes["out"][axis]) for axis in range(reading.ndim))
    tied = bool(options.get("tied"))
    query = {name: value for name, value in options.items() if value is not None}
    return Question(reading.kind, tuple(axes), reading.groups, *reading.channels, tied, query)


def _spoken(name: Any) -> tuple[str | None, str]:
    """The dialect to read in, None for the one that the text is in, and the runtime."""
    if name is None:
        return None, ""
    if str(name) in NAMES:
        return str(name), ""  # a program that names its runtime is read as it
    if str(name) not in SPOKEN:
        raise no_dialect(str(name), [*NAMES, *SPOKEN])
    return SPOKEN[str(name)]


def _text(given: Any) -> str:
    """A value per axis as the command line has it."""
    return "x".join(map(str, given)) if isinstance(given, list | tuple) else str(given)


def _number(name: str, text: Any) -> int:
    values = parse_values(name, str(text), 1)
    if values is None or values.size != 1:
        raise InvalidQuestion(
            f"{name} beside a pasted layer must be numbers, got {shown(str(text))}", "write one number"
        )
    return values.low


def _sizes(name: str, given: Any, reading: Reading) -> list[Values]:
    if given is None:
        return [SIZES] * reading.ndim
    parts = split_axes(name, _text(given))
    if len(parts) not in (1, reading.ndim):
        raise InvalidQuestion(
            f"{name} has {len(parts)} axes and {reading.call} has {reading.ndim}", "give one value, or one per axis"
        )
    values = [parse_values(name, part, 1) or SIZES for part in parts]
    return values * reading.ndim if len(values) == 1 else values


def _axis(reading: Reading, axis: int, in_: Values, out: Values) -> AxisAsked:
    unknown = tuple(name for name, values in (("in", in_), ("out", out)) if values.size > 1)
    k, s, d = (Values.one(each[axis]) for each in (reading.kernel, reading.stride, reading.dilation))
    if not isinstance(reading.rules[axis], Fixed):
        return AxisAsked(PolicyQuestion(reading.kind, in_, out, k, s, d, None, _policy(reading, axis)), unknown)
    begin, end, extra = map(Values.one, reading.canonical_pads(axis, in_.low))
    return AxisAsked(AxisQuestion(reading.kind, in_, out, k, s, d, begin, end, extra, symmetric=begin == end), unknown)


def _policy(reading: Reading, axis: int) -> Policy:
    def pads(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
        yield reading.canonical_pads(axis, in_)

    return pads
