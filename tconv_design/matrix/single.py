"""One layer in every backend: accepted in one call, with something around it, refused, or wrong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tconv_design.check import Check
from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.matrix.native import is_native
from tconv_design.matrix.prediction import spoken
from tconv_design.matrix.row import Matrix, Row, Status
from tconv_design.matrix.verdict import UNSTEADY, class_of, death
from tconv_design.trial import Outcome, Trial
from tconv_design.verification import Workers


def one(
    layer: Layer, in_size: tuple[int, ...], names: Sequence[str] | None = None, *, timeout: float = 60.0, seed: int = 0
) -> Matrix:
    """What each backend (None for all installed) makes of a layer in its own program, run three times.

    Raises InvalidLayer where nothing is left of the input, UnknownBackend for a name that nothing goes by.
    """
    with Workers(names) as workers:
        (checks,) = workers.check_all([(layer, in_size)], timeout=timeout, seed=seed)
        trials = {
            check.backend: [_trial(layer, in_size, check.code, seed)]
            for check in checks
            if check.status in ("agrees", "differs")
        }
        outcomes = workers.try_all(trials, timeout=timeout)
    rows = [_steady(row_of_check(layer, in_size, check), outcomes[check.backend]) for check in checks]
    return Matrix(tuple(rows), {check.backend: check.version for check in checks if check.version})


def row_of_check(layer: Layer, in_size: tuple[int, ...], check: Check) -> Row:
    """The matrix's row of a layer that a backend ran in its own program, or did not."""
    status, claim = _judged(layer, in_size, check)
    formula = layer.output_size(in_size)
    kind = class_of(words_of(layer), in_size, formula)
    known = _known(layer, in_size, check) if claim else ""
    return Row(check.backend, status, in_size, check.code, layer, None, check.detail, claim, kind, known=known)


def _known(layer: Layer, in_size: tuple[int, ...], check: Check) -> str:
    """What the backend's dialect knows to be wrong with the program; empty where it knows nothing."""
    said = spoken(check.backend, check.version)
    if said is None:
        return ""
    hints = Hints(layer.kernel, layer.in_channels, layer.out_channels, said[1])
    try:
        return read(check.code, said[0], hints).defect(in_size)
    except InvalidQuestion:
        return ""


def words_of(layer: Layer) -> Words:
    """The canonical layer's numbers as arguments."""
    extra = layer.output_padding if any(layer.output_padding) else None
    channels = layer.groups, layer.in_channels, layer.out_channels
    return Words(layer.kind, layer.kernel, layer.stride, layer.dilation, layer.padding, extra, *channels)


def _judged(layer: Layer, in_size: tuple[int, ...], check: Check) -> tuple[Status, str]:
    match check.status:
        case "agrees":
            return ("native" if is_native(check.backend, layer, in_size, check.code) else "workaround"), ""
        case "unsupported":
            return "refuses", ""
        case "differs":
            return "wrong", "wrong values" if check.actual_shape == check.expected_shape else "wrong size"
        case "crashed":
            return "crashed", death(check.detail)
        case "timeout":
            return "timeout", "gives no answer"
    return "unavailable", ""


def _trial(layer: Layer, in_size: tuple[int, ...], code: str, seed: int) -> Trial:
    """The program twice more on other numbers; no digest is expected, so that it is run twice."""
    return Trial(code, (3, layer.in_channels, *in_size), layer.weight_shape, layer.out_channels, seed=seed)


def _steady(row: Row, outcomes: Sequence[Outcome]) -> Row:
    """The row, unless further runs of the program gave different values, or none."""
    for outcome in outcomes:
        if outcome.status == "ran" and not outcome.repeats:
            return replace(row, status="wrong", claim=UNSTEADY, detail="two runs on the same numbers differ")
        if outcome.status in ("crashed", "timeout"):
            return replace(
                row, status=outcome.status, claim=death(outcome.detail), detail=f"at a second run: {outcome.detail}"
            )
    return row
