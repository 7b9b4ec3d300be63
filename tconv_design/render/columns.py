"""Rows of cells as aligned text, where they fit."""

from __future__ import annotations

from collections.abc import Sequence

WIDTH = 80
GAP = "  "


def columns(rows: Sequence[Sequence[str]], left: Sequence[int] = (0,), indent: int = 0) -> list[str] | None:
    """Every row as one line, columns aligned to the right but for those numbered in `left`; None beyond 80 characters.

    Columns without any text below the first row (the heads) are left out.
    """
    kept = [index for index in range(len(rows[0])) if any(row[index] for row in rows[1:])]
    widths = {index: max(len(row[index]) for row in rows) for index in kept}
    if sum(widths.values()) + len(GAP) * (len(kept) - 1) + indent > WIDTH:
        return None
    return [
        GAP.join(f"{row[index]:{'<' if index in left else '>'}{widths[index]}}" for index in kept).rstrip()
        for row in rows
    ]
