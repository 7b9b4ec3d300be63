"""What lax makes of a padding, shared by jax and flax: rows per axis, the sizes that come of them, and a defect."""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from tconv_design.dialects.call import Call, written
from tconv_design.dialects.reading import Fixed, Pads, Rule, Settle, named
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy, stretched
from tconv_design.wording import did_you_mean, shown

Pairs = tuple[tuple[int, int], ...]
"""(low, high) per axis."""

_NAMES = {"SAME": ("same", "jax"), "SAME_LOWER": ("same", "onnx-lower"), "VALID": ("valid", "jax")}


def numbers_per_axis(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """One positive number per axis from a sequence, which lax never spreads over the axes; None means 1."""
    if value is None:
        return (1,) * ndim
    if not isinstance(value, tuple) or not all(isinstance(each, int) for each in value):
        raise Refused(
            f"{name} of {call.last} is {written(value)}, and lax takes a sequence of numbers",
            f"write one number per axis, as in {name}=({', '.join(['2'] * ndim)}{',' * (ndim == 1)})",
        )
    if len(value) != ndim:
        raise Refused(f"{name} {value} of {call.last} has {len(value)} entries for {ndim} axes", "give one per axis")
    if min(value) < 1:
        raise Refused(f"{name} {min(value)} of {call.last} must be positive", f"use {name} 1 or more")
    return value


def conv_rules(call: Call, padding: Any, axes: Sequence[Axis]) -> tuple[Rule, ...]:
    """The rules of conv_general_dilated without lhs_dilation: a name in any case, or pairs."""
    if not isinstance(padding, str):
        pairs = pairs_of(call, padding, len(axes))
        return tuple(_explicit("conv", axis, *pair) for axis, pair in zip(axes, pairs, strict=True))
    rule = policy("conv", *_named(call, padding), 1)
    return tuple(named(rule, axis) for axis in axes)


def dilated_rules(call: Call, padding: Any, axes: Sequence[Axis]) -> tuple[Rule, ...]:
    """The rules of conv_general_dilated with lhs_dilation: pairs pad the dilated input; a name is for stride 1 only."""
    if isinstance(padding, str):
        padding = _same_at_stride_1(call, padding, axes)
    return tuple(_explicit("tconv", *each) for each in _with_pairs(axes, pairs_of(call, padding, len(axes))))


def transposed_rules(call: Call, padding: Any, axes: Sequence[Axis]) -> tuple[Rule, ...]:
    """The rules of lax.conv_transpose: SAME and VALID in capitals are its own, everything else is passed on."""
    if padding not in ("SAME", "VALID"):
        return dilated_rules(call, padding, axes)
    rule = policy("tconv", padding.lower(), "jax", 1)
    return tuple(Fixed(*named(rule, axis)(1)) for axis in axes)


def consistent_rules(call: Call, padding: Any, axes: Sequence[Axis]) -> tuple[Rule, ...]:
    """The rules of lax.conv_transpose with use_consistent_padding: the pads of the forward convolution."""
    if isinstance(padding, str):
        if padding not in ("SAME", "VALID"):
            raise Refused(
                f"invalid padding mode {shown(padding)} of {call.last} with use_consistent_padding",
                'write "SAME", "VALID" or pairs',
            )
        return transposed_rules(call, padding, axes)
    if holds_lists(call, "padding", 3):
        raise Refused(
            f"{call.last} with use_consistent_padding takes each pair as a tuple, and here it is a list",
            "write padding=[(1, 1)]",
        )
    pairs = pairs_of(call, padding, len(axes))
    dilated = [
        (axis.effective_kernel - 1 - begin, axis.effective_kernel - 1 - end)
        for axis, (begin, end) in zip(axes, pairs, strict=True)
    ]
    return dilated_rules(call, tuple(dilated), axes)


def pairs_of(call: Call, padding: Any, ndim: int) -> Pairs:
    """(low, high) per axis. Raises Refused for anything else."""
    if not isinstance(padding, tuple) or not all(map(_is_pair, padding)):
        raise Refused(
            f"padding of {call.last} is {written(padding)}, and lax takes a name or a (low, high) pair for each axis",
            f"write padding={[(1, 1)] * ndim}",
        )
    if len(padding) != ndim:
        raise Refused(
            f"padding of {call.last} has {len(padding)} pairs for {ndim} axes", f"write padding={[(1, 1)] * ndim}"
        )
    return padding


def holds_lists(call: Call, name: str, place: int) -> bool:
    """Whether the argument, given by name or at a place, is a sequence of lists; in a Call lists are tuples already."""
    node = ast.parse(call.text, mode="eval").body
    assert isinstance(node, ast.Call)
    values = [each.value for each in node.keywords if each.arg == name] + node.args[place : place + 1]
    return any(isinstance(each, ast.List) for value in values for each in getattr(value, "elts", ()))


def settle(kind: Kind, stride: Sequence[int]) -> Settle:
    """lax makes results without rows, also where the formula has less than none; dilation adds nothing to no input."""

    def sizes(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        lacking = [step - 1 if kind == "tconv" and in_ == 0 else 0 for step, in_ in zip(stride, in_size, strict=True)]
        return tuple(max(size + more, 0) for size, more in zip(out, lacking, strict=True))

    return sizes


def aborts(kind: Kind, groups: int, axes: Sequence[Axis], in_size: Sequence[int]) -> bool:
    """Whether XLA on a CPU aborts the process on a legal layer: exact on 6,500 small layers in 2-D and 3-D.

    To convolve with the smaller of its operands, XLA swaps input and kernel. An axis of kernel 2 and stride 2 without
    padding of the dilated input (padding 1 of the layer) it takes for a group and leaves as it is; with any other
    input size than 2 the operands no longer fit. Source: SwapConvOperands in XLA's algebraic_simplifier.cc.
    """
    sizes = list(zip(axes, in_size, strict=True))
    if kind == "conv" or groups > 1 or min(axis.out(kind, size) for axis, size in sizes) < 1:
        return False
    kernel = signal = 1
    is_group = False
    for axis, size in sizes:
        crops = {axis.pad_begin, axis.end}
        is_bare = axis.dilation == 1 and crops == {axis.kernel - 1}
        if is_bare and axis.kernel == axis.stride == 2:
            is_group |= size != 2
        elif not (is_bare and axis.kernel == size and axis.stride == 1):
            kernel *= axis.kernel
            signal *= axis.kernel if size == axis.dilation == 1 and crops == {0} else size
    return is_group and kernel > signal


def abort_note(kind: Kind, groups: int, axes: Sequence[Axis], in_size: Sequence[int]) -> str:
    """A sentence on that defect where it strikes at this size; empty elsewhere."""
    if not aborts(kind, groups, axes, in_size):
        return ""
    size = "x".join(map(str, in_size))
    return f"XLA aborts the process on a CPU at in {size}: it swaps input and kernel, and leaves them unfit (a defect)"


def defect(kind: Kind, groups: int, axes: Sequence[Axis], rules: Sequence[Rule]) -> Callable[[tuple[int, ...]], str]:
    """What XLA is known to get wrong of a call, by input size."""

    def sentence(in_size: tuple[int, ...]) -> str:
        padded = [
            Axis(axis.kernel, axis.stride, *rule(size), axis.dilation)
            for axis, rule, size in zip(axes, rules, in_size, strict=True)
        ]
        return abort_note(kind, groups, padded, in_size)

    return sentence


def check_one_direction(call: Call, strides: Sequence[int], dilated: Sequence[int]) -> None:
    """Raises Refused where a call goes both ways: strides over an input that it dilates."""
    if max(strides) > 1 and max(dilated) > 1:
        raise Refused(
            f"{call.last} strides by {tuple(strides)} over an input dilated by {tuple(dilated)}: that is neither a "
            f"convolution nor a transposed one",
            "make one of them 1 on every axis",
        )


def _named(call: Call, padding: str) -> tuple[str, str]:
    """The name and dialect of the policy of a name that lax takes in any case."""
    if padding.upper() not in _NAMES:
        raise Refused(
            f"unrecognized padding {shown(padding)} of {call.last}: lax has SAME, SAME_LOWER and VALID",
            did_you_mean(padding.upper(), tuple(_NAMES)),
        )
    return _NAMES[padding.upper()]


def _same_at_stride_1(call: Call, padding: str, axes: Sequence[Axis]) -> Pairs:
    """A name that reaches conv_general_dilated means there what it means in a conv, and only without dilated input."""
    if any(axis.stride > 1 for axis in axes):
        raise Refused(
            f"padding {shown(padding)} is not implemented for a transposed convolution with stride > 1 in {call.last}",
            'write pairs, or "SAME" or "VALID", in capitals, in lax.conv_transpose',
        )
    rule = policy("conv", *_named(call, padding), 1)
    found = [next(rule(1, axis.kernel, 1, axis.dilation, None)) for axis in axes]
    return tuple((low, high) for low, high, _ in found)


def _with_pairs(axes: Sequence[Axis], pairs: Pairs) -> list[tuple[Axis, int, int]]:
    return [(axis, low, high) for axis, (low, high) in zip(axes, pairs, strict=True)]


def _explicit(kind: Kind, axis: Axis, low: int, high: int) -> Rule:
    reach = axis.effective_kernel - 1
    pads: Pads = (low, high, 0) if kind == "conv" else stretched(reach - low, reach - high)
    if low + high >= 0:
        return Fixed(*pads)

    def checked(in_: int) -> Pads:
        rows = in_ if kind == "conv" else max((in_ - 1) * axis.stride + 1, 0)
        if rows + low + high < 0:
            raise Refused(
                f"negative padding {low}:{high} is larger than the {rows} rows that it crops", f"crop at most {rows}"
            )
        return pads

    return checked


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, int) for each in value)
