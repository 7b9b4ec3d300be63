"""What is broken, gathered by what it is, each with the smallest case of its kind run again on numbers to read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tconv_design.matrix.prediction import Prediction, ignored, predict, promised, spoken
from tconv_design.matrix.reproduction import program
from tconv_design.matrix.row import BROKEN, Matrix, Row
from tconv_design.matrix.single import words_of
from tconv_design.matrix.verdict import UNSTEADY, judge
from tconv_design.matrix.words import Asked
from tconv_design.trial import Outcome, Trial
from tconv_design.verification import Workers

BATCHES = (1, 2, 3)


@dataclass(frozen=True, slots=True)
class Defect:
    """Rows of one backend that are broken alike: how many, the smallest of them, and a program that shows it.

    `program` stands alone and says what it should print and what it printed; empty where the case shows no more on
    other numbers, or nobody here knows how the framework is run.
    """

    count: int
    row: Row
    program: str = ""


def defects(rows: Sequence[Row]) -> list[Defect]:
    """Everything broken, by backend in the order of the rows, what is broken most often first."""
    groups: dict[tuple[object, ...], list[Row]] = {}
    for row in rows:
        if row.status in BROKEN:
            groups.setdefault(_kind(row), []).append(row)
    order = list(dict.fromkeys(row.backend for row in rows))
    found = [Defect(len(group), min(group, key=_size)) for group in groups.values()]
    return sorted(found, key=lambda each: (order.index(each.row.backend), -each.count))


def reproduce(
    found: Sequence[Defect], matrix: Matrix, *, limit: int, timeout: float, told: Callable[[str], None]
) -> list[Defect]:
    """The defects with programs, `limit` for each backend; each runs its case again, on as few samples as show it."""
    shown: list[Defect] = []
    chosen = _first(found, limit)
    with Workers(list(dict.fromkeys(each.row.backend for each in chosen))) as workers:
        for number, defect in enumerate(chosen, 1):
            told(f"reproducing {number} of {len(chosen)}")
            version = matrix.versions.get(defect.row.backend, "")
            shown.append(Defect(defect.count, defect.row, _reproduced(workers, defect.row, version, timeout)))
    return [*shown, *(each for each in found if all(each.row is not other.row for other in chosen))]


def _first(found: Sequence[Defect], limit: int) -> list[Defect]:
    taken: dict[str, int] = {}
    chosen = []
    for defect in found:
        name = defect.row.backend
        taken[name] = taken.get(name, 0) + 1
        if taken[name] <= limit and defect.row.code:
            chosen.append(defect)
    return chosen


def _reproduced(workers: Workers, row: Row, version: str, timeout: float) -> str:
    """A program, or nothing where the case is not broken on these numbers, or its words are not known."""
    said = spoken(row.backend, version)
    prediction = predict(*said, Asked(row.words, row.in_size)) if said is not None and row.words is not None else None
    if prediction is None:
        return ""
    for trial in _trials(prediction):
        (outcome,) = workers.try_all({row.backend: [trial]}, timeout=timeout)[row.backend]
        verdict = judge(prediction, trial, outcome)
        if verdict.status in BROKEN:
            return _text(prediction, trial, outcome, row, version)
    return ""


def _trials(prediction: Prediction) -> list[Trial]:
    return [prediction.trial(batch, "count") for batch in BATCHES]


def _text(prediction: Prediction, trial: Trial, outcome: Outcome, row: Row, version: str) -> str:
    right = _right(prediction, trial)
    got = row.claim if outcome.shape is None else _array(outcome.shape, outcome.values)
    if not outcome.repeats:
        got += ", and other values at the next run"
    return program(row.backend, prediction, trial, right, f"{row.backend} {version}: {got}".replace(" :", ":"))


def _right(prediction: Prediction, trial: Trial) -> str:
    if dropped := ignored(prediction):
        return f"an error, or other values than without {dropped[0]}"
    if (size := promised(prediction)) not in (None, prediction.formula):
        return f"size {size}"
    expected, formula = prediction.expected(trial.samples()), prediction.formula or (0,)
    if expected is None:
        return "an error" if min(formula) < 0 and prediction.words.kind == "tconv" else "an error, or an empty result"
    return _array(expected.shape, expected.ravel().tolist())


def _array(shape: Sequence[int], values: Sequence[float]) -> str:
    listed = f" {', '.join(f'{each:g}' for each in values)}" if 0 < len(values) <= 24 else ""
    return f"shape {tuple(shape)}{':' if listed else ''}{listed}"


def _kind(row: Row) -> tuple[object, ...]:
    """What rows of one defect have in common: what is known of it, or else what is broken in which words.

    Values that change from run to run are wrong values.
    """
    words = row.words or (words_of(row.layer) if row.layer else None)
    claim = "wrong values" if row.claim == UNSTEADY else row.claim
    if words is None or row.known:
        return row.backend, re.sub(r"\d+", "n", row.known), claim
    named = words.padding if isinstance(words.padding, str) and words.padding != "valid" else ""
    return row.backend, claim, words.kind, named, words.groups > 1, row.words is None


def _size(row: Row) -> tuple[int, ...]:
    words = row.words or (words_of(row.layer) if row.layer else None)
    if words is None:
        return (0,)
    pads = 0 if isinstance(words.padding, str) else sum(map(sum, words.padding))
    return (
        words.ndim,
        words.in_channels + words.out_channels,
        max(words.dilation),
        sum(words.output_padding or ()),
        math.prod(row.in_size) + sum(words.kernel) + sum(words.stride) + pads,
    )
