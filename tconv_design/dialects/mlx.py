"""mlx's words: modules of mlx.nn, and the functions of mlx.core that take an array and a kernel; channels last."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Program, Signature, bind, numbers, written
from tconv_design.dialects.function import Around
from tconv_design.dialects.mlx_sizes import Sizes, expected
from tconv_design.dialects.mlx_writing import LAYOUT, spell, write
from tconv_design.dialects.reading import Fixed, Hints, Reading, Rule, Settle, array_shape, hinted_kernel
from tconv_design.dialects.strict import given_channels, per_axis
from tconv_design.dialects.surroundings import around, composed
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, NoLayer, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.wording import shown

__all__ = ["read", "spell", "write"]

UNTURNED = "flip=False: the kernel is that of a transposed convolution turned round"

_MODULE = ("in_channels", "out_channels", "kernel_size", "stride", "padding", "dilation")
_FUNCTION = ("input", "weight", "stride", "padding", "dilation")
_GENERAL = Signature(
    ("input", "weight", "stride", "padding", "kernel_dilation", "input_dilation", "groups", "flip"), ("stream",)
)


class _Asked(NamedTuple):
    """A call's arguments, checked. `rules` are those of the call alone, `around` is what stands around it."""

    call: Call
    found: dict[str, Any]
    kind: Kind
    axes: tuple[Axis, ...]
    rules: tuple[Rule, ...]
    around: Around
    groups: int
    flipped: bool = False


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A module, or a function with the crop and the groups around it."""
    asked = _general(program, call, hints) if call.last == "conv_general" else _named(program, call, hints)
    into, out = _channels(asked)
    sizes = Sizes(asked.kind, asked.axes, asked.rules)
    return Reading(
        "mlx",
        call.last,
        asked.kind,
        tuple(axis.kernel for axis in asked.axes),
        tuple(axis.stride for axis in asked.axes),
        tuple(axis.dilation for axis in asked.axes),
        composed(asked.around, asked.kind, asked.axes, asked.rules),
        LAYOUT._replace(flipped=asked.flipped),
        asked.groups,
        hints.in_channels or into,
        hints.out_channels or out,
        settle=_settle(asked, sizes),
        notes=tuple(_notes(asked)),
        defect=lambda in_size: sizes.defect(_inner(asked, in_size)),
        words=_words(asked, (into, out)) if asked.around.is_nothing else None,
    )


def _named(program: Program, call: Call, hints: Hints) -> _Asked:
    name = re.fullmatch(r"(conv)(_?transpose)?([123])d", call.last, re.IGNORECASE)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of mlx", "for example nn.ConvTranspose2d")
    kind: Kind = "tconv" if name[2] else "conv"
    ndim = int(name[3])
    is_function = call.last[0] == "c"
    found = bind(call, _signature(kind, ndim, is_function))
    surrounding = around(program, call, LAYOUT, ndim) if is_function else Around.nothing(ndim)
    axes = _axes(
        _kernel(call, found, hints, ndim, surrounding),
        *(_positive(call, each, _per_axis(call, each, found.get(each, 1), ndim)) for each in ("stride", "dilation")),
    )
    padding = found.get("padding", 0)
    if isinstance(padding, str):
        raise Refused(
            f"mlx has no padding {padding!r} for {call.last}: it takes numbers, and raises TypeError at the call",
            "write the padding as numbers; translate writes them for another framework's 'same'",
        )
    sides = _per_axis(call, "padding", padding, ndim)
    extras = _per_axis(call, "output_padding", found.get("output_padding", 0), ndim)
    rules = tuple(Fixed(side, side, extra) for side, extra in zip(sides, extras, strict=True))
    return _Asked(call, found, kind, axes, rules, surrounding, _groups(call, found, ndim) * surrounding.parts)


def _signature(kind: Kind, ndim: int, is_function: bool) -> Signature:
    extra = ("output_padding",) * (kind == "tconv")
    if is_function:
        return Signature((*_FUNCTION, *extra, "groups"), ("stream",))
    return Signature((*_MODULE, *extra, *("groups",) * (kind == "conv" and ndim < 3), "bias"))


def _per_axis(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    if ndim == 1 and isinstance(value, tuple):
        raise Refused(f"{name} {value} of {call.last}: mlx takes a number in one axis", "write the number alone")
    return per_axis(call, name, value, ndim)


def _positive(call: Call, name: str, found: tuple[int, ...]) -> tuple[int, ...]:
    if min(found) < 1:
        raise Refused(f"{name} {min(found)} of {call.last} must be positive", f"use {name}=1")
    return found


def _axes(kernel: Sequence[int], stride: Sequence[int], dilation: Sequence[int]) -> tuple[Axis, ...]:
    return tuple(Axis(k, s, dilation=d) for k, s, d in zip(kernel, stride, dilation, strict=True))


def _kernel(call: Call, found: dict[str, Any], hints: Hints, ndim: int, surrounding: Around) -> tuple[int, ...]:
    if "kernel_size" in found:
        return _positive(call, "kernel_size", _per_axis(call, "kernel_size", found["kernel_size"], ndim))
    if call.last[0] != "c":
        raise InvalidQuestion(f"{call.last} is not given its kernel_size", "write it, as in nn.Conv2d(8, 4, 3)")
    if hints.kernel is None and surrounding.shape is not None:
        return surrounding.shape[1:-1]
    return hinted_kernel(call, found.get("weight"), hints, ndim, first=1)


def _groups(call: Call, found: dict[str, Any], ndim: int) -> int:
    groups = numbers(call, "groups", found.get("groups", 1), 1)[0]
    if groups > 1 and ndim == 3:
        raise Refused(
            f"{call.last} with groups {groups}: mlx can only handle groups != 1 in 1D or 2D convolutions",
            "call it for each group, of input and kernel split by mx.split",
        )
    return groups


def _general(program: Program, call: Call, hints: Hints) -> _Asked:
    found = bind(call, _GENERAL)
    ndim = _rank(call, found, hints)
    surrounding = around(program, call, LAYOUT, ndim)
    kernel = _kernel(call, found, hints, ndim, surrounding)
    stride, dilation, dilated = (
        _positive(call, each, numbers(call, each, found.get(each, 1), ndim))
        for each in ("stride", "kernel_dilation", "input_dilation")
    )
    flip = found.get("flip", False)
    if not isinstance(flip, bool):
        raise Refused(f"flip of {call.last} is {written(flip)}, and the layer hangs on it", "write flip=True")
    if max(stride) > 1 and max(dilated) > 1:
        raise NoLayer(f"{call.last} with stride {stride} and input_dilation {dilated} is both at once", "set one to 1")
    kind: Kind = "tconv" if max(dilated) > 1 or (flip and max(stride) == 1) else "conv"
    axes = _axes(kernel, dilated if kind == "tconv" else stride, dilation)
    rules = tuple(_general_rule(kind, *each) for each in zip(axes, *_sides(call, found, ndim), strict=True))
    flipped = flip == (kind == "conv")
    groups = _groups(call, found, ndim) * surrounding.parts
    return _Asked(call, found, kind, axes, rules, surrounding, groups, flipped)


def _general_rule(kind: Kind, axis: Axis, low: int, high: int) -> Rule:
    if kind == "conv":
        return Fixed(low, high)
    return Fixed(axis.effective_kernel - 1 - low, axis.effective_kernel - 1 - high)


def _rank(call: Call, found: dict[str, Any], hints: Hints) -> int:
    """The number of spatial axes of a conv_general, which only its arguments say."""
    shape = array_shape(found.get("weight"))
    if shape is not None:
        return len(shape) - 2
    given = [found.get(each) for each in ("stride", "padding", "kernel_dilation", "input_dilation")]
    given = [each[0] if isinstance(each, tuple) and each and isinstance(each[0], tuple) else each for each in given]
    lengths = [len(each) for each in (*given, hints.kernel) if isinstance(each, tuple)]
    if not lengths or not 1 <= max(lengths) <= 3:
        raise InvalidQuestion(f"{call.last} does not say how many axes it has", "give one stride per axis, as (2, 2)")
    return max(lengths)


def _sides(call: Call, found: dict[str, Any], ndim: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """What is padded at the beginning of every axis, and at the end."""
    padding = found.get("padding", 0)
    if isinstance(padding, tuple) and padding and all(isinstance(each, tuple) for each in padding):
        if len(padding) != 2:
            raise Refused(
                f"padding {written(padding)} of {call.last} has {len(padding)} lists, and mlx takes two",
                "write ([all beginnings], [all ends])",
            )
        low, high = (numbers(call, "padding", each, ndim) for each in padding)
        return low, high
    both = numbers(call, "padding", padding, ndim)
    return both, both


def _inner(asked: _Asked, in_size: Sequence[int]) -> tuple[int, ...]:
    """The size that the call itself is given."""
    return tuple(size + sum(rows) for size, rows in zip(in_size, asked.around.before, strict=True))


def _settle(asked: _Asked, sizes: Sizes) -> Settle:
    def settle(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        inner = _inner(asked, in_size)
        made = sizes.settle(inner)
        formula = tuple(map(expected, [asked.kind] * len(inner), asked.axes, asked.rules, inner))
        if made != formula:
            out = [len(range(rows)[slice(*window)]) for rows, window in zip(made, asked.around.window, strict=True)]
        if min(out) < 1:
            raise Refused(f"the crop leaves nothing: its size is {'x'.join(map(str, out))}", "crop less")
        return tuple(out)

    return settle


def _channels(asked: _Asked) -> tuple[int | None, int | None]:
    shape = asked.around.shape or array_shape(asked.found.get("weight"))
    if shape is None:
        return given_channels(asked.call, asked.found)
    return shape[-1] * asked.groups, shape[0]


def _notes(asked: _Asked) -> Iterator[str]:
    if asked.kind == "tconv" and asked.call.last == "conv_general":
        yield "its padding is that of the dilated input: padding p of torch is dilation*(kernel-1) - p here"
        if asked.flipped:
            yield UNTURNED
    elif asked.kind == "conv" and asked.flipped:
        yield "flip=True: the kernel is that of a convolution turned round"


def _words(asked: _Asked, channels: tuple[int | None, int | None]) -> Words | None:
    if asked.call.last == "conv_general" and (asked.kind == "tconv" or asked.flipped):
        return None
    pads = [rule(1) for rule in asked.rules]
    return Words(
        asked.kind,
        tuple(axis.kernel for axis in asked.axes),
        tuple(axis.stride for axis in asked.axes),
        tuple(axis.dilation for axis in asked.axes),
        tuple((begin, end) for begin, end, _ in pads),
        tuple(extra for _, _, extra in pads) if "output_padding" in asked.found else None,
        asked.groups,
        *(each or asked.groups for each in channels),
    )
