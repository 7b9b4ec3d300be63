"""Which rows reach which on one axis, tap by tap."""

from __future__ import annotations

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind
from tconv_design.layer import Axis

MOST_TAPS = 4096


def check_taps(axis: Axis) -> None:
    """Raises InvalidQuestion for a kernel whose taps are too many to draw."""
    if axis.kernel > MOST_TAPS:
        raise InvalidQuestion(f"kernel {axis.kernel} is too large to draw", f"at most {MOST_TAPS} taps are drawn")


def inputs_of(kind: Kind, axis: Axis, in_size: int, row: int) -> tuple[int, ...]:
    """The input rows that output row `row` (from 0) is made of, once per tap; padding is left out."""
    check_taps(axis)
    if kind == "conv":
        found = (row * axis.stride - axis.pad_begin + tap * axis.dilation for tap in range(axis.kernel))
    else:
        spots = (row + axis.pad_begin - tap * axis.dilation for tap in range(axis.kernel))
        found = (spot // axis.stride for spot in spots if spot % axis.stride == 0)
    return tuple(sorted(each for each in found if 0 <= each < in_size))


def outputs_of(kind: Kind, axis: Axis, out_size: int, row: int) -> tuple[int, ...]:
    """The output rows that input row `row` (from 0) reaches, once per tap; cropped ones are left out."""
    check_taps(axis)
    taps = [tap * axis.dilation - axis.pad_begin for tap in range(axis.kernel)]
    if kind == "tconv":
        found = [row * axis.stride + tap for tap in taps]
    else:
        found = [(row - tap) // axis.stride for tap in taps if (row - tap) % axis.stride == 0]
    return tuple(sorted(each for each in found if 0 <= each < out_size))


def inside(kind: Kind, axis: Axis, row: int) -> int:
    """The taps that an output row would have far from any border."""
    if kind == "conv":
        return axis.kernel
    return sum((row + axis.pad_begin - tap * axis.dilation) % axis.stride == 0 for tap in range(axis.kernel))
