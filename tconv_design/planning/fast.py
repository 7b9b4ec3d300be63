"""The dense cost-to-go tables with numpy, where packed scores fit into 64 bits: the same numbers, sooner.

Importing this module imports numpy; `togo` asks for it only where it pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from tconv_design.planning.members import Shape

Priced = tuple[Shape, int, int]


def dense(
    priced: Sequence[Priced], before: range, low: int, after: Any, ndim: int, missing: int, counts_in: bool
) -> list[int]:
    """The least of constant + factor * positions**ndim + after[out] per size in `before`.

    `missing`, at most 2**62, is more than any score. `after` holds the sizes from `low` on; positions are those of the
    input or, if not `counts_in`, of the output.
    """
    after = np.asarray(after, dtype=np.int64)
    best = np.full(len(before), missing, dtype=np.int64)
    for (a, b, c), group in groupby(sorted(priced), key=lambda each: each[0][:3]):
        rows = list(group)
        _offer(best, before, rows, (a, b, c), (low, after), ndim, missing, counts_in)
    found: list[int] = best.tolist()
    return found


def _offer(
    best: Any,
    before: range,
    rows: Sequence[Priced],
    factors: tuple[int, int, int],
    table: tuple[int, Any],
    ndim: int,
    missing: int,
    counts_in: bool,
) -> None:
    """Buckets that differ in their offset `d` only look at neighbouring windows of one table."""
    (a, b, c), (low, after) = factors, table
    first, last = -((b - before.start) // a), (before.stop - 1 - b) // a
    if last < first:
        return
    offsets = [shape.d for shape, _, _ in rows]
    least, widest = offsets[0], offsets[-1] - offsets[0] + 1
    start, stop = c * first + least, c * last + offsets[-1] + 1  # the outputs that are looked at
    padded = np.full(stop - start, missing, dtype=np.int64)
    left, right = max(start, low), min(stop, low + len(after))
    if right <= left:
        return
    padded[left - start : right - start] = after[left - low : right - low]
    windows = sliding_window_view(padded, widest)[::c]
    if len(offsets) < widest:
        windows = windows[:, [offset - least for offset in offsets]]
    steps = np.arange(first, last + 1, dtype=np.int64)
    constants = np.array([constant for _, constant, _ in rows], dtype=np.int64)
    costs = windows + constants
    slopes = np.array([factor for _, _, factor in rows], dtype=np.int64)
    if slopes.any():
        costs += _positions(steps, factors, np.array(offsets), ndim, counts_in) * slopes
    places = slice(a * first + b - before.start, a * last + b - before.start + 1, a)
    best[places] = np.minimum(best[places], np.where(windows < missing, costs, missing).min(axis=1))


def _positions(steps: Any, factors: tuple[int, int, int], offsets: Any, ndim: int, counts_in: bool) -> Any:
    a, b, c = factors
    if counts_in:
        return ((a * steps + b) ** ndim)[:, None]
    return np.maximum(c * steps[:, None] + offsets, 0) ** ndim
