"""What replaces a transposed convolution on one axis: a conv's kernel and padding, and rows to crop after all.

With stride s, effective kernel K, `begin` rows cropped at the start and `end` = pad_end - output_padding at the end:

- nearest resize by s, then a conv of kernel k' = max(K - s + 1, 1) and padding k'-1-begin at the start: a tconv of
  kernel k'+s-1 whose taps are W[m] = sum of w[k'-1-m+r] over r = 0..s-1. Each of its phases sums to the sum of w.
- a conv of c = ceil(K / s) taps to s times the channels, then pixel_shuffle: a tconv of kernel c*s whose taps are
  W[(c-1-t)*s + r] = w[t] of phase r. It pads and crops whole periods only, unless rows are cropped after it.

Negative paddings are rows that are cropped at the very end. Sources: Odena et al., "Deconvolution and Checkerboard
Artifacts", Distill 2016; Shi et al., arXiv:1609.05158 and arXiv:1609.07009.
"""

from __future__ import annotations

from typing import NamedTuple

from tconv_design.layer import Axis

Pair = tuple[int, int]


class Replacement(NamedTuple):
    """One axis of a conv that replaces a tconv, the rows cropped at the end of it all, and the tconv that this is."""

    kernel: int
    padding: Pair
    crop: Pair
    same_as: Axis | None
    dilation: int = 1


def unscaled(axis: Axis) -> Replacement:
    """The conv that a tconv of stride 1 is, its kernel flipped."""
    span = axis.effective_kernel - 1
    return _replacement(axis.kernel, (span - axis.pad_begin, span - axis.end), axis, axis.dilation)


def resized(axis: Axis) -> Replacement:
    """The conv after a nearest resize: aligned as the tconv is, and of its span where that is no shorter than s."""
    K, s = axis.effective_kernel, axis.stride
    kernel = max(K - s + 1, 1)
    end = axis.end + kernel + s - 1 - K
    same_as = _tconv_axis(kernel + s - 1, s, axis.pad_begin, end)
    if end == axis.end and axis.output_padding < s:
        same_as = Axis(K, s, axis.pad_begin, axis.pad_end, axis.output_padding)
    return _replacement(kernel, (kernel - 1 - axis.pad_begin, kernel - 1 - end), same_as)


def shuffled(axis: Axis, in_: int, out: int) -> Replacement | None:
    """Whole periods only, as near to the tconv's own alignment as they come; None where the size is no whole number."""
    s, taps = axis.stride, -(-axis.effective_kernel // axis.stride)
    total = out // s - in_ + taps - 1
    if out % s or total < 0:
        return None
    nearest = taps - 1 - (2 * axis.pad_begin + s - 1) // (2 * s)
    begin = min(max(nearest, total - taps + 1, 0), total)
    same_as = _tconv_axis(taps * s, s, (taps - 1 - begin) * s, (taps - 1 - total + begin) * s)
    return Replacement(taps, (begin, total - begin), (0, 0), same_as)


def shuffled_and_cropped(axis: Axis) -> Replacement:
    """The tconv itself: its kernel filled up to whole periods, and the rows that are left over cropped."""
    s, taps = axis.stride, -(-axis.effective_kernel // axis.stride)
    pads, crops = [], []
    for rows in (axis.pad_begin, axis.end + taps * s - axis.effective_kernel):
        pads.append(max(taps - 1 - rows // s, 0))
        crops.append(rows - (taps - 1 - pads[-1]) * s)
    same_as = _tconv_axis(taps * s, s, axis.pad_begin, axis.end + taps * s - axis.effective_kernel)
    return Replacement(taps, (pads[0], pads[1]), (crops[0], crops[1]), same_as)


def _replacement(kernel: int, padding: Pair, same_as: Axis | None, dilation: int = 1) -> Replacement:
    begin, end = padding
    return Replacement(kernel, (max(begin, 0), max(end, 0)), (max(-begin, 0), max(-end, 0)), same_as, dilation)


def _tconv_axis(kernel: int, stride: int, begin: int, end: int) -> Axis | None:
    """The axis that crops `begin` and `end` rows; None where no layer may."""
    if begin < 0 or -end >= stride:
        return None
    return Axis(kernel, stride, begin, max(end, 0), max(-end, 0))
