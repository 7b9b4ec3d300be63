"""What a message says, as data: one sentence, the numbers in it, and which kind of problem it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from tconv_design.diagnosis.known import Known, Sizes
from tconv_design.formula import MAX_SIZE


class Join(NamedTuple):
    """Two maps are joined or added, and their sizes differ; `axis` is the only one where they do, if that is said."""

    first: Sizes
    second: Sizes
    axis: int | None = None


class Wanted(NamedTuple):
    """A layer is asked for an output size that it does not give; None where the message does not say which."""

    out: Sizes | None = None


class Nothing(NamedTuple):
    """A layer would leave nothing: its kernel does not fit, or it crops everything."""


class Fit(NamedTuple):
    """A kernel that spans `span` rows does not fit its input, which has `padded` rows with its padding."""

    padded: Sizes
    span: Sizes


class Channels(NamedTuple):
    """A layer's weights are for `expected` input channels, and its input has `got`; `last` is its last axis."""

    expected: int
    got: int
    last: int | None = None


class Word(NamedTuple):
    """A padding is no number that the framework takes there; `dialect` is whose meaning the word has."""

    dialect: str


class Dense(NamedTuple):
    """A dilation is refused: with a stride (`beside_stride`), or whatever the stride."""

    beside_stride: bool


class Extra(NamedTuple):
    """An output_padding is too large, or negative."""


class Other(NamedTuple):
    """No other numbers would help; `advice` says what does."""

    advice: tuple[str, ...] = ()


Problem = Join | Wanted | Nothing | Fit | Channels | Word | Dense | Extra | Other


class Finding(NamedTuple):
    """One message understood: what happened, in a sentence without its full stop, and the numbers that it holds."""

    what: str
    problem: Problem
    known: Known = Known()
    advice: tuple[str, ...] = ()


class Unreadable(Exception):
    """A message whose numbers cannot be those of a layer: it is not the message that it looks like."""


class Message(NamedTuple):
    """A message that a framework is known to give, in one wording or several.

    `read` makes a Finding of the match and the whole text. `context`, where it is given, must stand in the text too:
    several frameworks say the same, and the words around tell which one it was.
    """

    framework: str
    title: str
    patterns: tuple[re.Pattern[str], ...]
    read: Callable[[re.Match[str], str], Finding]
    context: re.Pattern[str] | None = None


_FORMS = {
    "int": r"-?\d{1,40}",
    "word": r"\w{1,60}",
    "shape": r"[\[({][\dNone?,\s]{1,200}[\])}]",
    "cross": r"\([-\d\sx]{1,200}\)",
    "more": r"[\s\S]{0,600}?",
}
"""None of them is without bounds, so that no text takes long to search."""

_PART = re.compile(r"<(?:(?P<name>\w+):(?P<form>\w+)|(?P<skip>more)|\?(?P<maybe>[^>]*))>")


def message(
    framework: str, title: str, read: Callable[[re.Match[str], str], Finding], *wordings: str, context: str = ""
) -> Message:
    """A message from its wordings, which are its own text with places for what changes.

    `<a:int>` is a whole number by the name a, `<a:word>` a word, `<a:shape>` a bracketed list, `<a:cross>` one with x
    between, `<more>` any text, `<?text>` text that may be missing. A blank is any white space, as terminals wrap lines.
    """
    patterns = tuple(re.compile(_pattern(each), re.IGNORECASE) for each in wordings or (title,))
    return Message(framework, title, patterns, read, re.compile(context, re.IGNORECASE) if context else None)


def _pattern(wording: str) -> str:
    found, end = [], 0
    for part in _PART.finditer(wording):
        found.append(_literal(wording[end : part.start()]))
        end = part.end()
        if part["name"]:
            found.append(f"(?P<{part['name']}>{_FORMS[part['form']]})")
        else:
            found.append(_FORMS["more"] if part["skip"] else f"(?:{_literal(part['maybe'])})?")
    pattern = "".join([*found, _literal(wording[end:])])
    return rf"(?<!\w){pattern}" if pattern.startswith("(?P<") else pattern


def _literal(text: str) -> str:
    return re.escape(text).replace(r"\ ", r"\s{1,99}")


def sizes(text: str) -> Sizes:
    """The whole numbers of `[1, 4, 224]`, `(4 x 4)`, `{2,2}` or `[2 2]`, without those of (None, 4)."""
    found = tuple(map(int, re.findall(r"\d{1,19}", text)))
    if not found or max(found) > MAX_SIZE or len(found) > 6:
        raise Unreadable(text)
    return found


def number(text: str) -> int:
    """One whole number, which may be negative."""
    if len(text) > 19 or abs(int(text)) > MAX_SIZE:
        raise Unreadable(text)
    return int(text)


def spatial_first(shape: Sizes) -> Sizes:
    """The sizes of a map of shape (batch, channels, *sizes)."""
    if not 3 <= len(shape) <= 5:
        raise Unreadable(str(shape))
    return shape[2:]


def spatial_last(text: str) -> Sizes:
    """The sizes of a map of shape (batch, *sizes, channels) as text, whose batch may be unknown: `(None, 4, 4, 2)`."""
    return _middle(text, slice(1, -1))


def spatial_early(text: str) -> Sizes:
    """The sizes of a map of shape (batch, channels, *sizes) as text, whose batch may be unknown."""
    return _middle(text, slice(2, None))


def _middle(text: str, where: slice) -> Sizes:
    entries = [each.strip() for each in text.strip("[](){} ").rstrip(",").split(",")]
    if not 3 <= len(entries) <= 5 or not all(re.fullmatch("[0-9]+", each) for each in entries[where]):
        raise Unreadable(text)
    return tuple(map(number, entries[where]))


def differing(first: Sizes, second: Sizes) -> int | None:
    """The only axis in which two shapes differ, None if they differ in several. Raises Unreadable if in none."""
    if len(first) != len(second) or first == second:
        raise Unreadable(f"{first} and {second}")
    axes = [axis for axis, (a, b) in enumerate(zip(first, second, strict=True)) if a != b]
    return axes[0] if len(axes) == 1 else None


def by(values: Sizes) -> str:
    """`4` or `4x6`, as sizes are written."""
    return "x".join(map(str, values))
