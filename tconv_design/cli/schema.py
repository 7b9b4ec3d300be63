"""`schema`: the JSON Schema of a public document."""

from __future__ import annotations

from typing import Annotated

import typer

from tconv_design.cli.options import AsJson, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.render.lines import Line
from tconv_design.schemas import load, names

EXAMPLES = """Examples:

  tconv-design schema

  tconv-design schema solve"""


def schema(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="The document; left out, the names.")] = None,
    as_json: AsJson = False,
) -> int:
    """Print the JSON Schema of a document, or the names of all."""
    if name is not None:
        emit_json(load(name))
    elif as_json:
        emit_json(document("schema", {"schemas": list(names())}))
    else:
        emit_text([Line(each) for each in names()], no_color=True)
    return 0


app = command("schema", EXAMPLES)(schema)
