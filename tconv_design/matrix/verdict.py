"""What a framework made of a program, held against what its words mean."""

from __future__ import annotations

import math
from typing import NamedTuple

from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import effective_kernel
from tconv_design.layer import Layer
from tconv_design.matrix.prediction import Prediction, ignored, promised
from tconv_design.matrix.row import Row, Status
from tconv_design.trial import Outcome, Trial

CLASSES = (
    "basic",
    "outpad",
    "uneven",
    "dilated",
    "dil_strided",
    "groups",
    "bigpad",
    "bigop",
    "named",
    "zero",
    "negative",
    "empty",
)
"""Of what kind a question is: plain; output_padding; uneven sides; dilation, and with stride; groups; padding beyond
the kernel; output_padding of a stride or more; a named padding; nothing left; less than nothing left; nothing given."""


UNSTEADY = "values change from run to run"
UNRULY = "runs what its rules refuse"


class Verdict(NamedTuple):
    """A status, what is broken in words that are alike for all that is broken alike, and this case in numbers."""

    status: Status
    claim: str = ""
    detail: str = ""


def row_of(prediction: Prediction, trial: Trial, outcome: Outcome) -> Row:
    """The matrix's row of one program that ran, or did not."""
    verdict = judge(prediction, trial, outcome)
    accepted = outcome.status == "ran"
    return Row(
        outcome.backend,
        verdict.status,
        prediction.asked.in_size,
        prediction.code,
        _layer(prediction),
        prediction.words,
        verdict.detail,
        verdict.claim,
        class_of(prediction.words, prediction.asked.in_size, prediction.formula),
        outcome.status in ("crashed", "timeout") or accepted == (prediction.out is not None),
        prediction.defect,
    )


def judge(prediction: Prediction, trial: Trial, outcome: Outcome) -> Verdict:
    """Whether a program did what its words mean."""
    match outcome.status:
        case "unsupported":
            return Verdict("refuses", "", outcome.detail)
        case "crashed":
            return Verdict("crashed", death(outcome.detail), outcome.detail)
        case "timeout":
            return Verdict("timeout", "gives no answer", outcome.detail)
        case "unavailable":
            return Verdict("unavailable", "", outcome.detail)
    return _of_result(prediction, trial, outcome)


def _of_result(prediction: Prediction, trial: Trial, outcome: Outcome) -> Verdict:
    formula, size = prediction.formula, (outcome.shape or ())[2:]
    if min(prediction.asked.in_size) < 1:
        return _of_nothing(trial, outcome)
    if formula is not None and min(formula) < 1:
        return _of_no_size(prediction, outcome)
    if not outcome.repeats:
        return Verdict("wrong", UNSTEADY, f"size {_x(size)}{_values(outcome)}")
    if dropped := ignored(prediction):
        return Verdict("wrong", f"accepts {dropped[0].split()[0]} and ignores it", f"runs as without {dropped[0]}")
    if formula is None:
        return Verdict("wrong", UNRULY, f"size {_x(size)}, and its rules say: {prediction.refusal}")
    if outcome.shape != (trial.signal[0], prediction.words.out_channels, *formula):
        return Verdict("wrong", "wrong size", f"size {_x(size)} instead of {_x(formula)}")
    if promised(prediction) not in (None, formula):
        return Verdict("wrong", "same is not the same size", f"size {_x(size)} instead of {_x(promised(prediction))}")
    if outcome.digest != trial.expected:
        return Verdict("wrong", "wrong values", f"size {_x(size)} as it should be, but values differ")
    return Verdict("native")


def _of_no_size(prediction: Prediction, outcome: Outcome) -> Verdict:
    """A result where the size comes to 0 or less. A conv whose kernel fits nowhere has none; a tconv's size is lost."""
    shape, came_to = outcome.shape or (), prediction.formula or ()
    if math.prod(shape):
        twice = "" if outcome.repeats else "; its values change from run to run"
        detail = f"size {_x(shape[2:])}, and it comes to {_x(came_to)}{_values(outcome)}{twice}"
        return Verdict("wrong", "a result where nothing is left", detail)
    if min(came_to) < 0 and prediction.words.kind == "tconv":
        return Verdict("wrong", "an empty result for a negative size", f"size {_x(shape[2:])} instead of {_x(came_to)}")
    return Verdict("native")


def _of_nothing(trial: Trial, outcome: Outcome) -> Verdict:
    """A result of an input without rows: it may be empty, or hold the bias."""
    bias = {float(each) for each in trial.samples().bias}
    wild = [each for each in outcome.values if each not in bias]
    if wild:
        return Verdict("wrong", "values out of an input without rows", f"shape {outcome.shape}{_values(outcome)}")
    return Verdict("native")


def class_of(words: Words, in_size: tuple[int, ...], formula: tuple[int, ...] | None) -> str:
    """One of CLASSES; `formula` is the size that the pads come to, None where they come to none."""
    spans = [effective_kernel(k, d) for k, d in zip(words.kernel, words.dilation, strict=True)]
    extra = words.output_padding or (0,)
    dilated = max(words.dilation) > 1
    pads = () if isinstance(words.padding, str) else words.padding
    found = (
        ("empty", min(in_size) < 1),
        ("negative", formula is not None and min(formula) < 0),
        ("zero", formula is not None and min(formula) == 0),
        ("groups", words.groups > 1),
        ("bigop", any(e >= s for e, s in zip(extra, words.stride, strict=False))),
        ("named", isinstance(words.padding, str)),
        ("uneven", any(begin != end for begin, end in pads)),
        ("bigpad", any(max(pair) >= span for pair, span in zip(pads, spans, strict=False))),
        ("outpad", any(extra)),
        ("dil_strided", dilated and max(words.stride) > 1),
        ("dilated", dilated),
    )
    return next((name for name, holds in found if holds), "basic")


def _layer(prediction: Prediction) -> Layer | None:
    if prediction.reading is None:
        return None
    try:
        return prediction.reading.layer(prediction.asked.in_size)
    except InvalidQuestion:
        return None


def death(detail: str) -> str:
    """How a process ended: `its process was ended by SIGSEGV while ...` -> `is ended by SIGSEGV`."""
    how = detail.partition(" while ")[0].removeprefix("its process ")
    return f"kills its process ({how})" if how != detail else "breaks"


def _values(outcome: Outcome) -> str:
    return f": {', '.join(f'{each:g}' for each in outcome.values[:8])}" if outcome.values else ""


def _x(size: tuple[int, ...] | None) -> str:
    return "x".join(map(str, size or ()))
