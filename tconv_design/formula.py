"""The size formulas of convolution and transposed convolution, each written once, on one axis.

They are ordinary functions of integers. Given traced numbers (`explanation.Traced`) instead, the same functions
write down their own steps through `note`; given two values of one symbol, they yield the straight line from which
`solver` inverts them: `remainder` is linear in every single symbol.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv:1603.07285,
relationships 6, 14 and 15, with begin and end padding apart.
"""

from collections.abc import Callable
from typing import Any, Literal

Kind = Literal["conv", "tconv"]
Note = Callable[[str, Any], Any]

MAX_SIZE = 10**18


def _silent(name: str, value: Any) -> Any:
    return value


def effective_kernel(kernel: int, dilation: int) -> int:
    """Rows that a dilated kernel spans: K = dilation*(kernel - 1) + 1."""
    return dilation * (kernel - 1) + 1


def full_size(small: int, effective: int, stride: int) -> int:
    """Rows that `small` kernel positions cover at `stride`: what a transposed convolution lays down before cropping."""
    return (small - 1) * stride + effective


def remainder(big: int, small: int, kernel: int, stride: int, padding: int, dilation: int) -> int:
    """The one relation behind both formulas: big + padding = (small-1)*stride + K + remainder.

    A conv maps big to small and drops `remainder` rows (0 <= remainder < stride); a tconv maps small to big and
    puts `output_padding` = remainder rows back. `padding` is the sum of both sides.
    """
    return big + padding - full_size(small, effective_kernel(kernel, dilation), stride)


def conv_out(
    in_: int, kernel: int, stride: int, pad_begin: int, pad_end: int, dilation: int, note: Note = _silent
) -> int:
    """Output size of a convolution; less than 1 means that the kernel does not fit."""
    effective = note("K", effective_kernel(kernel, dilation))
    span = note("span", in_ + pad_begin + pad_end - effective)
    return note("out", span // stride + 1)  # type: ignore[no-any-return]


def tconv_out(
    in_: int,
    kernel: int,
    stride: int,
    pad_begin: int,
    pad_end: int,
    output_padding: int,
    dilation: int,
    note: Note = _silent,
) -> int:
    """Output size of a transposed convolution; less than 1 means that padding crops everything."""
    effective = note("K", effective_kernel(kernel, dilation))
    full = note("full", full_size(in_, effective, stride))
    return note("out", full - pad_begin - pad_end + output_padding)  # type: ignore[no-any-return]
