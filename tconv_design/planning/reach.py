"""Receptive fields of chains on one axis: bounds on what a beginning can still come to, and what a whole chain has.

Followed back from one output row, a layer makes of L rows (L-1)*stride + K through a conv, and as many multiples of
the stride as lie in L + K - 1 rows through a tconv: one more or less, by where they start. Both grow with L and K, so
the least and the most of what follows bound the whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tconv_design.architecture.receptive import Field, through
from tconv_design.formula import Kind, effective_kernel
from tconv_design.layer import Axis
from tconv_design.planning.criteria import Numbers
from tconv_design.planning.members import Bucket, Shape
from tconv_design.planning.places import Place, Sizes
from tconv_design.planning.togo import Listed, Togo


class Span(NamedTuple):
    """What matters of a layer: its kind, stride, the rows its kernel spans, and whether they are all taps."""

    kind: Kind
    stride: int
    effective: int
    gapless: bool


class Reach(NamedTuple):
    """A limit on the receptive field: the least and the most rows that are to come, at every place and size."""

    places: tuple[Place, ...]
    least: int
    most: int | None
    low: Sequence[Togo]
    high: Sequence[Togo]

    def allows(self, layers: Sequence[Numbers], sizes: Sequence[int]) -> bool:
        """Whether a beginning can still come to a field within the limits; a whole chain has it or has not."""
        if len(sizes) > len(self.places):
            return self.has(whole_field(self.places, layers, sizes))
        at, size = len(sizes) - 1, sizes[-1]
        spans = self.spans(layers, sizes)[::-1]
        high = self.high[at].at(size)
        for span in spans:
            high = widest(span, high)
        if high < self.least:
            return False
        if self.most is None:
            return True
        low = self.low[at].at(size)
        for span in spans:
            low = narrowest(span, low)
        return low <= self.most

    def has(self, field: int | None) -> bool:
        """Whether a field is within the limits; one that cannot be told is not."""
        return field is not None and self.least <= field and (self.most is None or field <= self.most)

    def spans(self, layers: Sequence[Numbers], sizes: Sequence[int]) -> tuple[Span, ...]:
        """What matters of the layers of a beginning."""
        return tuple(
            Span(kind, axis.stride, axis.effective_kernel, axis.dilation == 1)
            for kind, axis in axes_of(self.places, layers, sizes)
        )


def axes_of(places: Sequence[Place], layers: Sequence[Numbers], sizes: Sequence[int]) -> Iterator[tuple[Kind, Axis]]:
    """The layers and given maps of a beginning that has come to the last of `sizes`."""
    pending = iter(layers)
    for place, size in zip(places, sizes[:-1], strict=False):
        yield place.kind, place.template.at(size) if place.template is not None else Axis(*next(pending))


def whole_field(places: Sequence[Place], layers: Sequence[Numbers], sizes: Sequence[int]) -> int | None:
    """The receptive field of a whole chain in rows; None where its pattern is too long to be followed."""
    field: Field | None = Field()
    for kind, axis in axes_of(places, layers, sizes):
        field = field and through(kind, axis, field)
    return field and field.size


def widest(span: Span, rows: int) -> int:
    """At most so many rows before a layer belong to `rows` after it."""
    if rows < 1:
        return 0
    if span.kind == "conv":
        return (rows - 1) * span.stride + span.effective
    return (rows + span.effective - 2) // span.stride + 1


def narrowest(span: Span, rows: int) -> int:
    """At least so many rows before a layer belong to some `rows` after it."""
    if rows < 1:
        return 0
    if span.kind == "conv":
        return (rows - 1) * span.stride + span.effective
    return (rows + span.effective - 1) // span.stride if span.gapless else 0


def reach_limit(
    places: tuple[Place, ...], sizes: Sequence[Sizes], limits: tuple[int, int | None], togo: Sequence[Togo]
) -> Reach:
    """The tables of a limit on the receptive field, for the sizes from which there is a way on."""
    high: list[Togo] = [Listed(dict.fromkeys(sizes[-1], 1), 0)]
    low: list[Togo] = [Listed(dict.fromkeys(sizes[-1], 1), 0)]
    for index in range(len(places) - 1, -1, -1):
        place, onward = places[index], togo[index + 1]
        ends = [(bucket.shape, *_extremes(place.kind, bucket)) for bucket in place.buckets]
        highs, lows = {}, {}
        for size in sizes[index]:
            if togo[index].at(size) >= onward.missing:
                continue
            ways = list(_onward(place, size, ends, onward))
            highs[size] = max(widest(wide, high[-1].at(out)) for _, wide, out in ways)
            lows[size] = min(narrowest(narrow, low[-1].at(out)) for narrow, _, out in ways)
        high.append(Listed(highs, 0))
        low.append(Listed(lows, 0))
    return Reach(places, *limits, low[::-1], high[::-1])


def _onward(
    place: Place, size: int, ends: Sequence[tuple[Shape, Span, Span]], togo: Togo
) -> Iterator[tuple[Span, Span, int]]:
    """(narrowest, widest, output size) of every bucket that leads on from a size."""
    if place.template is not None:
        axis = place.template.at(size)
        span = Span(place.kind, axis.stride, axis.effective_kernel, axis.dilation == 1)
        yield span, span, place.template.out(size)
        return
    for shape, narrow, wide in ends:
        out = shape.out(size)
        if out >= 1 and togo.at(out) < togo.missing:
            yield narrow, wide, out


def _extremes(kind: Kind, bucket: Bucket) -> tuple[Span, Span]:
    spans = [effective_kernel(numbers[0], numbers[5]) for numbers in bucket.members]
    gapless = all(numbers[5] == 1 for numbers in bucket.members)
    return Span(kind, bucket.stride, min(spans), gapless), Span(kind, bucket.stride, max(spans), gapless)
