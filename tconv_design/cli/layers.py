"""The one layer that `explain` and `verify` are about, from the same options as `solve`."""

from __future__ import annotations

from typing import Any

from tconv_design.answer import answer
from tconv_design.errors import InvalidQuestion
from tconv_design.question import ask
from tconv_design.solution import Solution


def one_layer(asked: dict[str, Any], command: str) -> Solution:
    """The only solution of a question. Raises InvalidQuestion where there are several, or none."""
    question = ask(asked)
    found = answer(question, limit=0)  # counting is much faster than ranking what is refused
    if found.count == 1:
        return answer(question, limit=1).solutions[0]
    if not found.count:
        raise InvalidQuestion(f"there is no such layer: {found.why}", "see tconv-design solve with the same options")
    raise InvalidQuestion(
        f"{command} is about one layer, and {found.count} fit (unknown: {', '.join(found.box) or 'in'})",
        "give the numbers, or list the layers with tconv-design solve",
    )
