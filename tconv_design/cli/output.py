"""How a command's answer leaves: one JSON document, or lines of text; errors as one sentence on stderr."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TextIO

from tconv_design.errors import InvalidArchitecture, TconvDesignError
from tconv_design.render.lines import Line
from tconv_design.version import __version__

DEBUG = "TCONV_DESIGN_DEBUG"


class PipeClosed(Exception):
    """The reader of stdout has gone."""


class SystemRefusal(TconvDesignError):
    """The operating system does not let an answer be made or written: a full disk, for example."""

    kind = "system"


def document(command: str | None, body: Mapping[str, Any], versions: Mapping[str, str] | None = None) -> dict[str, Any]:
    """A whole public document: schema, command and versions around a body."""
    return {"schema": 1, "command": command, **body, "versions": {"tconv-design": __version__, **(versions or {})}}


def emit_json(whole: Mapping[str, Any], indent: int | None = 2) -> None:
    """Print one JSON document."""
    import json

    write(json.dumps(whole, indent=indent, allow_nan=False) + "\n")


def emit_text(lines: Iterable[Line], no_color: bool) -> None:
    """Print lines: plain in a pipe, wrapped and coloured on a terminal."""
    if sys.stdout.isatty():
        from tconv_design.render.terminal import on_terminal

        on_terminal(lines, sys.stdout, no_color)
        return
    from tconv_design.render.plain import plain_text

    write(plain_text(lines, sys.stdout.encoding))


def emit_error(command: str | None, error: TconvDesignError, as_json: bool, code: int) -> int:
    """Say what is wrong on stderr, and in JSON on stdout where that was asked for; returns the exit code."""
    remark(f"tconv-design: {error}")
    if as_json:
        with suppress(PipeClosed, SystemRefusal):
            emit_json(document(command, error_body(error)))
    return code


def error_body(error: TconvDesignError) -> dict[str, Any]:
    """The body of an error document; that of a file with mistakes lists them."""
    body: dict[str, Any] = {"kind": error.kind, "message": error.message, "hint": error.hint}
    if isinstance(error, InvalidArchitecture):
        body["problems"] = [mistake._asdict() for mistake in error.problems]
    return {"error": body}


class Defect(TconvDesignError):
    """A mistake of ours."""

    kind = "defect"


def defect(error: Exception) -> Defect:
    """A mistake of ours as a sentence; it is raised as it is where the environment variable DEBUG asks for that."""
    if os.environ.get(DEBUG):
        raise error
    sentence = f"tconv-design itself failed: {type(error).__name__}: {error}"
    return Defect(sentence, f"please report the command line; {DEBUG}=1 shows where")


def remark(sentence: str) -> None:
    """One line on stderr, if anybody listens there."""
    with suppress(OSError):
        _write(sys.stderr, sentence + "\n")


def write(text: str) -> None:
    """Write to stdout, now. Raises PipeClosed when nobody reads, SystemRefusal when it cannot be written."""
    try:
        _write(sys.stdout, text)
        sys.stdout.flush()
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.EINVAL):  # Windows says EINVAL
            raise PipeClosed from None
        raise SystemRefusal(f"the answer cannot be written: {error.strerror}") from None


def _write(stream: TextIO, text: str) -> None:
    """Write, with a replacement for what the stream cannot encode."""
    encoding = stream.encoding or "utf-8"
    stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
