"""Every layer of a box that turns `in` into `out` on one axis, exactly and without searching the last unknown.

Both formulas are one relation, `formula.remainder`, which is linear in every single symbol. So all unknowns but the
last are walked over their values (the one before the last only where the rest can still succeed), and the last is the
interval in which the remainder stays legal: 0..stride-1 for a conv, whose floor drops it, and the allowed
output_padding for a tconv, which puts it back. Such an interval is a `Run`: counted without being listed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, NamedTuple

from tconv_design.counting import held_floor_sum
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind, remainder
from tconv_design.values import Values, count

MAX_COMBINATIONS = 10**7
SYMBOLS = ("in", "out", "kernel", "stride", "dilation", "pad_begin", "pad_end")
_LINEAR = ("pad_end", "pad_begin", "kernel", "in", "out")  # the order in which a last unknown is preferred
_FACTORS = ("stride", "dilation")
_LAST = (*_LINEAR, *_FACTORS)


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
        slots = (self.last, self.last + 1) if self.symmetric and self.last == _SLOT["pad_begin"] else (self.last,)
        for value in values:
            numbers = [*self.fixed, self.base + self.step * value]
            for slot in slots:
                numbers[slot] = value
            yield Numbers(*numbers)


_SLOT = {name: slot for slot, name in enumerate(SYMBOLS)}
Env = dict[str, int]
Slack = tuple[int, int]


def last_unknown(question: AxisQuestion) -> str:
    """The symbol with the most values: the one that is not searched."""
    names = [name for name in _LAST if name in question.symbols]
    return max(names, key=lambda name: question.values(name).size)


def check_box(question: AxisQuestion) -> None:
    """Refuse a box too wide to count: raises InvalidQuestion naming the widest range but the last."""
    last = last_unknown(question)
    others = [name for name in question.symbols if name != last]
    combinations = 1
    for name in others:
        combinations *= question.values(name).size
    if combinations <= MAX_COMBINATIONS:
        return
    widest = max(others, key=lambda name: question.values(name).size)
    word = "padding" if widest.startswith("pad_") else widest
    raise InvalidQuestion(
        f"the unknowns but the last ({last.replace('pad_begin', 'padding')}) span {combinations} combinations, and at "
        f"most 10**7 can be counted",
        f"narrow {word}, which has {question.values(widest).size} values",
    )


def runs(question: AxisQuestion) -> Iterator[Run]:
    """Every solution exactly once, as runs. Raises InvalidQuestion where the box is too wide to count."""
    check_box(question)
    last = last_unknown(question)
    if last in _FACTORS:
        return _runs_over_a_factor(question, last)
    return _runs_over_a_term(question, last)


def count_solutions(question: AxisQuestion) -> int:
    """How many solutions there are, without listing them."""
    last = last_unknown(question)
    if last in _FACTORS:
        return sum(count(run.values) for run in runs(question))
    check_box(question)
    before = _before_last(question)
    size = _plane_size if _is_plain(question, last) else _walked_plane_size
    return sum(size(question, env, last, before) for env in _environments(question, last, before))


def solutions(question: AxisQuestion) -> Iterator[Numbers]:
    """Every solution once, in no particular order, made lazily."""
    for run in runs(question):
        yield from run.part(run.values)


def plain_tuples(question: AxisQuestion) -> list[tuple[int, ...]]:
    """All solutions as plain tuples in the order of `Numbers`: the fastest way to list them."""
    last, before = last_unknown(question), _before_last(question)
    if (last, before) != ("pad_begin", "kernel") or not question.symmetric:
        return list(solutions(question))
    check_box(question)
    found: list[tuple[int, ...]] = []
    for env in _environments(question, last, before):
        i, o, s, d = env["in"], env["out"], env["stride"], env["dilation"]
        plane = _plane(question, env, last, before)
        found += [(i, o, k, s, d, p, p, base + step * p) for k, values, base, step in plane for p in values]
    return found


def _environments(question: AxisQuestion, *open_symbols: str) -> Iterator[Env]:
    """Every combination of the symbols that are walked: all but the open ones."""
    names = [name for name in question.symbols if name not in open_symbols]
    for chosen in product(*(question.values(name) for name in names)):
        yield dict(zip(names, chosen, strict=True))


def _runs_over_a_term(question: AxisQuestion, last: str) -> Iterator[Run]:
    """The last unknown is a term (a size, kernel or padding): the remainder is a line in it and in the one before."""
    before = _before_last(question)
    slot, before_slot = _SLOT[last], _SLOT[before]
    for env in _environments(question, last, before):
        fixed = [env.get(name, 0) for name in SYMBOLS]
        for value, found, base, step in _plane(question, env, last, before):
            fixed[before_slot] = value
            if question.symmetric:
                fixed[-1] = fixed[-2]
            yield Run(tuple(fixed), slot, question.symmetric, found, base, step)


def _before_last(question: AxisQuestion) -> str:
    """The term with the most values but for the last unknown."""
    last = last_unknown(question)
    names = [name for name in _LINEAR if name in question.symbols and name != last]
    return max(names, key=lambda name: question.values(name).size)


def _slacks(question: AxisQuestion, stride: int, dilation: int) -> Iterator[Slack]:
    """The intervals that the remainder may lie in."""
    if question.kind == "conv":
        yield 0, stride - 1
        return
    for part in question.output_padding.within(0, max(stride, dilation) - 1):
        if part.step == 1:
            yield part.start, part.stop - 1
        else:
            yield from ((value, value) for value in part)


def _plane(question: AxisQuestion, env: Env, last: str, before: str) -> Iterator[tuple[int, range, int, int]]:
    """All (before, last) whose remainder a + b*before + c*last is legal.

    Yields the value of `before`, the values of `last`, and output_padding as (base, step): it is base + step*last.
    """
    lasts = question.values(last)
    a, b, c = _coefficients(question, env, last, before)
    cap = _padding_cap(question, env, last, before)
    bottom, top = lasts.low, lasts.high
    tconv = question.kind == "tconv"
    step = c if tconv else 0
    gapless = lasts.size == top - bottom + 1
    down, up = sorted((c * bottom, c * top))
    for low, high in _slacks(question, env["stride"], env["dilation"]):
        for part in question.values(before).within(*_interval(b, low - up - a, high - down - a)):
            for value in part:
                start = a + b * value
                if c > 0:  # _interval, written out where most of the time goes
                    least, most = -((start - low) // c), (high - start) // c
                else:
                    least, most = -((high - start) // -c), (start - low) // -c
                if least < bottom:
                    least = bottom
                if most > top:
                    most = top
                if cap is not None:
                    least, most = _meet((least, most), cap(value))
                base = start if tconv else 0
                if gapless and least <= most:
                    yield value, range(least, most + 1), base, step
                elif least <= most:
                    yield from ((value, found, base, step) for found in lasts.within(least, most))


def _is_plain(question: AxisQuestion, last: str) -> bool:
    """Whether the last unknown takes every number between two bounds that do not depend on the others."""
    values = question.values(last)
    return not question.below_kernel and values.size == values.high - values.low + 1


def _plane_size(question: AxisQuestion, env: Env, last: str, before: str) -> int:
    """How many (before, last) a plane has, without walking it, where `_is_plain`.

    For one value of `before`, low <= start - n*last <= high holds for the last unknowns from a quotient to a quotient.
    """
    a, b, c = _coefficients(question, env, last, before)
    sign, n = (-1, c) if c > 0 else (1, -c)
    bounds = question.values(last).low - 1, question.values(last).high
    total = 0
    for slack in _slacks(question, env["stride"], env["dilation"]):
        low, high = sorted((sign * slack[0], sign * slack[1]))
        for part in question.values(before).ranges:
            start, slope, length = sign * (a + b * part.start), sign * b * part.step, count(part)
            total += held_floor_sum(start - low, slope, n, length, *bounds)
            total -= held_floor_sum(start - high - 1, slope, n, length, *bounds)
    return total


def _walked_plane_size(question: AxisQuestion, env: Env, last: str, before: str) -> int:
    return sum(count(found) for _, found, _, _ in _plane(question, env, last, before))


def _coefficients(question: AxisQuestion, env: Env, last: str, before: str) -> tuple[int, int, int]:
    """a, b, c of the remainder as a + b*before + c*last."""
    a = _remainder(question, env | {before: 0, last: 0})
    b = _remainder(question, env | {before: 1, last: 0})
    c = _remainder(question, env | {before: 0, last: 1})
    return a, b - a, c - a


def remainder_line(question: AxisQuestion, unknown: str) -> tuple[int, int]:
    """(start, slope) of the remainder as a line in a question's only unknown."""
    env = {name: question.values(name).low for name in question.symbols if name != unknown}
    return _line(question, env, unknown)


