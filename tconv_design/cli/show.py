"""`show`: a layer as a picture, in the terminal or in a file."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from tconv_design.architecture.document import text_of
from tconv_design.architecture.spec import read, read_file
from tconv_design.cli.layers import is_code
from tconv_design.cli.options import AsJson, NoColor, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text, remark, write
from tconv_design.cli.pictures import VIEWS, Drawn, Wanted, checked_view, of_answer, of_network, of_question
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.colours import BUILT_IN, Image
from tconv_design.pictures.dependence import Spot
from tconv_design.pictures.diagram import Diagram, dot, mermaid
from tconv_design.pictures.scene import Scene
from tconv_design.ranking import CRITERIA, parse_rank
from tconv_design.render.diagram import diagram_lines
from tconv_design.render.show import show_lines
from tconv_design.wording import did_you_mean

EXAMPLES = """Examples:

  tconv-design show --in 7 -k 3 -s 2 -p 1 --output-padding 1

  tconv-design show --view steps --in 3x3 -k 3 -s 2 -p 1 --save steps.gif

  tconv-design show --view colours -k 3 -s 4 --output-padding 1

  tconv-design show --view grid --in 8x8 --out 16x16 --pixel 3x5

  tconv-design show --view phase --in 8 --out 16 -k 4,6 -s 2

  tconv-design show unet.toml --save unet.svg

  tconv-design solve --in 4 --out 16 --json | tconv-design show -"""

SUFFIXES = (".svg", ".png", ".gif", ".html")
TEXTS = {"mermaid": mermaid, "dot": dot}


@asks_a_layer
def show(
    asked: dict[str, Any],
    source: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="An architecture file, a layer as code, or - for a file or a JSON answer on stdin."
        ),
    ] = None,
    view: Annotated[
        str | None, typer.Option("--view", metavar="VIEW", help=f"{', '.join(VIEWS)}; overlap, and of a file stack.")
    ] = None,
    tied: Annotated[bool, typer.Option("--tied", help="Only layers that are equal on all axes.")] = False,
    rank: Annotated[
        str | None, typer.Option(metavar="CRITERIA", help=f"Which layers are best: {','.join(CRITERIA)}.")
    ] = None,
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
    format_: Annotated[
        str | None, typer.Option("--format", metavar="NAME", help="stack: print it as mermaid or dot.")
    ] = None,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Draw a layer: its overlap, its steps, what it makes of colours, what depends on what, or a shift between two.

    Where more than one layer fits, the best is drawn, as solve ranks them. A file is drawn as a stack of its layers,
    or, as a grid, with the receptive field of an output element. Elements count from 0.
    """
    if source is not None and is_code(source):
        asked, source = asked | {"layer": source}, None
    text = text_of(source) if source is not None else None
    is_file = text is not None and not text.lstrip().startswith("{")
    name = checked_view(view, is_file)
    _only_for("grid", name, {"--pixel": pixel, "--element": element})
    _only_for("colours", name, {"--image": image})
    _only_for("stack", name, {"--format": format_})
    _not_both({"--pixel": pixel, "--element": element})
    _not_both({"--format": format_, "--save": save, "--json": as_json or None})
    if limit is not None and limit < 1:
        raise InvalidQuestion(f"--limit must be at least 1, got {limit}", "leave it out for the best layer")
    pixels = _read_image(image) if image else BUILT_IN
    several = limit or (2 if name == "phase" else 1)
    spots = _spot("pixel", pixel), _spot("element", element)
    wanted = Wanted(name, several, parse_rank(rank) if rank else CRITERIA, *spots, pixels)
    asked = asked | ({"tied": True} if tied else {})
    if text is None:
        _not_both({"--limit": limit, "several dialects": "," in str(asked.get("dialect", "")) or None})
        drawn = of_question(asked, wanted)
    else:
        chosen = {"rank": rank, "limit": limit if is_file else None}
        drawn = _of_text(
            text, source, asked | {key: value for key, value in chosen.items() if value is not None}, wanted
        )
    if as_json:
        emit_json(_document(drawn, name, _saved(drawn.picture, save) if save else None))
    elif save:
        remark(f"tconv-design: {_saved(drawn.picture, save)} is written")
    elif format_ and isinstance(drawn.picture, Diagram):
        write(_text_of(drawn.picture, format_))
    else:
        _print(drawn.picture, no_color)
    return 0


