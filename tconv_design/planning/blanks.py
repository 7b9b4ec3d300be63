"""A planned layer written back into the block that it stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tconv_design.architecture.model import Architecture, Window
from tconv_design.layer import Layer
from tconv_design.padding import POLICIES
from tconv_design.planning.problem import Problem


def filled(problem: Problem, layers: Sequence[Layer]) -> Architecture | None:
    """The problem's architecture with all its blanks filled; None where it has none."""
    if problem.architecture is None:
        return None
    blocks = list(problem.architecture.blocks)
    pending = iter(layers)
    for index, stage in enumerate(problem.chains[0], problem.start):
        window = blocks[index].window
        if stage.boxes and window is not None:
            blocks[index] = blocks[index]._replace(window=written(window, next(pending)))
    return problem.architecture._replace(blocks=tuple(blocks))


def written(window: Window, layer: Layer) -> Window:
    """A window with a layer's numbers; what was known, names of paddings too, stays as it was written."""
    numbers: dict[str, Any] = {name: _text(getattr(layer, name)) for name in ("kernel", "stride", "dilation")}
    pads = [str(begin) if begin == end else f"{begin}:{end}" for begin, end in layer.padding]
    numbers["padding"] = window.padding if window.padding in POLICIES else _text(pads)
    if layer.kind == "tconv" and window.output_padding:
        numbers["output_padding"] = _text(layer.output_padding)
    return window._replace(**numbers)


def _text(values: Sequence[Any]) -> str:
    """One value where all axes are alike, else one per axis."""
    return "x".join(map(str, values[:1] if len(set(values)) == 1 else values))
