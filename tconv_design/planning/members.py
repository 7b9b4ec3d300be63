"""The layers of a box, in buckets that all map sizes alike: `in = a*q + b` to `out = c*q + d`.

Of a tconv, layers of equal stride and offset are one bucket; of a conv, whose floor looks at in modulo stride, layers
that map one residue alike. A bucket is counted and searched as one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

from tconv_design.dialects.legal import dialects_of, words
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind, effective_kernel
from tconv_design.planning.criteria import Numbers, is_uneven, is_unplain, net_offset, out_size
from tconv_design.question import PolicyQuestion
from tconv_design.unknowns import AxisQuestion
from tconv_design.unknowns import Numbers as Solved

MAX_MEMBERS = 10**6

Box = AxisQuestion | PolicyQuestion


class Shape(NamedTuple):
    """How a bucket maps sizes: in = a*q + b to out = c*q + d, for each q for which both are at least 1."""

    a: int
    b: int
    c: int
    d: int

    def out(self, in_: int) -> int:
        """The size that `in_` becomes; 0 or less where it becomes none."""
        q, other = divmod(in_ - self.b, self.a)
        return 0 if other else self.c * q + self.d

    def steps(self, in_low: int, in_high: int, out_low: int, out_high: int) -> range:
        """The q that lead from sizes between the first two bounds to sizes between the others."""
        first = max(-((self.b - in_low) // self.a), -((self.d - out_low) // self.c))
        last = min((in_high - self.b) // self.a, (out_high - self.d) // self.c)
        return range(first, max(first, last + 1))


class Bucket(NamedTuple):
    """Layers that map sizes alike. `inexact`: they do not scale the size by exactly their stride."""

    shape: Shape
    stride: int
    inexact: bool
    members: tuple[Numbers, ...]


class Filter(NamedTuple):
    """What every layer of a plan must be."""

    even: bool = False
    no_output_padding: bool = False
    portable: tuple[str, ...] = ()
    ndim: int = 1
    groups: int = 1


@dataclass(frozen=True, eq=False, slots=True)
class Moves:
    """All buckets of a box, their members the best first, and the largest kernel, stride and padding in them."""

    kind: Kind
    buckets: tuple[Bucket, ...]
    largest: tuple[int, int, int] = (1, 1, 0)


EVERY = Filter()


@lru_cache(maxsize=256)
def moves(box: Box, keep: Filter = EVERY, rank: tuple[str, ...] = ()) -> Moves:
    """The layers of one axis's box that pass, in buckets. Raises InvalidQuestion where the box is too wide.

    Members of a bucket rank alike whatever the sizes and channels: each criterion grows with the same numbers of a
    member, or does not differ within a bucket.
    """
    _check_width(box)
    found: dict[tuple[Shape, int], list[Numbers]] = {}
    for numbers, shape in _named(box) if isinstance(box, PolicyQuestion) else _numbered(box):
        if (keep.even and is_uneven(numbers)) or (keep.no_output_padding and numbers[4]):
            continue
        if not keep.portable or says(box.kind, numbers, shape, keep):
            found.setdefault((shape, numbers[1]), []).append(numbers)
    key = member_key(rank)
    for members in found.values():
        members.sort(key=key)
    every = tuple(_bucket(box.kind, *key, members) for key, members in sorted(found.items()))
    return Moves(box.kind, every, _largest(every))


def member_key(rank: tuple[str, ...]) -> Callable[[Numbers], tuple[Any, ...]]:
    """What the members of a bucket are ordered by."""
    known: dict[str, Callable[[Numbers], Any]] = {
        "even": is_uneven,
        "plain": is_unplain,
        "macs": lambda numbers: numbers[0],
        "params": lambda numbers: numbers[0],
        "kernel": lambda numbers: numbers[0],
        "pads": lambda numbers: numbers[2] + numbers[3],
        "small": lambda numbers: (numbers[0], numbers[2] + numbers[3]),
    }
    parts = [known[name] for name in rank if name in known]
    return lambda numbers: (*(part(numbers) for part in parts), numbers)


def _largest(every: tuple[Bucket, ...]) -> tuple[int, int, int]:
    members = [numbers for bucket in every for numbers in bucket.members]
    kernel = max((numbers[0] for numbers in members), default=1)
    stride = max((numbers[1] for numbers in members), default=1)
    return kernel, stride, max((numbers[2] + numbers[3] for numbers in members), default=0)


def axis_words(kind: Kind, numbers: Numbers, shape: Shape, ndim: int, groups: int) -> int:
    """The bit set of the words that say an axis: the same for every size that a bucket maps."""
    in_ = shape.b + shape.a * 4 * effective_kernel(numbers[0], numbers[5])  # far from where nothing is left
    kernel, stride, begin, end, extra, dilation = numbers
    return words(
        kind, Solved(in_, out_size(kind, numbers, in_), kernel, stride, dilation, begin, end, extra), ndim, groups
    )


def says(kind: Kind, numbers: Numbers, shape: Shape, keep: Filter) -> bool:
    """Whether each asked dialect has a word for this axis."""
    return set(keep.portable) <= set(dialects_of(axis_words(kind, numbers, shape, keep.ndim, keep.groups)))


def _bucket(kind: Kind, shape: Shape, stride: int, members: list[Numbers]) -> Bucket:
    (a, b), (c, d) = shape[:2], shape[2:]
    exact = (c, d) == (stride * a, stride * b) if kind == "tconv" else (a, b) == (stride * c, stride * d)
    return Bucket(shape, stride, not exact, tuple(members))


def _numbered(box: AxisQuestion) -> Iterator[tuple[Numbers, Shape]]:
    for numbers in _members(box):
        stride, offset = numbers[1], net_offset(box.kind, numbers)
        if box.kind == "tconv":
            yield numbers, Shape(1, 1, stride, offset)
            continue
        for residue in range(stride):
            yield numbers, Shape(stride, residue, 1, (residue + offset) // stride + 1)


def _named(box: PolicyQuestion) -> Iterator[tuple[Numbers, Shape]]:
    """Layers whose padding a dialect chooses: by the size it does so modulo the stride only."""
    extras = (None,) * (box.may_choose or box.output_padding is None) + tuple(box.output_padding or ())
    refusals, refused_all = [], True
    for kernel, stride, dilation, extra in product(box.kernel, box.stride, box.dilation, extras):
        seen: dict[tuple[Numbers, Shape], None] = {}
        try:
            for residue in range(stride):
                far = residue + stride * 4 * effective_kernel(kernel, dilation)
                for begin, end, op in box.policy(far, kernel, stride, dilation, extra):
                    if box.kind == "conv" or op < max(stride, dilation):
                        numbers = (kernel, stride, begin, end, op, dilation)
                        seen[numbers, _residue_shape(box.kind, numbers, residue)] = None
        except InvalidQuestion as refusal:
            refusals.append(refusal)
            continue
        refused_all = False
        yield from seen
    if refused_all:
        raise refusals[0]


def _residue_shape(kind: Kind, numbers: Numbers, residue: int) -> Shape:
    """What a layer does to the sizes that leave a residue modulo its stride."""
    stride, offset = numbers[1], net_offset(kind, numbers)
    if kind == "tconv":
        return Shape(stride, residue, stride * stride, (residue - 1) * stride + offset)
    return Shape(stride, residue, 1, (residue + offset) // stride + 1)


def _members(box: AxisQuestion) -> Iterator[Numbers]:
    """Every layer of the box, whatever the sizes."""
    for dilation in box.dilation:
        for kernel in box.kernel:
            most = effective_kernel(kernel, dilation) - 1
            pads = list(_pads(box, most))
            for stride in box.stride:
                extras = [e for part in box.output_padding.within(0, max(stride, dilation) - 1) for e in part]
                yield from ((kernel, stride, begin, end, e, dilation) for begin, end in pads for e in extras)


def _pads(box: AxisQuestion, most: int) -> Iterator[tuple[int, int]]:
    begins = _below(box, "pad_begin", most)
    if box.symmetric:
        yield from ((begin, begin) for part in begins for begin in part)
        return
    ends = _below(box, "pad_end", most)
    yield from ((begin, end) for part in begins for begin in part for other in ends for end in other)


def _below(box: AxisQuestion, side: str, most: int) -> list[range]:
    values = box.values(side)
    return list(values.within(0, most if side in box.below_kernel else values.high))


def _check_width(box: Box) -> None:
    named = isinstance(box, PolicyQuestion)
    names = ("kernel", "stride", "dilation") if isinstance(box, PolicyQuestion) else box.symbols[2:]
    sizes = {name: getattr(box, name).size for name in names}
    extras = 1 if box.kind == "conv" or box.output_padding is None else min(box.output_padding.size, box.stride.high)
    residues = box.stride.high if box.kind == "conv" or named else 1
    if prod(sizes.values()) * extras * residues <= MAX_MEMBERS:
        return
    widest = max(sizes, key=lambda name: sizes[name])
    word = "padding" if widest.startswith("pad_") else widest
    raise InvalidQuestion(
        f"a layer's box of {prod(sizes.values())} combinations with strides up to {box.stride.high} is too wide: "
        f"for planning, at most {MAX_MEMBERS} can be gone through per layer",
        f"narrow {word}, which has {sizes[widest]} values",
    )
