"""`diagnose`: a framework's error or traceback, what it means for its layer, and the edits that would work."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer

from tconv_design.cli.options import AsJson, NoColor, asks, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.diagnosis import diagnose as diagnose_text
from tconv_design.diagnosis.diagnose import LONGEST
from tconv_design.errors import InvalidQuestion
from tconv_design.render.diagnose import diagnose_lines

EXAMPLES = """Examples:

  python train.py 2>&1 | tconv-design diagnose

  tconv-design diagnose error.txt --in 3 --kernel 3

  tconv-design diagnose "RuntimeError: negative padding is not supported"

  tconv-design diagnose error.txt -k 4 -s 2 -p 1 --network-in 360 --levels 8"""

_NETWORK = "Network"
_OPTIONS = (
    "in",
    "out",
    "kernel",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "kind",
    "groups",
    "in_channels",
    "out_channels",
)
_BYTES = 4 * LONGEST
"""No character takes more bytes, so the end of a longer text is enough."""


@asks(*_OPTIONS)
def diagnose(
    asked: dict[str, Any],
    text: Annotated[
        str | None,
        typer.Argument(
            metavar="[TEXT]",
            help="The error, or the name of a file with it; - or left out: read from stdin. Never executed.",
        ),
    ] = None,
    network_in: Annotated[
        int | None,
        typer.Option(
            "--network-in",
            metavar="SIZE",
            help="Of a join that fails: the input size of the whole network.",
            min=1,
            rich_help_panel=_NETWORK,
        ),
    ] = None,
    levels: Annotated[
        int | None,
        typer.Option("--levels", metavar="N", help="How often that network halves.", min=1, rich_help_panel=_NETWORK),
    ] = None,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Say what a framework's error means, for which layer, and which edits would work."""
    found = diagnose_text(_read(text), asked, network_in=network_in, levels=levels)
    if as_json:
        emit_json(document("diagnose", found.to_dict()))
    else:
        emit_text(diagnose_lines(found), no_color)
    return 0 if found.framework else 1


def _read(text: str | None) -> str:
    """The error: what is written, what a file of that name has, or what comes in on stdin."""
    if text is None or text == "-":
        return _from_stdin()
    path = _file(text)
    if path is None:
        return text
    try:
        with path.open("rb") as file:
            file.seek(max(path.stat().st_size - _BYTES, 0))
            return file.read(_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise InvalidQuestion(f"{text} cannot be read: {error.strerror}") from None


def _file(text: str) -> Path | None:
    """The file of that name, if there is one; an error message is hardly ever a name."""
    try:
        path = Path(text)
        return path if path.is_file() else None
    except (OSError, ValueError):  # too long for a name, or a zero byte in it
        return None


def _from_stdin() -> str:
    """The end of what comes in, however long it is: a training's whole log may be piped."""
    if sys.stdin.isatty():
        raise InvalidQuestion(
            "no error is given",
            "paste it in quotes, name a file, or pipe it: python train.py 2>&1 | tconv-design diagnose",
        )
    if not isinstance(sys.stdin, TextIOWrapper):
        return sys.stdin.read()[-LONGEST:]
    kept = b""
    while block := sys.stdin.buffer.read(1 << 16):
        kept = (kept + block)[-_BYTES:]
    return kept.decode("utf-8", "replace")


app = command("diagnose", EXAMPLES)(diagnose)
