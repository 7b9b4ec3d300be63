"""A network checked for one input size: a row per layer with its costs, and all that does not hold, with its fix."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from tconv_design.architecture.claims import Broken, broken_claims, broken_output
from tconv_design.architecture.costs import dense_weights, elements, multiply_adds, parameters
from tconv_design.architecture.ends import nearest_legal, smallest_input
from tconv_design.architecture.fixes import mend_added_channels, mend_claim, mend_join
from tconv_design.architecture.model import Architecture, Size
from tconv_design.architecture.notes import notes
from tconv_design.architecture.patterns import Patterns
from tconv_design.architecture.receptive import WHOLE
from tconv_design.architecture.stacked import StackedOverlap, stacked_overlap
from tconv_design.architecture.templates import require_numbers
from tconv_design.architecture.trial import Trial
from tconv_design.architecture.walk import Problem, Row, Signal, by_x, walk
from tconv_design.errors import InvalidQuestion
from tconv_design.overlap import Overlap, overlap

MENDED = 50
"""Breaks for which a fix is looked for; a file with more has one cause, or many."""


class CheckedLayer(NamedTuple):
    """One layer: its row of the walk, what it costs, and what is known of its signal.

    `receptive_field`: input rows that one output row depends on, per axis (None: not known). `jump`: input rows from
    one output row to the next; empty where every row depends on the whole input. `overlap` is the layer's own, None
    but for a tconv; `stacked` that of all layers up to here.
    """

    row: Row
    params: int
    macs: int
    activations: int
    receptive_field: tuple[int | None, ...]
    jump: tuple[Fraction | None, ...]
    overlap: Overlap | None
    stacked: StackedOverlap | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The layer as the public JSON document has it."""
        block, out = self.row.block, self.row.out
        return {
            "number": self.row.number + 1,
            "label": block.label or None,
            "kind": block.kind,
            "line": block.line or None,
            "in": list(self.row.in_.size),
            "out": list(out.size) if out else None,
            "in_channels": self.row.in_.channels,
            "out_channels": out.channels if out else None,
            "params": self.params,
            "macs": self.macs,
            "activations": self.activations,
            "receptive_field": list(self.receptive_field),
            "jump": [jump if jump is None else _whole_or_text(jump) for jump in self.jump],
            "overlap": self.overlap and self.overlap.to_dict(),
            "stacked_overlap": self.stacked and self.stacked.to_dict(),
            "problems": list(map(str, self.problems)),
            "notes": list(self.notes),
        }


class Totals(NamedTuple):
    """Sums over the layers; `activations` are elements of all outputs, for one sample."""

    params: int
    macs: int
    activations: int


class Report(NamedTuple):
    """All layers up to the end or where the way ends, the sums, and what does not hold for the network as a whole.

    `dense`: the parameters of one fully connected layer from the network's input to its output; None where no output
    is reached. `legal`: where something is wrong, the nearest input sizes, below and above, at which nothing is, claims
    of fixed sizes aside, as far as they are known.
    """

    architecture: Architecture
    size: Size
    layers: tuple[CheckedLayer, ...]
    totals: Totals
    problems: tuple[Problem, ...]
    dense: int | None
    legal: tuple[Size, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong, with any layer or the whole."""
        return not self.problems and not any(layer.problems for layer in self.layers)

    def _repr_html_(self) -> str:
        from tconv_design.notebook import report_html  # only here: a notebook asks for it

        return report_html(self)

    def to_dict(self) -> dict[str, Any]:
        """The report as the public JSON document has it, without the checks of backends."""
        return {
            "name": self.architecture.name,
            "in": list(self.size),
            "in_channels": self.architecture.channels,
            "layers": [layer.to_dict() for layer in self.layers],
            "totals": self.totals._asdict(),
            "dense": self.dense,
            "legal": [list(size) for size in self.legal],
            "problems": list(map(str, self.problems)),
            "holds": self.holds,
        }


def check(architecture: Architecture, size: Sequence[int] | None = None) -> Report:
    """Check a network for inputs of `size` (None: the size that its file gives).

    Raises InvalidQuestion where no size is known, for a wrong number of axes, and for a layer with unknowns.
    """
    given = _input_size(architecture, size)
    require_numbers(architecture)
    rows = list(walk(architecture, given))
    trial = Trial(architecture, given, rows)
    problems = _Problems(trial)
    layers = tuple(_layers(architecture, given, rows, problems))
    totals = Totals(*(sum(getattr(each, name) for each in layers) for name in Totals._fields))
    out = rows[-1].out if rows and len(rows) == len(architecture.blocks) else None
    broken = broken_output(architecture, given, rows[-1].number, out) if out else []
    dense = None
    if out:
        dense = dense_weights(Signal(given, architecture.channels), out) + elements(out)
    report = Report(architecture, given, layers, totals, tuple(map(problems.of_claim, broken)), dense)
    return report if report.holds else report._replace(legal=tuple(nearest_legal(architecture, given)))


def _input_size(architecture: Architecture, size: Sequence[int] | None) -> Size:
    given = tuple(size) if size is not None else architecture.size
    if given is None:
        raise InvalidQuestion("the file leaves the input's size open", "give --in, for example --in 64x64")
    if len(given) != architecture.ndim:
        raise InvalidQuestion(f"in {by_x(given)} has {len(given)} axes and the network {architecture.ndim}")
    return given


class _Problems:
    """Gives each break its fix, up to MENDED of them."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self._left = MENDED

    def of_row(self, row: Row) -> tuple[Problem, ...]:
        """What is wrong with a row."""
        return (*(self._of_walk(row, each) for each in row.problems), *map(self.of_claim, broken_claims(row)))

    def of_claim(self, broken: Broken) -> Problem:
        """A claim that fails, with what helps."""
        return Problem(broken.message, mend_claim(self._trial, broken) if self._is_mended() else "")

    def _of_walk(self, row: Row, problem: Problem) -> Problem:
        if not self._is_mended():
            return problem
        if row.out is None:
            least = smallest_input(self._trial.architecture, self._trial.size, row.number)
            return problem._replace(hint=least or problem.hint)
        mend = mend_added_channels if problem.about == "channels" else mend_join
        return problem._replace(hint=mend(self._trial, row) or problem.hint)

    def _is_mended(self) -> bool:
        self._left -= 1
        return self._left >= 0


def _layers(architecture: Architecture, size: Size, rows: Sequence[Row], problems: _Problems) -> Iterator[CheckedLayer]:
    patterns = Patterns(architecture)
    for row in rows:
        if row.out is None:
            yield CheckedLayer(row, 0, 0, 0, (), (), None, None, problems.of_row(row), ())
            return
        field, stack, lost = patterns.after(row)
        layer = row.layer
        own = overlap(layer, row.out.size) if layer else None
        yield CheckedLayer(
            row,
            parameters(row),
            multiply_adds(row),
            elements(row.out),
            size if field == WHOLE else tuple(each and each.size for each in field),
            tuple(each and each.jump for each in field),
            own,
            stacked_overlap(stack),
            problems.of_row(row),
            (*notes(row, own), *lost),
        )


def _whole_or_text(jump: Fraction) -> int | str:
    return jump.numerator if jump.denominator == 1 else str(jump)
