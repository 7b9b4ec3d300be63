"""What `translate` prints: a layer in each dialect, with its code, its weights and its traps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tconv_design.render.lines import Line, check_lines, code_lines, heading, marked

if TYPE_CHECKING:
    from tconv_design.solution import Solution
    from tconv_design.translation import Translation

_SAID = {"native": "in one call", "equivalent": "by a call and what surrounds it", "cannot": "not at all"}


def translate_lines(
    solution: Solution, translations: Sequence[Translation], source: str, own: Translation | None
) -> Iterator[Line]:
    """The layer, the pasted words' own proof where there is one, and every translation; `source` is its dialect."""
    yield Line(f"{solution.layer.kind}: {heading(solution)}", "title")
    if own is not None:
        for check in own.checks:
            yield from check_lines(check, 2)
    for each in translations:
        yield Line("")
        yield from _translation_lines(each, source)


def _translation_lines(each: Translation, source: str) -> Iterator[Line]:
    yield Line(f"{each.dialect}: {_SAID[each.status]}", "title")
    if each.status == "cannot":
        nearest = f"; nearest: {each.nearest}" if each.nearest else ""
        yield marked(f"{each.why}{nearest}", "bad", 2)
        return
    yield from code_lines(each.code, 4)
    for line in each.weights:
        yield Line(f"{f'the weight, from {source}:' if line is each.weights[0] else '':24} {line}", "", 2)
    if not each.weights:
        yield Line(f"the weight stays as {source} has it", "quiet", 2)
    for note in each.notes:
        yield marked(note, "", 2)
    for check in each.checks:
        yield from check_lines(check, 2)
