"""Paddle's words: Conv and Transpose layers and functions, with zeros after the input where arguments do not reach."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Program, Signature, bind, numbers, written
from tconv_design.dialects.layout import CANONICAL, Layout
from tconv_design.dialects.paddle_padding import SIDES, finished_rules, side_rules, sides
from tconv_design.dialects.reading import Hints, Pads, Reading, Settle, hinted_kernel, surrounded
from tconv_design.dialects.sequential import Sides, surroundings
from tconv_design.dialects.strict import Truncated, given_channels, per_axis, positive
from tconv_design.dialects.writing import Words, Written, given, short
from tconv_design.errors import InvalidQuestion, NoLayer, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.wording import did_you_mean, shown

CHANNELS_LAST = ("NLC", "NHWC", "NDHWC")
CHANNELS_FIRST = ("NCL", "NCHW", "NCDHW")

_COMMON = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_ATTRIBUTES = ("weight_attr", "bias_attr", "data_format")
_ELSEWHERE = ("torch takes one number for both sides", "tinygrad reads such a tuple last axis first")
_CONV = Signature((*_COMMON, "dilation", "groups"), ("bias", "padding_mode", "device", "dtype", *_ATTRIBUTES))
_CONV_FUNCTION = Signature(
    ("x", "weight", "bias", "stride", "padding", "dilation", "groups", "data_format", "name"), ("input",)
)
_AFTER_OUTPUT_PADDING = {1: ("groups", "dilation"), 2: ("dilation", "groups"), 3: ("dilation", "groups")}
_AFTER_IN_FUNCTIONS = _AFTER_OUTPUT_PADDING | {3: ("groups", "dilation")}


class _Asked(NamedTuple):
    """The arguments of a call, checked; `padding` is same, valid, or (begin, end) per axis."""

    call: Call
    kind: Kind
    found: dict[str, Any]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...]
    channels_last: bool

    @property
    def ndim(self) -> int:
        return len(self.kernel)

    @property
    def run_dilation(self) -> tuple[int, ...]:
        """The dilation that paddle runs with."""
        return (1,) * self.ndim if self.padding == "same" else self.dilation

    @property
    def axes(self) -> list[Axis]:
        """The axes without their padding, as paddle runs them."""
        return [Axis(k, s, dilation=d) for k, s, d in zip(self.kernel, self.stride, self.run_dilation, strict=True)]


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A layer or function, with the Pad that stands before or after it in a Sequential."""
    asked = _asked(call, hints)
    kind, ndim = asked.kind, asked.ndim
    wanted = _output_size(program, asked) if kind == "tconv" else None
    inner = finished_rules(call, kind, asked.found, asked.axes, side_rules(kind, asked.padding, asked.axes), wanted)
    before, after = surroundings(program, call, ndim, r"Conv[123]D(Transpose)?", r"(Zero)?Pad[123]D", _pads)
    rules = tuple(map(surrounded, [kind] * ndim, inner, before, after, asked.stride))
    truncated = Truncated(asked.kernel, asked.stride, asked.run_dilation, rules)
    alone = wanted is None and not any(map(any, before + after))
    channels = given_channels(call, asked.found)
    return Reading(
        "paddle",
        call.last,
        kind,
        asked.kernel,
        asked.stride,
        asked.run_dilation,
        rules,
        Layout(asked.channels_last, CANONICAL[kind].weight),
        numbers(call, "groups", asked.found.get("groups", 1), 1)[0],
        hints.in_channels or channels[0],
        hints.out_channels or channels[1],
        settle=_settle(truncated if kind == "conv" else None),
        notes=tuple(_notes(asked, wanted)),
        defect=truncated.defect if kind == "conv" else lambda in_size: "",
        words=_words(asked) if alone else None,
    )


def _asked(call: Call, hints: Hints) -> _Asked:
    name = re.fullmatch(r"(conv)([123])d(_?transpose)?", call.last, re.IGNORECASE)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of paddle", "for example nn.Conv2DTranspose")
    kind: Kind = "tconv" if name[3] else "conv"
    ndim = int(name[2])
    found = bind(call, _signature(call, kind, ndim))
    kernel = _kernel(call, found, hints, ndim)
    stride, dilation = (positive(call, each, found.get(each, 1), ndim) for each in ("stride", "dilation"))
    channels_last = _is_channels_last(call, found)
    padding = sides(call, found.get("padding", 0), ndim, channels_last)
    _check_mode(call, found.get("padding_mode", "zeros"))
    return _Asked(call, kind, found, kernel, stride, dilation, padding, channels_last)


