"""lax's words: conv_transpose, conv_general_dilated and its short forms, functions of an array and a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Program, Signature, bind, written
from tconv_design.dialects.lax_kernel import Kernel, kernel_of, specs_of
from tconv_design.dialects.lax_padding import (
    check_one_direction,
    consistent_rules,
    conv_rules,
    defect,
    dilated_rules,
    numbers_per_axis,
    settle,
    transposed_rules,
)
from tconv_design.dialects.lax_writing import (
    BY_DILATION,
    DILATED_INPUT,
    SPATIAL,
    UNTURNED,
    channels_last,
    spell,
    write,
)
from tconv_design.dialects.reading import Hints, Reading, Rule
from tconv_design.dialects.surroundings import composed
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.wording import shown

__all__ = ["read", "spell", "write"]

_ARRAYS = ("lhs", "rhs")
_NUMBERS = ("rhs_dilation", "dimension_numbers")
_COUNTS = ("feature_group_count", "batch_group_count")
_LAST = ("precision", "preferred_element_type")
_STRIDED = (*_ARRAYS, "window_strides", "padding")
_SIGNATURES = {
    "conv_transpose": Signature(
        (*_ARRAYS, "strides", "padding", *_NUMBERS, "transpose_kernel", *_LAST, "use_consistent_padding")
    ),
    "conv_general_dilated": Signature((*_STRIDED, "lhs_dilation", *_NUMBERS, *_COUNTS, *_LAST, "out_sharding")),
    "conv": Signature((*_STRIDED, *_LAST)),
    "conv_with_general_padding": Signature((*_STRIDED, "lhs_dilation", "rhs_dilation", *_LAST)),
}


class _Found(NamedTuple):
    """A call's arguments, and what they and what surrounds it say of its axes; `groups` are those of one call."""

    call: Call
    arguments: dict[str, Any]
    kernel: Kernel
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int

    @property
    def axes(self) -> list[Axis]:
        dilation = [one * tap for one, tap in zip(self.dilation, self.kernel.outside.taps, strict=True)]
        return [Axis(k, s, dilation=d) for k, s, d in zip(self.kernel.size, self.stride, dilation, strict=True)]


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A lax function, with the pads, slices, splits and kernel zeros that stand around it."""
    if call.last not in _SIGNATURES:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of lax", "for example lax.conv_transpose")
    arguments = bind(call, _SIGNATURES[call.last])
    if call.last == "conv_transpose":
        return _read_transpose(program, call, arguments, hints)
    return _read_general(program, call, arguments, hints)


def _read_transpose(program: Program, call: Call, arguments: dict[str, Any], hints: Hints) -> Reading:
    strides = _strides(call, arguments, "strides")
    turns = _switch(call, arguments, "transpose_kernel")
    specs = specs_of(program, call, arguments.get("dimension_numbers"), len(strides)) or channels_last(len(strides))
    kernel = kernel_of(program, call, arguments.get("rhs"), hints, specs, "koI" if turns else "kIo", flipped=not turns)
    dilation = numbers_per_axis(call, "rhs_dilation", arguments.get("rhs_dilation"), len(strides))
    found = _Found(call, arguments, kernel, strides, dilation, 1)
    consistent = _switch(call, arguments, "use_consistent_padding")
    rules = (consistent_rules if consistent else transposed_rules)(call, _padding(found), found.axes)
    notes = (UNTURNED,) * (not turns)
    notes += (DILATED_INPUT,) * (not consistent and not isinstance(arguments["padding"], str))
    words = None if consistent else _words("tconv", found)
    return _reading("tconv", found, rules, hints, notes, words)


def _read_general(program: Program, call: Call, arguments: dict[str, Any], hints: Hints) -> Reading:
    strides = _strides(call, arguments, "window_strides")
    ndim = len(strides)
    given = arguments.get("lhs_dilation")
    dilated = numbers_per_axis(call, "lhs_dilation", given, ndim)
    kind = _kind(call, strides, dilated, is_asked=given is not None and not isinstance(arguments.get("padding"), str))
    specs = specs_of(program, call, arguments.get("dimension_numbers"), ndim) or _channels_first(ndim)
    kernel = kernel_of(program, call, arguments.get("rhs"), hints, specs, "kiO", flipped=kind == "tconv")
    dilation = numbers_per_axis(call, "rhs_dilation", arguments.get("rhs_dilation"), ndim)
    found = _Found(call, arguments, kernel, strides if kind == "conv" else dilated, dilation, _groups(call, arguments))
    rules = (conv_rules if kind == "conv" else dilated_rules)(call, _padding(found), found.axes)
    notes = (BY_DILATION, DILATED_INPUT) if kind == "tconv" else ()
    return _reading(kind, found, rules, hints, notes, _words(kind, found))


def _reading(
    kind: Kind, found: _Found, rules: tuple[Rule, ...], hints: Hints, notes: tuple[str, ...], words: Words | None
) -> Reading:
    kernel, axes, outside = found.kernel, found.axes, found.kernel.outside
    groups = found.groups * outside.parts
    into, out = kernel.channels(groups)
    alone = defect(kind, found.groups, axes, rules)
    return Reading(
        "jax",
        found.call.last,
        kind,
        kernel.size,
        found.stride,
        tuple(axis.dilation for axis in axes),
        composed(outside, kind, axes, rules),
        kernel.layout,
        groups,
        hints.in_channels or into,
        hints.out_channels or out,
        settle=settle(kind, found.stride),
        notes=(*kernel.notes, *notes),
        defect=lambda in_size: alone(tuple(n + sum(rows) for n, rows in zip(in_size, outside.before, strict=True))),
        words=words if outside.is_nothing else None,
    )


def _strides(call: Call, arguments: dict[str, Any], name: str) -> tuple[int, ...]:
    """The strides, of which there are as many as spatial axes."""
    value = arguments.get(name)
    ndim = len(value) if isinstance(value, tuple) else 2
    if value is None:
        raise InvalidQuestion(f"{call.last} is not given its {name}", f"write one per axis, as in {name}=(2, 2)")
    if not 1 <= ndim <= 3:
        raise Refused(f"{name} of {call.last} has {ndim} entries, and a layer has 1 to 3 spatial axes", "give 1 to 3")
    return numbers_per_axis(call, name, value, ndim)


def _kind(call: Call, strides: Sequence[int], dilated: Sequence[int], *, is_asked: bool) -> Kind:
    """A convolution of dilated input is a transposed one, also of input dilated by 1 where that is written so."""
    check_one_direction(call, strides, dilated)
    is_neutral = call.last == "conv_with_general_padding" and max(dilated) == 1
    return "tconv" if max(dilated) > 1 or (is_asked and max(strides) == 1 and not is_neutral) else "conv"


def _groups(call: Call, arguments: dict[str, Any]) -> int:
    groups, batch_groups = (_count(call, name, arguments.get(name, 1)) for name in _COUNTS)
    if batch_groups > 1:
        raise Refused(
            f"batch_group_count {batch_groups} of {call.last} mixes samples, and no layer does",
            "use feature_group_count",
        )
    return groups


def _count(call: Call, name: str, value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise Refused(f"{name} of {call.last} is {written(value)}, which is no number above 0", f"write {name}=1")
    return value


def _switch(call: Call, arguments: dict[str, Any], name: str) -> bool:
    value = arguments.get(name, False)
    if not isinstance(value, bool):
        raise Refused(f"{name} of {call.last} is {written(value)}, and the layer hangs on it", f"write {name}=True")
    return value


def _padding(found: _Found) -> Any:
    if "padding" not in found.arguments:
        raise InvalidQuestion(f"{found.call.last} is not given its padding", 'write it, as in padding="SAME"')
    return found.arguments["padding"]


def _channels_first(ndim: int) -> tuple[str, str, str]:
    space = SPATIAL[-ndim:]
    return f"NC{space}", f"OI{space}", f"NC{space}"


def _words(kind: Kind, found: _Found) -> Words | None:
    padding = found.arguments["padding"]
    if isinstance(padding, str) and padding not in ("SAME", "VALID", "SAME_LOWER"):
        return None
    into, out = found.kernel.channels(found.groups)
    return Words(
        kind,
        found.kernel.size,
        found.stride,
        found.dilation,
        padding.lower() if isinstance(padding, str) else padding,
        None,
        found.groups,
        into or found.groups,
        out or found.groups,
    )
