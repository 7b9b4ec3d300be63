"""Rules about a layer's taps: rows that none reaches, rows that get more than others, needless output_padding."""

from __future__ import annotations

from collections.abc import Iterator
from math import gcd, prod

from tconv_design.layer import Axis, Layer
from tconv_design.linting.case import Case, in_words
from tconv_design.linting.finding import Said
from tconv_design.linting.nearest import even_layer, plain_layer
from tconv_design.overlap import overlap, tap_extremes
from tconv_design.reasons import sides, sizes

VISIBLE = 1.5
"""Most taps over fewest, from which an uneven overlap is a warning; below it is a note."""


def holes(case: Case) -> Iterator[Said]:
    """Rows in the interior that no tap reaches: they hold the bias, whatever the input."""
    layer = case.layer
    if layer is None or layer.kind == "conv":
        return
    empty = [axis for axis in layer.axes if tap_extremes(axis)[0] == 0]
    if empty:
        yield "error", f"{_hole(empty[0])}{_on(empty[0], layer)}{_even_fix(case)}"


def _hole(axis: Axis) -> str:
    common = gcd(axis.stride, axis.dilation)
    missed = axis.stride - min(axis.kernel, axis.stride // common)
    rows = f"{missed} of every {axis.stride} rows get no tap, only the bias"
    if axis.kernel < axis.stride:
        return f"kernel {axis.kernel} is shorter than stride {axis.stride}, so {rows}"
    return f"dilation {axis.dilation} and stride {axis.stride} share the factor {common}, so {rows}"


def uneven_overlap(case: Case) -> Iterator[Said]:
    """Taps that fall unevenly on the interior: a checkerboard."""
    layer = case.layer
    if layer is None or layer.kind == "conv":
        return
    extremes = [tap_extremes(axis) for axis in layer.axes]
    fewest, most = (prod(pair[side] for pair in extremes) for side in (0, 1))
    if not fewest or fewest == most:
        return
    ratio = most / fewest
    axis = next(axis for axis, pair in zip(layer.axes, extremes, strict=True) if len({*pair}) > 1)
    yield (
        "warning" if ratio >= VISIBLE else "note",
        f"uneven overlap, a checkerboard: {fewest} to {most} taps per output element (ratio {ratio:.4g}), as kernel "
        f"{axis.kernel} is no multiple of stride {axis.stride}{_on(axis, layer)}{_even_fix(case)}",
    )


def _on(axis: Axis, layer: Layer) -> str:
    return "" if len(set(layer.axes)) == 1 else f" on axis {layer.axes.index(axis) + 1}"


def _even_fix(case: Case) -> str:
    even = even_layer(case.layer, case.in_size) if case.layer else None
    return f"; nearest even layer of the same size: {in_words(case, even)}" if even else ""


def weak_rim(case: Case) -> Iterator[Said]:
    """Rows at the border that fewer taps reach than the interior, or none."""
    layer = case.layer
    out = layer.output_size(case.in_size) if layer else ()
    taps = overlap(layer, out) if layer else None
    if taps is None or taps.border is None:
        return
    weak, unreached = taps.border.weak, taps.border.unreached
    if any(map(any, unreached)):
        yield (
            "warning",
            f"no tap reaches {_edges(unreached)}, which hold only the bias: output_padding or padding asks for more "
            "rows than the kernel lays down; use a longer kernel or a smaller output",
        )
    has_inside = all(sum(pair) < size for pair, size in zip(weak, out, strict=True))
    if any(map(any, weak)) and has_inside:
        yield (
            "note",
            f"weak rim: {_edges(weak)} with fewer taps than inside; to avoid it pad the input and crop the output",
        )


def _edges(pairs: tuple[tuple[int, int], ...]) -> str:
    ends = "at each end" if all(begin == end for begin, end in pairs) else "at begin:end"
    return f"{sides(pairs)} {'row' if sides(pairs) == '1' else 'rows'} {ends}"


def needless_output_padding(case: Case) -> Iterator[Said]:
    """An output_padding although a layer without it, as even and with nearly the same kernel, has the same size."""
    layer = case.layer
    if layer is None or not any(layer.output_padding) or not _is_written(case):
        return
    plain = plain_layer(layer, case.in_size)
    if plain is not None:
        extra = sizes(layer.output_padding)
        yield "note", f"output_padding {extra} is not needed for this size: {in_words(case, plain)} gives the same"


def _is_written(case: Case) -> bool:
    """Whether the output_padding stands in the code, and does not only come of a named padding."""
    words = case.reading.words if case.reading else None
    return words is None or any(words.output_padding or ())