def _settle(truncated: Truncated | None) -> Settle:
    """A result without rows is fine; less than none is allocated and ends the process, or corrupts its memory."""

    def settle(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        sizes = truncated.sizes(in_size) if truncated else tuple(out)
        if min(sizes) < 0:
            raise Refused(
                f"less than nothing is left of the input, {'x'.join(map(str, sizes))}: paddle ends the process there "
                "instead of raising",
                "crop less, or give a larger input",
            )
        return sizes

    return settle


def _signature(call: Call, kind: Kind, ndim: int) -> Signature:
    is_function = call.last[0] == "c"
    if kind == "conv":
        return _CONV_FUNCTION if is_function else _CONV
    if is_function:
        first = ("x", "weight", "bias", "stride", "padding", "output_padding", *_AFTER_IN_FUNCTIONS[ndim])
        return Signature((*first, "output_size", "data_format", "name"))
    return Signature((*_COMMON, "output_padding", *_AFTER_OUTPUT_PADDING[ndim], *_ATTRIBUTES))


def _kernel(call: Call, found: dict[str, Any], hints: Hints, ndim: int) -> tuple[int, ...]:
    if "kernel_size" in found:
        return positive(call, "kernel_size", found["kernel_size"], ndim)
    if call.last[0] != "c":
        raise InvalidQuestion(f"{call.last} is not given its kernel_size", "write it, as in nn.Conv2D(8, 4, 3)")
    return hinted_kernel(call, found.get("weight"), hints, ndim)


def _is_channels_last(call: Call, found: dict[str, Any]) -> bool:
    name = found.get("data_format", CHANNELS_FIRST[0])
    if name not in CHANNELS_LAST + CHANNELS_FIRST:
        raise Refused(
            f"data_format {written(name)} of {call.last} is none that paddle has",
            did_you_mean(str(name), CHANNELS_FIRST + CHANNELS_LAST),
        )
    return name in CHANNELS_LAST


def _check_mode(call: Call, mode: Any) -> None:
    if mode != "zeros":
        error = NoLayer if mode in ("reflect", "replicate", "circular") else Refused
        raise error(
            f"padding_mode {written(mode)} of {call.last}: only zero padding is a layer here",
            "use padding_mode='zeros'",
        )


def _output_size(program: Program, asked: _Asked) -> tuple[int, ...] | None:
    """What a function's output_size or `layer(x, output_size=...)` asks for; None where nothing is asked."""
    call, found = asked.call, asked.found
    size = found.get("output_size")
    for outer in program.calls:
        if outer.text.startswith(f"{call.text}("):
            size = outer.keywords.get("output_size", outer.args[1] if len(outer.args) > 1 else size)
    if size is None:
        return None
    if found.get("output_padding", 0) != 0 and (call.last[0] == "c" or asked.ndim == 1):
        raise Refused(
            f"{call.last} is given output_padding {written(found['output_padding'])} and an output_size; they are "
            "mutually exclusive",
            "drop output_padding",
        )
    return per_axis(call, "output_size", size, asked.ndim)


def _pads(call: Call, ndim: int) -> Sides:
    """(begin, end) per axis of a Pad layer, whose argument has the last axis first."""
    found = bind(call, Signature(("padding", "mode", "value", "data_format", "name")))
    if found.get("mode", "constant") != "constant" or found.get("value", 0) != 0:
        raise Refused(f"{call.text} pads with other than 0, and a layer's padding is 0", "pad with 0")
    flat = numbers(call, "padding", found.get("padding"), 2 * ndim)
    return [(flat[2 * axis], flat[2 * axis + 1]) for axis in reversed(range(ndim))]


def _notes(asked: _Asked, wanted: tuple[int, ...] | None) -> Iterator[str]:
    given_padding, padding = asked.found.get("padding"), asked.padding
    if padding == "same" and max(asked.dilation) > 1:
        yield f"paddle resets dilation {short(asked.dilation)} to 1 under padding 'SAME', silently: this runs with 1"
    if padding == "same" and asked.kind == "tconv":
        yield "paddle's 'SAME' takes the pads of a forward convolution over the same input: not in*stride rows"
    if isinstance(given_padding, tuple) and len(given_padding) == 2 * asked.ndim and isinstance(given_padding[0], int):
        yield f"paddle reads padding {given_padding} as {SIDES[asked.ndim]}; {_ELSEWHERE[asked.ndim > 1]}"
    if wanted is not None and asked.found.get("output_padding", 0) != 0:
        yield f"{asked.call.last} drops its output_padding where an output_size is given, silently"


def _words(asked: _Asked) -> Words:
    call, found = asked.call, asked.found
    extra = found.get("output_padding")
    groups = numbers(call, "groups", found.get("groups", 1), 1)[0]
    return Words(
        asked.kind,
        asked.kernel,
        asked.stride,
        asked.dilation,
        asked.padding,
        None if extra is None else per_axis(call, "output_padding", extra, asked.ndim),
        groups,
        *(each or groups for each in given_channels(call, found)),
    )


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One paddle layer, or a Sequential of it after zeros; every canonical layer has one."""
    layout = CANONICAL[layer.kind]
    if layer.kind == "conv":
        return Written(_program(_module(layer, layer.padding)), True, layout, _written_notes(layer.padding))
    pads, zeros = zip(*map(_native_words, layer.axes), strict=True)
    sides = tuple((begin, end) for begin, end, _ in pads)
    module = _module(layer, sides, [extra for _, _, extra in pads])
    if not any(zeros):
        return Written(_program(module), True, layout, _written_notes(sides))
    rows = tuple(side for zero in reversed(zeros) for side in (0, zero))
    pad = f"paddle.nn.Pad{layer.ndim}D({rows}),  # zeros after the input, last axis first"
    program = _program(f"paddle.nn.Sequential(\n    {pad}\n    {module},\n)")
    why = "paddle takes output_padding below the stride only, also where dilation is larger: zeros make the other rows"
    return Written(program, False, layout, (*_written_notes(sides), why))


def spell(words: Words) -> str | None:
    """A layer with these arguments as they are."""
    if words.kind == "conv" and words.output_padding is not None:
        return None
    padding = repr(words.padding) if isinstance(words.padding, str) else _padding(words.padding)
    parts = [str(words.in_channels), str(words.out_channels), short(words.kernel), f"stride={short(words.stride)}"]
    parts += [f"padding={padding}", f"dilation={short(words.dilation)}", f"groups={words.groups}"]
    if words.output_padding is not None:
        parts.append(f"output_padding={short(words.output_padding)}")
    return _program(f"{_name(words.kind, words.ndim)}({', '.join(parts)})")


def _native_words(axis: Axis) -> tuple[Pads, int]:
    """The pads that paddle takes on this axis, and the zeros that it needs after the input.

    A zero after the input moves the end by a stride, and adds nothing to the rows before it.
    """
    extra = axis.pad_begin - axis.end
    if 0 <= extra < axis.stride:
        return (axis.pad_begin, axis.pad_begin, extra), 0
    zeros = max(-axis.end, 0) // axis.stride
    end = axis.end + zeros * axis.stride
    return (axis.pad_begin, max(end, 0), max(-end, 0)), zeros


def _written_notes(sides: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    if all(begin == end for begin, end in sides):
        return ()
    return (f"padding is {SIDES[len(sides)]} here; {_ELSEWHERE[len(sides) > 1]}",)


def _program(words: str) -> str:
    return f"import paddle\n\nlayer = {words}\n"


def _name(kind: Kind, ndim: int) -> str:
    return f"paddle.nn.Conv{ndim}D{'Transpose' * (kind == 'tconv')}"


def _module(layer: Layer, sides: Sequence[tuple[int, int]], output_padding: Sequence[int] = ()) -> str:
    """The constructor call, without the arguments that are paddle's defaults."""
    options = [
        *given([("stride", layer.stride, 1)]),
        *([f"padding={_padding(sides)}"] if any(map(any, sides)) else []),
        *given([("output_padding", output_padding, 0), ("dilation", layer.dilation, 1), ("groups", [layer.groups], 1)]),
    ]
    arguments = ", ".join([str(layer.in_channels), str(layer.out_channels), short(layer.kernel), *options])
    return f"{_name(layer.kind, layer.ndim)}({arguments})"


def _padding(sides: Sequence[tuple[int, int]]) -> str:
    """One number, one per axis, or both sides of each axis from the first on."""
    if all(begin == end for begin, end in sides):
        return short(begin for begin, _ in sides)
    return str(tuple(side for pair in sides for side in pair))
