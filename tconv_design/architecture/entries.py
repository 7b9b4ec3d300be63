"""One value of a file: from what TOML has to the value grammar's text, a number, a flag or a word, checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from tconv_design.architecture.fields import LEAST, MODES, Form
from tconv_design.architecture.model import Side
from tconv_design.architecture.problems import UnknownWord
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.padding import DIALECTS, POLICIES
from tconv_design.values import MAX_AXES, Values, parse_values
from tconv_design.wording import shown

LONGEST_TEXT = 10_000
LONGEST_NAME = 100
MOST_LABELS = 256


def entry(form: Form, key: str, raw: Any) -> Any:
    """The value of a key, read in its form. Raises InvalidQuestion."""
    return _READERS[form](key, raw)


def axes_of(value: Any) -> int:
    """How many axes a read value has entries for."""
    return len(value) if isinstance(value, tuple) else value.count("x") + 1 if value not in POLICIES else 1


def numbers_of(key: str, text: str) -> tuple[int, ...]:
    """The numbers of a text without unknowns, one per axis."""
    return tuple(_one(key, part) for part in text.split("x"))


def name_text(key: str, raw: Any) -> str:
    """A name or a label: short, and nothing in it that a terminal would obey."""
    if not isinstance(raw, str):
        raise InvalidQuestion(f"{key} must be text, got {said(raw)}", f'write {key} = "..."')
    if not raw or not raw.isprintable() or len(raw) > LONGEST_NAME:
        raise InvalidQuestion(f"{key} must be 1 to {LONGEST_NAME} printable characters, got {shown(raw)}")
    return raw


def said(raw: Any) -> str:
    """A value of TOML in a sentence, whatever it is and however long."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int):
        return str(raw) if abs(raw) < 10 * MAX_SIZE else f"a number of {raw.bit_length()} bits"
    if isinstance(raw, str):
        return shown(raw)
    if isinstance(raw, float):
        return repr(raw)
    if isinstance(raw, list):
        return "an empty list" if not raw else "a list"
    return "a table" if isinstance(raw, dict) else "a date or time"


def _values(key: str, raw: Any) -> str:
    parts = _split(key, _text(key, raw))
    for part in parts:
        _parsed(key, part, LEAST.get(key, 1))
    return "x".join(parts)


def _numbers(key: str, raw: Any) -> str:
    parts = _split(key, _text(key, raw))
    for part in parts:
        _one(key, part)
    return "x".join(parts)


def _padding(key: str, raw: Any) -> str:
    return _policy(key, raw) or _pairs(key, raw, lambda part: _parsed(key, part, 0))


def _named_or_numbers(key: str, raw: Any) -> str:
    return _policy(key, raw) or _amounts(key, raw)


def _amounts(key: str, raw: Any) -> str:
    return _pairs(key, raw, lambda part: _one(key, part))


def _policy(key: str, raw: Any) -> str:
    """The policy's name, or nothing for what looks like numbers."""
    word = raw.strip().lower() if isinstance(raw, str) else ""
    if word in POLICIES or not word.replace("_", "").isalpha() or word == "x":
        return word if word in POLICIES else ""
    raise UnknownWord(f"{key} {shown(word)} is no known policy", word, POLICIES)


def _pairs(key: str, raw: Any, check: Callable[[str], object]) -> str:
    parts = []
    for part in _split(key, _text(key, raw, nested=True)):
        sides = [side.strip() for side in part.split(":")]
        if len(sides) > 2:
            raise InvalidQuestion(f"{key} {shown(part)} has {len(sides)} sides", "write begin:end, as in 1:2")
        for side in sides:
            check(side)
        parts.append(":".join(sides))
    return "x".join(parts)


def _sides(key: str, raw: Any) -> tuple[Side, ...]:
    return tuple(_side(key, part) for part in _split(key, _text(key, raw, nested=True)))


def _side(key: str, text: str) -> Side:
    if text == "center":
        return Side()
    begin, colon, end = (part.strip() for part in text.partition(":"))
    if not colon:
        return Side(equal=True) if begin == "?" else Side(_one(key, begin), _one(key, begin))
    begin_rows, end_rows = (None if side == "?" else _one(key, side) for side in (begin, end))
    return Side(begin_rows, end_rows)


def _size(key: str, raw: Any) -> tuple[int, ...]:
    return numbers_of(key, _numbers(key, raw))


def _open_size(key: str, raw: Any) -> tuple[int, ...] | str:
    """A size, or text of a ? per axis."""
    parts = _split(key, _text(key, raw))
    if set(parts) == {"?"}:
        return "x".join(parts)
    if any(character in part for part in parts for character in "?.,"):
        raise InvalidQuestion(f"{key} {shown('x'.join(parts))} is open in part", "write numbers, or ? on every axis")
    return _size(key, raw)


