"""Work in pieces that stay in the processor's cache, and how much work there is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

LEAST, MOST = 2**17, 2**19  # numbers of a block: fewer are not worth a call, more do not stay in the cache
LINE = 16  # numbers of a cache line, in float32
RUN_START = 32  # numbers that could be moved while a new run is begun


class Work(NamedTuple):
    """What an algorithm does for a layer, as counts of numbers.

    `copied` ones are moved in runs (see `in_runs`), `scattered` ones one by one; `calls` is how often numpy is asked to
    move some. `held` is how many it allocates at once, its result among them: never less than that, and not much more.
    """

    multiplied: int
    copied: int
    scattered: int
    calls: int
    held: int


def in_runs(numbers: int, length: int) -> int:
    """Numbers moved in runs of `length`, each run's start counted as the numbers that could be moved meanwhile."""
    return numbers + numbers * RUN_START // length


def block_size(numbers: int) -> int:
    """Numbers of a block for a layer whose input, weight and output have so many: fewer than these where it can be."""
    return min(MOST, max(LEAST, 2 * numbers // 3))


def spread(columns: int) -> int:
    """How far apart a matrix's rows of so many columns are best: an odd number of lines of the cache.

    Rows that are a power of two apart would all fall on the same few lines.
    """
    return LINE * (-(-columns // LINE) | 1)


def pieces(total: int, each: int) -> Iterator[slice]:
    """Slices that cover range(total), as even as they can be, none longer than `each` (at least 1)."""
    step = -(-total // -(-total // max(1, each))) if total else 1
    for start in range(0, total, step):
        yield slice(start, min(total, start + step))


def met(start: int, step: int, count: int, size: int) -> tuple[slice, slice]:
    """The i < count with 0 <= start + i*step < size, and those places, both as slices."""
    first = max(0, -(start // step))
    last = max(first, min(count, -((start - size) // step)))
    return slice(first, last), slice(start + first * step, max(0, start + last * step), step)


class Scratch:
    """One array's memory that all blocks of a loop use in turn: touching fresh pages costs more than the work there."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._memory = np.empty(0, dtype)

    def array(self, *shape: int) -> np.ndarray:
        """An array of `shape` with any content, valid until the next one is taken."""
        size = math.prod(shape)
        if size > len(self._memory):
            self._memory = np.empty(size, self._memory.dtype)
        return self._memory[:size].reshape(shape)

    def matrices(self, count: int, rows: int, columns: int) -> np.ndarray:
        """`count` matrices whose rows are `spread` over the cache."""
        return self.array(count, rows, spread(columns))[..., :columns]
