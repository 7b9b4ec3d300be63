"""PyTorch's words as it understands them: Conv and ConvTranspose modules, their functions, pads and crops beside."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tconv_design.dialects.call import Call, Opaque, Program, Signature, bind, count, numbers, written
from tconv_design.dialects.layout import CANONICAL
from tconv_design.dialects.reading import (
    Fixed,
    Hints,
    Pads,
    Reading,
    Rule,
    Settle,
    array_shape,
    at_least_one,
    hinted_kernel,
    named,
    none_allowed,
    surrounded,
)
from tconv_design.dialects.sequential import Sides, surroundings
from tconv_design.dialects.torch_writing import spell, write
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, NoLayer, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy
from tconv_design.wording import did_you_mean, shown

__all__ = ["read", "spell", "write"]

_CONVOLUTION = r"(Lazy)?Conv(Transpose)?[123]d"
_PAD = r"(Constant|Zero|Reflection|Replication|Circular)Pad[123]d"

_COMMON = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_LAST = ("padding_mode", "device", "dtype")
_MODULE: dict[Kind, Signature] = {
    "conv": Signature((*_COMMON, "dilation", "groups", "bias", *_LAST)),
    "tconv": Signature((*_COMMON, "output_padding", "groups", "bias", "dilation", *_LAST)),
}
_FUNCTION: dict[Kind, Signature] = {
    "conv": Signature(("input", "weight", "bias", "stride", "padding", "dilation", "groups")),
    "tconv": Signature(("input", "weight", "bias", "stride", "padding", "output_padding", "groups", "dilation")),
}


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A module or function, with the ConstantPad or ZeroPad that stands before or after it in a Sequential."""
    name = re.fullmatch(r"(Lazy)?(conv)(_?transpose)?([123])d", call.last, re.IGNORECASE)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of torch", "for example nn.ConvTranspose2d")
    kind: Kind = "tconv" if name[3] else "conv"
    ndim = int(name[4])
    found = bind(call, _signature(call, kind, is_lazy=bool(name[1])))
    if isinstance(padding := found.get("padding"), Opaque) and padding.text in ("same", "valid"):
        found["padding"] = padding.text  # as torch prints it
    kernel = _kernel(call, found, hints, ndim)
    stride, dilation = (numbers(call, each, found.get(each, 1), ndim) for each in ("stride", "dilation"))
    _check_mode(call, kind, found.get("padding_mode", "zeros"))
    groups = numbers(call, "groups", found.get("groups", 1), 1)[0]
    _check_positive(call, kernel_size=kernel, stride=stride, dilation=dilation, groups=(groups,))
    axes = [Axis(k, s, dilation=d) for k, s, d in zip(kernel, stride, dilation, strict=True)]
    rules = _rules(program, call, kind, found, axes)
    before, after = surroundings(program, call, ndim, _CONVOLUTION, _PAD, _pads)
    zeros = [(0, 0)] * ndim
    channels = _channels(call, kind, found, groups)
    return Reading(
        "torch",
        call.last,
        kind,
        kernel,
        stride,
        dilation,
        tuple(map(surrounded, [kind] * ndim, rules, before, after, stride)),
        CANONICAL[kind],
        groups,
        hints.in_channels or channels[0],
        hints.out_channels or channels[1],
        settle=_settle(kind, hints.batch),
        words=_words(kind, kernel, stride, dilation, found, groups, channels) if before == after == zeros else None,
    )


