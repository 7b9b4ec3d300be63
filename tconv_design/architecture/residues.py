"""Many cases of sizes as few congruences: everything that is legal, at the smallest modulus."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from math import gcd, lcm
from typing import Any, NamedTuple

from tconv_design.architecture.branches import Branch
from tconv_design.errors import InvalidQuestion

MAX_CLASSES = 100_000
"""Congruences that are listed."""

_SINGLE_TURNS = 64
_LONG = 1_000


class Congruence(NamedTuple):
    """The sizes n = remainder mod modulus with n >= first and, unless last is None, n <= last; all of them."""

    modulus: int
    remainder: int
    first: int
    last: int | None = None

    def below(self, size: int) -> int | None:
        """The largest of these sizes that is at most `size`."""
        top = size if self.last is None else min(size, self.last)
        found = top - (top - self.remainder) % self.modulus
        return found if found >= self.first else None

    def above(self, size: int) -> int | None:
        """The smallest of these sizes that is at least `size`."""
        start = max(size, self.first)
        found = start + (self.remainder - start) % self.modulus
        return found if self.last is None or found <= self.last else None

    def to_dict(self) -> dict[str, Any]:
        """The congruence as the public JSON document has it; `to` only where there is an end."""
        end = {} if self.last is None else {"to": self.last}
        return {"modulus": self.modulus, "remainder": self.remainder, "from": self.first} | end


class _Part(NamedTuple):
    """The sizes modulus*t + r for first <= r <= last and start <= t <= stop (None: no end)."""

    first: int
    last: int
    start: int
    stop: int | None


def congruences(branches: Sequence[Branch]) -> tuple[Congruence, ...]:
    """Every size of some branches: first the classes without end, at the smallest modulus, then what else there is.

    Raises InvalidQuestion for more than MAX_CLASSES of them.
    """
    few = [branch for branch in branches if _turns(branch) <= _SINGLE_TURNS]
    many = [branch for branch in branches if _turns(branch) > _SINGLE_TURNS]
    modulus = lcm(*(branch.modulus for branch in many))
    parts = _merged(_cut(modulus, list(_lifted(many, modulus))))
    endless = [part for part in parts if part.stop is None]
    ended = [part for part in parts if part.stop is not None]
    spans = [span for branch in few for span in _spans_of(branch)]
    if sum(part.last - part.first + 1 for part in endless) == modulus:
        found = {0: _first_of_all(endless, modulus)}
        small = 1
    else:
        small, found = _smallest(endless, modulus)
    ended += [each for part in endless for each in _before(part, small, found, modulus)]
    long: list[Congruence] = []
    for part in ended:
        if _length(part) > _LONG:
            long += _long(modulus, part)
        else:
            spans += _spans(modulus, part)
    _check_number(len(spans))
    spans = _absorbed(spans, small, found)
    classes = [Congruence(small, rest, first) for rest, first in sorted(found.items())]
    return (*classes, *sorted([*_runs(spans, small if found else 0), *long], key=lambda each: each.first))


def _turns(branch: Branch) -> float:
    return float("inf") if branch.high is None else branch.high // branch.modulus - branch.low // branch.modulus + 1


def _lifted(branches: Iterable[Branch], modulus: int) -> Iterator[tuple[int, int, int, int | None]]:
    """(first, last, low, high) at a common modulus."""
    for branch in branches:
        first, last, each = branch.first, branch.last, branch.modulus
        if last - first + 1 == each:
            yield 0, modulus - 1, branch.low, branch.high
            continue
        _check_number(modulus // each)
        for part in range(modulus // each):
            yield first + part * each, last + part * each, branch.low, branch.high


def _cut(modulus: int, rows: Sequence[tuple[int, int, int, int | None]]) -> Iterator[_Part]:
    """Parts whose remainders are the same as another part's, or apart from it."""
    edges = {edge for first, last, *_ in rows for edge in (first, last + 1)}
    edges |= {low % modulus for _, _, low, _ in rows} | {(high + 1) % modulus for *_, high in rows if high is not None}
    ordered = sorted(edges)
    for first, last, low, high in rows:
        inner = ordered[bisect_right(ordered, first) : bisect_right(ordered, last)]
        _check_number(len(inner))
        for start, stop in pairwise([first, *inner, last + 1]):
            end = None if high is None else (high - start) // modulus
            yield _Part(start, stop - 1, -(-(low - start) // modulus), end)


def _merged(parts: Iterable[_Part]) -> list[_Part]:
    """Parts of equal remainders joined where one goes on where another ends."""
    groups: dict[tuple[int, int], list[_Part]] = defaultdict(list)
    for part in parts:
        groups[part.first, part.last].append(part)
    found: list[_Part] = []
    for group in groups.values():
        rows: list[_Part] = []
        for part in sorted(group, key=lambda each: each.start):
            if rows and rows[-1].stop is not None and part.start <= rows[-1].stop + 1:
                stop = None if part.stop is None else max(part.stop, rows[-1].stop)
                rows[-1] = rows[-1]._replace(stop=stop)
            elif part.stop is None or part.stop >= part.start:
                rows.append(part)
        found += rows
    return found


def _first_of_all(parts: Iterable[_Part], modulus: int) -> int:
    """The size from which on every one is there, where the parts have all remainders."""
    return max(1, *((part.start - 1) * modulus + part.last + 1 for part in parts))


def _smallest(parts: Sequence[_Part], modulus: int) -> tuple[int, dict[int, int]]:
    """(the smallest modulus that tells these sizes, from where on each remainder's are all there)."""
    _check_number(sum(part.last - part.first + 1 for part in parts))
    starts = {rest: part.start for part in parts for rest in range(part.first, part.last + 1)}
    small = modulus
    rests = set(starts)
    for prime in _primes(gcd(modulus, len(rests))):
        while small % prime == 0 and len({rest % (small // prime) for rest in rests}) * prime == len(rests):
            small //= prime
            rests = {rest % small for rest in rests}
    found = {rest: rest or small for rest in rests}
    for rest, start in starts.items():
        missing = (start - 1) * modulus + rest
        if missing >= 1:
            found[rest % small] = max(found[rest % small], missing + small)
    return small, found


def _primes(number: int) -> Iterator[int]:
    factor = 2
    while factor * factor <= number:
        if number % factor == 0:
            yield factor
            while number % factor == 0:
                number //= factor
        factor += 1
    if number > 1:
        yield number


def _before(part: _Part, small: int, found: dict[int, int], modulus: int) -> Iterator[_Part]:
    """The sizes of an endless part that come before its class is complete."""
    if small == 1:
        turn, top = divmod(found[0] - 1, modulus)
        stop = turn if top >= part.last else turn - 1
        if stop >= part.start:
            yield part._replace(stop=stop)
        if stop < turn and turn >= part.start and top >= part.first:
            yield _Part(part.first, top, turn, turn)
        return
    for rest in range(part.first, part.last + 1):
        stop = (found[rest % small] - 1 - rest) // modulus
        if stop >= part.start:
            yield _Part(rest, rest, part.start, stop)


def _spans_of(branch: Branch) -> Iterator[tuple[int, int]]:
    """A short branch as (first, last) stretches of sizes."""
    assert branch.high is not None
    for turn in range(branch.low // branch.modulus, branch.high // branch.modulus + 1):
        base = turn * branch.modulus
        first, last = max(base + branch.first, branch.low), min(base + branch.last, branch.high)
        if first <= last:
            yield first, last


def _spans(modulus: int, part: _Part) -> list[tuple[int, int]]:
    turns = range(part.start, part.start + _length(part))
    return [(turn * modulus + part.first, turn * modulus + part.last) for turn in turns]


def _length(part: _Part) -> int:
    assert part.stop is not None
    return part.stop - part.start + 1


def _long(modulus: int, part: _Part) -> Iterator[Congruence]:
    """A part of very many sizes, as it is."""
    assert part.stop is not None
    if part.last - part.first + 1 == modulus:
        yield Congruence(1, 0, part.start * modulus, part.stop * modulus + modulus - 1)
        return
    _check_number(part.last - part.first + 1)
    for rest in range(part.first, part.last + 1):
        yield Congruence(modulus, rest, part.start * modulus + rest, part.stop * modulus + rest)


def _absorbed(spans: Sequence[tuple[int, int]], small: int, found: dict[int, int]) -> list[tuple[int, int]]:
    """The stretches without the sizes that go on into a class without end, which then starts at them."""
    stretches = _joined(spans)
    if small == 1:
        while found and stretches and stretches[-1][1] == found[0] - 1:
            found[0] = stretches.pop()[0]
        return stretches
    if not found or sum(last - first + 1 for first, last in stretches) > MAX_CLASSES:
        return stretches
    sizes = {size for first, last in stretches for size in range(first, last + 1)}
    for rest in found:
        while found[rest] - small in sizes:
            found[rest] -= small
            sizes.remove(found[rest])
    return [(size, size) for size in sorted(sizes)]


def _runs(spans: Sequence[tuple[int, int]], step: int) -> Iterator[Congruence]:
    """Stretches of sizes as classes with an end; `step` 0 takes the step that they share."""
    stretches = _joined(spans)
    if all(first == last for first, last in stretches) and step != 1:
        sizes = [first for first, _ in stretches]
        yield from _progressions(sizes, step or gcd(*(b - a for a, b in pairwise(sizes))) or 1)
        return
    for first, last in stretches:
        yield Congruence(1, 0, first, last)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    return found


def _progressions(sizes: Sequence[int], step: int) -> Iterator[Congruence]:
    groups: dict[int, list[list[int]]] = defaultdict(list)
    for size in sizes:
        runs = groups[size % step]
        if runs and size - runs[-1][-1] == step:
            runs[-1][1:] = [size]
        else:
            runs.append([size])
    for rest, runs in groups.items():
        for run in runs:
            yield Congruence(step, rest, run[0], run[-1])


def _check_number(classes: int) -> None:
    if classes > MAX_CLASSES:
        raise InvalidQuestion(
            f"the legal sizes are {classes} congruences or more, and at most {MAX_CLASSES} are listed",
            "ask about a part of the network, or give it a join or an output claim that leaves fewer",
        )
