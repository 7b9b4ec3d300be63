"""Work in pieces that stay in the processor's cache."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

BLOCK = 2**18  # numbers of a block: 1 MB of float32, about a core's own cache
LONG_RUN = 32  # numbers that lie together: from here on, moving them costs little more than their bytes


def pieces(total: int, each: int) -> Iterator[slice]:
    """Slices that cover range(total), as even as they can be, none longer than `each` (at least 1)."""
    step = -(-total // -(-total // max(1, each))) if total else 1
    for start in range(0, total, step):
        yield slice(start, min(total, start + step))


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
