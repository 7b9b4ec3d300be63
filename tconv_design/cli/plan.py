"""`plan`: the best chains of layers between two sizes, of a file's blanks, or of a hop, counted and proven."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from tconv_design.cli.options import AsJson, NoColor, asks, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.cli.progress import Progress
from tconv_design.errors import InvalidQuestion
from tconv_design.planning.asking import box_text, checked_top, limits, only_with, usual_layers
from tconv_design.planning.build import chain_problem, channel_list
from tconv_design.planning.criteria import DEFAULT, plan_rank
from tconv_design.planning.hop import hop as hop_plans
from tconv_design.planning.nearby import nearby
from tconv_design.planning.plan import plan as best_plans
from tconv_design.render.plan import Asked, plan_lines
from tconv_design.values import Values, parse_values

if TYPE_CHECKING:
    from tconv_design.planning.problem import Limits, Plan, Plans, Problem

EXAMPLES = """Examples:

  tconv-design plan --in 4 --out 256 --layers 3..6 --channels 512:3

  tconv-design plan --in 1x1 --out 64x256 --even --no-output-padding

  tconv-design plan --kind conv --in 224 --out 7 --receptive-field 64..

  tconv-design plan --hop 300 --layers 2 --in 50

  tconv-design plan decoder.toml --rank params --max-macs 100000000"""

CONSTRAINTS = "Constraints"
NONE = "there is no such chain"
LIMITS = ("max_params", "max_macs", "even", "no_output_padding", "portable", "receptive_field")

Layers = Annotated[str | None, typer.Option("--layers", metavar="N", help="How many layers: 4, 3..6 or 2,4.")]
Channels = Annotated[
    str | None,
    typer.Option(
        "--channels",
        metavar="C",
        help="First and last (512:3, between them a geometric row), or all of them (512,256,64,3).",
    ),
]
Hop = Annotated[
    int | None, typer.Option("--hop", metavar="N", help="Factorise the samples per frame; --in then counts frames.")
]
Causal = Annotated[bool, typer.Option("--causal", help="Of a hop: crop at the end only, so that nothing looks ahead.")]
MaxParams = Annotated[
    int | None, typer.Option("--max-params", metavar="N", help="Most parameters.", rich_help_panel=CONSTRAINTS)
]
MaxMacs = Annotated[
    int | None, typer.Option("--max-macs", metavar="N", help="Most multiply-adds.", rich_help_panel=CONSTRAINTS)
]
Even = Annotated[
    bool, typer.Option("--even", help="Only tconvs of even overlap: no checkerboard.", rich_help_panel=CONSTRAINTS)
]
NoOutputPadding = Annotated[
    bool, typer.Option("--no-output-padding", help="Only layers without it.", rich_help_panel=CONSTRAINTS)
]
Portable = Annotated[
    str | None,
    typer.Option(
        "--portable",
        metavar="DIALECTS",
        help="Only layers that each of these says in one call: torch,tensorflow.",
        rich_help_panel=CONSTRAINTS,
    ),
]
Field = Annotated[
    str | None,
    typer.Option(
        "--receptive-field", metavar="ROWS", help="Of the whole chain: 64.. or 64..128.", rich_help_panel=CONSTRAINTS
    ),
]


class _Answer(NamedTuple):
    """What was found, and what was asked for."""

    found: Plans
    asked: Asked


@asks("in", "out", "kernel", "stride", "padding", "output_padding", "dilation", "kind", "groups", "dialect")
def plan(
    asked: dict[str, Any],
    file: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="A file whose blanks (stride = '?') are filled jointly.")
    ] = None,
    layers: Layers = None,
    channels: Channels = None,
    hop: Hop = None,
    causal: Causal = False,
    rank: Annotated[
        str | None, typer.Option("--rank", metavar="CRITERIA", help=f"Order of the criteria: {','.join(DEFAULT)}.")
    ] = None,
    top: Annotated[int, typer.Option("--top", metavar="N", help="How many plans to show.")] = 5,
    max_params: MaxParams = None,
    max_macs: MaxMacs = None,
    even: Even = False,
    no_output_padding: NoOutputPadding = False,
    portable: Portable = None,
    receptive_field: Field = None,
    timeout: Annotated[
        float | None, typer.Option("--timeout", metavar="SECONDS", help="For the whole search: then the best so far.")
    ] = None,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Find the best chains of layers from one size to another, count them all, and prove that they are the best."""
    flags = (even or None, no_output_padding or None)
    constraints = dict(zip(LIMITS, (max_params, max_macs, *flags, portable, receptive_field), strict=True))
    own = {"layers": layers, "channels": channels, "hop": hop, "causal": causal or None, "rank": rank}
    given = {name: value for name, value in {**asked, **own, **constraints}.items() if value is not None}
    checked_top(top)
    if timeout is not None and not 0 < timeout < math.inf:
        raise InvalidQuestion(f"timeout must be more than 0 seconds, got {timeout:g}", "leave it out for no limit")
    answer = _of_problem(file, given, top, timeout) if hop is None else _of_hop(hop, file, given, top)
    if as_json:
        _emit_document(answer)
    else:
        emit_text(plan_lines(answer.found, answer.asked), no_color)
    return 0 if answer.found.plans else 1


