"""The one layer that a command is about, from the same options as `solve` or from pasted code."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tconv_design.answer import answer
from tconv_design.asked import question_of
from tconv_design.cli.output import remark
from tconv_design.errors import InvalidQuestion
from tconv_design.solution import Solution
from tconv_design.wording import shown

if TYPE_CHECKING:
    from tconv_design.dialects.reading import Reading


def is_code(text: str) -> bool:
    """Whether an argument is a layer as code rather than a file's name."""
    return any(sign in text for sign in "(<{=\n") and not os.path.exists(text)


def with_code(asked: dict[str, Any], layer: str | None) -> dict[str, Any]:
    """The options with the layer that was pasted. Raises InvalidQuestion for an argument that is no code."""
    if layer is not None and not is_code(layer):
        raise InvalidQuestion(
            f"{shown(layer)} is neither an option nor a layer as code",
            'write options as --in 4 --kernel 3, or paste a layer such as "nn.ConvTranspose2d(8, 4, 3)"',
        )
    return asked if layer is None else asked | {"layer": layer}


def say_notes(asked: Mapping[str, Any], in_size: tuple[int, ...]) -> None:
    """Tell on stderr what a pasted layer's words mean that a reader might take for something else."""
    if asked.get("layer") is None:
        return
    from tconv_design.pasted import reading_of

    reading = reading_of(asked)
    for note in (*reading.notes, reading.defect(in_size), *_channels_taken(reading)):
        if note:
            remark(f"tconv-design: {reading.call}: {note}")


def _channels_taken(reading: Reading) -> Iterator[str]:
    """What is taken for channels that the code does not say."""
    for name, given in (("in_channels", reading.in_channels), ("out_channels", reading.out_channels)):
        if given is None:
            yield f"{name} {reading.groups} is taken, as the code does not say: give --{name.replace('_', '-')}"


def one_layer(asked: dict[str, Any], command: str) -> Solution:
    """The only solution of a question. Raises InvalidQuestion where there are several, or none."""
    question = question_of(asked)
    found = answer(question, limit=0)  # counting is much faster than ranking what is refused
    if found.count == 1:
        solution = answer(question, limit=1).solutions[0]
        say_notes(asked, solution.in_size)
        return solution
    if not found.count:
        raise InvalidQuestion(f"there is no such layer: {found.why}", "see tconv-design solve with the same options")
    raise InvalidQuestion(
        f"{command} is about one layer, and {found.count} fit (unknown: {', '.join(found.box) or 'in'})",
        "give the numbers, or list the layers with tconv-design solve",
    )