def _claimed_size(key: str, raw: Any) -> tuple[int, ...] | str:
    return "input" if raw == "input" else _size(key, raw)


def _count(key: str, raw: Any) -> int:
    return _one(key, _text(key, raw) if not isinstance(raw, list) else said(raw))


def _flag(key: str, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    true = raw in (1, "1") or (isinstance(raw, str) and raw.strip().lower() in ("true", "yes", "on"))
    raise InvalidQuestion(
        f"{key} must be true or false, got {said(raw)}", f"write {key} = {'true' if true else 'false'}"
    )


def _word(known: Sequence[str]) -> Callable[[str, Any], str]:
    def word(key: str, raw: Any) -> str:
        if isinstance(raw, str) and raw in known:
            return raw
        raise UnknownWord(f"unknown {key} {said(raw)}", raw if isinstance(raw, str) else "", known)

    return word


def _labels(key: str, raw: Any) -> tuple[str, ...]:
    if not isinstance(raw, list):
        return (name_text(key, raw),)
    if not raw:
        raise InvalidQuestion(f"{key} is an empty list", "name the labels of the outputs that are joined")
    if len(raw) > MOST_LABELS:
        raise InvalidQuestion(f"{key} has {len(raw)} entries, and a layer joins at most {MOST_LABELS}", "join in steps")
    return tuple(name_text(key, each) for each in raw)


def _text(key: str, raw: Any, nested: bool = False) -> str:
    """A number, a text, or a list of them per axis, as text; with `nested` also [begin, end] per axis."""
    if isinstance(raw, list):
        if not 1 <= len(raw) <= MAX_AXES:
            raise InvalidQuestion(
                f"{key} has {len(raw)} entries, and a network has 1 to {MAX_AXES} axes",
                "give one value, or one per axis",
            )
        return "x".join(_pair(key, each) if nested and isinstance(each, list) else _scalar(key, each) for each in raw)
    return _scalar(key, raw)


def _pair(key: str, raw: list[Any]) -> str:
    if len(raw) != 2:
        raise InvalidQuestion(f"{key} of one axis has {len(raw)} entries", "write [begin, end], or one number for both")
    return ":".join(_scalar(key, each) for each in raw)


def _scalar(key: str, raw: Any) -> str:
    if isinstance(raw, int) and not isinstance(raw, bool):
        if raw > MAX_SIZE:
            raise InvalidQuestion(f"{key} is above 10**18, the largest size that is answered: {said(raw)}")
        if raw < 0:
            raise InvalidQuestion(f"{key} must be at least {LEAST.get(key, 1)}, got {said(raw)}")
        return str(raw)
    if isinstance(raw, float):
        hint = f"write {int(raw)}" if raw.is_integer() and abs(raw) <= MAX_SIZE else ""
        raise InvalidQuestion(f"{key} must be a whole number, got {said(raw)}", hint)
    if not isinstance(raw, str):
        raise InvalidQuestion(f"{key} must be a number or text, got {said(raw)}")
    text = raw.strip().lower()
    if not text:
        raise InvalidQuestion(f"{key} is empty", "write for example 4, [4, 6] or leave it out")
    if len(text) > LONGEST_TEXT:
        raise InvalidQuestion(f"{key} {shown(text)} is too long: at most {LONGEST_TEXT} characters are read")
    return text


def _split(key: str, text: str) -> list[str]:
    parts = [part.strip() for part in text.split("x")]
    if not all(parts):
        raise InvalidQuestion(f"{key} {shown(text)} has an empty axis", 'write one value per axis, as in "4x6"')
    if len(parts) > MAX_AXES:
        raise InvalidQuestion(f"{key} {shown(text)} has {len(parts)} axes, and a network has 1 to {MAX_AXES}")
    return parts


def _one(key: str, text: str) -> int:
    values = _parsed(key, text, LEAST.get(key, 1))
    if values is None or values.size != 1:
        raise InvalidQuestion(
            f"{key} {shown(text)} is open, and only numbers fit here",
            "unknowns stand in the kernel, stride, padding, output_padding and dilation of a conv or tconv",
        )
    return values.low


@lru_cache(maxsize=1024)
def _parsed(key: str, text: str, least: int) -> Values | None:
    return parse_values(key, text, least)


_READERS: dict[Form, Callable[[str, Any], Any]] = {
    "values": _values,
    "numbers": _numbers,
    "padding": _padding,
    "named or numbers": _named_or_numbers,
    "amounts": _amounts,
    "sides": _sides,
    "size": _size,
    "size or ?": _open_size,
    "size or input": _claimed_size,
    "count": _count,
    "flag": _flag,
    "dialect": _word(DIALECTS),
    "mode": _word(MODES),
    "label": name_text,
    "labels": _labels,
}
