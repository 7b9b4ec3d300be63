"""A chain on one axis: the places that layers stand in, and the sizes that can stand between them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from tconv_design.architecture.templates import Template
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.planning.joints import JoinMap
from tconv_design.planning.members import EVERY, Bucket, Filter, Moves, moves
from tconv_design.planning.problem import Limits, Problem, Stage

DENSE = 20_000
"""Up to so many sizes between the smallest and the largest are a table; above that the sizes that occur are listed."""
MAX_LISTED = 2 * 10**6

Sizes = range | tuple[int, ...]


class Place(NamedTuple):
    """One place of a chain on one axis: what may stand there (or the map that is given), and what it costs.

    `work`: multiply-adds per position and tap; `weights` per tap and `bias`: parameters; `size`: a claim about what
    goes out.
    """

    kind: Kind
    moves: Moves | None = None
    template: Template | JoinMap | None = None
    work: int = 1
    weights: int = 1
    bias: int = 0
    size: int | None = None

    @property
    def buckets(self) -> tuple[Bucket, ...]:
        """The buckets that may stand here; none where a map is given."""
        return self.moves.buckets if self.moves is not None else ()

    def largest(self) -> tuple[int, int, int]:
        """The largest kernel, stride and padding that may stand here."""
        if self.moves is not None:
            return self.moves.largest
        assert self.template is not None
        return self.template.axis.kernel, 0, 0


def axis_places(problem: Problem, chain: Sequence[Stage], axis: int) -> tuple[Place, ...]:
    """The places of one axis of a chain, under the problem's limits, members ordered by its rank."""
    ndim = len(problem.in_size)
    return tuple(_place(stage, axis, filter_of(problem.limits, stage, ndim), problem.rank) for stage in chain)


def open_places(chain: Sequence[Stage], axis: int, rank: tuple[str, ...] = ()) -> tuple[Place, ...]:
    """The places of one axis of a chain, whatever the limits."""
    return tuple(_place(stage, axis, EVERY, rank) for stage in chain)


def ordered_by(name: str, problem: Problem, chain: Sequence[Stage], axis: int) -> tuple[Place, ...]:
    """The places of one axis under the problem's limits, members ordered by one criterion."""
    return axis_places(problem._replace(rank=(name,)), chain, axis)


def filter_of(limits: Limits, stage: Stage, ndim: int) -> Filter:
    """What every layer that stands at a stage must be."""
    if not limits.portable:
        return Filter(limits.even, limits.no_output_padding)
    return Filter(limits.even, limits.no_output_padding, limits.portable, ndim, stage.groups)


def _place(stage: Stage, axis: int, keep: Filter, rank: tuple[str, ...]) -> Place:
    size = stage.size[axis] if stage.size else None
    weights = stage.in_channels * stage.out_channels // stage.groups
    bias = stage.out_channels if stage.bias else 0
    if stage.boxes:
        return Place(stage.kind, moves(stage.boxes[axis], keep, rank), None, weights, weights, bias, size)
    return Place(stage.kind, None, stage.given[axis], 0, 0, 0, size)


@lru_cache(maxsize=256)
def sizes_between(places: tuple[Place, ...], in_: int, out: int) -> tuple[Sizes, ...]:
    """The sizes before, between and after the places that chains from `in_` to `out` may have; empty where none can.

    Bounds from both ends; where they leave too many sizes to go through, the sizes that are reachable, from whichever
    end has fewer.
    """
    spans = _spans(places, in_, out, out)
    if any(low > high for low, high in spans):
        return ()
    if max(high - low for low, high in spans) < DENSE:
        return tuple(range(low, high + 1) for low, high in spans)
    return tuple(_listed(places, spans))


def reachable(places: Sequence[Place], in_: int, most: int) -> set[int]:
    """All sizes up to `most` that chains from `in_` come to; none where there are too many to go through."""
    spans = _spans(places, in_, 1, most)
    sizes = {in_}
    for place, span in zip(places, spans[1:], strict=True):
        sizes = _images(place, sizes, span)
        if len(sizes) > MAX_LISTED // 10:
            return set()
    return sizes


