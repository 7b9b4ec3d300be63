"""`solve`: every layer that turns `in` into `out`, best first, each with its reasons."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tconv_design.answer import Answer, answer
from tconv_design.asked import question_of
from tconv_design.cli.layers import say_notes, with_code
from tconv_design.cli.options import RUNNING, AsJson, BackendNames, NoColor, Seed, Timeout, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text, remark
from tconv_design.errors import InvalidQuestion
from tconv_design.ranking import CRITERIA, parse_rank
from tconv_design.render.lines import solve_lines

if TYPE_CHECKING:
    from tconv_design.check import Check

EXAMPLES = """Examples:

  tconv-design solve --in 4 --out 16 --verify

  tconv-design solve --in 14 --out 28 --kernel 3 --stride 2 --padding ?:?

  tconv-design solve --kind conv --out 80 --kernel 11 --stride 3

  tconv-design solve --in 14x20 --out 224x320 -k 1..64 -s 1..32 --tied

  tconv-design solve --in 7 -k 3 -s 2 --padding same --dialect keras

  tconv-design solve "nn.Conv2d(3, 8, 11, stride=3)" --out 80

  echo '{"in": 4, "out": 16, "limit": 1}' | tconv-design solve -"""


@asks_a_layer
def solve(
    asked: dict[str, Any],
    layer: Annotated[
        str | None,
        typer.Argument(
            metavar="[LAYER]", help="The layer as code, in any dialect; or - for JSON questions on stdin, one a line."
        ),
    ] = None,
    tied: Annotated[bool, typer.Option("--tied", help="Only layers that are equal on all axes.")] = False,
    rank: Annotated[str, typer.Option(metavar="CRITERIA", help="Order of the criteria.")] = ",".join(CRITERIA),
    limit: Annotated[int, typer.Option(metavar="N", help="How many to show; 0 only counts.", min=0)] = 10,
    verify: Annotated[
        bool, typer.Option("--verify", help="Prove those shown on all installed backends.", rich_help_panel=RUNNING)
    ] = False,
    backend: BackendNames = None,
    timeout: Timeout = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Find every layer that turns in into out, whatever is unknown, best first and with reasons."""
    if layer == "-":
        if asked or tied or verify or backend:
            raise InvalidQuestion(
                "with - all options come from stdin", 'write them there, as in {"in": 4, "verify": true}'
            )
        from tconv_design.cli.stream import answer_stream

        return answer_stream(sys.stdin)
    asked = with_code(asked, layer) | {"tied": tied or None}
    found = answer(question_of(asked), rank=parse_rank(rank), limit=limit)
    if found.solutions:
        say_notes(asked, found.solutions[0].in_size)
    if verify or backend:
        from tconv_design.proving import prove

        found = prove(found, None if verify else backend, timeout=timeout, seed=seed)
    if as_json:
        emit_json(solve_document(found, seed))
    else:
        emit_text(solve_lines(found), no_color)
    return exit_code(found, backend or ())


def solve_document(found: Answer, seed: int) -> dict[str, Any]:
    """The public document of an answer."""
    checks = [check for solution in found.solutions for check in solution.checks]
    body = found.to_dict() | ({"seed": seed} if checks else {})
    return document("solve", body, versions(checks))


def versions(checks: Sequence[Check]) -> dict[str, str]:
    """The framework version of each backend that ran."""
    return {check.backend: check.version for check in checks if check.version}


def exit_code(found: Answer, named: Sequence[str]) -> int:
    """0 found and not disproved; 1 nothing found, or a backend differs; 3 a named backend gave no answer."""
    if not found.count:
        return 1
    return checks_code([check for solution in found.solutions for check in solution.checks], named)


def checks_code(checks: Sequence[Check], named: Sequence[str]) -> int:
    """The exit code that checks alone ask for; what a named backend could not answer is said on stderr."""
    if any(check.status == "differs" for check in checks):
        return 1
    silent = {c.backend: c for c in checks if c.backend in named and c.status in ("unavailable", "crashed", "timeout")}
    for check in silent.values():
        remark(f"tconv-design: backend {check.backend} gave no answer ({check.status}): {check.detail}")
    return 3 if silent else 0


app = command("solve", EXAMPLES)(solve)
