"""One layer as the rules see it, and how a call becomes one: at a given size, or at one that is large enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tconv_design.dialects.call import Call
from tconv_design.dialects.catalogue import dialect
from tconv_design.dialects.reading import Fixed, Reading
from tconv_design.errors import InvalidLayer, NotExpressible
from tconv_design.formula import effective_kernel
from tconv_design.layer import Layer
from tconv_design.linting.nearest import said

SMALLEST = 32
"""Rows of an input whose size nobody gave, at least: enough for an interior between the two borders."""
TRIED = 128
"""Sizes tried, from 1 on, for a call that takes only some."""


class Case(NamedTuple):
    """A layer at an input size; `reading` and `call` where it is code.

    `layer` is None for a call that its framework takes although it is none of the canonical model.
    """

    layer: Layer | None
    in_size: tuple[int, ...]
    reading: Reading | None = None
    call: Call | None = None


def in_words(case: Case, layer: Layer) -> str:
    """A layer in numbers, and as code where the case is code and one call of its framework says the layer."""
    reading, text = case.reading, said(layer)
    if reading is None or reading.out_channels is None or (reading.in_channels is None and reading.dialect != "keras"):
        return text
    try:
        written = dialect(reading.dialect).write(layer, case.in_size)
    except (NotExpressible, InvalidLayer):
        return text
    last = written.code.rstrip().rpartition("\n")[2]
    is_one_call = written.native and last.startswith("layer = ") and last.endswith(")")
    return f"{text}, as {last.removeprefix('layer = ')}" if is_one_call else text


class RefusedCall(Exception):
    """The framework refuses a call, by its own rule, whatever its input; or at the size that was given."""


def case_of(reading: Reading, call: Call | None, in_size: Sequence[int] | None) -> Case | None:
    """The case of a call; None where no size is known that it takes. Raises RefusedCall where there is none."""
    if in_size is not None:
        return _at(reading, call, _broadcast(in_size, reading.ndim))
    cases, refusals = [], set()
    for size in _sizes(reading):
        try:
            cases.append(_at(reading, call, size))
        except RefusedCall as refusal:
            refusals.add(str(refusal))
    if not cases and len(refusals) == 1:
        raise RefusedCall(refusals.pop())
    return min(cases, key=_crops, default=None)


def _crops(case: Case) -> tuple[int, int]:
    """How many rows a case pads or crops, and how small it is: the least is what a call is made for."""
    pads = case.reading.pads(case.in_size) if case.reading else ()
    return sum(abs(begin) + abs(end - extra) for begin, end, extra in pads), -sum(case.in_size)


def _at(reading: Reading, call: Call | None, size: tuple[int, ...]) -> Case:
    try:
        reading.output_size(size)
    except InvalidLayer as error:
        raise RefusedCall(str(error)) from None
    try:
        return Case(reading.layer(size), size, reading, call)
    except InvalidLayer as error:
        if "multiple of groups" in error.message:  # which is a rule of every framework
            raise RefusedCall(str(error)) from None
        return Case(None, size, reading, call)


def _sizes(reading: Reading) -> Iterator[tuple[int, ...]]:
    """Sizes to read a call at: a large one, and where it may take only some, all small ones."""
    large = []
    for kernel, stride, dilation, rule in zip(
        reading.kernel, reading.stride, reading.dilation, reading.rules, strict=True
    ):
        cropped = abs(rule.pad_begin) + abs(rule.pad_end) if isinstance(rule, Fixed) else 0
        least = 2 * effective_kernel(max(kernel, 1), max(dilation, 1)) + cropped // max(stride, 1)
        large.append(max(SMALLEST, 1 << least.bit_length()))
    yield tuple(large)
    if not all(isinstance(rule, Fixed) for rule in reading.rules):
        yield from ((size,) * reading.ndim for size in range(1, TRIED + 1))


def _broadcast(size: Sequence[int], ndim: int) -> tuple[int, ...]:
    return tuple(size) * ndim if len(size) == 1 else tuple(size)
