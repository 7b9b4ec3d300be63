"""`mirror`: the decoder that undoes an encoder."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.architecture.mirror import mirror as mirrored
from tconv_design.architecture.spec import read_file
from tconv_design.cli.options import AsJson, NoColor, asks, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.errors import InvalidQuestion
from tconv_design.render.mirror import mirror_lines

EXAMPLES = """Examples:

  tconv-design mirror encoder.toml

  tconv-design mirror encoder.toml --in 250

  tconv-design mirror encoder.toml --in 31x64 --json"""


@asks("in")
def mirror(
    asked: dict[str, Any],
    file: Annotated[str, typer.Argument(metavar="FILE", help="An encoder's file (TOML), or - for stdin.")],
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Make the decoder that undoes an encoder, level by level, for one input size.

    A conv becomes a tconv of the same window whose output_padding is what the floor dropped; a pool that drops nothing
    and does not overlap becomes a nearest upsample, any other a tconv; a pad becomes a crop, an upsample a conv of
    kernel and stride s, a linear layer a linear layer. Said too: for which sizes these settings work, and which sizes
    fall together.
    """
    architecture = read_file(file, asked.get("in"))
    if architecture.size is None:
        raise InvalidQuestion("the file leaves its input size open", "give it, as in --in 64x64")
    found = mirrored(architecture, architecture.size)
    if as_json:
        emit_json(document("mirror", found.to_dict()))
    else:
        emit_text(mirror_lines(architecture.size, found), no_color)
    return 1 if found.decoder is None else 0


app = command("mirror", EXAMPLES)(mirror)
