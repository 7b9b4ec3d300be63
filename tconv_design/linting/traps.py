"""Rules about a call's words: what its framework refuses, and what is not what it looks like."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tconv_design.linting.case import Case
from tconv_design.linting.finding import Said, Severity

_GRAVITY: tuple[tuple[str, Severity | None], ...] = (
    (r"\bactivation\b", None),  # true, and no trap
    (
        r"silently|excludes? each other|shape inference|ignores?\b|output_shape without|stride \d+ above kernel",
        "warning",
    ),
)
"""How grave a remark of a dialect is, by its words; one that matches nothing is a note, None is no finding."""


_ONE_RUNTIME = r"\bon (tensorflow|torch|jax)\b"
"""A defect of one of the backends that a framework runs on."""


def dialect_trap(case: Case) -> Iterator[Said]:
    """What a framework computes wrongly, and words that another framework means otherwise."""
    if case.reading is None:
        return
    defect = case.reading.defect(case.in_size)
    if defect:
        is_everywhere = not re.search(_ONE_RUNTIME, defect)
        yield "error" if is_everywhere else "warning", f"{case.reading.call}: {defect}"
    for note in case.reading.notes:
        gravity = _gravity(note)
        if gravity is not None:
            yield gravity, f"{case.reading.call}: {note}"


def _gravity(note: str) -> Severity | None:
    return next((gravity for pattern, gravity in _GRAVITY if re.search(pattern, note)), "note")
