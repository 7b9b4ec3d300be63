"""What `compare` prints: a table of costs, then each alternative in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tconv_design.reasons import sides, sizes
from tconv_design.render.columns import columns
from tconv_design.render.lines import Line, Tone, layer_text
from tconv_design.wording import counted

if TYPE_CHECKING:
    from tconv_design.architecture.alternatives import Alternative, Comparison
    from tconv_design.architecture.walk import Row

HEAD = ("", "parameters", "multiply-adds", "peak elements", "overlap")
NAMES = {
    "tconv": "tconv",
    "conv": "convolution",
    "resize": "resize + convolution",
    "sub_pixel": "sub-pixel",
    "sub_pixel_cropped": "sub-pixel, cropped",
}
SOURCES = {
    "tconv": ("overlap: Odena et al., Distill 2016",),
    "resize": ("resize + convolution: Odena et al., Distill 2016",),
    "sub_pixel": (
        "sub-pixel: Shi et al., arXiv:1609.05158 and arXiv:1609.07009",
        "ICNR, its start without a checkerboard: Aitken et al., arXiv:1707.02937",
    ),
}


def compare_lines(comparisons: Sequence[Comparison], why: str) -> Iterator[Line]:
    """What `compare` prints."""
    for comparison in comparisons:
        yield from _comparison(comparison)
        yield Line("")
    if why:
        yield Line(f"✗ {why}", "bad")
    if comparisons:
        yield from _sources({each.name for comparison in comparisons for each in comparison.alternatives})


def _comparison(comparison: Comparison) -> Iterator[Line]:
    label = f"{comparison.label}: " if comparison.label else "tconv: "
    ends = " → ".join("x".join(map(str, size)) for size in (comparison.in_size, comparison.out_size))
    yield Line(f"{label}{layer_text(comparison.layer)}:  {ends}", "title")
    yield Line("")
    yield from _table(comparison.alternatives)
    for number, alternative in enumerate(comparison.alternatives[1:], 2):
        yield Line("")
        yield Line(f"{number}. {', '.join(_step(row) for row in alternative.rows)}", "title")
        yield Line(_way(alternative), "", 3)
        if alternative.why:
            yield Line(f"· {alternative.why}", "", 3)
        for text, tone in _said(alternative, comparison):
            yield Line(f"{'✓ ' if tone == 'good' else '· '}{text}", tone, 3)
    for text in comparison.left_out:
        yield Line(f"✗ left out: {text}", "bad")


def _table(alternatives: Sequence[Alternative]) -> Iterator[Line]:
    """Costs side by side, or one alternative a line where numbers are too long for that."""
    rows = [HEAD]
    for number, each in enumerate(alternatives, 1):
        numbers = (str(each.params), str(each.macs), str(each.peak_activations))
        rows.append((f"{number}. {NAMES[each.name]}", *numbers, each.overlap))
    lines = columns(rows, left=(0, 4), indent=2)
    if lines is None:
        for name, *values in rows[1:]:
            yield Line(f"{name}: {', '.join(f'{what} {v}' for what, v in zip(HEAD[1:], values, strict=True))}", "", 2)
        return
    for number, line in enumerate(lines):
        yield Line(line, "" if number else "quiet", 2)


def _way(alternative: Alternative) -> str:
    """`4 → 8 → 8`."""
    signals = [alternative.rows[0].in_, *(row.out for row in alternative.rows if row.out)]
    return " → ".join("x".join(map(str, signal.size)) for signal in signals)


def _step(row: Row) -> str:
    axes = row.axes
    match row.block.kind:
        case "upsample":
            return f"nearest resize by {sizes(axis.stride for axis in axes)}"
        case "pixel_shuffle":
            return f"pixel_shuffle {sizes(axis.stride for axis in axes)}"
        case "crop":
            return f"crop {sides([(axis.pad_begin, axis.pad_end) for axis in axes])}"
    layer = row.layer
    assert layer is not None
    words = [f"conv kernel {sizes(layer.kernel)}", f"padding {sides(layer.padding)}"]
    words += [f"dilation {sizes(layer.dilation)}"] if any(dilation > 1 for dilation in layer.dilation) else []
    channels = (layer.in_channels, layer.out_channels)
    return " ".join([*words, f"channels {channels[0]} → {channels[1]}"] if channels != (1, 1) else words)


def _said(alternative: Alternative, comparison: Comparison) -> Iterator[tuple[str, Tone]]:
    yield from _maps(alternative, comparison)
    if alternative.same_as is None:
        yield "no single tconv layer says it", ""
        return
    if alternative.same_as != comparison.layer:
        yield f"it is a tconv: {layer_text(alternative.same_as)}", ""
    for text in _weights(alternative, comparison):
        yield text, ""
    if alternative.name == "resize":
        yield "each phase of W sums to the sum of w: no checkerboard, whatever w is", "good"
    elif alternative.name != "conv":
        yield "each phase has its own kernel: a checkerboard unless they start equal (ICNR)", ""


def _maps(alternative: Alternative, comparison: Comparison) -> Iterator[tuple[str, Tone]]:
    match alternative.maps:
        case "all":
            yield "computes every map of the tconv, its weights in another order", "good"
        case "some":
            yield "computes those maps of the tconv whose taps are bound to each other", ""
        case "shifted":
            yield f"computes every map of the tconv, but {_shift(alternative.shift)}", ""
        case "other":
            yield "computes other maps: a resized row spans a whole stride, without gaps", ""
    taps = next(row.layer for row in alternative.rows if row.layer).kernel
    filled = tuple(tap * stride for tap, stride in zip(taps, comparison.layer.stride, strict=True))
    if alternative.name.startswith("sub_pixel") and filled != comparison.layer.kernel:
        yield f"for those maps the taps that fill the kernel up to {sizes(filled)} are 0", ""


def _shift(shift: Sequence[int]) -> str:
    if len(set(shift)) == 1:
        return f"{counted(abs(shift[0]), 'row')} {'earlier' if shift[0] > 0 else 'later'}"
    return " and ".join(
        f"{counted(abs(rows), 'row')} {'earlier' if rows > 0 else 'later'} on axis {axis}"
        for axis, rows in enumerate(shift, 1)
        if rows
    )


def _weights(alternative: Alternative, comparison: Comparison) -> Iterator[str]:
    """How the tconv's taps W come from the conv's taps w, per axis."""
    conv = next(row.layer for row in alternative.rows if row.layer)
    rule = {"conv": _flipped, "resize": _laid_down}.get(alternative.name, _interleaved)
    pairs = list(zip(conv.kernel, comparison.layer.stride, strict=True))
    for axis, (kernel, stride) in enumerate(pairs, 1):
        if len(set(pairs)) > 1:
            yield f"its taps on axis {axis}: {rule(kernel - 1, stride)}"
        elif axis == 1:
            yield f"its taps{' on every axis' if len(pairs) > 1 else ''}: {rule(kernel - 1, stride)}"


def _flipped(last: int, stride: int) -> str:
    return f"W[m] = w[{last}-m]" if last else "W = w"


def _laid_down(last: int, stride: int) -> str:
    if stride == 1:
        return _flipped(last, stride)
    if last == 0:
        return f"W[m] = w for m = 0..{stride - 1}"
    return f"W[m] = sum of w[{last}-m+r] over r = 0..{stride - 1}"


def _interleaved(last: int, stride: int) -> str:
    if stride == 1:
        return _flipped(last, stride)
    return f"W[({last}-t)*{stride} + r] = w[t] of phase r" if last else "W[r] = w of phase r"


def _sources(names: set[str]) -> Iterator[Line]:
    yield Line("peak elements: the largest input and output that one step holds, one sample", "quiet")
    for name, texts in SOURCES.items():
        if name in names or (name == "sub_pixel" and "sub_pixel_cropped" in names):
            yield from (Line(text, "quiet") for text in texts)
