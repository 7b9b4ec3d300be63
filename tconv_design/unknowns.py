"""What is asked and found on one axis, as numbers: the question, its symbols, and solutions in runs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from tconv_design.formula import MAX_SIZE, Kind, remainder
from tconv_design.values import Values, count

SYMBOLS = ("in", "out", "kernel", "stride", "dilation", "pad_begin", "pad_end")
SLOT = {name: slot for slot, name in enumerate(SYMBOLS)}

Env = dict[str, int]
Interval = tuple[int, int]


def field_of(symbol: str) -> str:
    """The attribute that holds a symbol: Python keeps `in` to itself."""
    return "in_" if symbol == "in" else symbol


class Numbers(NamedTuple):
    """One solution on one axis, as plain numbers."""

    in_: int
    out: int
    kernel: int
    stride: int
    dilation: int
    pad_begin: int
    pad_end: int
    output_padding: int


class AxisQuestion(NamedTuple):
    """What is asked about one axis: the values that each symbol may take.

    `symmetric`: padding is one symbol, begin = end, whose values stand in `pad_begin` (and `pad_end` is ignored).
    `below_kernel`: the paddings that are also at most K-1. A conv's `output_padding` is the one value 0.
    """

    kind: Kind
    in_: Values
    out: Values
    kernel: Values
    stride: Values
    dilation: Values
    pad_begin: Values
    pad_end: Values
    output_padding: Values
    symmetric: bool = True
    below_kernel: tuple[str, ...] = ()

    def values(self, symbol: str) -> Values:
        """The values of a symbol by its name."""
        values: Values = getattr(self, field_of(symbol))
        return values

    def with_values(self, symbol: str, values: Values) -> AxisQuestion:
        """The same question with other values for one symbol."""
        changes: dict[str, Any] = {field_of(symbol): values}
        return self._replace(**changes)

    @property
    def symbols(self) -> tuple[str, ...]:
        """The symbols of the relation; symmetric padding is one of them, not two."""
        return SYMBOLS[:-1] if self.symmetric else SYMBOLS


class Run(NamedTuple):
    """Solutions that differ in one symbol only: it takes every value of `values`, in arithmetic progression.

    `fixed` holds the symbols in the order of `Numbers` (what stands in the slot `last` is ignored: that one varies);
    output_padding is `base + step*value`.
    """

    fixed: tuple[int, ...]
    last: int
    symmetric: bool
    values: range
    base: int
    step: int

    @property
    def size(self) -> int:
        """How many solutions there are."""
        return count(self.values)

    def part(self, values: range) -> Iterator[Numbers]:
        """The solutions at some of the run's values."""
        slots = (self.last, self.last + 1) if self.symmetric and self.last == SLOT["pad_begin"] else (self.last,)
        for value in values:
            numbers = [*self.fixed, self.base + self.step * value]
            for slot in slots:
                numbers[slot] = value
            yield Numbers(*numbers)


def environments(question: AxisQuestion, *open_symbols: str) -> Iterator[Env]:
    """Every combination of the symbols that are walked: all but the open ones."""
    names = [name for name in question.symbols if name not in open_symbols]
    for chosen in product(*(question.values(name) for name in names)):
        yield dict(zip(names, chosen, strict=True))


def remainder_line(question: AxisQuestion, unknown: str) -> tuple[int, int]:
    """(start, slope) of the remainder as a line in a question's only unknown."""
    env = {name: question.values(name).low for name in question.symbols if name != unknown}
    return line(question, env, unknown)


def line(question: AxisQuestion, env: Env, unknown: str) -> tuple[int, int]:
    """(start, slope) of the remainder as a line in the only symbol that `env` leaves open."""
    start = remainder_at(question, env | {unknown: 0})
    return start, remainder_at(question, env | {unknown: 1}) - start


def remainder_at(question: AxisQuestion, env: Env) -> int:
    """The remainder of known symbols."""
    padding = 2 * env["pad_begin"] if question.symmetric else env["pad_begin"] + env["pad_end"]
    big, small = (env["in"], env["out"]) if question.kind == "conv" else (env["out"], env["in"])
    return remainder(big, small, env["kernel"], env["stride"], padding, env["dilation"])


def interval(slope: int, low: int, high: int) -> tuple[int, int]:
    """The x with low <= slope*x <= high; everything or nothing where slope is 0."""
    if slope > 0:
        return -(-low // slope), high // slope
    if slope < 0:
        return -(high // -slope), -low // -slope
    return (0, MAX_SIZE) if low <= 0 <= high else (1, 0)


def meet(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    """The numbers in both intervals."""
    return max(one[0], other[0]), min(one[1], other[1])
