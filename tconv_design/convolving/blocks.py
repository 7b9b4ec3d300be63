"""Work in pieces that stay in the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK = 2**18  # numbers of a block: 1 MB of float32
LINE = 16  # numbers of a cache line, in float32
LONG_RUN = 128  # numbers that lie together: from here on, moving them costs little more than their bytes


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

    def matrix(self, count: int, rows: int, columns: int) -> np.ndarray:
        """`count` matrices whose rows do not all fall on the same few lines of the cache, as powers of two would."""
        spread = LINE * (-(-columns // LINE) | 1)
        return self.array(count, rows, spread)[..., :columns]
