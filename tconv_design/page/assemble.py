"""The page as one text: its style and scripts are written into it, and the layer that it begins with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

SCRIPTS = ("arithmetic", "solutions", "words", "code", "state", "picture", "main")
"""In the order in which they are read: each uses only what stands before it."""


def page(start: Mapping[str, Any]) -> str:
    """The whole page, which asks for nothing from elsewhere; `start` is the state it opens with (see `state.js`)."""
    script = "\n".join(_source(f"{name}.js") for name in SCRIPTS)
    parts = {"<!-- style -->": _source("page.css"), "<!-- script -->": script, "<!-- start -->": _json(start)}
    text = _source("page.html")
    for mark, part in parts.items():
        text = text.replace(mark, part, 1)
    return text


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _json(start: Mapping[str, Any]) -> str:
    """JSON that cannot end the script element that it stands in."""
    return json.dumps(start).replace("<", "\\u003c")
