"""`translate`: a layer in every framework's words, proved on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from tconv_design.cli.layers import one_layer, with_code
from tconv_design.cli.options import (
    RUNNING,
    AsJson,
    BackendNames,
    NoColor,
    Pasted,
    Seed,
    Timeout,
    asks_a_layer,
    command,
)
from tconv_design.cli.output import document, emit_json, emit_text, remark
from tconv_design.cli.solve import checks_code, versions
from tconv_design.dialects.catalogue import NAMES
from tconv_design.dialects.reading import Reading
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.pasted import reading_of
from tconv_design.plugins import choose
from tconv_design.render.translate import translate_lines
from tconv_design.solution import Solution
from tconv_design.translation import Translation, proof_of, prove, runs, targets, translate

EXAMPLES = """Examples:

  tconv-design translate "nn.ConvTranspose2d(8, 4, 4, 2, 1)" --to keras,jax

  tconv-design translate "layers.Conv1D(8, 3, 2, 'same')" --to torch --in 7

  tconv-design translate --in 14 -k 3 -s 2 -p 1 --output-padding 1"""

USUAL = (16, 64, 256, 1024)
"""Input sizes that are tried in turn where none is given."""

To = Annotated[
    str | None, typer.Option("--to", metavar="NAMES", help="The dialects, as torch,keras; all of them if left out.")
]
Proof = Annotated[
    bool, typer.Option("--verify", help="Run each where its backend is installed.", rich_help_panel=RUNNING)
]


@asks_a_layer
def translate_(
    asked: dict[str, Any],
    layer: Pasted = None,
    to: To = None,
    verify: Proof = False,
    backend: BackendNames = None,
    timeout: Timeout = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Say a layer in other frameworks' words: exact code, what becomes of the weights, what only looks the same."""
    names = targets(to)
    reading = reading_of(with_code(asked, layer)) if layer is not None else None
    solution = one_layer(_sized(with_code(asked, layer), reading), "translate")
    this = solution.layer, solution.in_size
    found, own = translate(*this, names, reading.layout if reading else None), None
    if verify or backend:
        backends = _provers(backend, names, reading)
        found = prove(found, *this, backends, timeout=timeout, seed=seed)
        if reading is not None and reading.dialect in backends:
            own = proof_of(reading, *this, timeout=timeout, seed=seed)
    checks = [check for each in (*found, *([own] if own else [])) for check in each.checks]
    if as_json:
        emit_json(
            document("translate", _body(solution, found, own) | ({"seed": seed} if checks else {}), versions(checks))
        )
    else:
        emit_text(translate_lines(solution, found, reading.dialect if reading else "torch", own), no_color)
    return _exit_code(found, to is not None) or checks_code(checks, backend or ())


def _sized(asked: dict[str, Any], reading: Reading | None) -> dict[str, Any]:
    """The options with an input size: most words are the same for every size, so one is chosen where none is given."""
    if reading is None or "in" in asked or "out" in asked:
        return asked
    for size in USUAL:
        try:
            reading.output_size([size] * reading.ndim)
        except Refused as refusal:
            reason = refusal
            continue
        remark(f"tconv-design: translated for in {size}; give --in for another")
        return asked | {"in": size}
    raise Refused(f"no input size is given, and at {USUAL[-1]} {reason.message}", "give --in")


def _provers(named: Sequence[str] | None, to: Sequence[str], reading: Reading | None) -> tuple[str, ...]:
    """The backends to ask: those named, or those that are installed for a dialect in question.

    Raises InvalidQuestion for a named one that has nothing to run.
    """
    spoken = list(dict.fromkeys([*to, *([reading.dialect] if reading else [])]))
    if not named:
        found = tuple(name for name in choose(None) if name in spoken)
        if missing := [name for name in to if name not in found]:
            remark(f"tconv-design: not run, as no backend of that name is installed: {', '.join(missing)}")
        return found
    for name in choose(named):
        if name not in spoken and runs(name) not in to:
            fix = f"add {runs(name)} to --to" if runs(name) in NAMES else f"they are in {', '.join(spoken)}"
            raise InvalidQuestion(f"backend {name} has none of these programs to run", fix)
    return choose(named)


def _body(solution: Solution, found: Sequence[Translation], own: Translation | None) -> dict[str, Any]:
    return {
        "layer": solution.layer.to_dict(),
        "in": list(solution.in_size),
        "out": list(solution.out_size),
        "source": own.to_dict() if own else None,
        "translations": [each.to_dict() for each in found],
    }


def _exit_code(found: Sequence[Translation], is_named: bool) -> int:
    """1 where a dialect that was named, or every dialect, cannot say the layer."""
    lacking = sum(each.status == "cannot" for each in found)
    return int(lacking == len(found) or (is_named and lacking > 0))


app = command("translate", EXAMPLES)(translate_)