def _settle(kind: Kind, batch: int) -> Settle:
    """A transposed convolution of several samples may leave nothing; a batch of one may not, nor any convolution."""

    def settle(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        several = kind == "tconv" and batch > 1 and min(in_size) > 0
        return none_allowed(in_size, out) if several else at_least_one(in_size, out)

    return settle


def _signature(call: Call, kind: Kind, *, is_lazy: bool) -> Signature:
    if call.last[0] == "c":
        return _FUNCTION[kind]
    return Signature(_MODULE[kind].positional[is_lazy:])


def _channels(call: Call, kind: Kind, found: dict[str, Any], groups: int) -> list[int | None]:
    """(in, out), of a module by its arguments, of a function by the shape of a weight that is made on the spot."""
    shape = array_shape(found.get("weight"))
    if shape is not None and len(shape) > 2:
        first, second = shape[0], shape[1] * groups
        return [first, second] if kind == "tconv" else [second, first]
    return [count(call, name, found[name]) if name in found else None for name in ("in_channels", "out_channels")]


def _kernel(call: Call, found: dict[str, Any], hints: Hints, ndim: int) -> tuple[int, ...]:
    size = found.get("kernel_size")
    if isinstance(size, tuple) and not isinstance(size, Opaque) and len(size) == 1 < ndim:
        raise Refused(
            f"kernel_size {size} of {call.last} has 1 entry for {ndim} axes", "give a number, or one per axis"
        )
    if size is not None:
        return numbers(call, "kernel_size", size, ndim)
    if call.last[0] != "c":
        raise InvalidQuestion(f"{call.last} is not given its kernel_size", "write it, as in nn.Conv2d(8, 4, 3)")
    return hinted_kernel(call, found.get("weight"), hints, ndim)


def _check_positive(call: Call, **amounts: tuple[int, ...]) -> None:
    for name, values in amounts.items():
        if min(values) < 1:
            raise Refused(f"{name} {min(values)} of {call.last} must be greater than zero", f"use {name}=1")


def _check_mode(call: Call, kind: Kind, mode: Any) -> None:
    if mode != "zeros":
        rule = "torch has no other for a tconv" if kind == "tconv" else "only zero padding is a layer here"
        error = NoLayer if kind == "conv" and mode in ("reflect", "replicate", "circular") else Refused
        raise error(f"padding_mode {written(mode)} of {call.last}: {rule}", "use padding_mode='zeros'")


def _rules(program: Program, call: Call, kind: Kind, found: dict[str, Any], axes: Sequence[Axis]) -> tuple[Rule, ...]:
    padding = found.get("padding", 0)
    if isinstance(padding, str):
        return tuple(_named(call, kind, padding, axis) for axis in axes)
    ndim = len(axes)
    sides = numbers(call, "padding", padding, ndim)
    if min(sides) < 0:
        raise Refused(f"negative padding {min(sides)} is not supported by {call.last}", "crop the input before it")
    if kind == "conv":
        return tuple(Fixed(side, side) for side in sides)
    extras = numbers(call, "output_padding", found.get("output_padding", 0), ndim)
    wanted = _output_size(program, call, ndim)
    if wanted is not None:
        return tuple(map(_sized, axes, sides, wanted))
    return tuple(map(_transposed, axes, sides, extras))


def _named(call: Call, kind: Kind, name: str, axis: Axis) -> Rule:
    if kind == "tconv":
        raise Refused(
            f"torch has no padding {name!r} for {call.last}: the module is made, its first forward raises TypeError",
            "write the padding as numbers; translate writes them for another framework's 'same'",
        )
    if name not in ("same", "valid"):
        raise Refused(f"invalid padding string {shown(name)} in {call.last}", did_you_mean(name, ("same", "valid")))
    rule = policy(kind, name, "torch", 1)
    if name == "same" and axis.stride > 1:
        raise Refused(
            f"padding='same' is not supported for strided convolutions, and {call.last} has stride {axis.stride}",
            "write the padding as numbers, or pad before it as the framework does whose 'same' you want",
        )
    return named(rule, axis)


def _transposed(axis: Axis, side: int, extra: int) -> Rule:
    if extra < 0:
        raise Refused(f"negative output_padding {extra} is not supported", "use padding instead")
    limit = max(axis.stride, axis.dilation)
    if extra >= limit:
        raise Refused(
            f"output_padding {extra} must be smaller than either stride {axis.stride} or dilation {axis.dilation}",
            f"use output_padding {'0' if limit == 1 else f'0..{limit - 1}'}, or stride {extra + 1}",
        )
    return Fixed(side, side, extra)


def _output_size(program: Program, call: Call, ndim: int) -> tuple[int, ...] | None:
    """What `layer(x, output_size=...)` asks for, without batch and channels; None where nothing is asked."""
    for outer in program.calls:
        if "output_size" in outer.keywords and outer.text.startswith(f"{call.text}("):
            sizes = outer.keywords["output_size"]
            if not isinstance(sizes, tuple) or len(sizes) not in (ndim, ndim + 2):
                raise Refused(
                    f"output_size of {call.last} must have {ndim} or {ndim + 2} elements, got {written(sizes)}",
                    f"give one number for each of the {ndim} axes" if ndim > 1 else "write output_size=[9]",
                )
            return numbers(outer, "output_size", sizes[-ndim:], ndim)
    return None


def _sized(axis: Axis, side: int, wanted: int) -> Rule:
    """torch turns output_size into an output_padding, which it holds to less than the stride, whatever the dilation."""

    def pads(in_: int) -> Pads:
        least = axis.full(in_) - 2 * side
        most = least + axis.stride - 1
        if not least <= wanted <= most:
            raise Refused(
                f"requested an output size of {wanted}, but valid sizes range from {least} to {most} "
                f"for an input of {in_}",
                f"ask for {min(max(wanted, least), most)}",
            )
        return side, side, wanted - least

    return pads


def _pads(call: Call, ndim: int) -> Sides:
    """(begin, end) per axis of a padding module, whose argument has the last axis first."""
    fill = ("value",) * call.last.startswith("Constant")
    found = bind(call, Signature(("padding", *fill)))
    value = found.get("value", None if fill else 0)
    if not call.last.startswith(("Constant", "Zero")) or value != 0:
        what = f"with {written(value)}" if fill else "with other than 0"
        raise Refused(f"{call.text} pads {what}, and a layer's padding is 0", "pad with 0, or paste the layer alone")
    flat = numbers(call, "padding", found.get("padding"), 2 * ndim)
    return [(flat[2 * axis], flat[2 * axis + 1]) for axis in reversed(range(ndim))]


def _words(
    kind: Kind,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    found: dict[str, Any],
    groups: int,
    channels: Sequence[int | None],
) -> Words:
    padding = found.get("padding", 0)
    ndim = len(kernel)
    sides = padding if isinstance(padding, str) else tuple((p, p) for p in _spread(padding, ndim))
    extra = _spread(found["output_padding"], ndim) if "output_padding" in found else None
    return Words(kind, kernel, stride, dilation, sides, extra, groups, *(each or groups for each in channels))


def _spread(value: Any, ndim: int) -> tuple[int, ...]:
    values: tuple[int, ...] = value if isinstance(value, tuple) else (value,)
    return values * ndim if len(values) == 1 else values
