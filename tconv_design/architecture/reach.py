"""Which input rows a row of an output reads through a layer's kernel: the one relation behind both formulas.

Row `small` of the small side meets rows small*stride + tap*dilation - pad_begin of the big side. A conv reads the big
side, a tconv the small one. Rows beyond the input's ends are counted: this is the endless interior.
"""

from __future__ import annotations

from math import gcd

from tconv_design.formula import Kind
from tconv_design.layer import Axis

MAX_PERIOD = 4096


def rows_read(kind: Kind, axis: Axis, row: int) -> range:
    """The input rows that reach output row `row`, ascending; empty where none does."""
    if kind == "conv":
        first = row * axis.stride - axis.pad_begin
        return range(first, first + axis.kernel * axis.dilation, axis.dilation)
    common = gcd(axis.stride, axis.dilation)
    stride, dilation = axis.stride // common, axis.dilation // common
    landing, between = divmod(row + axis.pad_begin, common)
    if between:
        return range(0)
    # tap*dilation = landing modulo stride: every stride-th tap from the first
    tap = landing * pow(dilation, -1, stride) % stride
    taps = len(range(tap, axis.kernel, stride))
    last = (landing - tap * dilation) // stride
    return range(last - (taps - 1) * dilation, last + 1, dilation)


def period_after(kind: Kind, axis: Axis, period: int) -> tuple[int, int]:
    """(output rows, input rows) after which the pattern of an input of that period comes back."""
    if kind == "tconv":
        return period * axis.stride, period
    rows = period // gcd(period, axis.stride)
    return rows, rows * axis.stride


def prime_factors(number: int) -> list[int]:
    """The prime factors of a small number, each as often as it divides."""
    factors, factor = [], 2
    while number > 1:
        while number % factor == 0:
            factors.append(factor)
            number //= factor
        factor += 1
    return factors
