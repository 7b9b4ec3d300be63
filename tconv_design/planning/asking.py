"""What is asked of a plan besides its layers, from text: constraints, and how many layers where nobody says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tconv_design import answer
from tconv_design.dialects.legal import VERSIONS
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.planning.build import BOX_OPTIONS, chain_problem
from tconv_design.planning.problem import Limits
from tconv_design.question import ask
from tconv_design.values import Values, parse_values
from tconv_design.wording import did_you_mean, shown

MAX_TOP = 1000
SPARE_LAYERS = 2
FORMS = "write for example 64.., 64..128 or ..128"


def limits(
    *,
    max_params: int | None = None,
    max_macs: int | None = None,
    even: bool = False,
    no_output_padding: bool = False,
    portable: str | None = None,
    receptive_field: str | None = None,
) -> Limits:
    """Constraints from what the command line gives. Raises InvalidQuestion for what is no number, name or range."""
    for name, most in (("max-params", max_params), ("max-macs", max_macs)):
        if most is not None and most < 1:
            raise InvalidQuestion(f"{name} must be at least 1, got {most}", f"every layer needs some; drop --{name}")
    field = None if receptive_field is None else field_range(receptive_field)
    dialects = () if portable is None else portable_dialects(portable)
    return Limits(max_params, max_macs, even, no_output_padding, dialects, field)


def field_range(text: str) -> tuple[int, int | None]:
    """(least, most or None) rows of a receptive field: `64..`, `64..128`, `..128` or one number."""
    low_text, dots, high_text = text.strip().partition("..")
    if not dots:
        high_text = low_text
    if not (low_text or high_text):
        raise InvalidQuestion(f"receptive field {shown(text)} has no number", FORMS)
    low = _rows(low_text, text) if low_text else 1
    high = _rows(high_text, text) if high_text else None
    if high is not None and high < low:
        raise InvalidQuestion(f"receptive field {shown(text)} is an empty range", f"write {high}..{low}")
    return low, high


def _rows(digits: str, text: str) -> int:
    if not (digits.isascii() and digits.isdigit()):
        raise InvalidQuestion(f"receptive field {shown(text)} is no range of whole numbers", FORMS)
    values = parse_values("receptive field", digits, 1)
    assert values is not None
    return values.low


def portable_dialects(text: str) -> tuple[str, ...]:
    """The dialects of a comma list, each once. Raises InvalidQuestion for an unknown one."""
    names = tuple(dict.fromkeys(name.strip().lower() for name in text.split(",")))
    for name in names:
        if name not in VERSIONS:
            raise InvalidQuestion(f"portable {shown(name)} is no dialect", did_you_mean(name, tuple(VERSIONS)))
    return names


def checked_top(top: int) -> int:
    """How many plans are shown, if it is a number that can be. Raises InvalidQuestion."""
    if not 1 <= top <= MAX_TOP:
        raise InvalidQuestion(f"top must be from 1 to {MAX_TOP}, got {top}", f"use top {1 if top < 1 else MAX_TOP}")
    return top


def usual_layers(in_: Any, out: Any, **options: Any) -> Values:
    """Numbers of layers to try where none is given: as few as the largest stride of the box needs, and two more."""
    only = chain_problem(in_, out, 1, **options).chains[0][0]
    sizes = chain_problem(in_, out, 1, **options)
    least = 1
    for box, one, other in zip(only.boxes, sizes.in_size, sizes.out_size, strict=True):
        small, big = sorted((one, other))
        least = max(least, _needed(small, big, box.stride.high))
    return Values.between(least, least + SPARE_LAYERS)


def _needed(small: int, big: int, stride: int) -> int:
    """The fewest layers of `stride` that span from one size to the other; one where a stride cannot span anything."""
    layers, reached = 1, small * stride
    while reached < big and stride > 1:
        layers, reached = layers + 1, reached * stride
    return layers


def only_with(name: str, given: Sequence[str], owner: str, hint: str) -> None:
    """Refuse options that do not belong to what is asked for. Raises InvalidQuestion naming the first."""
    for option in given:
        raise InvalidQuestion(f"--{option.replace('_', '-')} does not go with {name}: {owner}", hint)


def box_text(ndim: int, kind: Kind, options: Mapping[str, Any]) -> dict[str, str]:
    """The box of every layer of a chain: what is searched as `solve` says it, and what is given."""
    every = "x".join([f"1..{MAX_SIZE}"] * ndim)
    given = {name: str(value) for name, value in options.items() if name in BOX_OPTIONS}
    searched = answer.box_text(ask({"in": every, "out": every, "kind": kind, **given}))
    whole = given | searched
    return {name: whole[name] for name in BOX_OPTIONS if name in whole}
