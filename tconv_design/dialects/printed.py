"""Modules as Python and torch print them, turned into the code that says the same: prompts, and a model's tree."""

from __future__ import annotations

import re

_PROMPT = re.compile(r"\s*(?:>>>|\.\.\.|In \[\d+\]:) ?(.*)")
_NAMED = re.compile(r"^[ \t]*\([\w.-]+\):[ \t]+(?:\d+[ \t]*x[ \t]+)?", re.MULTILINE)
_ENDED = re.compile(r"\)[ \t]*$", re.MULTILINE)


def as_python(text: str) -> str | None:
    """The lines behind prompts, or `Sequential((0): Conv2d(...) ...)` with commas; None where it is neither."""
    prompted = [found[1] for line in text.splitlines() if (found := _PROMPT.fullmatch(line))]
    if prompted:
        return "\n".join(prompted)
    if _NAMED.search(text) is None:
        return None
    return _ENDED.sub("),", _NAMED.sub("", text.strip())).rstrip(",")
