"""One solved layer with its reasons: plain data, made only for the solutions that are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tconv_design.dialects.legal import dialects_of, words
from tconv_design.formula import Kind
from tconv_design.law import Law, law
from tconv_design.layer import Axis, Layer
from tconv_design.overlap import Overlap, overlap
from tconv_design.ranking import Combination
from tconv_design.reasons import reasons
from tconv_design.unknowns import Numbers

if TYPE_CHECKING:
    from tconv_design.check import Check


class Change(NamedTuple):
    """How a nearest solution differs from the question: one parameter, from what was asked to what works."""

    parameter: str
    before: str
    after: str
    axis: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """The change as the public JSON document has it; `axis` counts from 1, null means all."""
        axis = None if self.axis is None else self.axis + 1
        return {"parameter": self.parameter, "from": self.before, "to": self.after, "axis": axis}


class Solution(NamedTuple):
    """A layer that turns `in_size` into `out_size`, and why it is good or bad.

    `legal` names the dialects that say the layer in one call, by the rules of `dialects`.
    """

    layer: Layer
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    law: Law
    overlap: Overlap | None
    legal: tuple[str, ...]
    reasons: tuple[str, ...]
    checks: tuple[Check, ...] = ()
    change: Change | None = None

    def to_dict(self) -> dict[str, Any]:
        """The solution as the public JSON document has it."""
        document = {
            "layer": self.layer.to_dict(),
            "in": list(self.in_size),
            "out": list(self.out_size),
            "law": self.law.to_dict(),
            "overlap": self.overlap.to_dict() if self.overlap else None,
            "legal": list(self.legal),
            "reasons": list(self.reasons),
            "checks": [check.to_dict() for check in self.checks],
        }
        return document | {"change": self.change.to_dict()} if self.change else document

    def _repr_svg_(self) -> str | None:
        from tconv_design.notebook import solution_svg  # only here: a notebook asks for it

        return solution_svg(self)


def solution(layer: Layer, in_size: tuple[int, ...], change: Change | None = None) -> Solution:
    """The solution that a layer is for `in_size`. Raises InvalidLayer where it leaves nothing."""
    out_size = layer.output_size(in_size)
    bits = -1
    for axis, i, o in zip(layer.axes, in_size, out_size, strict=True):
        bits &= words(layer.kind, _numbers(axis, i, o), layer.ndim, layer.groups)
    legal = dialects_of(bits)
    taps = overlap(layer, out_size)
    rule = law(layer)
    why = reasons(layer, in_size, out_size, rule, taps, legal)
    return Solution(layer, in_size, out_size, rule, taps, legal, why, change=change)


def build(
    kind: Kind, combination: Combination, groups: int, channels: tuple[int, int], change: Change | None = None
) -> Solution:
    """The solution of a combination of one candidate per axis."""
    axes = tuple(Axis(n.kernel, n.stride, n.pad_begin, n.pad_end, n.output_padding, n.dilation) for n in combination)
    return solution(Layer(kind, axes, groups, *channels), tuple(n.in_ for n in combination), change)


def _numbers(axis: Axis, in_: int, out: int) -> Numbers:
    return Numbers(in_, out, axis.kernel, axis.stride, axis.dilation, axis.pad_begin, axis.pad_end, axis.output_padding)