def _spans(places: Sequence[Place], in_: int, least: int, most: int) -> list[tuple[int, int]]:
    """Bounds on the sizes before, between and after the places, on the way from `in_` to between `least` and `most`."""
    spans = [(in_, in_)]
    for place in places:
        low, high = _ahead(place, spans[-1])
        if place.size is not None:
            low, high = max(low, place.size), min(high, place.size)
        spans.append((low, high))
    spans[-1] = (max(spans[-1][0], least), min(spans[-1][1], most))
    for index in range(len(places) - 1, -1, -1):
        low, high = _back(places[index], spans[index + 1], spans[index])
        spans[index] = (max(spans[index][0], low), min(spans[index][1], high))
    return spans


def _ahead(place: Place, span: tuple[int, int]) -> tuple[int, int]:
    """Bounds on what comes out of a place; the template's size never shrinks when its input grows."""
    low, high = span
    if low > high:
        return 1, 0
    if place.template is not None:
        return max(1, place.template.out(low)), min(place.template.out(high), MAX_SIZE)
    assert place.moves is not None
    lows, highs = [], []
    for shape in (bucket.shape for bucket in place.moves.buckets):
        steps = shape.steps(low, high, 1, MAX_SIZE)
        if steps:
            lows.append(shape.c * steps[0] + shape.d)
            highs.append(shape.c * steps[-1] + shape.d)
    return min(lows, default=1), max(highs, default=0)


def _back(place: Place, span: tuple[int, int], within: tuple[int, int]) -> tuple[int, int]:
    """Bounds on what goes into a place so that it comes out within `span`."""
    if span[0] > span[1] or within[0] > within[1]:
        return 1, 0
    if place.template is not None:
        first = _bisect(place.template, within, span[0])
        return first, _bisect(place.template, within, span[1] + 1) - 1
    assert place.moves is not None
    lows, highs = [], []
    for shape in (bucket.shape for bucket in place.moves.buckets):
        steps = shape.steps(*within, *span)
        if steps:
            lows.append(shape.a * steps[0] + shape.b)
            highs.append(shape.a * steps[-1] + shape.b)
    return min(lows, default=1), max(highs, default=0)


def _bisect(template: Template | JoinMap, within: tuple[int, int], least: int) -> int:
    """The smallest size within the bounds whose output is at least `least`, or one above them."""
    low, high = within[0], within[1] + 1
    while low < high:
        middle = (low + high) // 2
        if template.out(middle) >= least:
            high = middle
        else:
            low = middle + 1
    return low


def _listed(places: Sequence[Place], spans: Sequence[tuple[int, int]]) -> Iterator[Sizes]:
    """The sizes that occur, listed from both ends, always from the end with fewer."""
    ahead: list[set[int]] = [{spans[0][0]}]
    back: list[set[int]] = [{spans[-1][0]}]
    while len(ahead) + len(back) <= len(places) + 1:
        if len(ahead[-1]) <= len(back[-1]):
            index = len(ahead)
            ahead.append(_images(places[index - 1], ahead[-1], spans[index]))
        else:
            index = len(places) - len(back)
            back.append(_sources(places[index], back[-1], spans[index]))
        if max(len(ahead[-1]), len(back[-1])) > MAX_LISTED:
            raise InvalidQuestion(
                f"more than {MAX_LISTED} sizes can stand between two layers, too many to go through",
                "narrow the strides, the kernels or the numbers of layers",
            )
    met = ahead.pop() & back[-1]
    yield from (tuple(sorted(sizes)) for sizes in [*ahead, met, *back[-2::-1]])


def _images(place: Place, sizes: set[int], span: tuple[int, int]) -> set[int]:
    if place.template is not None:
        return {out for out in map(place.template.out, sizes) if span[0] <= out <= span[1]}
    assert place.moves is not None
    found: set[int] = set()
    for shape in (bucket.shape for bucket in place.moves.buckets):
        found.update(
            shape.c * ((size - shape.b) // shape.a) + shape.d for size in sizes if not (size - shape.b) % shape.a
        )
    return {out for out in found if span[0] <= out <= span[1]}


def _sources(place: Place, sizes: set[int], span: tuple[int, int]) -> set[int]:
    found: set[int] = set()
    if place.template is not None:
        for size in sizes:
            first, after = (_bisect(place.template, span, least) for least in (size, size + 1))
            found.update(range(first, min(after, first + MAX_LISTED)))
        return found
    assert place.moves is not None
    for shape in (bucket.shape for bucket in place.moves.buckets):
        found.update(
            shape.a * ((size - shape.d) // shape.c) + shape.b for size in sizes if not (size - shape.d) % shape.c
        )
    return {in_ for in_ in found if span[0] <= in_ <= span[1]}
