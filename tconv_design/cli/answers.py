"""Layers out of a JSON answer of ours: the solutions of `solve`, or the one layer of another command."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tconv_design.answer import answer
from tconv_design.asked import question_of
from tconv_design.errors import InvalidQuestion
from tconv_design.solution import Solution

_KEYS = ("kind", "kernel", "stride", "output_padding", "dilation", "groups", "in_channels", "out_channels")


def layers_of(text: str) -> list[Solution]:
    """The layers of a document, in its order. Raises InvalidQuestion where it holds none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise InvalidQuestion("this is no JSON", "pipe in the answer of tconv-design solve --json") from None
    entries = found.get("solutions", [found]) if isinstance(found, Mapping) else []
    if not isinstance(entries, list) or not entries:
        raise InvalidQuestion("the answer has no layer", "pipe in one of solve --json that has a solution")
    return [_solution(entry) for entry in entries]


def _solution(entry: Any) -> Solution:
    layer = entry.get("layer") if isinstance(entry, Mapping) else None
    if not isinstance(layer, Mapping) or not isinstance(entry.get("in"), list):
        raise InvalidQuestion(
            "the answer has no layer with its in", 'each solution is {"layer": {...}, "in": [4], ...}'
        )
    asked = {key: _text(layer[key]) for key in _KEYS if key in layer}
    if asked.get("kind") == "conv":
        asked.pop("output_padding", None)
    padding = layer.get("padding")
    if isinstance(padding, list):
        asked["padding"] = "x".join(
            ":".join(map(str, side)) if isinstance(side, list) else str(side) for side in padding
        )
    found = answer(question_of(asked | {"in": _text(entry["in"])}), limit=1)
    if not found.solutions:
        raise InvalidQuestion(f"the layer of the answer cannot be: {found.why}")
    return found.solutions[0]


def _text(value: Any) -> str:
    return "x".join(map(str, value)) if isinstance(value, list) else str(value)
