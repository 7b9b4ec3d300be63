"""What is drawn against the numpy backend: overlaps are its output of ones, colours its sums, steps its values."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tconv_design.answer import answer
from tconv_design.backends.numpy import conv, conv_transpose
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.pictures.colours import BUILT_IN, colours_scene, through
from tconv_design.pictures.dependence import input_scene, output_scene
from tconv_design.pictures.overlap import overlap_scene
from tconv_design.pictures.palette import ink, shade
from tconv_design.pictures.phase import landing, phase_scene
from tconv_design.pictures.steps import steps_scene
from tconv_design.pictures.taps import outputs_of
from tconv_design.question import ask

BLACK = "#000000"


def text(value):
    return "x".join(map(str, value))


def solution(kind, size, **parameters):
    """The one layer of these parameters; None where nothing comes out."""
    known = {name: str(value) for name, value in parameters.items()}
    try:
        found = answer(ask({"kind": kind, "in": text(size), "padding": "0", "stride": "1", **known}), limit=1)
    except InvalidQuestion:
        return None
    return found.solutions[0] if found.solutions else None


def ran(layer: Layer, x):
    """x (*spatial) through an all-ones kernel."""
    run, x = (conv_transpose if layer.kind == "tconv" else conv), np.asarray(x, dtype=float)
    return run(layer, x[None, None], np.ones((1, 1, *layer.kernel)))[0, 0]


@st.composite
def drawn(draw, axes=(1, 2)):
    ndim, kind = draw(st.sampled_from(axes)), draw(st.sampled_from(["conv", "tconv"]))
    number = st.integers(1, 4)
    values = {
        "kernel": text(draw(number) for _ in range(ndim)),
        "stride": text(draw(number) for _ in range(ndim)),
        "padding": "x".join(f"{draw(st.integers(0, 2))}:{draw(st.integers(0, 2))}" for _ in range(ndim)),
        "dilation": text(draw(st.integers(1, 3)) for _ in range(ndim)),
    }
    if kind == "tconv":
        values["output_padding"] = text(draw(st.integers(0, 2)) for _ in range(ndim))
    found = solution(kind, [draw(st.integers(1, 7)) for _ in range(ndim)], **values)
    assume(found is not None)
    return found


def rows_of(grid):
    return list(map(list, grid.rows))


@given(drawn())
@settings(max_examples=300, deadline=None)
def test_the_overlap_is_what_a_kernel_of_ones_makes_of_ones(one):
    expected = np.atleast_2d(ran(one.layer, np.ones(one.in_size)))
    output = overlap_scene([one]).frames[0].groups[0].grids[1]
    cells = rows_of(output)[: len(expected)]
    assert [[int(cell.text) for cell in row] for row in cells] == expected.tolist()
    for row in cells:
        for cell in row:
            assert (cell.fill == BLACK) == (cell.text == "0") == (cell.mark == "hole")


@given(drawn())
@settings(max_examples=200, deadline=None)
def test_an_element_is_weak_where_it_has_fewer_taps_than_in_the_middle_of_a_long_input(one):
    """A row is compared with the row of the same phase of an input that is longer by whole periods on both sides."""
    assume(one.layer.kind == "tconv")
    more = 40
    long = [rows + 2 * more for rows in one.in_size]
    expected = ran(one.layer, np.ones(long))
    for axis, (rows, out) in enumerate(zip(one.layer.stride, one.out_size, strict=True)):
        expected = np.take(expected, range(more * rows, more * rows + out), axis)
    output = overlap_scene([one]).frames[0].groups[0].grids[1]
    for row, full in zip(output.rows, np.atleast_2d(expected).tolist(), strict=False):
        for cell, most in zip(row, full, strict=True):
            assert (cell.mark == "weak") == (0 < int(cell.text) < most)


@given(drawn(axes=(1,)))
@settings(max_examples=200, deadline=None)
def test_links_and_reached_rows_are_those_of_single_impulses(one):
    links = overlap_scene([one]).frames[0].groups[0].links
    (rows,), (axis,) = one.in_size, one.layer.axes
    for row in range(rows):
        impulse = np.zeros(rows)
        impulse[row] = 1
        reached = ran(one.layer, impulse)
        expected = [at for at, value in enumerate(reached) for _ in range(int(value))]
        assert sorted(link.second for link in links if link.first == row) == expected
        assert list(outputs_of(one.layer.kind, axis, one.out_size[0], row)) == expected


@given(drawn(), st.data())
@settings(max_examples=150, deadline=None)
def test_the_grid_shows_what_an_element_depends_on_and_what_it_reaches(one, data):
    element = tuple(data.draw(st.integers(0, rows - 1)) for rows in one.in_size)
    impulse = np.zeros(one.in_size)
    impulse[element] = 1
    reached = np.atleast_2d(ran(one.layer, impulse))
    before, after = input_scene([one], element).frames[0].groups[0].grids
    assert [[int(cell.text or 0) for cell in row] for row in after.rows] == reached.tolist()
    assert [cell.mark for row in before.rows for cell in row].count("pin") == 1
    pixel = tuple(data.draw(st.integers(0, rows - 1)) for rows in one.out_size)
    made, _ = output_scene([one], pixel).frames[0].groups[0].grids
    at = element if len(element) == 2 else (0, *element)
    place = pixel if len(pixel) == 2 else (0, *pixel)
    assert int(made.rows[at[0]][at[1]].text or 0) == reached[place]


@given(drawn())
@settings(max_examples=100, deadline=None)
def test_the_last_step_leaves_what_the_layer_gives(one):
    numbers = np.arange(1, np.prod(one.in_size) + 1).reshape(one.in_size)
    assume(np.prod(one.in_size if one.layer.kind == "tconv" else one.out_size) <= 100)
    scene = steps_scene([one])
    output = scene.frames[-1].groups[0].grids[1]
    kept = [int(cell.text or 0) for row in output.rows for cell in row if cell.mark != "out"]
    assert kept == ran(one.layer, numbers).ravel().tolist()
    assert len(scene.frames) == (np.prod(one.in_size) + 1 if one.layer.kind == "tconv" else np.prod(one.out_size))


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "extra"), [(3, 4, 0, 1), (4, 4, 0, 0), (6, 4, 1, 0), (7, 3, 0, 0), (2, 2, 1, 0)]
)
def test_colours_add_per_channel_and_clip(kernel, stride, padding, extra):
    one = solution("tconv", (4, 4), kernel=kernel, stride=stride, padding=padding, output_padding=extra)
    channels = [ran(one.layer, [[pixel[channel] for pixel in row] for row in BUILT_IN]) for channel in range(3)]
    arrives = ran(one.layer, np.ones((4, 4)))
    output = colours_scene([one]).frames[0].groups[0].grids[1]
    for at, row in enumerate(output.rows):
        for column, cell in enumerate(row):
            expected = [min(int(channel[at, column]), 255) for channel in channels]
            assert cell.fill == "#{:02x}{:02x}{:02x}".format(*expected)
            assert (cell.mark == "hole") == (arrives[at, column] == 0)


def test_the_first_example_of_the_article_has_black_gaps_and_the_second_has_none():
    """Its second is captioned as overlapping; a kernel as long as the stride tiles."""
    first = solution("tconv", (4, 4), kernel=3, stride=4, output_padding=1)
    second = solution("tconv", (4, 4), kernel=4, stride=4)
    third = solution("tconv", (4, 4), kernel=6, stride=4, padding=1)
    gaps = through(first, BUILT_IN)
    assert all(
        (gaps[row][column] is None) == (row % 4 == 3 or column % 4 == 3) for row in range(16) for column in range(16)
    )
    tiles = through(second, BUILT_IN)
    assert all(tiles[row][column] == BUILT_IN[row // 4][column // 4] for row in range(16) for column in range(16))
    assert through(third, BUILT_IN)[0][3] == (255, 255, 0)  # red and green


@given(drawn(axes=(1,)))
@settings(max_examples=150, deadline=None)
def test_the_phase_is_where_an_impulse_lands(one):
    (rows,) = one.in_size
    impulse = np.zeros((1, 1, rows))
    impulse[0, 0, rows // 2] = 1
    weight = np.arange(1.0, one.layer.kernel[0] + 1)[None, None]
    run = conv_transpose if one.layer.kind == "tconv" else conv
    assert [tap or 0 for tap in landing(one)[0]] == run(one.layer, impulse, weight)[0, 0].tolist()


def test_a_shift_of_one_row_is_told():
    same = {"kernel": 3, "stride": 2}
    keras = solution("conv", (8,), padding="0:1", **same)
    lower = solution("conv", (8,), padding="1:0", **same)
    notes = phase_scene([keras, lower], ["keras", "onnx-lower"]).notes
    assert [note.text for note in notes] == [
        "layer 2 is shifted by +1 input rows against layer 1: equal shapes, other values"
    ]
    assert phase_scene([keras, keras]).notes[0].text == "layer 2 lays its values exactly where layer 1 does"
    wider = solution("conv", (8,), padding="1:1", kernel=4, stride=2)
    assert phase_scene([keras, wider]).notes[0].text == (
        "layer 2 has another kernel than layer 1: compare where tap 1 lands"
    )
    slower = solution("conv", (8,), padding="1:1", kernel=3, stride=3)
    assert phase_scene([keras, slower]).notes[0].text == (
        "layer 2 has another kind or stride than layer 1: their responses differ in more than place"
    )


@pytest.mark.parametrize(
    ("scene", "sentence"),
    [
        (lambda: overlap_scene([solution("tconv", (300,), kernel=2, stride=2)]),
         "the output, 600, is too large to draw: at most 512 rows an axis fit; the pattern repeats every 2 rows: "
         "give a smaller --in"),
        (lambda: overlap_scene([solution("conv", (600,), kernel=2, stride=2)]),
         "the input, 600, is too large to draw: at most 512 rows an axis fit; give a smaller --in"),
        (lambda: overlap_scene([solution("tconv", (2, 2, 2), kernel=2)]),
         "a picture has one axis or two, and the output has 3; draw one axis after the other: each is a layer"),
        (lambda: overlap_scene([solution("conv", (4,), kernel=5000, padding=2500)]),
         "kernel 5000 is too large to draw; at most 4096 taps are drawn"),
        (lambda: steps_scene([solution("tconv", (11, 11), kernel=2)]),
         "121 steps are too many to draw: at most 100; give a smaller --in"),
        (lambda: steps_scene([solution("tconv", (9, 9), kernel=60)]),
         "81 steps of 4624 elements are too much to draw: at most 200000 in all; give a smaller --in or kernel"),
        (lambda: steps_scene([solution("tconv", (3,), kernel=2)] * 2),
         "steps are those of one layer; draw one after the other"),
        (lambda: colours_scene([solution("tconv", (5, 5), kernel=2)]),
         "the image is 4x4 and the layer takes 5x5; leave --in out, or give --in 4x4"),
        (lambda: colours_scene([solution("tconv", (4, 4), kernel=100, stride=100)]),
         "an image of 400x400 is too large to draw pixel by pixel; at most 40000 pixels are drawn: "
         "give a smaller image or stride"),
        (lambda: phase_scene([solution("tconv", (3,), kernel=2)]),
         "phase sets two layers beside each other, and there is one; "
         "ask for two, as in --dialect torch,keras or --limit 2"),
        (lambda: phase_scene([solution("tconv", (3,), kernel=2), solution("tconv", (4,), kernel=2)]),
         "phase needs layers of one input size; give one --in"),
        (lambda: output_scene([solution("tconv", (3, 3), kernel=2)], (4, 1)),
         "the output of 4x4 has no element 4x1; elements count from 0 on each axis: the last is 3x3"),
        (lambda: input_scene([solution("tconv", (3,), kernel=2)], (1, 1)),
         "the input of 3 has no element 1x1; elements count from 0 on each axis: the last is 2"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_a_sentence(scene, sentence):
    with pytest.raises(InvalidQuestion) as caught:
        scene()
    assert str(caught.value) == sentence


def test_shades_go_from_light_to_dark_and_are_written_on_in_the_ink_that_is_read():
    assert shade(0, 4) == BLACK
    lights = [sum(int(shade(value, 9)[at : at + 2], 16) for at in (1, 3, 5)) for value in range(1, 10)]
    assert lights == sorted(lights, reverse=True)
    assert len(set(lights)) == 9
    assert (ink("#ffffff"), ink(BLACK), ink("#ffff00"), ink("#0000ff")) == (BLACK, "#ffffff", BLACK, "#ffffff")
