"""What onnxruntime, the reference evaluator and openvino make of a Conv or ConvTranspose node: rows, axis by axis.

The three disagree with each other, with the specification and with onnx's shape inference. Measured with onnx 1.23.2,
onnxruntime 1.32.0 and openvino 2026.4.1, opsets 1 to 22.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tconv_design.dialects.reading import Fixed, Pads, Rule, Settle, at_least_one, named, none_allowed
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy, stretched
from tconv_design.wording import did_you_mean, shown

RUNTIMES = ("onnxruntime", "reference", "openvino")
SAME = ("SAME_UPPER", "SAME_LOWER")
AUTO_PADS = ("NOTSET", "VALID", *SAME)


class Node(NamedTuple):
    """A node's attributes: `axes` has kernel, stride and dilation, `pads` (begin, end) per axis; None: not given.

    `is_fixed` is False where the model leaves sizes of its input open: openvino then computes others.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    auto_pad: str = "NOTSET"
    pads: tuple[tuple[int, int], ...] | None = None
    output_padding: tuple[int, ...] | None = None
    output_shape: tuple[int, ...] | None = None
    is_fixed: bool = True

    @property
    def op(self) -> str:
        """The operator's name."""
        return "Conv" if self.kind == "conv" else "ConvTranspose"

    @property
    def sides(self) -> tuple[tuple[int, int], ...]:
        """`pads`, or none."""
        return self.pads or ((0, 0),) * len(self.axes)

    @property
    def extras(self) -> tuple[int, ...]:
        """`output_padding`, or none."""
        return self.output_padding or (0,) * len(self.axes)

    @property
    def is_same(self) -> bool:
        """Whether auto_pad is SAME_UPPER or SAME_LOWER."""
        return self.auto_pad in SAME


def rules(node: Node, runtime: str) -> tuple[Rule, ...]:
    """The rule of every axis in a runtime. Raises Refused where it takes no such node."""
    return _RULES[runtime](node)


def settle(node: Node, runtime: str) -> Settle:
    """What a runtime makes of sizes below one."""
    if runtime == "openvino":
        return (_openvino_fixed if node.is_fixed else _openvino_open)(node)
    if runtime == "reference":
        return none_allowed if node.kind == "conv" else _some_input
    return at_least_one_out


