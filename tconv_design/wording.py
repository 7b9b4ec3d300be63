"""Small parts of sentences: spelling hints, counted nouns, one text for several axes."""

from __future__ import annotations

from collections.abc import Sequence

_LONGEST = 40


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """A hint that names the nearest of the known words, or all of them where none is near."""
    from difflib import get_close_matches

    word = word[:_LONGEST]
    near = get_close_matches(word, known, 1, 0.8) or get_close_matches(word.lower(), known, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(known)}"


def counted(number: int, noun: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def shown(text: str) -> str:
    """A user's text, quoted, and cut where it is very long."""
    return repr(text) if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]!r}... ({len(text)} characters)"


def per_axis(texts: Sequence[str]) -> str:
    """The text that all axes share, or each axis's joined by x."""
    return texts[0] if len(set(texts)) == 1 else "x".join(texts)
