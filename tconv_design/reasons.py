"""Why a layer is good or bad, as sentences with numbers, the most important first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import gcd, prod
from typing import Literal

from tconv_design.cost import multiply_adds, parameters
from tconv_design.dialects.legal import VERSIONS
from tconv_design.law import Law
from tconv_design.layer import Axis, Layer
from tconv_design.overlap import Overlap, tap_extremes
from tconv_design.wording import per_axis


class Reason(str):
    """A sentence that knows whether it speaks for a layer ("good"), against it ("bad") or just tells ("")."""

    tone: Literal["", "good", "bad"] = ""


def good(text: str) -> Reason:
    """A reason for a layer."""
    return _toned(text, "good")


def bad(text: str) -> Reason:
    """A reason against a layer."""
    return _toned(text, "bad")


def _toned(text: str, tone: Literal["good", "bad"]) -> Reason:
    reason = Reason(text)
    reason.tone = tone
    return reason


def reasons(
    layer: Layer,
    in_size: Sequence[int],
    out_size: Sequence[int],
    law: Law,
    overlap: Overlap | None,
    legal: Sequence[str],
) -> tuple[str, ...]:
    """The reasons of one layer at one size."""
    lines = [scaling(layer, in_size, out_size, law)]
    if overlap is None:
        lines += _floors(layer, in_size, out_size)
    else:
        lines += [overlapping(layer, overlap), *_rim(overlap)]
    return (*lines, *_needs(layer), legality(legal), _cost(layer, in_size, out_size))


def sizes(values: Iterable[int]) -> str:
    """Per-axis numbers as text: one number where all are equal, else joined by x."""
    return per_axis([str(value) for value in values])


def line_text(scale: str, offset: str) -> str:
    """`4*in + 2`, `in`, `1/2*in - 3/2`: a line without terms that are 0 or factors that are 1."""
    first = "in" if scale == "1" else f"{scale}*in"
    if offset == "0":
        return first
    return f"{first} - {offset[1:]}" if offset.startswith("-") else f"{first} + {offset}"


def scaling(layer: Layer, in_size: Sequence[int], out_size: Sequence[int], law: Law) -> str:
    """How the size follows, for every in or only for this one."""
    texts = [line_text(scale, offset) for scale, offset in zip(law.scale, law.offset, strict=True)]
    rule = texts[0] if len(set(texts)) == 1 else " x ".join(texts)
    if layer.kind == "conv":
        if law.exact_for_all:
            return good("keeps every size: out = in")
        return f"out = {rule}" if _whole(law) else f"out = floor({rule})"
    if law.exact_for_all:
        return good(f"scales exactly: out = {rule} for every in")
    return f"no fixed scale: out = {rule}, which is {sizes(out_size)} at in {sizes(in_size)}"


def _whole(law: Law) -> bool:
    return not any("/" in text for text in (*law.scale, *law.offset))


def overlapping(layer: Layer, overlap: Overlap) -> str:
    """Even, uneven or with holes, in numbers."""
    extremes = [tap_extremes(axis) for axis in layer.axes]
    fewest, most = (prod(pair[side] for pair in extremes) for side in (0, 1))
    if overlap.holes:
        return bad(f"leaves holes: {_holes(layer)} rows in every period of the stride get no tap")
    if overlap.uniform and most == 1:
        return good(f"tiles: {_everywhere(overlap)} gets exactly 1 tap, nothing overlaps")
    if overlap.uniform:
        return good(f"even overlap: {_everywhere(overlap)} gets {most} taps")
    return bad(
        f"uneven overlap, a checkerboard: {fewest} to {most} taps per output element (ratio {most / fewest:.4g})"
    )


def _everywhere(overlap: Overlap) -> str:
    border = overlap.border
    whole = border is not None and not any(any(pair) for pair in (*border.weak, *border.unreached))
    return "every output element" if whole else "inside, every output element"


def _holes(layer: Layer) -> str:
    texts = [f"{axis.stride - _reached(axis)} of {axis.stride}" for axis in layer.axes]
    return texts[0] if len(set(texts)) == 1 else " x ".join(texts)


def _reached(axis: Axis) -> int:
    return min(axis.kernel, axis.stride // gcd(axis.stride, axis.dilation))


def _rim(overlap: Overlap) -> Iterator[str]:
    if overlap.border is None:
        return
    weak, unreached = overlap.border.weak, overlap.border.unreached
    if any(any(pair) for pair in weak):
        yield f"weak rim: fewer taps than inside on {_edges(weak)}"
    if any(any(pair) for pair in unreached):
        yield bad(f"empty rim: no tap, only the bias, on {_edges(unreached)}")


def _edges(pairs: Sequence[tuple[int, int]]) -> str:
    even = all(begin == end for begin, end in pairs)
    rows = "row" if sides(pairs) == "1" else "rows"
    return f"{sides(pairs)} {rows} at {'each end' if even else 'begin:end'}"


def sides(pairs: Sequence[tuple[int, int]]) -> str:
    """(begin, end) pairs as text: `1` where both are equal, else `0:1`; one text where all axes agree."""
    texts = [str(begin) if begin == end else f"{begin}:{end}" for begin, end in pairs]
    return per_axis(texts)


def _floors(layer: Layer, in_size: Sequence[int], out_size: Sequence[int]) -> Iterator[str]:
    dropped = [_dropped(axis, i, o) for axis, i, o in zip(layer.axes, in_size, out_size, strict=True)]
    if any(dropped):
        rows = "row" if sizes(dropped) == "1" else "rows"
        yield f"drops {sizes(dropped)} {rows} at the end of the padded input: the floor"
    if any(axis.stride > 1 for axis in layer.axes):
        first = [max(1, i - r) for i, r in zip(in_size, dropped, strict=True)]
        last = [i - r + axis.stride - 1 for i, r, axis in zip(in_size, dropped, layer.axes, strict=True)]
        yield f"in {sizes(first)} to {sizes(last)} all give out {sizes(out_size)}: a decoder must choose"


def _dropped(axis: Axis, in_: int, out: int) -> int:
    return in_ + axis.pad_begin + axis.pad_end - axis.full(out)


def _needs(layer: Layer) -> Iterator[str]:
    if any(layer.output_padding):
        yield f"needs output_padding {sizes(layer.output_padding)}: the last rows are un-cropped, computed values"
    if any(begin != end for begin, end in layer.padding):
        yield f"needs uneven padding {sides(layer.padding)}"


def legality(legal: Sequence[str]) -> str:
    """Which frameworks say the layer in one call, by their measured rules."""
    if len(legal) == len(VERSIONS):
        return f"one call in every dialect: {', '.join(VERSIONS)}"
    missing = [name for name in VERSIONS if name not in legal]
    return f"one call in {', '.join(legal) or 'no dialect'}; not in {', '.join(missing)}"


def _cost(layer: Layer, in_size: Sequence[int], out_size: Sequence[int]) -> str:
    return f"{multiply_adds(layer, in_size, out_size)} multiply-adds, {parameters(layer)} parameters"