def at_least_one_out(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """An input without rows is fine, a result without them is refused. Raises Refused."""
    return at_least_one((1,) * len(out), out)


def _some_input(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    if min(in_size) < 1:
        raise Refused(f"the reference evaluator takes no ConvTranspose without rows, got {'x'.join(map(str, in_size))}")
    return none_allowed(in_size, out)


def _openvino_open(node: Node) -> Settle:
    """Where the model leaves sizes open, openvino makes an empty result of some that it otherwise refuses."""

    def sizes(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        for i, o, axis in zip(in_size, out, node.axes, strict=True):
            if (node.kind == "tconv" and i == 0 != o) or (node.kind == "conv" and o == 0 and axis.stride > 1):
                raise Refused(f"openvino makes no result of {o} rows of an input of {i}", "give it rows")
        return none_allowed(in_size, out)

    return sizes


def _openvino_fixed(node: Node) -> Settle:
    """For an input without rows openvino returns a kernel's worth of memory that nothing wrote."""
    if node.kind == "conv":
        return at_least_one_out

    def sizes(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        strides = (axis.stride for axis in node.axes)
        return none_allowed(in_size, [o + s * (i == 0) for i, s, o in zip(in_size, strides, out, strict=True)])

    return sizes


def _onnxruntime(node: Node) -> tuple[Rule, ...]:
    if node.auto_pad not in AUTO_PADS:
        raise _unknown_auto_pad(node)
    if node.pads is not None and node.auto_pad != "NOTSET":
        raise Refused(
            f"{node.op} has both auto_pad {node.auto_pad} and pads, and the specification allows one of them",
            "drop one",
        )
    for name, numbers in (("pads", sum(node.sides, ())), ("output_padding", node.extras)):
        if min(numbers) < 0:
            raise Refused(f"{name} of {node.op} must not be negative, got {min(numbers)}", "crop in a node of its own")
    if node.kind == "conv":
        return tuple(map(_onnxruntime_conv, [node] * len(node.axes), node.axes, node.sides))
    for axis, extra in zip(node.axes, node.extras, strict=True):
        _check_extra(axis, extra)
    if node.output_shape is not None:
        sized = _sized("upper" if node.auto_pad == "SAME_UPPER" else "lower", "checked")
        return tuple(map(sized, node.axes, node.extras, node.output_shape))
    return _tconv_rules(node)


def _onnxruntime_conv(node: Node, axis: Axis, sides: tuple[int, int]) -> Rule:
    if node.is_same and axis.dilation > 1:
        raise Refused(
            f"onnxruntime has no dilation with auto_pad {node.auto_pad}, and the node has dilation {axis.dilation}",
            "write the pads as numbers; the specification, the reference evaluator and openvino have it",
        )
    return _conv_rule(node, axis, sides)


def _reference(node: Node) -> tuple[Rule, ...]:
    """In a ConvTranspose pads win over auto_pad, in a Conv auto_pad over pads; an unknown auto_pad counts for none."""
    if node.kind == "conv":
        if min(sum(node.sides, ())) < 0:
            raise Refused(f"pads of {node.op} must not be negative, got {min(sum(node.sides, ()))}", "crop its input")
        sides = ((0, 0),) * len(node.axes) if node.auto_pad == "VALID" else node.sides
        return tuple(map(_conv_rule, [node] * len(node.axes), node.axes, sides))
    wanted = node.output_shape or (None,) * len(node.axes)
    if node.is_same and node.pads is None:
        for axis, extra in zip(node.axes, node.extras, strict=True):
            _check_extra(axis, extra)
        return tuple(map(_specified(node.auto_pad), node.axes, node.extras, wanted))
    if node.output_shape is not None:
        return tuple(map(_fitting, node.axes, node.sides, node.output_shape))
    for axis, extra in zip(node.axes, node.extras, strict=True):
        _check_extra(axis, extra)
    return tuple(Fixed(*sides, extra) for sides, extra in zip(node.sides, node.extras, strict=True))


def _openvino(node: Node) -> tuple[Rule, ...]:
    """Nothing is checked but the sign of begin pads; auto_pad wins over pads, output_shape over both."""
    if node.auto_pad not in AUTO_PADS:
        raise _unknown_auto_pad(node)
    node = node if node.auto_pad == "NOTSET" else node._replace(pads=None)
    lowest = min(begin if node.kind == "tconv" else min(begin, end) for begin, end in node.sides)
    if node.output_shape is None and lowest < 0:
        raise Refused(f"openvino does not compile a {node.op} with pads of {lowest}", "crop in a node of its own")
    if node.kind == "conv":
        return tuple(map(_conv_rule, [node] * len(node.axes), node.axes, node.sides))
    if node.output_shape is not None:
        return tuple(map(_sized("lower", "unchecked"), node.axes, node.extras, node.output_shape))
    return _tconv_rules(node)


_RULES: dict[str, Callable[[Node], tuple[Rule, ...]]] = {
    "onnxruntime": _onnxruntime,
    "reference": _reference,
    "openvino": _openvino,
}


def _unknown_auto_pad(node: Node) -> Refused:
    return Refused(
        f"unknown auto_pad {shown(node.auto_pad)} in {node.op}", did_you_mean(node.auto_pad.upper(), AUTO_PADS)
    )


def _check_extra(axis: Axis, extra: int) -> None:
    if not 0 <= extra < axis.stride:
        also = f", even with dilation {axis.dilation}" if extra < axis.dilation else ""
        raise Refused(
            f"output_padding {extra} must be less than stride {axis.stride}{also}",
            f"use output_padding {'0' if axis.stride == 1 else f'0..{axis.stride - 1}'}, or add rows with a Pad node "
            "before it",
        )


def _conv_rule(node: Node, axis: Axis, sides: tuple[int, int]) -> Rule:
    if not node.is_same:
        return Fixed(*sides)
    rule = policy("conv", "same", "onnx" if node.auto_pad == "SAME_UPPER" else "onnx-lower", 1)
    return named(rule, axis)


def _tconv_rules(node: Node) -> tuple[Rule, ...]:
    if not node.is_same:
        return tuple(Fixed(*sides, extra) for sides, extra in zip(node.sides, node.extras, strict=True))
    return tuple(map(_folded(node.auto_pad), node.axes, node.extras))


def _begin(auto_pad: str, total: int) -> int:
    """The rows of `total` that are cropped at the begin; SAME_LOWER crops the odd one there."""
    return total // 2 if auto_pad == "SAME_UPPER" else total - total // 2


def _folded(auto_pad: str) -> Callable[[Axis, int], Rule]:
    """SAME in onnxruntime and openvino: output_padding goes into the crop, which never is less than nothing."""

    def rule(axis: Axis, extra: int) -> Rule:
        total = max(axis.effective_kernel + extra - axis.stride, 0)
        begin = _begin(auto_pad, total)
        return Fixed(begin, total - begin, extra)

    return rule


def _specified(auto_pad: str) -> Callable[[Axis, int, int | None], Rule]:
    """SAME in the reference evaluator, as specified: in*stride rows or output_shape, by a negative crop if need be."""

    def rule(axis: Axis, extra: int, wanted: int | None) -> Rule:
        def pads(in_: int) -> Pads:
            total = axis.full(in_) + extra - (in_ * axis.stride if wanted is None else wanted)
            begin = _begin(auto_pad, total)
            return begin, total - begin, extra

        return Fixed(*pads(1)) if wanted is None else pads

    return rule


def _sized(split: str, check: str) -> Callable[[Axis, int, int], Rule]:
    """output_shape in onnxruntime, which checks that it fits the input, and in openvino, which does not."""

    def rule(axis: Axis, extra: int, wanted: int) -> Rule:
        def pads(in_: int) -> Pads:
            full = axis.full(in_)
            if check == "checked" and wanted >= full + axis.stride:
                raise Refused(
                    f"output_shape {wanted} is inconsistent with an input of {in_}, which makes at most "
                    f"{full + axis.stride - 1}",
                    f"use output_shape {full + axis.stride - 1} or less",
                )
            total = max(full + extra - wanted, 0)
            begin = total // 2 if split == "upper" else total - total // 2
            return stretched(begin, full - begin - wanted)

        return pads

    return rule


def _fitting(axis: Axis, sides: tuple[int, int], wanted: int) -> Rule:
    """output_shape in the reference evaluator without SAME: pads stay as they are, and the size has to fit them."""

    def pads(in_: int) -> Pads:
        least = axis.full(in_) - sum(sides)
        if not least <= wanted < least + axis.stride:
            raise Refused(
                f"the reference evaluator keeps pads {sides[0]}:{sides[1]} beside output_shape {wanted}, and they make "
                f"{least}..{least + axis.stride - 1} rows of an input of {in_}",
                "write auto_pad SAME_UPPER, or the pads that make this size",
            )
        return *sides, wanted - least

    return pads
