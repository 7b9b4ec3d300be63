"""What a solution changes of a layer as it was written, every parameter of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tconv_design.diagnosis.known import Known, Sizes
from tconv_design.solution import Change, Solution
from tconv_design.wording import per_axis

LAYOUT = "layout"


def labelled(found: Solution, known: Known, wanted: Sizes | None) -> Solution:
    """The solution with everything that it changes of the layer as it was written."""
    if found.change is not None and found.change.parameter == LAYOUT:
        return found
    changes = list(_changes(found, known, wanted))
    if not changes and known.padding:  # the same numbers, in a form that the framework takes
        changes = [("padding", _text(known.padding), per_axis([f"{begin}:{end}" for begin, end in known.padding]))]
    names, before, after = (" and ".join(parts) for parts in zip(*changes, strict=True))
    return found._replace(change=Change(names, before, after))


def _changes(found: Solution, known: Known, wanted: Sizes | None) -> Iterable[tuple[str, str, str]]:
    layer = found.layer
    rows: list[tuple[str, Any, Any]] = [
        ("kernel", known.kernel, layer.kernel),
        ("stride", known.stride, layer.stride),
        ("padding", known.word or known.padding, layer.padding),
        ("output_padding", known.output_padding or (0,) * layer.ndim, layer.output_padding),
        ("dilation", known.dilation, layer.dilation),
        ("groups", known.groups or 1, layer.groups),
        ("in_channels", known.in_channels or layer.in_channels, layer.in_channels),
        ("in", known.in_, found.in_size),
        ("out", wanted or found.out_size, found.out_size),
    ]
    for name, before, after in rows:
        if before != after:
            yield name, _text(before), _text(after)


def _text(value: Any) -> str:
    if not isinstance(value, tuple):
        return str(value)
    return per_axis([_sides(each) if isinstance(each, tuple) else str(each) for each in value])


def _sides(pair: Sequence[int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}:{pair[1]}"
