"""`sizes`: all input sizes that a network takes, as congruences."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.architecture.legality import Sizes, sizes_of
from tconv_design.architecture.spec import read_file
from tconv_design.cli.options import AsJson, NoColor, asks, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.render.sizes import sizes_lines

EXAMPLES = """Examples:

  tconv-design sizes unet.toml

  tconv-design sizes unet.toml --in 360x480

  tconv-design sizes codec.toml --in 31992 --json"""


@asks("in")
def sizes(
    asked: dict[str, Any],
    file: Annotated[str, typer.Argument(metavar="FILE", help="An architecture file (TOML), or - for stdin.")],
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Tell all input sizes that a network takes, as congruences, and the nearest to a given size.

    Legal means: every layer gives at least one row, joins agree with a crop that is equal on both sides, pools drop
    nothing but rows of their padding, and all claims of the file hold. Where claims fix a size, the sizes without those
    claims are told too.
    """
    architecture = read_file(file, asked.get("in"))
    answer = sizes_of(architecture)
    if as_json:
        legal, free = answer.legal, answer.without_sizes
        body = {
            "in": None if architecture.size is None else list(architecture.size),
            "legal": legal.to_list(),
            "nearest": _nearest(legal),
            "why": legal.why,
            "legal_without_sizes": None if free is None else free.to_list(),
            "nearest_without_sizes": None if free is None else _nearest(free),
            "notes": list(answer.notes),
        }
        emit_json(document("sizes", body))
    else:
        emit_text(sizes_lines(architecture.name, answer), no_color)
    return 1 if legal_is_empty(answer.legal) else 0


def legal_is_empty(sizes: Sizes) -> bool:
    """Whether an axis has no legal size."""
    return not all(axis.classes for axis in sizes.axes)


def _nearest(sizes: Sizes) -> dict[str, object] | None:
    return None if sizes.nearest is None else sizes.nearest.to_dict(sizes.apart)


app = command("sizes", EXAMPLES)(sizes)
