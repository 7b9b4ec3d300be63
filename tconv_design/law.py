"""How a layer's output size follows its input size: out = scale*in + offset, before a conv's floor."""

from __future__ import annotations

from math import gcd
from typing import Any, NamedTuple

from tconv_design.layer import Axis, Layer
from tconv_design.wording import per_axis


class Law(NamedTuple):
    """out = scale*in + offset, per axis as text of exact fractions.

    `exact_for_all`: a tconv scales by its stride for every in (offset 0); a conv keeps out = in always.
    """

    scale: tuple[str, ...]
    offset: tuple[str, ...]
    exact_for_all: bool

    def to_dict(self) -> dict[str, Any]:
        """The law as the public JSON document has it: one text where all axes agree, else joined by x."""
        return {"scale": per_axis(self.scale), "offset": per_axis(self.offset), "exact_for_all": self.exact_for_all}


def law(layer: Layer) -> Law:
    """The law of a layer."""
    pairs = [_conv_law(axis) if layer.kind == "conv" else _tconv_law(axis) for axis in layer.axes]
    keeps = ("1", "0") if layer.kind == "conv" else None
    exact = all(pair == keeps if keeps else pair[1] == "0" for pair in pairs)
    return Law(tuple(scale for scale, _ in pairs), tuple(offset for _, offset in pairs), exact)


def _tconv_law(axis: Axis) -> tuple[str, str]:
    return str(axis.stride), str(axis.effective_kernel - axis.pad_begin - axis.end - axis.stride)


def _conv_law(axis: Axis) -> tuple[str, str]:
    over = axis.pad_begin + axis.pad_end - axis.effective_kernel + axis.stride
    return fraction(1, axis.stride), fraction(over, axis.stride)


def fraction(numerator: int, denominator: int) -> str:
    """A reduced fraction as text, `3/2` or `-1`; denominator > 0."""
    common = gcd(numerator, denominator)
    top, bottom = numerator // common, denominator // common
    return str(top) if bottom == 1 else f"{top}/{bottom}"
