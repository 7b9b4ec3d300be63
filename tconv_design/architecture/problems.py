"""The mistakes of a file while it is read: all are counted, the first are kept, and each gets its line at the end."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tconv_design.architecture.source import DEPTH, Path, lines_of
from tconv_design.errors import InvalidArchitecture, InvalidQuestion, Mistake
from tconv_design.wording import did_you_mean

KEPT = 1000
LONGEST_KEY = 40

_OPTION = re.compile(r"--([a-z-]+) ([^\s,]+)")


class UnknownWord(InvalidQuestion):
    """A word that is none of the known ones; the nearest is looked up only where the mistake is kept."""

    def __init__(self, message: str, word: str, known: Sequence[str]) -> None:
        super().__init__(message)
        self.word = word
        self.known = known

    def nearest(self) -> str:
        """The hint: the nearest known word."""
        return did_you_mean(self.word, tuple(self.known))


class _Found(NamedTuple):
    """A mistake at a path; `other` is a place whose line ends the message."""

    path: Path
    key: str
    message: str
    hint: str
    other: Path | None


class Problems:
    """Collects mistakes; the same one found again at the same place (a default, used by many layers) counts once."""

    def __init__(self) -> None:
        self.count = 0
        self._kept: dict[tuple[Path, str, str], _Found] = {}

    def add(self, path: Path, key: str, error: InvalidQuestion, other: Path | None = None) -> None:
        """Note a mistake at a path: a key's, or that of the table that lacks the key."""
        same = (path[:DEPTH], key, error.message)
        if same in self._kept:
            return
        self.count += 1
        if len(self._kept) < KEPT:
            hint = error.nearest() if isinstance(error, UnknownWord) else error.hint
            self._kept[same] = _Found(path[:DEPTH], cut(key), error.message, _in_a_file(hint), other)

    def error(self, text: str, origin: str) -> InvalidArchitecture:
        """All mistakes as one error, with their lines in `text`."""
        wanted = {path for found in self._kept.values() for path in (found.path, found.other) if path}
        lines = first_lines(text, wanted)
        mistakes = sorted((_mistake(found, lines) for found in self._kept.values()), key=lambda mistake: mistake.line)
        return InvalidArchitecture(mistakes, self.count, origin)


def cut(key: str) -> str:
    """A key, cut where it is very long."""
    return key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]}..."


def first_lines(text: str, wanted: Iterable[Path]) -> dict[Path, int]:
    """The line on which each wanted path begins."""
    missing, lines = set(wanted), {}
    if not missing:
        return {}
    for path, line in lines_of(text, missing):
        lines[path] = line
        missing.discard(path)
        if not missing:
            break
    return lines


def _mistake(found: _Found, lines: dict[Path, int]) -> Mistake:
    message = found.message if found.other is None else f"{found.message}, on line {lines.get(found.other, 0)}"
    return Mistake(lines.get(found.path, 0), found.key, message, found.hint)


def _in_a_file(hint: str) -> str:
    """A hint that speaks of the command line's options, as a file writes them."""
    return _OPTION.sub(lambda found: f'{found[1].replace("-", "_")} = "{found[2]}"', hint)
