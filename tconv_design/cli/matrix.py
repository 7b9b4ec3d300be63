"""`matrix`: for a layer or the whole small grid, which installed framework accepts, refuses or gets it wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import typer

from tconv_design.cli.layers import one_layer, with_code
from tconv_design.cli.options import RUNNING, AsJson, BackendNames, NoColor, Pasted, Seed, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text, remark
from tconv_design.cli.progress import Progress
from tconv_design.errors import InvalidQuestion
from tconv_design.matrix.defects import Defect, defects, reproduce
from tconv_design.matrix.row import BROKEN, Matrix, words_to_dict
from tconv_design.matrix.single import one
from tconv_design.matrix.sweep import DEFAULT_TIMEOUT, sweep
from tconv_design.render.matrix import grid_lines, layer_lines, markdown_lines
from tconv_design.verification import DEFAULT_TIMEOUT as LAYER_TIMEOUT

EXAMPLES = """Examples:

  tconv-design matrix "nn.ConvTranspose1d(1, 1, 3, stride=2)" --in 7

  tconv-design matrix --in 7 -k 3 -s 2 --padding 0:1 --backend torch

  tconv-design matrix --format markdown"""

Shape = Literal["text", "markdown"]
Format = Annotated[Shape, typer.Option("--format", metavar="FORMAT", help="text or markdown.")]
Limit = Annotated[
    int, typer.Option("--limit", metavar="N", help="How many of its defects to reproduce for each backend.", min=0)
]
Timeout = Annotated[
    float | None,
    typer.Option(
        "--timeout",
        metavar="SECONDS",
        help="Limit per backend and layer; 60, for a program of the grid 10.",
        rich_help_panel=RUNNING,
    ),
]


@asks_a_layer
def matrix(
    asked: dict[str, Any],
    layer: Pasted = None,
    form: Format = "text",
    limit: Limit = 10,
    backend: BackendNames = None,
    timeout: Timeout = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Say for a layer, or for a small grid in every framework's own words, who accepts, refuses or is wrong."""
    if asked or layer is not None:
        if form == "markdown":
            raise InvalidQuestion("--format markdown is for the whole grid", "leave the layer out")
        return _one(
            with_code(asked, layer), backend, LAYER_TIMEOUT if timeout is None else timeout, seed, as_json, no_color
        )
    timeout = DEFAULT_TIMEOUT if timeout is None else timeout
    with Progress("running the small grid") as progress:
        found = sweep(backend, timeout=timeout, seed=seed, told=progress.say)
        broken = reproduce(defects(found.rows), found, limit=limit, timeout=timeout, told=progress.say)
    if as_json:
        emit_json(document("matrix", _body(found, broken, seed), found.versions))
    else:
        emit_text((markdown_lines if form == "markdown" else grid_lines)(found, broken), no_color)
    return _exit_code(found, backend or ())


def _one(
    asked: dict[str, Any], backend: Sequence[str] | None, timeout: float, seed: int, as_json: bool, no_color: bool
) -> int:
    solution = one_layer(asked, "matrix")
    found = one(solution.layer, solution.in_size, backend, timeout=timeout, seed=seed)
    if as_json:
        emit_json(document("matrix", _body(found, [], seed), found.versions))
    else:
        emit_text(layer_lines(solution, found), no_color)
    return _exit_code(found, backend or ())


def _body(found: Matrix, broken: Sequence[Defect], seed: int) -> dict[str, Any]:
    return {
        "rows": [row.to_dict() for row in found.rows],
        "summary": summary(found),
        "defects": [_defect(each) for each in broken],
        "gaps": found.gaps,
        "seed": seed,
    }


def summary(found: Matrix) -> dict[str, Any]:
    """By backend: rows of each status in its own words and in ours, and how many were not as predicted."""
    result: dict[str, Any] = {}
    for name in dict.fromkeys(row.backend for row in found.rows):
        mine = [row for row in found.rows if row.backend == name]
        result[name] = {
            "own": dict(Counter(row.status for row in mine if row.words is not None)),
            "ours": dict(Counter(row.status for row in mine if row.words is None)),
            "not_as_predicted": sum(not row.as_predicted for row in mine),
        }
    return result


def _defect(defect: Defect) -> dict[str, Any]:
    row = defect.row
    return {
        "backend": row.backend,
        "claim": row.claim,
        "known": row.known,
        "count": defect.count,
        "words": None if row.words is None else words_to_dict(row.words),
        "in": list(row.in_size),
        "detail": row.detail,
        "program": defect.program,
    }


def _exit_code(found: Matrix, named: Sequence[str]) -> int:
    """1 where anything is wrong or ended its process; 3 where a backend that was named gave no answer at all."""
    silent = [
        row
        for row in found.rows
        if row.backend in named and row.status not in ("native", "workaround", "refuses", "wrong")
    ]
    answered = {row.backend for row in found.rows if row.status in ("native", "workaround", "refuses", "wrong")}
    silent = [row for row in silent if row.backend not in answered]
    for row in {row.backend: row for row in silent}.values():
        remark(f"tconv-design: backend {row.backend} gave no answer ({row.status}): {row.detail}")
    if any(row.status == "wrong" or (row.status in BROKEN and row.backend in answered) for row in found.rows):
        return 1
    return 3 if silent else 0


app = command("matrix", EXAMPLES)(matrix)
