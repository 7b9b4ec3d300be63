"""A TOML document from a file, stdin or a text; whatever keeps it from being one is a sentence with its line."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from tconv_design.errors import InvalidArchitecture, InvalidQuestion, Mistake
from tconv_design.wording import shown

MAX_BYTES = 16 * 10**6

_LONG_NUMBER = re.compile(r"[0-9a-fA-F_]{4000,}+")
_MANY_DOTS = re.compile(r"(?:[^\n.]*\.){1000,}+")


def text_of(path: str) -> str:
    """The text of a file, `-` being stdin. Raises InvalidQuestion where there is none."""
    data = _bytes(path)
    if len(data) > MAX_BYTES:
        raise _too_long(name_of(path))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        mistake = Mistake(data.count(b"\n", 0, error.start) + 1, "", f"byte {data[error.start]:#04x} is not UTF-8")
        raise InvalidArchitecture([mistake._replace(hint="save the file as UTF-8")], 1, name_of(path)) from None


def name_of(path: str) -> str:
    """What a file is called in sentences."""
    return "stdin" if path == "-" else path if len(path) < 200 and path.isprintable() else shown(path)


def tables_of(text: str, origin: str) -> dict[str, Any]:
    """What tomli reads in a text. Raises InvalidArchitecture with the line where it stops."""
    from tomli import TOMLDecodeError, loads

    if len(text) > MAX_BYTES:
        raise _too_long(origin)
    try:
        return loads(text)
    except TOMLDecodeError as error:
        line = min(error.lineno, text.rstrip().count("\n") + 1)
        message = f"this is no TOML: {error.msg[:1].lower()}{error.msg[1:200]} (column {error.colno})"
        raise InvalidArchitecture([Mistake(line, "", message)], 1, origin) from None
    except RecursionError:
        mistake = Mistake(0, "", "tables, lists or dotted keys are nested too deep to be read")
    except ValueError:
        mistake = Mistake(_only_line(_LONG_NUMBER, text), "", "a number has thousands of digits; 10**18 is the largest")
    raise InvalidArchitecture([mistake], 1, origin)


def _only_line(pattern: re.Pattern[str], text: str) -> int:
    """The line of a pattern, 0 where it stands at several places: which of them it was is not known."""
    starts = [found.start() for found, _ in zip(pattern.finditer(text), range(2), strict=False)]
    return text.count("\n", 0, starts[0]) + 1 if len(starts) == 1 else 0


def _too_long(origin: str) -> InvalidQuestion:
    return InvalidQuestion(
        f"{origin} has more than {MAX_BYTES // 10**6} MB", "an architecture file is a few lines per layer"
    )


def _bytes(path: str) -> bytes:
    """What stands in a file or on stdin, and at most one byte more than may."""
    if path == "-":
        stdin: Any = getattr(sys.stdin, "buffer", sys.stdin)
        data = stdin.read(MAX_BYTES + 1)
        return data if isinstance(data, bytes) else str(data).encode()
    try:
        with open(path, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InvalidQuestion(f"there is no file {name_of(path)}", _near(path)) from None
    except IsADirectoryError:
        raise InvalidQuestion(f"{name_of(path)} is a directory", "name an architecture file in it") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InvalidQuestion(f"{name_of(path)} cannot be read: {reason}") from None


def _near(path: str) -> str:
    """A hint with the file of the nearest name in the same directory."""
    from difflib import get_close_matches

    try:
        names = [each.name for each, _ in zip(Path(path).parent.iterdir(), range(1000), strict=False)]
    except OSError:
        return "give the path of an architecture file, or - for stdin"
    near = get_close_matches(Path(path).name, names, 1, 0.6)
    return f"did you mean {Path(path).with_name(near[0])}?" if near else "give an architecture file, or - for stdin"
