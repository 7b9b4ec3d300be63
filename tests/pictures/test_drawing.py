"""Pictures in their files: pixels, frames, sizes, and nothing from elsewhere."""

import os
import re
import time
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pictures.test_scenes import solution

from tconv_design.drawing import raster
from tconv_design.drawing.html import html
from tconv_design.drawing.raster import gif, png, read_image
from tconv_design.drawing.svg import frame_svgs, svg, unit_of
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.colours import colours_scene
from tconv_design.pictures.dependence import output_scene
from tconv_design.pictures.overlap import overlap_scene
from tconv_design.pictures.phase import phase_scene
from tconv_design.pictures.steps import steps_scene

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("resvg_py")
SVG = "{http://www.w3.org/2000/svg}"
UNEVEN = solution("tconv", (7,), kernel=3, stride=2, padding=1, output_padding=1)
MAP = solution("tconv", (4, 4), kernel=3, stride=4, output_padding=1)
OVERLAPPING = solution("tconv", (4, 4), kernel=6, stride=4, padding=1)
SCENES = {
    "overlap": overlap_scene([UNEVEN]),
    "overlap of two": overlap_scene([MAP, OVERLAPPING]),
    "steps": steps_scene([UNEVEN]),
    "colours": colours_scene([MAP]),
    "grid": output_scene([OVERLAPPING], (3, 4)),
    "phase": phase_scene([MAP, OVERLAPPING], ["one", "other"]),
}


@pytest.mark.parametrize("scene", SCENES.values(), ids=SCENES)
def test_every_view_is_written_in_every_format(scene):
    root = ElementTree.fromstring(svg(scene))
    said = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert scene.title in said
    width, height = (round(float(root.get(name))) for name in ("width", "height"))
    picture = Image.open(BytesIO(png(svg(scene))))
    assert picture.format == "PNG"
    assert abs(picture.size[0] - 2 * width) <= 1
    assert abs(picture.size[1] - 2 * height) <= 1
    film = Image.open(BytesIO(gif(frame_svgs(scene))))
    assert (film.format, film.n_frames) == ("GIF", len(scene.frames))
    page = html(scene.title, frame_svgs(scene))
    assert page.count("<svg") == len(scene.frames)
    assert set(re.findall(r"https?://[^\"' ]*", page + svg(scene))) == {"http://www.w3.org/2000/svg"}
    assert "src=" not in page


@pytest.mark.parametrize("name", SCENES)
def test_an_svg_is_the_golden_file(name):
    """Looked at by eye when it was made; UPDATE_GOLDEN=1 makes it again."""
    path = Path(__file__).parent / "golden" / f"{name.replace(' ', '-')}.svg"
    text = svg(SCENES[name])
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("one", [MAP, OVERLAPPING], ids=["with holes", "overlapping"])
def test_holes_are_black_and_overlaps_have_the_sum(one):
    scene = colours_scene([one])
    output = scene.frames[0].groups[0].grids[1]
    picture = Image.open(BytesIO(png(svg(scene)))).convert("RGB")
    left, top = _corner(scene, 1)
    unit = unit_of(scene)
    for at, row in enumerate(output.rows):
        for column, cell in enumerate(row):
            # a third from the corner: beside the border, the letter and the cross
            pixel = picture.getpixel((2 * (left + column * unit + unit / 4), 2 * (top + at * unit + unit / 2)))
            assert "#{:02x}{:02x}{:02x}".format(*pixel) == cell.fill


def _corner(scene, number):
    """Where the cells of a grid of the only group begin, in the SVG's pixels: its groups moved one after the other."""
    root = ElementTree.fromstring(svg(scene))

    def walk(element, x, y):
        move = re.match(r"translate\(([\d.]+) ([\d.]+)\)", element.get("transform", ""))
        x, y = (x + float(move[1]), y + float(move[2])) if move else (x, y)
        if element.get("id") == f"r0-0-{number}-0":
            cell = re.match(r"M([\d.]+) ([\d.]+)", element[0].get("d"))
            yield x + float(cell[1]), y + float(cell[2])
        for child in element:
            yield from walk(child, x, y)

    return next(walk(root, 0, 0))


def test_a_map_of_256_by_256_is_small_and_quick():
    one = solution("tconv", (64, 64), kernel=7, stride=4, padding="1:2")
    assert one.out_size == (256, 256)
    began = time.perf_counter()
    text = svg(overlap_scene([one]))
    assert time.perf_counter() - began < 10  # the bar is 1 s; this only guards against a blow-up
    assert len(text) < 10**6


def test_frames_of_an_animation_have_one_size():
    scene = SCENES["steps"]
    sizes = {re.search(r'width="[\d.]+" height="[\d.]+"', frame)[0] for frame in frame_svgs(scene)}
    assert len(sizes) == 1


def test_what_is_written_in_a_picture_is_escaped():
    scene = SCENES["overlap"]._replace(title='<script>"&')
    assert '<script>"' not in html(scene.title, frame_svgs(scene))
    ElementTree.fromstring(svg(scene))


def test_an_image_is_read(tmp_path):
    name = tmp_path / "a.png"
    Image.new("RGB", (3, 2), (10, 20, 30)).save(name)
    assert read_image(str(name)) == (((10, 20, 30),) * 3,) * 2


def test_an_image_that_cannot_be_read_is_a_sentence(tmp_path):
    text = tmp_path / "a.png"
    text.write_text("no image")
    with pytest.raises(InvalidQuestion, match=r"a\.png cannot be read; give a PNG, JPEG or GIF file$"):
        read_image(str(text))
    with pytest.raises(InvalidQuestion, match="cannot be read"):
        read_image(str(tmp_path / "none.png"))
    Image.new("1", (1000, 1000)).save(text)
    with pytest.raises(InvalidQuestion, match=r"has 1000x1000 pixels: too many to draw; at most 40000 are drawn$"):
        read_image(str(text))


@pytest.mark.parametrize(("module", "name"), [("PIL", "Pillow"), ("resvg_py", "resvg-py")])
def test_a_missing_extra_is_a_sentence_with_its_command(monkeypatch, module, name):
    monkeypatch.setitem(__import__("sys").modules, module, None)
    with pytest.raises(InvalidQuestion) as caught:
        raster.png(svg(SCENES["overlap"]))
    assert str(caught.value) == (
        f"PNG, GIF and images need {name}, which is not installed; "
        "install it with pip install 'tconv-design[viz]', or save as .svg or .html"
    )
