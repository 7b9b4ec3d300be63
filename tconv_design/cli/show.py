"""`show`: a layer as a picture, in the terminal or in a file."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from tconv_design.answer import answer
from tconv_design.cli.options import AsJson, NoColor, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text, remark
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.colours import BUILT_IN, Image, colours_scene
from tconv_design.pictures.dependence import Spot, input_scene, output_scene
from tconv_design.pictures.overlap import overlap_scene
from tconv_design.pictures.phase import phase_scene
from tconv_design.pictures.scene import Scene
from tconv_design.pictures.steps import steps_scene
from tconv_design.question import ask
from tconv_design.render.show import show_lines
from tconv_design.solution import Solution
from tconv_design.wording import did_you_mean

EXAMPLES = """Examples:

  tconv-design show --in 7 -k 3 -s 2 -p 1 --output-padding 1

  tconv-design show --view steps --in 3x3 -k 3 -s 2 -p 1 --save steps.gif

  tconv-design show --view colours -k 3 -s 4 --output-padding 1

  tconv-design show --view grid --in 8x8 -k 4 -s 2 -p 1 --kind tconv --pixel 3x5

  tconv-design show --view phase --kind conv --in 8 -k 3 -s 2 -p same --dialect keras,onnx-lower

  tconv-design solve --in 4 --out 16 --json | tconv-design show -"""

VIEWS = ("overlap", "steps", "colours", "grid", "phase")
FORMATS = (".svg", ".png", ".gif", ".html")


class Asked(NamedTuple):
    """What a view may want besides the layers."""

    names: Sequence[str]
    pixel: Spot | None
    element: Spot | None
    image: Image


@asks_a_layer
def show(
    asked: dict[str, Any],
    source: Annotated[
        str | None, typer.Argument(metavar="[-]", help="- reads a JSON answer of solve on stdin.")
    ] = None,
    view: Annotated[str, typer.Option("--view", metavar="VIEW", help=f"{', '.join(VIEWS)}.")] = "overlap",
    save: Annotated[
        str | None, typer.Option("--save", metavar="NAME", help="Write NAME.svg, .png, .gif or .html instead.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", metavar="N", help="Draw the best N layers that fit; 1, and 2 for phase.")
    ] = None,
    pixel: Annotated[
        str | None, typer.Option("--pixel", metavar="AT", help="grid: the output element, from 0: 3x5.")
    ] = None,
    element: Annotated[
        str | None, typer.Option("--element", metavar="AT", help="grid: an input element, and what it reaches.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="FILE", help="colours: an image in place of the built-in 4x4 one.")
    ] = None,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Draw a layer: its overlap, its steps, what it makes of colours, what depends on what, or a shift between two.

    Where more than one layer fits, the best is drawn, as solve ranks them. Elements count from 0.
    """
    draw = _view(view)
    _only_for("grid", view, {"--pixel": pixel, "--element": element})
    _only_for("colours", view, {"--image": image})
    pixels = _read_image(image) if image else BUILT_IN
    if view == "colours" and source is None:
        asked = {"in": f"{len(pixels)}x{len(pixels[0])}", **asked}
    solutions, names = _layers(asked, source, limit if limit is not None else 2 if view == "phase" else 1)
    if not solutions:
        raise InvalidQuestion(
            f"there is no such layer to draw: {names[0]}", "see tconv-design solve with the same options"
        )
    scene = draw(solutions, Asked(names, _spot("pixel", pixel), _spot("element", element), pixels))
    written = _saved(scene, save) if save else None
    if as_json:
        layers = [
            {"layer": each.layer.to_dict(), "in": list(each.in_size), "out": list(each.out_size)} for each in solutions
        ]
        emit_json(document("show", {"view": view, "layers": layers, "scene": scene.to_dict(), "file": written}))
    elif written:
        remark(f"tconv-design: {written} is written")
    else:
        _print(scene, no_color)
    return 0


def _view(name: str) -> Callable[[Sequence[Solution], Asked], Scene]:
    views: dict[str, Callable[[Sequence[Solution], Asked], Scene]] = {
        "overlap": lambda solutions, _: overlap_scene(solutions),
        "steps": lambda solutions, _: steps_scene(solutions),
        "colours": lambda solutions, asked: colours_scene(solutions, asked.image),
        "grid": lambda solutions, asked: (
            input_scene(solutions, asked.element) if asked.element else output_scene(solutions, asked.pixel)
        ),
        "phase": lambda solutions, asked: phase_scene(solutions, asked.names),
    }
    if name not in views:
        raise InvalidQuestion(f"unknown view {name!r}", did_you_mean(name, VIEWS))
    return views[name]


def _only_for(needed: str, view: str, given: dict[str, str | None]) -> None:
    for name, value in given.items():
        if value is not None and view != needed:
            raise InvalidQuestion(f"{name} is for --view {needed}, and the view is {view}", "leave it out")


def _layers(asked: dict[str, Any], source: str | None, limit: int) -> tuple[Sequence[Solution], Sequence[str]]:
    """The layers to draw and what they are called; where there is none, the reason in place of names."""
    if limit < 1:
        raise InvalidQuestion(f"--limit must be at least 1, got {limit}", "leave it out for the best layer")
    if source is not None:
        return _from_json(source, asked, limit), ()
    dialects = str(asked.get("dialect", "")).split(",")
    if len(dialects) > 1:
        answers = [answer(ask({**asked, "dialect": each.strip()}), limit=1) for each in dialects]
        none = next((each for each in answers if not each.count), None)
        return ((), (none.why,)) if none else ([each.solutions[0] for each in answers], dialects)
    found = answer(ask(asked), limit=limit)
    return (found.solutions, ()) if found.count else ((), (found.why,))


def _from_json(source: str, asked: dict[str, Any], limit: int) -> Sequence[Solution]:
    if source != "-":
        raise InvalidQuestion(f"show reads a JSON answer on stdin, and not {source!r}", "give - and pipe it in")
    if asked:
        raise InvalidQuestion("show - takes the layer from stdin, and options for it were given", "leave them out")
    from tconv_design.cli.answers import layers_of

    return layers_of(sys.stdin.read())[:limit]


def _spot(name: str, text: str | None) -> Spot | None:
    if text is None:
        return None
    parts = text.split("x")
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in parts):
        raise InvalidQuestion(f"--{name} {text[:40]!r} is no element", "give numbers from 0 on, for example 3x5")
    return tuple(map(int, parts))


def _read_image(name: str) -> Image:
    from tconv_design.drawing.raster import read_image

    return read_image(name)


def _saved(scene: Scene, name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in FORMATS:
        raise InvalidQuestion(f"--save {name!r} has no format that is written", f"end it in {', '.join(FORMATS)}")
    data = _written(scene, suffix)
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise InvalidQuestion(f"{name} cannot be written: {error.strerror}", "give another --save") from None
    return name


def _written(scene: Scene, suffix: str) -> bytes:
    if suffix in (".png", ".gif"):
        from tconv_design.drawing.raster import gif, png

        return png(scene) if suffix == ".png" else gif(scene)
    if suffix == ".html":
        from tconv_design.drawing.html import html

        return html(scene).encode()
    from tconv_design.drawing.svg import svg

    return svg(scene).encode()


def _print(scene: Scene, no_color: bool) -> None:
    if sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR"):
        from tconv_design.render.show_terminal import show_on_terminal

        show_on_terminal(scene, sys.stdout)
        return
    emit_text(show_lines(scene, shutil.get_terminal_size().columns), no_color)


app = command("show", EXAMPLES)(show)
