"""The best solutions first, found without listing or sorting all of them.

The order is lexicographic over named criteria. `exact`, `even`, `plain` and `legal` depend on a candidate's class only;
`cost` and `small` grow with every axis. So the best of a product of axes come from merging, per combination of
classes, the best few of each class.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from heapq import heapify, heappop, heappush
from itertools import islice, product
from math import prod
from typing import Any, NamedTuple

from tconv_design.dialects.legal import count_dialects, words
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind, effective_kernel
from tconv_design.overlap import is_even
from tconv_design.unknowns import Numbers
from tconv_design.wording import did_you_mean

CRITERIA = ("exact", "even", "plain", "legal", "cost", "small")
Key = tuple[Any, ...]
Combination = tuple[Numbers, ...]


class Class(NamedTuple):
    """What ranks a candidate but for its size: three promises it breaks (False is better) and the words that say it."""

    inexact: bool
    uneven: bool
    unplain: bool
    words: int


def parse_rank(text: str) -> tuple[str, ...]:
    """The criteria of a `--rank` text, the ones left out following in their default order. Raises InvalidQuestion."""
    if not isinstance(text, str):
        raise InvalidQuestion(f"rank must be text, got {text!r}", f"known: {', '.join(CRITERIA)}")
    names = tuple(name.strip().lower() for name in text.split(","))
    for name in names:
        if name not in CRITERIA:
            raise InvalidQuestion(f"unknown rank criterion {name!r}", did_you_mean(name, CRITERIA))
    if len(set(names)) < len(names):
        raise InvalidQuestion(f"rank {text!r} names a criterion twice", f"known: {', '.join(CRITERIA)}")
    return names + tuple(name for name in CRITERIA if name not in names)


class Ranking:
    """The order of solutions of one question: its kind, number of axes, groups and criteria."""

    def __init__(self, kind: Kind, ndim: int, groups: int, criteria: Sequence[str] = CRITERIA) -> None:
        self.kind, self.ndim, self.groups, self.criteria = kind, ndim, groups, tuple(criteria)

    def class_of(self, n: Numbers) -> Class:
        """The class of one axis's candidate."""
        return Class(*self.promises(n), words(self.kind, n, self.ndim, self.groups))

    def key(self, combination: Combination, class_: Class | None = None) -> Key:
        """What combinations are compared by, smaller is better; complete, so that the order is always the same."""
        joined = class_ or join([self.class_of(n) for n in combination])
        return (*self._ranks(combination, joined), combination)

    def best(self, limit: int) -> Best:
        """An empty collection that keeps the best `limit` combinations offered to it."""
        return Best(self, limit)

    def best_products(
        self, axes: Sequence[Iterable[Numbers]], limit: int, skip: Callable[[Combination], bool]
    ) -> Iterator[Combination]:
        """The combinations of one candidate per axis in order, at most `limit`, less those that `skip` names."""
        if not limit:
            return
        kept = [self._best_per_class(candidates, limit) for candidates in axes]
        heap: list[tuple[Key, Class, tuple[list[Numbers], ...], tuple[int, ...]]] = []
        for classes in product(*kept):
            class_ = join(classes)
            lists = tuple(per_class[c] for per_class, c in zip(kept, classes, strict=True))
            start = (0,) * len(lists)
            heap.append((self.key(tuple(items[0] for items in lists), class_), class_, lists, start))
        heapify(heap)
        for combination in islice(self._merge(heap), limit):
            if not skip(combination):
                yield combination

    def _merge(self, heap: list[Any]) -> Iterator[Combination]:
        seen = set()
        while heap:
            key, class_, lists, at = heappop(heap)
            yield key[-1]
            for axis, items in enumerate(lists):
                after = (*at[:axis], at[axis] + 1, *at[axis + 1 :])
                if after[axis] >= len(items) or (id(lists), after) in seen:
                    continue
                seen.add((id(lists), after))
                chosen = tuple(items[i] for items, i in zip(lists, after, strict=True))
                heappush(heap, (self.key(chosen, class_), class_, lists, after))

    def _best_per_class(self, candidates: Iterable[Numbers], limit: int) -> dict[Class, list[Numbers]]:
        kept: dict[Class, _Smallest] = {}
        for n in candidates:
            class_ = self.class_of(n)
            kept.setdefault(class_, _Smallest(limit)).offer(self.key((n,), class_))
        return {class_: [key[-1][0] for key in smallest.ordered()] for class_, smallest in kept.items()}

    def promises(self, n: Numbers) -> tuple[bool, bool, bool]:
        """Whether a candidate breaks `exact`, `even` and `plain`."""
        unplain = n.output_padding > 0 or n.pad_begin != n.pad_end
        if self.kind == "tconv":
            return n.out != n.in_ * n.stride, not is_even(n.kernel, n.stride, n.dilation), unplain
        keeps = n.stride == 1 and n.pad_begin + n.pad_end == effective_kernel(n.kernel, n.dilation) - 1
        return not keeps, False, unplain

    def _ranks(self, combination: Combination, class_: Class) -> tuple[Any, ...]:
        values = {
            "exact": class_.inexact,
            "even": class_.uneven,
            "plain": class_.unplain,
            "legal": -count_dialects(class_.words),
            "cost": prod((n.in_ if self.kind == "tconv" else n.out) * n.kernel for n in combination),
            "small": (
                sum(n.kernel for n in combination),
                sum(n.stride for n in combination),
                sum(n.pad_begin + n.pad_end for n in combination),
            ),
        }
        return tuple(values[name] for name in self.criteria)


class _Smallest:
    """The smallest `limit` keys of those offered; `worst` is the largest of them, once there are enough."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.keys: list[Key] = []
        self.worst: Key | None = None

    def offer(self, key: Key) -> None:
        if self.worst is not None and key >= self.worst:
            return
        self.keys.append(key)
        if len(self.keys) >= 2 * self.limit + 64:
            self.worst = self.ordered()[-1]

    def ordered(self) -> list[Key]:
        self.keys.sort()
        del self.keys[self.limit :]
        return self.keys


class Best:
    """The best combinations of those offered, and what need not be offered any more."""

    def __init__(self, ranking: Ranking, limit: int) -> None:
        self._ranking = ranking
        self._kept = _Smallest(limit)

    def offer(self, combination: Combination) -> None:
        """Keep a combination, if it is good enough."""
        if not self._hopeless(self._ranking.promises(combination[0])):
            self._kept.offer(self._ranking.key(combination))

    def ordered(self) -> list[Combination]:
        """Those kept, the best first."""
        return [key[-1] for key in self._kept.ordered()]

    def is_hopeless(self, n: Numbers, promises: int) -> bool:
        """Whether no candidate can be kept that breaks the first `promises` (exact, even) as `n` does."""
        return self._hopeless(self._ranking.promises(n)[:promises])

    def _hopeless(self, promises: Sequence[bool]) -> bool:
        """Whether broken promises, as far as they lead the order, already rank behind the worst that is kept."""
        worst = self._kept.worst
        if worst is None:
            return False
        for name, criterion, broken, kept in zip(CRITERIA, self._ranking.criteria, promises, worst, strict=False):
            if name != criterion or broken < kept:
                return False
            if broken > kept:
                return True
        return False


def join(classes: Sequence[Class]) -> Class:
    """The class of a layer from those of its axes: every axis must keep a promise, one word must fit all axes."""
    return Class(
        any(c.inexact for c in classes),
        any(c.uneven for c in classes),
        any(c.unplain for c in classes),
        reduce(lambda one, other: one & other, (c.words for c in classes)),
    )
