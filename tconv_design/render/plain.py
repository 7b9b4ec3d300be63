"""Lines as plain text for pipes and files: nothing is wrapped, cut or coloured."""

from __future__ import annotations

from collections.abc import Iterable

from tconv_design.render.lines import Line

_ASCII = str.maketrans({"→": "->", "✓": "+", "✗": "!", "·": "-"})


def plain_text(lines: Iterable[Line], encoding: str | None) -> str:
    """The lines as one text, in characters that `encoding` has."""
    text = "".join(f"{' ' * line.indent}{line.text}".rstrip() + "\n" for line in lines)
    return text if _is_unicode(encoding) else text.translate(_ASCII)


def _is_unicode(encoding: str | None) -> bool:
    return (encoding or "").lower().replace("-", "").replace("_", "").startswith("utf")