def _of_text(text: str, source: str | None, asked: dict[str, Any], wanted: Wanted) -> Drawn:
    """The picture of a JSON answer, or of an architecture file."""
    is_answer = text.lstrip().startswith("{")
    for option in asked:
        if is_answer or option != "in":
            whose, instead = ("an answer", "leave it out") if is_answer else ("a file", "with a file give only --in")
            raise InvalidQuestion(f"--{option.replace('_', '-')} is for one layer, and {whose} has its own", instead)
    if is_answer:
        return of_answer(text, wanted)
    architecture = read(text, asked.get("in")) if source == "-" else read_file(str(source), asked.get("in"))
    return of_network(architecture, wanted)


def _document(drawn: Drawn, view: str, written: str | None) -> dict[str, Any]:
    layers = [
        {"layer": one.layer.to_dict(), "in": list(one.in_size), "out": list(one.out_size)} for one in drawn.layers
    ]
    key = "diagram" if isinstance(drawn.picture, Diagram) else "scene"
    picture = {"scene": None, "diagram": None, key: drawn.picture.to_dict()}
    return document("show", {"view": view, "layers": layers, **picture, "file": written})


def _text_of(drawn: Diagram, name: str) -> str:
    if name not in TEXTS:
        raise InvalidQuestion(f"unknown format {name!r}", did_you_mean(name, tuple(TEXTS)))
    return TEXTS[name](drawn)


def _not_both(given: dict[str, Any]) -> None:
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise InvalidQuestion(f"{' and '.join(names)} do not go together", "give one of them")


def _only_for(needed: str, view: str, given: dict[str, str | None]) -> None:
    for name, value in given.items():
        if value is not None and view != needed:
            raise InvalidQuestion(f"{name} is for --view {needed}, and the view is {view}", "leave it out")


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


def _saved(picture: Scene | Diagram, name: str) -> str:
    suffix = Path(name).suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidQuestion(f"--save {name!r} has no format that is written", f"end it in {', '.join(SUFFIXES)}")
    data = _written(picture, suffix)
    try:
        Path(name).write_bytes(data)
    except OSError as error:
        raise InvalidQuestion(f"{name} cannot be written: {error.strerror}", "give another --save") from None
    return name


def _written(picture: Scene | Diagram, suffix: str) -> bytes:
    whole, frames = _svgs(picture)
    if suffix in (".png", ".gif"):
        from tconv_design.drawing.raster import gif, png

        return png(whole) if suffix == ".png" else gif(frames)
    if suffix == ".html":
        from tconv_design.drawing.html import html

        return html(picture.title, frames).encode()
    return whole.encode()


def _svgs(picture: Scene | Diagram) -> tuple[str, list[str]]:
    """The whole picture, and its frames."""
    if isinstance(picture, Diagram):
        from tconv_design.drawing.boxes import boxes

        whole = boxes(picture)
        return whole, [whole]
    from tconv_design.drawing.svg import frame_svgs, svg

    return svg(picture), frame_svgs(picture)


def _print(picture: Scene | Diagram, no_color: bool) -> None:
    if isinstance(picture, Diagram):
        emit_text(diagram_lines(picture, shutil.get_terminal_size().columns), no_color)
        return
    if sys.stdout.isatty() and not no_color and not os.environ.get("NO_COLOR"):
        from tconv_design.render.show_terminal import show_on_terminal

        show_on_terminal(picture, sys.stdout)
        return
    emit_text(show_lines(picture, shutil.get_terminal_size().columns), no_color)


app = command("show", EXAMPLES)(show)
