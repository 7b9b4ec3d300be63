"""What `show` draws: the picture of a view, of layers from options or an answer, or of a network."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tconv_design.answer import answer
from tconv_design.architecture.model import Architecture
from tconv_design.architecture.report import check
from tconv_design.asked import question_of
from tconv_design.cli.answers import layers_of
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.colours import Image, colours_scene
from tconv_design.pictures.dependence import Spot, input_scene, output_scene
from tconv_design.pictures.diagram import Diagram, diagram
from tconv_design.pictures.field import field_scene
from tconv_design.pictures.overlap import overlap_scene
from tconv_design.pictures.phase import phase_scene
from tconv_design.pictures.scene import Scene
from tconv_design.pictures.steps import steps_scene
from tconv_design.solution import Solution
from tconv_design.wording import did_you_mean

LAYER_VIEWS = ("overlap", "steps", "colours", "grid", "phase")
FILE_VIEWS = ("stack", "grid")
VIEWS = (*LAYER_VIEWS, "stack")


class Wanted(NamedTuple):
    """A view and what it may need besides its layers; elements count from 0."""

    view: str
    limit: int
    rank: Sequence[str]
    pixel: Spot | None
    element: Spot | None
    image: Image


class Drawn(NamedTuple):
    """A picture and the layers in it; none where a whole network was drawn."""

    picture: Scene | Diagram
    layers: Sequence[Solution] = ()


def checked_view(given: str | None, of_file: bool) -> str:
    """The view that is asked for, or the usual one. Raises InvalidQuestion for one that there is not."""
    views = FILE_VIEWS if of_file else LAYER_VIEWS
    view = given or views[0]
    if view not in VIEWS:
        raise InvalidQuestion(f"unknown view {view!r}", did_you_mean(view, VIEWS))
    if view not in views:
        whose = "a layer, and a file is a network" if of_file else "a network, and this is a layer"
        raise InvalidQuestion(f"the view {view} is of {whose}", f"use {' or '.join(views)}")
    return view


def of_question(asked: Mapping[str, Any], wanted: Wanted) -> Drawn:
    """The picture of the best layers that fit a question."""
    if wanted.view == "colours":
        size = str(asked.get("in", f"{len(wanted.image)}x{len(wanted.image[0])}"))
        asked = {**asked, "in": size if "x" in size else f"{size}x{size}"}  # an image has two axes
    dialects = [each.strip() for each in str(asked.get("dialect", "")).split(",")]
    if len(dialects) == 1:
        return _of_layers(_solved(asked, wanted.limit, wanted.rank), wanted)
    return _of_layers([_solved({**asked, "dialect": each}, 1, wanted.rank)[0] for each in dialects], wanted, dialects)


def of_answer(text: str, wanted: Wanted) -> Drawn:
    """The picture of the layers in a JSON answer."""
    return _of_layers(layers_of(text)[: wanted.limit], wanted)


def of_network(architecture: Architecture, wanted: Wanted) -> Drawn:
    """The picture of a network."""
    if architecture.size is None:
        raise InvalidQuestion("the file leaves its input size open", "give it, as in --in 64x64")
    if wanted.view == "stack":
        return Drawn(diagram(check(architecture)))
    if wanted.element is not None:
        raise InvalidQuestion("--element is about one layer, and a file is a network", "use --pixel")
    return Drawn(field_scene(architecture, architecture.size, wanted.pixel))


def _solved(asked: Mapping[str, Any], limit: int, rank: Sequence[str]) -> Sequence[Solution]:
    found = answer(question_of(dict(asked)), rank=rank, limit=limit)
    if not found.count:
        raise InvalidQuestion(
            f"there is no such layer to draw: {found.why}", "see tconv-design solve with the same options"
        )
    return found.solutions


def _of_layers(layers: Sequence[Solution], wanted: Wanted, names: Sequence[str] = ()) -> Drawn:
    views: dict[str, Callable[[], Scene]] = {
        "overlap": lambda: overlap_scene(layers),
        "steps": lambda: steps_scene(layers),
        "colours": lambda: colours_scene(layers, wanted.image),
        "grid": lambda: input_scene(layers, wanted.element) if wanted.element else output_scene(layers, wanted.pixel),
        "phase": lambda: phase_scene(layers, names),
    }
    return Drawn(views[wanted.view](), layers)
