"""Where in a TOML text each key and table stands: tomli reads the values, and tells no lines.

The text must be one that tomli has accepted, so nothing is checked here; the text is walked once, by offsets.
"""

from __future__ import annotations

import re
from collections.abc import Container, Generator, Iterator

Path = tuple[str | int, ...]
"""The way to a value: keys, and places in arrays, as in ("layers", 3, "kernel")."""

DEPTH = 4
"""Longer paths are cut: no key of an architecture lies deeper, and a hostile one may lie very deep."""

_STRING = (
    r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}'
    r"|'''(?:[^']++|'{1,2}(?!'))*+'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*+'"
)
_BLANK = re.compile(r"(?:[ \t\r\n]++|#[^\n]*+)*+")
_SCALAR = re.compile(rf"{_STRING}|[^,\]}}#\n]++", re.DOTALL)
_PART = re.compile(r'[ \t]*+("(?:[^"\\\n]++|\\.)*+"|\'[^\'\n]*+\'|[^\s."\'=\]\[]++)[ \t]*+(\.?)')
_INSIDE = re.compile(rf"(?:{_STRING}|#[^\n]*+|[^\[\]{{}}\"'#]++)*+", re.DOTALL)


def lines_of(text: str, wanted: Container[Path] | None = None) -> Iterator[tuple[Path, int]]:
    """(path, line) of every key and table, the lines counted from 1, in the order of the text.

    A path comes once for each time that the text leads through it; the first is where it begins. With `wanted`,
    only those.
    """
    line, last = 1, 0
    for path, offset in _places(text):
        if wanted is None or path in wanted:
            line += text.count("\n", last, offset)
            last = offset
            yield path, line


def _places(text: str) -> Iterator[tuple[Path, int]]:
    """(path, offset) of every key and table."""
    tables: dict[Path, int] = {}
    table: Path = ()
    at = _blank(text, 0)
    while at < len(text):
        if text[at] == "[":
            many = text.startswith("[[", at)
            keys, end = _key(text, at + 1 + many)
            table = _header(keys, tables, many)
            yield from ((table[:depth], at) for depth in range(1, len(table) + 1))
            at = _blank(text, end + 1 + many)
        else:
            at = _blank(text, (yield from _pair(text, at, table)))


def _header(keys: Path, tables: dict[Path, int], many: bool) -> Path:
    """The path of a `[table]` or a `[[table]]`; a name on the way that stands for many means the last of them."""
    path: Path = ()
    for number, key in enumerate(keys[:DEPTH]):
        path = (*path, key)
        if many and number == len(keys) - 1:
            tables[path] = tables.get(path, -1) + 1
        if path in tables:
            path = (*path, tables[path])
    return path[:DEPTH]


def _pair(text: str, at: int, table: Path) -> Generator[tuple[Path, int], None, int]:
    """A `key = value`; returns the offset behind it."""
    keys, end = _key(text, at)
    path = (*table, *keys[:DEPTH])[:DEPTH]
    yield from ((path[:depth], at) for depth in range(len(table) + 1, len(path) + 1))
    return (yield from _value(text, _blank(text, end + 1), path))


def _value(text: str, at: int, path: Path) -> Generator[tuple[Path, int], None, int]:
    """The keys and tables within a value; returns the offset behind it."""
    if text[at] not in "[{":
        return _end(_SCALAR, text, at)
    if len(path) >= DEPTH:
        return _behind(text, at)
    closing, place = ("]" if text[at] == "[" else "}"), 0
    at = _blank(text, at + 1)
    while text[at] != closing:
        if closing == "}":
            at = yield from _pair(text, at, path)
        else:
            yield (*path, place), at
            at = yield from _value(text, at, (*path, place))
            place += 1
        at = _blank(text, at)
        if text[at] == ",":
            at = _blank(text, at + 1)
    return at + 1


def _behind(text: str, at: int) -> int:
    """The offset behind an array or inline table, whatever is in it."""
    open_ = 0
    while True:
        open_ += 1 if text[at] in "[{" else -1
        if not open_:
            return at + 1
        at = _end(_INSIDE, text, at + 1)


def _key(text: str, at: int) -> tuple[Path, int]:
    """The parts of a key that may be dotted and quoted, and the offset behind them."""
    keys: list[str] = []
    while True:
        found = _PART.match(text, at)
        assert found is not None, "tomli has accepted this text"
        keys.append(_bare(found[1]))
        at = found.end()
        if not found[2]:
            return tuple(keys), at


def _bare(key: str) -> str:
    if key[0] not in "\"'":
        return key
    if "\\" not in key:
        return key[1:-1]
    from tomli import loads

    return str(loads(f"key = {key}")["key"])


def _blank(text: str, at: int) -> int:
    return _end(_BLANK, text, at)


def _end(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return found.end() if found else at
