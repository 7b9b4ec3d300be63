"""What scenes have in common: their titles, the input's grid, and the sentences below."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.pictures.palette import INPUT
from tconv_design.pictures.scene import Cell, Grid, Note
from tconv_design.reasons import Reason, sides
from tconv_design.reasons import sizes as merged
from tconv_design.solution import Solution


def title_of(view: str, solutions: Sequence[Solution]) -> str:
    """`overlap of a tconv from 4 to 8`; of several, how many."""
    first = solutions[0]
    if len(solutions) > 1:
        return f"{view} of {len(solutions)} layers, on one scale"
    return f"{view} of a {first.layer.kind} from {sizes(first.in_size)} to {sizes(first.out_size)}"


def sizes(size: Sequence[int]) -> str:
    """4x4, with every axis."""
    return "x".join(map(str, size))


def heading(solution: Solution) -> str:
    """The layer's parameters, as the grid's group is called."""
    layer = solution.layer
    words = [f"kernel {merged(layer.kernel)}", f"stride {merged(layer.stride)}", f"padding {sides(layer.padding)}"]
    if any(layer.output_padding):
        words.append(f"output_padding {merged(layer.output_padding)}")
    if any(dilation > 1 for dilation in layer.dilation):
        words.append(f"dilation {merged(layer.dilation)}")
    return f"{layer.kind}: {', '.join(words)}"


def input_grid(size: tuple[int, ...]) -> Grid:
    """The input's elements, with nothing written in them."""
    cell = Cell(INPUT)
    rows = ((cell,) * size[-1],) * (size[0] if len(size) > 1 else 1)
    return Grid(f"input, {sizes(size)}", rows)


def notes_of(solutions: Sequence[Solution]) -> tuple[Note, ...]:
    """What is good and bad about the layers, as `solve` says it; of several, by their numbers."""
    found = []
    for number, solution in enumerate(solutions, 1):
        prefix = f"{number}: " if len(solutions) > 1 else ""
        for reason in solution.reasons:
            tone = reason.tone if isinstance(reason, Reason) else ""
            found.append(Note(prefix + reason, tone))
    return tuple(found)
