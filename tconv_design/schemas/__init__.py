"""The JSON Schemas (draft 2020-12) of every document that the command line writes.

A document's schema is a file here, what documents share is in `parts/`; `load` joins them into one that stands alone.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

from tconv_design.errors import InvalidQuestion
from tconv_design.wording import did_you_mean, shown

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_PART = re.compile(r'"#/\$defs/(\w+)"')


def names() -> tuple[str, ...]:
    """The documents that have a schema, in alphabetical order."""
    schemas = (each.name for each in files(__name__).iterdir() if each.name.endswith(".json"))
    return tuple(sorted(name.removesuffix(".json") for name in schemas))


def load(name: str) -> dict[str, Any]:
    """The schema of a document, complete in itself. Raises InvalidQuestion with the nearest name for an unknown one."""
    if name not in names():
        raise InvalidQuestion(f"no document is called {shown(name)}", did_you_mean(name, names()))
    text = _text(f"{name}.json")
    return {"$schema": DRAFT, **json.loads(text), "$defs": _parts(text)}


def _parts(text: str) -> dict[str, Any]:
    """Every part that the text of a schema refers to, and those that they refer to in turn."""
    parts: dict[str, Any] = {}
    waiting = _PART.findall(text)
    while waiting:
        name = waiting.pop()
        if name not in parts:
            part = _text("parts", f"{name}.json")
            parts[name] = json.loads(part)
            waiting += _PART.findall(part)
    return dict(sorted(parts.items()))


def _text(*path: str) -> str:
    return files(__name__).joinpath(*path).read_text(encoding="utf-8")
