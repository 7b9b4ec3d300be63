"""What is planned: stages with boxes, sizes at both ends, an order and constraints; and what is found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from tconv_design.architecture.model import Architecture
from tconv_design.architecture.templates import Template
from tconv_design.formula import Kind
from tconv_design.layer import Layer
from tconv_design.planning.joints import JoinMap
from tconv_design.question import PolicyQuestion
from tconv_design.unknowns import AxisQuestion


class Stage(NamedTuple):
    """One place in a chain: a box of layers per axis, or a map that is given (a pool, an upsampling, a pad).

    `boxes`: one question per axis whose `in` and `out` are open; empty where `given` holds maps. `size` is a claim
    about the output's size (None per axis where there is none).
    """

    kind: Kind
    boxes: tuple[AxisQuestion | PolicyQuestion, ...] = ()
    given: tuple[Template | JoinMap, ...] = ()
    groups: int = 1
    in_channels: int = 1
    out_channels: int = 1
    bias: bool = True
    size: tuple[int | None, ...] = ()


class Limits(NamedTuple):
    """Constraints on a plan. `receptive_field`: (least, most or None) rows per axis."""

    max_params: int | None = None
    max_macs: int | None = None
    even: bool = False
    no_output_padding: bool = False
    portable: tuple[str, ...] = ()
    receptive_field: tuple[int, int | None] | None = None


class Problem(NamedTuple):
    """A whole planning problem: one chain of stages for each number of layers that is allowed.

    Of a file, the one chain stands for the blocks of `architecture` from `start` on; `spent` is what the convs and
    tconvs before them cost: (parameters, multiply-adds). They count for plans and their limits.
    """

    chains: tuple[tuple[Stage, ...], ...]
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    rank: tuple[str, ...]
    top: int = 5
    limits: Limits = Limits()
    architecture: Architecture | None = None
    start: int = 0
    spent: tuple[int, int] = (0, 0)


def lengths(problem: Problem) -> set[int]:
    """The numbers of planned layers that chains may have."""
    return {sum(1 for stage in chain if stage.boxes) for chain in problem.chains}


class Plan(NamedTuple):
    """One chain: its layers (given stages have none), all sizes from input to output, its cost and its scores."""

    layers: tuple[Layer, ...]
    sizes: tuple[tuple[int, ...], ...]
    params: int
    macs: int
    scores: dict[str, Any]
    architecture: Architecture | None = None


@dataclass(frozen=True, slots=True)
class Plans:
    """What was found. `count`: chains in the box, exact; `proven`: no chain in the box ranks before those shown."""

    count: int
    proven: bool
    plans: tuple[Plan, ...]
    why: str = ""