def _line(question: AxisQuestion, env: Env, unknown: str) -> tuple[int, int]:
    """(start, slope) of the remainder as a line in the only symbol that `env` leaves open."""
    start = _remainder(question, env | {unknown: 0})
    return start, _remainder(question, env | {unknown: 1}) - start


def _remainder(question: AxisQuestion, env: Env) -> int:
    """The remainder of known symbols."""
    padding = 2 * env["pad_begin"] if question.symmetric else env["pad_begin"] + env["pad_end"]
    big, small = (env["in"], env["out"]) if question.kind == "conv" else (env["out"], env["in"])
    return remainder(big, small, env["kernel"], env["stride"], padding, env["dilation"])


def _interval(slope: int, low: int, high: int) -> tuple[int, int]:
    """The x with low <= slope*x <= high; everything or nothing where slope is 0."""
    if slope > 0:
        return -(-low // slope), high // slope
    if slope < 0:
        return -(high // -slope), -low // -slope
    return (0, MAX_SIZE) if low <= 0 <= high else (1, 0)


def _padding_cap(question: AxisQuestion, env: Env, last: str, before: str) -> Callable[[int], tuple[int, int]] | None:
    """Bounds on the last unknown, given the one before it, from padding <= K-1 = dilation*(kernel-1)."""
    pads = question.below_kernel
    if not pads:
        return None
    dilation = env["dilation"]

    def bounds(value: int) -> tuple[int, int]:
        known = env | {before: value}
        largest = max((known[name] for name in pads if name != last), default=0)
        if last == "kernel":
            return -(-largest // dilation) + 1, MAX_SIZE
        cap = dilation * (known["kernel"] - 1)
        if largest > cap:
            return 1, 0
        return (0, cap) if last in pads else (0, MAX_SIZE)

    return bounds


def _runs_over_a_factor(question: AxisQuestion, last: str) -> Iterator[Run]:
    """The last unknown is stride or dilation, which also bounds the remainder; all others are walked."""
    for env in _environments(question, last):
        if last == "stride" and env["dilation"] < _least_dilation(question, env):
            continue
        start, slope = _line(question, env, last)
        for low, high in _factor_intervals(question, env, last, start, slope):
            least = max(low, _least_dilation(question, env)) if last == "dilation" else low
            for found in question.values(last).within(least, high):
                yield _factor_run(question, env, last, found, start, slope)


def _factor_intervals(question: AxisQuestion, env: Env, last: str, start: int, slope: int) -> Iterator[tuple[int, int]]:
    """Where start + slope*x is a legal remainder for x = stride or dilation."""
    if question.kind == "conv":
        ceiling = slope - 1 if last == "stride" else slope  # remainder <= stride - 1
        top = -1 - start if last == "stride" else env["stride"] - 1 - start
        yield _meet(_interval(slope, -start, MAX_SIZE**2), _interval(ceiling, -(MAX_SIZE**2), top))
        return
    other = env["dilation" if last == "stride" else "stride"]
    least = min(_above(slope - 1, start), _above(slope, start - other))
    for part in question.output_padding.ranges:
        steps = [(part.start, part.stop - 1)] if part.step == 1 else [(v, v) for v in part]
        for low, high in steps:
            yield _meet(_interval(slope, low - start, high - start), (least, MAX_SIZE))


def _above(slope: int, start: int) -> int:
    """The smallest x >= 1 with start + slope*x < 0, for slope <= 0."""
    if slope == 0:
        return 1 if start < 0 else MAX_SIZE + 1
    return max(1, start // -slope + 1)


def _meet(one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
    return max(one[0], other[0]), min(one[1], other[1])


def _least_dilation(question: AxisQuestion, env: Env) -> int:
    """The smallest dilation for which padding <= K-1, where that is asked for."""
    if not question.below_kernel:
        return 1
    largest = max(env[name] for name in question.below_kernel)
    if env["kernel"] == 1:
        return 1 if largest == 0 else MAX_SIZE + 1
    return -(-largest // (env["kernel"] - 1))


def _factor_run(question: AxisQuestion, env: Env, last: str, found: range, start: int, slope: int) -> Run:
    fixed = [env.get(name, 0) for name in SYMBOLS]
    if question.symmetric:
        fixed[-1] = fixed[-2]
    base, step = (0, 0) if question.kind == "conv" else (start, slope)
    return Run(tuple(fixed), _SLOT[last], question.symmetric, found, base, step)
