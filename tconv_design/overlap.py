"""How many kernel taps reach each output element of a transposed convolution: even, uneven, or with holes.

Source: Odena, Dumoulin & Olah, "Deconvolution and Checkerboard Artifacts", Distill 2016.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd, prod
from typing import Any, NamedTuple

from tconv_design.layer import Axis, Layer

MAX_PERIOD = 4096
MAX_COUNTED = 10**5

Edge = tuple[int, int]  # weak and unreached rows


class Border(NamedTuple):
    """Rows at (begin, end) per axis that fewer taps reach than the interior would (`weak`), or none (`unreached`).

    A row that lacks taps on both sides, as the input is so small, counts where it lacks more.
    """

    weak: tuple[tuple[int, int], ...]
    unreached: tuple[tuple[int, int], ...]


class Overlap(NamedTuple):
    """Taps per output element in the endless interior, and what happens at the border.

    `counts`: per axis one period of `stride`, from the row where an input's first tap lands. `ratio`: most taps over
    fewest, multiplied over the axes; None where there are holes. `counts` and `border` are None on layers whose
    period is longer than MAX_PERIOD rows, `border` also where a large kernel outreaches a small input.
    """

    uniform: bool
    holes: bool
    ratio: float | None
    counts: tuple[tuple[int, ...], ...] | None
    border: Border | None

    def to_dict(self) -> dict[str, Any]:
        """The overlap as the public JSON document has it."""
        border = self.border and {
            "weak": [list(pair) for pair in self.border.weak],
            "unreached": [list(pair) for pair in self.border.unreached],
        }
        counts = self.counts and [list(period) for period in self.counts]
        return {"uniform": self.uniform, "holes": self.holes, "ratio": self.ratio, "counts": counts, "border": border}


def overlap(layer: Layer, out: Iterable[int]) -> Overlap | None:
    """The overlap of a tconv whose output has `out` rows per axis; None for a conv."""
    if layer.kind == "conv":
        return None
    extremes = [tap_extremes(axis) for axis in layer.axes]
    holes = any(fewest == 0 for fewest, _ in extremes)
    small = all(axis.stride <= MAX_PERIOD for axis in layer.axes)
    return Overlap(
        uniform=all(fewest == most for fewest, most in extremes),
        holes=holes,
        ratio=None if holes else prod(most for _, most in extremes) / prod(fewest for fewest, _ in extremes),
        counts=tuple(tap_counts(axis) for axis in layer.axes) if small else None,
        border=_border(layer, tuple(out)) if small else None,
    )


def tap_extremes(axis: Axis) -> tuple[int, int]:
    """The fewest and the most taps that reach an interior row.

    The taps dilation*j meet stride/gcd(stride, dilation) residues of the period, in turn.
    """
    common = gcd(axis.stride, axis.dilation)
    reached = axis.stride // common
    fewest = 0 if common > 1 else axis.kernel // reached
    return fewest, -(-axis.kernel // reached)


def is_even(kernel: int, stride: int, dilation: int) -> bool:
    """Uniform overlap without holes: stride divides kernel, and gcd(stride, dilation) = 1."""
    return kernel % stride == 0 and gcd(stride, dilation) == 1


def tap_counts(axis: Axis) -> tuple[int, ...]:
    """Taps per row over one period of `stride`, from the row where an input's first tap lands."""
    counts = [0] * axis.stride
    reached = axis.stride // gcd(axis.stride, axis.dilation)
    for tap in range(min(axis.kernel, reached)):
        counts[tap * axis.dilation % axis.stride] = -(-(axis.kernel - tap) // reached)
    return tuple(counts)


def _border(layer: Layer, out: tuple[int, ...]) -> Border | None:
    edges = []
    for axis, size in zip(layer.axes, out, strict=True):
        both = _edges(axis, size)
        if both is None:
            return None
        edges.append(both)
    return Border(
        weak=tuple((begin[0], end[0]) for begin, end in edges),
        unreached=tuple((begin[1], end[1]) for begin, end in edges),
    )


def _edges(axis: Axis, out: int) -> tuple[Edge, Edge] | None:
    """Both edges of an axis with `out` rows; None where they meet and there is too much to count."""
    in_ = (out + axis.pad_begin + axis.end - axis.effective_kernel) // axis.stride + 1
    if axis.effective_kernel - 1 <= in_ * axis.stride:
        return _edge(axis, axis.pad_begin, out), _edge(axis, axis.end, out)
    if axis.kernel * out > MAX_COUNTED:
        return None
    return _meeting_edges(axis, in_, out)


def _meeting_edges(axis: Axis, in_: int, out: int) -> tuple[Edge, Edge]:
    """The edges where a row may lack taps on both: it counts where it lacks more, at the beginning if equally many."""
    weak, unreached = [0, 0], [0, 0]
    for row in range(axis.pad_begin, axis.pad_begin + out):
        lacking, reaching = [0, 0], 0
        for tap in range(axis.kernel):
            element, between = divmod(row - tap * axis.dilation, axis.stride)
            if between:
                continue
            if 0 <= element < in_:
                reaching += 1
            else:
                lacking[element >= in_] += 1
        if any(lacking):
            (weak if reaching else unreached)[lacking[1] > lacking[0]] += 1
    return (weak[0], unreached[0]), (weak[1], unreached[1])


def _edge(axis: Axis, cropped: int, out: int) -> Edge:
    """(weak, unreached) rows at one edge, after cropping `cropped` rows of the full result there (may be negative).

    Seen from the edge, row f misses the taps above f of its residue: all of them if f is below the residue's lowest
    tap, some if it is below the highest.
    """
    reached = min(axis.kernel, axis.stride // gcd(axis.stride, axis.dilation))
    rows = range(cropped, cropped + out)
    lowest = sum(_rows_below(rows, axis.dilation * tap, axis.stride) for tap in range(reached))
    highest = sum(
        _rows_below(rows, axis.dilation * tap, axis.stride) for tap in range(axis.kernel - reached, axis.kernel)
    )
    return highest - lowest, lowest


def _rows_below(rows: range, tap: int, stride: int) -> int:
    """Rows f < tap with f = tap modulo stride."""
    first = rows.start + (tap - rows.start) % stride
    return len(range(first, min(rows.stop, tap), stride))
