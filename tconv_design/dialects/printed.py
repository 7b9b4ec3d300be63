"""Code as pages, prompts and torch print it, turned into the code that says the same."""

from __future__ import annotations

import re
import textwrap

_PROMPT = re.compile(r"\s*(?:>>>|\.\.\.|In \[\d+\]:) ?(.*)")
_NAMED = re.compile(r"^[ \t]*\([\w.-]+\):[ \t]+(?:\d+[ \t]*x[ \t]+)?", re.MULTILINE)
_ENDED = re.compile(r"\)[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$|`", re.MULTILINE)
_TYPESET = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\xa0": " ", "\u200b": None, "\ufeff": None})


def as_python(text: str) -> str:
    """The text without what is put around and into code; with commas `Sequential((0): Conv2d(...))` is code too."""
    plain = _FENCE.sub("", text.translate(_TYPESET)).strip()
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = plain[1:-1]
    prompted = [found[1] for line in plain.splitlines() if (found := _PROMPT.fullmatch(line))]
    if prompted:
        return "\n".join(prompted)
    if _NAMED.search(plain):
        return _ENDED.sub("),", _NAMED.sub("", plain)).rstrip(",")
    first, _, rest = plain.partition("\n")
    return f"{first}\n{textwrap.dedent(rest)}".rstrip().rstrip(",")
