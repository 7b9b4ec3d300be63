"""`view`: the interactive page, one file that asks for nothing from elsewhere."""

from __future__ import annotations

import os
import sys
import tempfile
import webbrowser
from pathlib import Path
from typing import Annotated, Any

import typer

from tconv_design.answer import answer
from tconv_design.asked import question_of
from tconv_design.cli.options import AsJson, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, remark
from tconv_design.errors import InvalidQuestion
from tconv_design.page.assemble import page
from tconv_design.solution import Solution

EXAMPLES = """Examples:

  tconv-design view

  tconv-design view --in 7 -k 3 -s 2 -p 1 --output-padding 1

  tconv-design view --kind conv --in 32x32 -k 5 --save conv.html --no-open"""

USUAL = {"in": "4x4", "kernel": "4", "stride": "2", "padding": "1", "kind": "tconv"}
NAME = "tconv-design.html"


@asks_a_layer
def view(
    asked: dict[str, Any],
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help=f"Where to write it; {NAME} of a temporary folder.")
    ] = None,
    opens: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in the browser, where there is a terminal.")
    ] = True,
    as_json: AsJson = False,
) -> int:
    """Write one self-contained HTML page on which a layer is changed, seen and solved for, and open it.

    It begins with the layer that the options give (the best that fits), and works from disk, without a network.
    """
    solution = _layer(asked)
    name = _written(page(_start(solution, asked)), save)
    if as_json:
        body = {"file": name, "layer": solution.layer.to_dict(), "in": list(solution.in_size)}
        emit_json(document("view", body))
    else:
        remark(f"tconv-design: {name} is written")
    if opens and sys.stdout.isatty() and not os.environ.get("CI"):
        webbrowser.open(Path(name).resolve().as_uri())
    return 0


def _layer(asked: dict[str, Any]) -> Solution:
    found = answer(question_of(asked or USUAL), limit=1)
    if not found.solutions:
        raise InvalidQuestion(f"there is no such layer: {found.why}", "see tconv-design solve with the same options")
    (solution,) = found.solutions
    if len(solution.in_size) > 2:
        raise InvalidQuestion("the page draws one axis or two, and the layer has 3", "view one axis after the other")
    return solution


def _start(solution: Solution, asked: dict[str, Any]) -> dict[str, Any]:
    """The state that the page begins with, as `page/state.js` has it."""
    axes = [
        {"n": n, "k": a.kernel, "s": a.stride, "b": a.pad_begin, "e": a.pad_end, "o": a.output_padding, "d": a.dilation}
        for a, n in zip(solution.layer.axes, solution.in_size, strict=True)
    ]
    target = list(solution.out_size) if "out" in asked else None
    linked = all(axis == axes[0] for axis in axes)
    return {"kind": solution.layer.kind, "linked": linked, "axes": axes, "target": target, "pin": None, "step": 0}


def _written(text: str, save: str | None) -> str:
    name = save or str(Path(tempfile.mkdtemp(prefix="tconv-design-")) / NAME)
    if Path(name).suffix.lower() not in (".html", ".htm"):
        raise InvalidQuestion(f"--save {name!r} is no page", "end it in .html")
    try:
        Path(name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise InvalidQuestion(f"{name} cannot be written: {error.strerror}", "give another --save") from None
    return name


app = command("view", EXAMPLES)(view)
