"""Pictures as PNG and GIF, drawn from their SVG; needs the extra `viz` (resvg-py, Pillow).

The letters are those of Pillow's own font, so that a picture is the same on every machine.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.scene import MOST_CELLS

PLAIN = str.maketrans({"→": "->", "×": "x", "·": "-", "✓": "+", "✗": "!", "•": "o"})
"""Signs that the font lacks."""
MILLISECONDS = 700
ZOOM = 2


def png(svg: str) -> bytes:
    """An SVG as a PNG, two pixels to the SVG's one. Raises InvalidQuestion without the extra."""
    return _drawn(svg)


def gif(svgs: Sequence[str]) -> bytes:
    """Frames one after the other as a GIF without end; a still picture has one."""
    image = _pillow()
    drawn = (image.open(BytesIO(_drawn(svg, 1))) for svg in svgs)
    frames = [frame.convert("P", palette=image.Palette.ADAPTIVE) for frame in drawn]
    data = BytesIO()
    durations = [MILLISECONDS] * (len(frames) - 1) + [4 * MILLISECONDS]
    frames[0].save(data, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0)
    return data.getvalue()


def _drawn(text: str, zoom: int = ZOOM) -> bytes:
    resvg = _resvg()
    from PIL import ImageFont

    with tempfile.TemporaryDirectory() as folder:
        font = Path(folder) / "font.ttf"
        font.write_bytes(cast(ImageFont.FreeTypeFont, ImageFont.load_default(12)).font_bytes)
        return bytes(
            resvg.svg_to_bytes(
                svg_string=text.translate(PLAIN),
                font_files=[str(font)],
                skip_system_fonts=True,
                sans_serif_family="Aileron",
                font_family="Aileron",
                zoom=zoom,
            )
        )


def _pillow() -> Any:
    try:
        from PIL import Image
    except ImportError:
        raise missing("Pillow") from None
    return Image


def _resvg() -> Any:
    _pillow()
    try:
        import resvg_py
    except ImportError:
        raise missing("resvg-py") from None
    return resvg_py


def missing(what: str) -> InvalidQuestion:
    """The sentence for an extra that is not installed."""
    return InvalidQuestion(
        f"PNG, GIF and images need {what}, which is not installed",
        "install it with pip install 'tconv-design[viz]', or save as .svg or .html",
    )


def read_image(name: str) -> tuple[tuple[tuple[int, int, int], ...], ...]:
    """An image file as rows of RGB pixels. Raises InvalidQuestion where it cannot be read or is too large to draw."""
    image = _pillow()
    try:
        with image.open(name) as found:
            width, height = found.size
            if width * height > MOST_CELLS:
                raise InvalidQuestion(
                    f"the image {name} has {width}x{height} pixels: too many to draw", f"at most {MOST_CELLS} are drawn"
                )
            pixels = list(found.convert("RGB").get_flattened_data())
    except (OSError, ValueError, SyntaxError, image.DecompressionBombError):
        raise InvalidQuestion(f"the image {name} cannot be read", "give a PNG, JPEG or GIF file") from None
    return tuple(tuple(pixels[at * width : (at + 1) * width]) for at in range(height))
