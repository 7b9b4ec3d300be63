"""What tf.nn's convolutions do to sizes: their rules per axis, what becomes of nothing, and what they get wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tconv_design.dialects.function import Around
from tconv_design.dialects.reading import Fixed, Pads, Rule, Settle, named, none_allowed
from tconv_design.dialects.tensorflow_arguments import Sides
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy


class Facts(NamedTuple):
    """A call: its axes (kernel, stride, dilation), rules, padding, what surrounds it, channels of one call, runtime.

    `sizes` are those that the output_shape of a transposed call asks for.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    rules: tuple[Rule, ...]
    padding: str | Sides
    around: Around
    channels: int | None
    has_onednn: bool
    sizes: tuple[int, ...] = ()


def conv_rules(axes: Sequence[Axis], padding: str | Sides) -> tuple[Rule, ...]:
    """The rules of a convolution."""
    if padding == "SAME":
        return tuple(map(_same, axes))
    if isinstance(padding, str):
        return (Fixed(0, 0),) * len(axes)
    return tuple(Fixed(*pair) for pair in padding)


def _same(axis: Axis) -> Rule:
    return named(policy("conv", "same", "tensorflow", 1), axis)


def tconv_rules(axes: Sequence[Axis], padding: str | Sides, sizes: Sequence[int]) -> tuple[Rule, ...]:
    """The rules of a transposed convolution that is told its output size."""
    if padding == "SAME":
        return tuple(map(_sized_same, axes, sizes))
    sides = [(0, 0)] * len(axes) if isinstance(padding, str) else padding
    return tuple(map(_sized, axes, sides, sizes))


def _sized(axis: Axis, sides: tuple[int, int], wanted: int) -> Rule:
    def pads(in_: int) -> Pads:
        least = axis.full(in_) - sum(sides)
        _check(in_, wanted, least, least + axis.stride - 1)
        return *sides, wanted - least

    return pads


def _sized_same(axis: Axis, wanted: int) -> Rule:
    """SAME crops what is too much in halves, the odd row at the end; where it is too little, rows come at the end."""

    def pads(in_: int) -> Pads:
        _check(in_, wanted, (in_ - 1) * axis.stride + 1, in_ * axis.stride)
        beyond = axis.full(in_) - wanted
        begin = max(beyond, 0) // 2
        return begin, max(beyond, 0) - begin, max(-beyond, 0)

    return pads


def _check(in_: int, wanted: int, least: int, most: int) -> None:
    if not least <= wanted <= most:
        raise Refused(
            f"output_shape asks for {wanted} rows, and with this padding an input of {in_} gives {least} to {most} "
            f"(TensorFlow says: could not create a primitive descriptor, or: size of out_backprop doesn't match)",
            f"ask for {min(max(wanted, least), most)}",
        )


def settle(facts: Facts) -> Settle:
    """oneDNN returns memory of the input's shape where a convolution leaves nothing; without it, no rows come out."""

    def settled(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        if facts.kind == "tconv":
            return none_allowed(in_size, out)
        inner = _inner(facts, in_size)
        sizes = _sizes(facts, inner)
        if min(sizes) < 0:
            raise Refused(
                f"the output size would be negative: {min(sizes)}, for the kernel spans more rows than the input has",
                "pad the input, or use a smaller kernel",
            )
        return inner if 0 in sizes and facts.has_onednn else sizes

    return settled


def _inner(facts: Facts, in_size: Sequence[int]) -> tuple[int, ...]:
    """The sizes that the call itself sees."""
    return tuple(size + sum(rows) for size, rows in zip(in_size, facts.around.before, strict=True))


def _sizes(facts: Facts, inner: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(_truncated, facts.axes, facts.rules, inner))


def _truncated(axis: Axis, rule: Rule, in_: int) -> int:
    """TensorFlow divides as C++ does, towards zero."""
    steps = in_ + sum(rule(in_)[:2]) - axis.effective_kernel + axis.stride
    return abs(steps) // axis.stride * (1 if steps >= 0 else -1)


def defect(facts: Facts) -> Callable[[tuple[int, ...]], str]:
    """What the call is known to get wrong at an input size; empty for nothing."""

    def said(in_size: tuple[int, ...]) -> str:
        if facts.kind == "tconv":
            return _NEGATIVE if min(facts.sizes, default=0) < 0 else ""
        inner = _inner(facts, in_size)
        sizes = _sizes(facts, inner)
        if not facts.has_onednn:
            return _BEYOND if _starts_late(facts, inner) else ""
        if 0 in sizes:
            return _EMPTY
        return _NARROW if _is_narrow(facts, sizes) else ""

    return said


_EMPTY = "with oneDNN, TensorFlow returns uninitialised memory in the shape of the input where nothing is left of it"
_NEGATIVE = "TensorFlow ends the whole process where an output_shape is negative"
_BEYOND = (
    "without oneDNN, conv3d SAME starts at the wrong row where its last kernel ends 2 rows or more before its input"
)
_NARROW = (
    "oneDNN on AVX-512 steps by the width stride from row to row where the output is one column wide "
    "(in 2-D in batches of more than one)"
)


def _starts_late(facts: Facts, inner: Sequence[int]) -> bool:
    """Rows that are left over at the end count as a negative padding, half of it at the begin."""
    if len(facts.axes) != 3 or facts.padding != "SAME":
        return False
    return any(size - axis.full(-(-size // axis.stride)) >= 2 for axis, size in zip(facts.axes, inner, strict=True))


def _is_narrow(facts: Facts, sizes: Sequence[int]) -> bool:
    if len(facts.axes) == 1 or facts.channels != 1:
        return False
    row, column = facts.axes[-2:]
    is_narrow = sizes[-1] == 1 < sizes[-2]
    return is_narrow and row.stride == 1 < column.stride and column.kernel > 1 == column.dilation
