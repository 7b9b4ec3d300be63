"""`compare`: a transposed convolution beside resize + convolution and sub-pixel of equal output."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.answer import answer
from tconv_design.architecture.alternatives import Comparison, comparisons
from tconv_design.architecture.alternatives import compare as beside
from tconv_design.asked import question_of
from tconv_design.cli.layers import is_code
from tconv_design.cli.options import AsJson, NoColor, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.errors import InvalidQuestion
from tconv_design.render.compare import compare_lines

EXAMPLES = """Examples:

  tconv-design compare --in 4 --out 16

  tconv-design compare --in 8x8 -k 4 -s 2 -p 1 --out-channels 32

  tconv-design compare generator.toml --in 1x1"""


@asks_a_layer
def compare(
    asked: dict[str, Any],
    file: Annotated[
        str | None,
        typer.Argument(metavar="[FILE]", help="A file, each of whose tconvs is compared, or one layer as code."),
    ] = None,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Set a transposed convolution beside what could stand in its place: resize + convolution, and sub-pixel.

    The layer is the best solution of the same question to solve. The alternatives give the same size from a kernel of
    the same span (resize: kernel - stride + 1; sub-pixel: kernel / stride, rounded up).
    """
    is_layer = file is None or is_code(file)
    found, why = _of_question(asked | {"layer": file}) if is_layer else _of_file(str(file), asked)
    if as_json:
        emit_json(document("compare", {"comparisons": [each.to_dict() for each in found], "why": why}))
    else:
        emit_text(compare_lines(found, why), no_color)
    return 0 if found else 1


def _of_question(asked: dict[str, Any]) -> tuple[list[Comparison], str]:
    """The best solution of a question compared, or why there is none."""
    if asked.get("kind") == "conv":
        raise InvalidQuestion("compare is about transposed convolutions, and --kind conv asks for none", "leave it out")
    is_code_given = asked.get("layer") is not None
    question = question_of(asked if is_code_given else asked | {"kind": asked.get("kind", "tconv")})
    if question.kind == "conv":
        raise InvalidQuestion("compare is about transposed convolutions, and the pasted layer is none", "paste a tconv")
    answered = answer(question, limit=1)
    return [beside(best.layer, best.in_size) for best in answered.solutions], answered.why


def _of_file(file: str, asked: dict[str, Any]) -> tuple[list[Comparison], str]:
    """Every distinct tconv of a file compared, and why there is none, or why not all were reached."""
    for name in asked:
        if name != "in":
            raise InvalidQuestion(
                f"--{name.replace('_', '-')} is for one layer, and a file has its own", "with a file give only --in"
            )
    from tconv_design.architecture.spec import read_file  # only here: one layer needs no TOML

    architecture = read_file(file, asked.get("in"))
    if architecture.size is None:
        raise InvalidQuestion("the file leaves its input size open", "give it, as in --in 64x64")
    found, ended = comparisons(architecture, architecture.size)
    if ended:
        return found, f"the network ends early, at {ended}"
    return found, "" if found else "the file has no transposed convolution"


app = command("compare", EXAMPLES)(compare)