def _of_hop(hop: int, file: str | None, given: dict[str, Any], top: int) -> _Answer:
    if file is not None:
        raise InvalidQuestion("--hop makes its own layers, and a file has its own", "give one of the two")
    others = [name for name in given if name not in ("hop", "layers", "channels", "causal", "in")]
    only_with("--hop", others, "its layers follow from their strides", "give only --layers, --channels, --causal, --in")
    frames = _one_number("in", given.get("in", "1"), "frames")
    layers = _numbers(given.get("layers"))
    channels = given.get("channels")
    if layers is None and channels is not None and ":" not in channels:
        layers = Values.one(max(channels.count(","), 1))
    found = hop_plans(
        hop,
        layers,
        causal="causal" in given,
        frames=frames,
        channels=lambda number: channel_list(channels, number),
        top=top,
    )
    return _Answer(found, Asked("tconv", {}, (), hop=hop))


def _numbers(layers: str | None) -> Values | None:
    if layers is None:
        return None
    values = parse_values("layers", layers, 1)
    if values is None:
        raise InvalidQuestion("the number of layers is open", "give a number or a range, for example --layers 3..6")
    return values


def _one_number(name: str, text: str, what: str) -> int:
    values = parse_values(name, text, 1)
    if values is None or values.size != 1:
        raise InvalidQuestion(f"{name} must be one number of {what}, got {text!r}", f"for example --{name} 50")
    return values.low


def _of_problem(file: str | None, given: dict[str, Any], top: int, timeout: float | None) -> _Answer:
    if "causal" in given:
        raise InvalidQuestion("--causal is for a hop", "write --hop 300 --causal, or use --padding 0:?")
    rank = plan_rank(given.pop("rank", ",".join(DEFAULT)))
    limiting = {name: given.pop(name) for name in LIMITS if name in given}
    constraints = limits(**limiting)
    problem, asked = _file(file, given, rank, top, constraints) if file else _chain(given, rank, top, constraints)
    with Progress("planning") as progress:
        found = best_plans(problem, timeout, progress.say)
    if not found.plans and found.proven:
        found = replace(found, why="; ".join(filter(None, (found.why or NONE, nearby(problem, found.count)))))
    return _Answer(found, asked._replace(limits=tuple(_said(*each) for each in limiting.items())))


def _said(name: str, value: Any) -> str:
    """An option as it was written."""
    return f"--{name.replace('_', '-')}" + ("" if value is True else f" {value}")


def _chain(given: dict[str, Any], rank: tuple[str, ...], top: int, constraints: Limits) -> tuple[Problem, Asked]:
    """Chains of equal boxes from `--in` to `--out`."""
    in_, out, layers = (given.pop(name, None) for name in ("in", "out", "layers"))
    channels = given.pop("channels", None)
    usual = False
    if layers is None and channels and ":" not in channels:
        layers = str(max(channels.count(","), 1))
    if layers is None:
        usual, layers = True, str(usual_layers(in_, out, **given))
    problem = chain_problem(in_, out, layers, channels=channels, rank=rank, top=top, limits=constraints, **given)
    kind = problem.chains[0][0].kind
    return problem, Asked(kind, box_text(len(problem.in_size), kind, given), rank, layers, usual, problem)


def _file(
    file: str, given: dict[str, Any], rank: tuple[str, ...], top: int, constraints: Limits
) -> tuple[Problem, Asked]:
    """The blanks of a file."""
    only_with("a file", [name for name in given if name != "in"], "its layers and target are its own", "write it there")
    from tconv_design.architecture.spec import read_file
    from tconv_design.planning.files import file_problem

    problem = file_problem(read_file(file, given.get("in")), rank=rank, top=top, limits=constraints)
    return problem, Asked("tconv", {}, rank, problem=problem, file=file)


def _emit_document(answer: _Answer) -> None:
    found, asked = answer
    data = {
        "count": found.count,
        "proven": found.proven,
        "plans": [_plan_dict(each) for each in found.plans],
        "why": found.why,
        "rank": list(asked.rank),
        "box": asked.box,
    }
    with _all_digits():
        emit_json(document("plan", data))


@contextmanager
def _all_digits() -> Iterator[None]:
    """A count may have thousands of digits, and JSON has all of them."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(limit)


def _plan_dict(plan: Plan) -> dict[str, Any]:
    from tconv_design.architecture.chain import chain
    from tconv_design.architecture.writing import toml_text

    architecture = plan.architecture or chain(plan.layers, plan.sizes[0])
    return {
        "layers": [layer.to_dict() for layer in plan.layers],
        "sizes": [list(size) for size in plan.sizes],
        "params": plan.params,
        "macs": plan.macs,
        "scores": plan.scores,
        "file": toml_text(architecture),
    }


app = command("plan", EXAMPLES)(plan)
