"""The rules by name, and what all of them say of one layer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from tconv_design.linting.case import Case
from tconv_design.linting.finding import Finding, Place, Said
from tconv_design.linting.overlaps import holes, needless_output_padding, uneven_overlap, weak_rim
from tconv_design.linting.portability import not_portable
from tconv_design.linting.traps import dialect_trap

OF_A_LAYER: dict[str, Callable[[Case], Iterator[Said]]] = {
    "holes": holes,
    "uneven-overlap": uneven_overlap,
    "weak-rim": weak_rim,
    "needless-output-padding": needless_output_padding,
    "dialect-trap": dialect_trap,
}
REFUSED, STACKED, NOT_PORTABLE = "refused", "stacked-overlap", "not-portable"
NAMES = (*OF_A_LAYER, STACKED, REFUSED, NOT_PORTABLE)


def findings(case: Case, place: Place, targets: Iterable[str] = ()) -> Iterator[Finding]:
    """What the rules say of a layer, and of its export to each target."""
    for name, rule in OF_A_LAYER.items():
        yield from (Finding(name, severity, message, place) for severity, message in rule(case))
    for target in targets:
        yield from (Finding(NOT_PORTABLE, severity, said, place) for severity, said in not_portable(case, target))
