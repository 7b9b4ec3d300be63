"""Paddle's forms of padding, and the rows that output_padding and output_size add."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tconv_design.dialects.call import Call, numbers, written
from tconv_design.dialects.reading import Fixed, Pads, Rule, named
from tconv_design.dialects.strict import per_axis
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy
from tconv_design.wording import did_you_mean, shown

SIDES = {1: "begin, end", 2: "top, bottom, left, right", 3: "front, back, top, bottom, left, right"}
"""What a flat padding holds, in its order."""


def sides(call: Call, padding: Any, ndim: int, channels_last: bool) -> str | tuple[tuple[int, int], ...]:
    """same, valid, or (begin, end) per axis, of any of the forms that paddle takes. Raises Refused for others."""
    if isinstance(padding, str):
        if padding.lower() not in ("same", "valid"):
            raise Refused(
                f"unknown padding {shown(padding)} in {call.last}; it can only be 'SAME' or 'VALID'",
                did_you_mean(padding.lower(), ("same", "valid")),
            )
        return padding.lower()
    if isinstance(padding, tuple) and len(padding) == ndim + 2 and all(isinstance(each, tuple) for each in padding):
        pairs = _nested(call, padding, channels_last)
    elif isinstance(padding, tuple) and len(padding) == 2 * ndim:
        flat = numbers(call, "padding", padding, 2 * ndim)
        pairs = tuple(zip(flat[::2], flat[1::2], strict=True))
    else:
        pairs = tuple((side, side) for side in _per_axis_padding(call, padding, ndim))
    if any(side < 0 for pair in pairs for side in pair):
        raise Refused(
            f"invalid padding {written(padding)} in {call.last}; all must be 0 or more", "crop the input before it"
        )
    return pairs


def _nested(call: Call, padding: tuple[Any, ...], channels_last: bool) -> tuple[tuple[int, int], ...]:
    """The pairs of the spatial axes, of pairs for batch and channels too."""
    pairs = [numbers(call, "padding", pair, 2) for pair in padding]
    spatial = pairs[1:-1] if channels_last else pairs[2:]
    if any(map(any, pairs[:1] + (pairs[-1:] if channels_last else pairs[1:2]))):
        raise Refused(
            f"padding {written(padding)} of {call.last} pads the batch or the channels", "their pairs must be [0, 0]"
        )
    return tuple((begin, end) for begin, end in spatial)


def _per_axis_padding(call: Call, padding: Any, ndim: int) -> tuple[int, ...]:
    if isinstance(padding, tuple) and len(padding) != ndim:
        raise Refused(
            f"padding {padding} of {call.last} has {len(padding)} entries for {ndim} axes",
            f"give one per axis, or {2 * ndim}: {SIDES[ndim]}",
        )
    return numbers(call, "padding", padding, ndim)


def side_rules(kind: Kind, padding: str | tuple[tuple[int, int], ...], axes: Sequence[Axis]) -> tuple[Rule, ...]:
    """The rows on both sides of each axis, without an output_padding."""
    if isinstance(padding, str):
        return tuple(_named(kind, padding, axis) for axis in axes)
    return tuple(Fixed(begin, end) for begin, end in padding)


def _named(kind: Kind, name: str, axis: Axis) -> Rule:
    return named(policy(kind, name, "paddle", 1), axis)


def finished_rules(
    call: Call,
    kind: Kind,
    found: dict[str, Any],
    axes: Sequence[Axis],
    base: tuple[Rule, ...],
    wanted: tuple[int, ...] | None,
) -> tuple[Rule, ...]:
    """The rules with the rows that output_size or output_padding add."""
    if kind == "conv":
        return base
    if wanted is not None:
        return tuple(map(_sized, axes, base, wanted))
    extras = per_axis(call, "output_padding", found.get("output_padding", 0), len(axes))
    return tuple(map(_extended, axes, base, extras))


def _extended(axis: Axis, rule: Rule, extra: int) -> Rule:
    if extra < 0:
        raise Refused(f"output_padding {extra} of paddle must be 0 or more", "use an end padding instead")
    if extra >= axis.stride:
        limit = f"0..{axis.stride - 1}" if axis.stride > 1 else "0"
        first = "" if extra >= axis.dilation else ", although its first check is for less than max(stride, dilation)"
        raise Refused(
            f"output_padding {extra} with stride {axis.stride}: paddle takes less than the stride{first}",
            f"use output_padding {limit}, or stride {extra + 1}",
        )
    if isinstance(rule, Fixed):
        return Fixed(rule.pad_begin, rule.pad_end, extra)
    return lambda in_: (*rule(in_)[:2], extra)


def _sized(axis: Axis, rule: Rule, wanted: int) -> Rule:
    """output_size becomes an output_padding, which paddle holds to less than the stride, whatever the dilation."""

    def pads(in_: int) -> Pads:
        begin, end, _ = rule(in_)
        least = axis.full(in_) - begin - end
        most = least + axis.stride - 1
        if not least <= wanted <= most:
            raise Refused(
                f"output_size {wanted} for an input of {in_}: paddle takes {least} to {most} there",
                f"ask for {min(max(wanted, least), most)}",
            )
        return begin, end, wanted - least

    return pads
