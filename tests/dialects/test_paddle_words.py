"""paddle's words: every measured call read as paddle ran it, and every layer written and read back, without paddle."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.paddle import spell, write
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

SAMPLE = [*range(500), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(500, 5000))]


def text_of(row):
    """The call of a row, as a user would paste it."""
    weight, groups = row["weight_shape"], row["args"].get("groups", 1)
    transposed = row["direction"] == "transposed"
    channels = (weight[0], weight[1] * groups) if transposed else (weight[1] * groups, weight[0])
    args = {key: value for key, value in row["args"].items() if key not in ("_output_size", "bias")}
    words = [*map(str, channels), str(list(kernel(row))), *(f"{key}={value!r}" for key, value in args.items())]
    call = f"paddle.{row['op']}({', '.join(words)})"
    asked = row["args"].get("_output_size")
    return call if asked is None else f"{call}(x, output_size={asked!r})"


def crops(reading, in_size):
    """The normal form: what is cropped at the beginning and, net, at the end."""
    return tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size))


def assert_reads_back(layer, in_size):
    code = write(layer, in_size).code
    reading = read(code)
    assert (reading.dialect, reading.kind, reading.groups) == ("paddle", layer.kind, layer.groups)
    assert (reading.in_channels, reading.out_channels) == (layer.in_channels, layer.out_channels)
    assert (reading.kernel, reading.stride, reading.dilation) == (layer.kernel, layer.stride, layer.dilation)
    assert reading.output_size(in_size) == layer.output_size(in_size), code
    assert crops(reading, in_size) == tuple((axis.pad_begin, axis.end) for axis in layer.axes), code
    assert reading.defect(in_size) == ""


@pytest.mark.parametrize("row", rows_of("paddle"), ids=name_of)
def test_a_measured_call_is_read_as_paddle_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read(text_of(row)).output_size(in_size(row))
        return
    reading = read(text_of(row))
    assert reading.output_size(in_size(row)) == expected
    assert crops(reading, in_size(row)) == normal_form(row)


@pytest.mark.parametrize("case", GRID, ids=lambda case: case.id)
def test_a_layer_of_the_grid_is_read_back_from_its_words(case):
    assert_reads_back(case.layer, case.in_size)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_is_read_back_from_its_words(seed):
    case = drawn(seed)
    assert_reads_back(case.layer, case.in_size)


@pytest.mark.parametrize(
    ("layer", "in_size", "words"),
    [
        (
            Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=8, out_channels=4),
            (8, 8),
            "paddle.nn.Conv2DTranspose(8, 4, 4, stride=2, padding=1)",
        ),
        (
            Layer.tconv(1, kernel=3, stride=2, padding=[(1, 0)]),
            (3,),
            "paddle.nn.Conv1DTranspose(1, 1, 3, stride=2, padding=1, output_padding=1)",
        ),
        # the end crop of "same" elsewhere: paddle has a number for each side
        (
            Layer.tconv(2, kernel=3, stride=2, padding=[(0, 1), 1]),
            (3, 3),
            "paddle.nn.Conv2DTranspose(1, 1, 3, stride=2, padding=(0, 1, 1, 1))",
        ),
        # torch takes output_padding 2 here, because the dilation is 3
        (
            Layer.tconv(2, kernel=(3, 2), stride=2, dilation=(1, 3), output_padding=(0, 2)),
            (3, 3),
            "paddle.nn.Sequential(\n"
            "    paddle.nn.Pad2D((0, 1, 0, 0)),  # zeros after the input, last axis first\n"
            "    paddle.nn.Conv2DTranspose(1, 1, (3, 2), stride=2, dilation=(1, 3)),\n"
            ")",
        ),
        (
            Layer.conv(2, kernel=3, stride=2, padding=[(0, 1), (0, 1)], in_channels=3, out_channels=6, groups=3),
            (8, 8),
            "paddle.nn.Conv2D(3, 6, 3, stride=2, padding=(0, 1, 0, 1), groups=3)",
        ),
    ],
)
def test_the_words_are_the_shortest_that_paddle_has(layer, in_size, words):
    written = write(layer, in_size)
    assert written.code == f"import paddle\n\nlayer = {words}\n"
    assert written.native == ("Sequential" not in words)


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, 1)", ((1, 1), (1, 1))),
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, [1, 0])", ((1, 1), (0, 0))),
        ("paddle.nn.Conv1DTranspose(1, 1, 3, 2, [1, 0])", ((1, 0),)),
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, [2, 0, 0, 1])", ((2, 0), (0, 1))),
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, [[0, 0], [0, 0], [2, 0], [0, 1]])", ((2, 0), (0, 1))),
        (
            "paddle.nn.Conv2DTranspose(1, 1, 3, 2, [[0, 0], [2, 0], [0, 1], [0, 0]], data_format='NHWC')",
            ((2, 0), (0, 1)),
        ),
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, padding='valid')", ((0, 0), (0, 0))),
        ("paddle.nn.Conv2DTranspose(1, 1, 3, 2, padding='Same')", ((1, 1), (1, 1))),
    ],
)
def test_every_form_of_padding_is_read(text, sides):
    assert crops(read(text), (5,) * len(sides)) == sides


@pytest.mark.parametrize(
    ("text", "dialect"),
    [
        ("nn.Conv2DTranspose(8, 4, 3, stride=2)", "paddle"),
        ("nn.Conv2D(8, 4, 3)", "paddle"),
        ("F.conv2d_transpose(x, paddle.ones([1, 1, 3, 3]), stride=2)", "paddle"),
        ("nn.Conv2d(8, 4, 3)", "torch"),
        ("F.conv2d(x, torch.ones(1, 1, 3, 3), stride=2)", "torch"),
        ("layers.Conv2DTranspose(8, 3)", "keras"),
        ("Conv2D(8, 3)", "keras"),
    ],
)
def test_a_layer_is_paddles_by_its_name_and_what_that_is_imported_from(text, dialect):
    assert read(text).dialect == dialect


def test_the_order_of_groups_and_dilation_depends_on_the_number_of_axes():
    one = read("paddle.nn.Conv1DTranspose(4, 4, 3, 2, 0, 0, 2, 3)")
    two = read("paddle.nn.Conv2DTranspose(4, 4, 3, 2, 0, 0, 3, 2, None, None, 'NHWC')")
    assert (one.groups, one.dilation) == (2, (3,))
    assert (two.groups, two.dilation, two.layout.channels_last) == (2, (3, 3), True)


def test_a_function_is_read_with_the_kernel_of_its_array():
    reading = read(
        "import paddle\nimport paddle.nn.functional as F\n"
        "y = F.conv3d_transpose(x, paddle.ones([2, 2, 3, 3, 3]), None, 2, 1, 1, 2, 1)"
    )
    assert (reading.kernel, reading.stride, reading.groups) == ((3, 3, 3), (2, 2, 2), 2)
    assert reading.output_size((2, 2, 2)) == (4, 4, 4)


def test_dilation_under_same_is_one_and_said_to_be():
    reading = read("paddle.nn.Conv1D(1, 1, 3, padding='SAME', dilation=2)")
    assert reading.dilation == (1,)
    assert "paddle resets dilation 2 to 1 under padding 'SAME', silently: this runs with 1" in reading.notes


@pytest.mark.parametrize(
    ("text", "note"),
    [
        (
            "paddle.nn.Conv1DTranspose(1, 1, 3, 2, [1, 0])",
            "paddle reads padding (1, 0) as begin, end; torch takes one number for both sides",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, 2, [2, 0, 0, 1])",
            "paddle reads padding (2, 0, 0, 1) as top, bottom, left, right; "
            "tinygrad reads such a tuple last axis first",
        ),
        (
            "paddle.nn.Conv2DTranspose(1, 1, 3, 2, 'same')",
            "paddle's 'SAME' takes the pads of a forward convolution over the same input: not in*stride rows",
        ),
    ],
)
def test_what_looks_equal_elsewhere_is_noted(text, note):
    assert read(text).notes == (note,)


def test_an_output_size_silently_replaces_output_padding_in_two_axes_and_more():
    reading = read("paddle.nn.Conv2DTranspose(1, 1, 3, 2, output_padding=1)(x, output_size=[7, 7])")
    assert reading.output_size((3, 3)) == (7, 7)
    assert reading.notes == ("Conv2DTranspose drops its output_padding where an output_size is given, silently",)


def test_a_kernel_that_does_not_fit_by_less_than_the_stride_makes_a_row_and_is_a_defect():
    reading = read("paddle.nn.Conv1D(1, 1, 2, stride=3)")
    assert reading.output_size((1,)) == (1,)
    assert reading.defect((1,)).startswith("the kernel spans 1 more than the padded input, so nothing is left; a div")
    assert reading.defect((2,)) == ""


@pytest.mark.parametrize(
    ("text", "in_size", "message"),
    [
        (
            "paddle.nn.Conv1DTranspose(1, 1, 2, stride=2, dilation=3, output_padding=2)",
            (3,),
            "output_padding 2 with stride 2: paddle takes less than the stride, although its first check is for less "
            "than max(stride, dilation); use output_padding 0..1, or stride 3",
        ),
        (
            "paddle.nn.Conv1DTranspose(1, 1, 3, output_padding=1)",
            (3,),
            "output_padding 1 with stride 1: paddle takes less than the stride; use output_padding 0, or stride 2",
        ),
        (
            "paddle.nn.Conv1DTranspose(1, 1, 3, output_padding=-1)",
            (3,),
            "output_padding -1 of paddle must be 0 or more; use an end padding instead",
        ),
        (
            "paddle.nn.Conv1DTranspose(1, 1, 3, stride=2, output_padding=1)(x, output_size=7)",
            (3,),
            "Conv1DTranspose is given output_padding 1 and an output_size; they are mutually exclusive; "
            "drop output_padding",
        ),
        (
            "paddle.nn.Conv1DTranspose(1, 1, 3, stride=2)(x, output_size=[9])",
            (3,),
            "output_size 9 for an input of 3: paddle takes 7 to 8 there; ask for 8",
        ),
        (
            "paddle.nn.Conv2DTranspose(1, 1, 3, padding=[1])",
            (3, 3),
            "padding (1,) of Conv2DTranspose has 1 entries for 2 axes; "
            "give one per axis, or 4: top, bottom, left, right",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, padding='vald')",
            (3, 3),
            "unknown padding 'vald' in Conv2D; it can only be 'SAME' or 'VALID'; did you mean valid?",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, padding=-1)",
            (3, 3),
            "invalid padding -1 in Conv2D; all must be 0 or more; crop the input before it",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, padding=[[0, 0], [1, 0], [0, 0], [0, 0]])",
            (3, 3),
            "padding ((0, 0), (1, 0), (0, 0), (0, 0)) of Conv2D pads the batch or the channels; "
            "their pairs must be [0, 0]",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, padding=1, padding_mode='reflect')",
            (3, 3),
            "padding_mode 'reflect' of Conv2D: only zero padding is a layer here; use padding_mode='zeros'",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, data_format='NWHC')",
            (3, 3),
            "data_format 'NWHC' of Conv2D is none that paddle has; known: NCL, NCHW, NCDHW, NLC, NHWC, NDHWC",
        ),
        (
            "paddle.nn.Conv2D(1, 1, 3, stride=[2])",
            (3, 3),
            "stride (2,) of Conv2D has 1 entries for 2 axes; give one per axis, or a number",
        ),
        ("paddle.nn.Conv2D(1, 1, 3, dilation=0)", (3, 3), "dilation 0 of Conv2D must be at least 1; use dilation=1"),
        (
            "paddle.nn.Conv2DTranspose(1, 1, 3, padding=2)",
            (1, 1),
            "less than nothing is left of the input, -1x-1: paddle ends the process there instead of raising; "
            "crop less, or give a larger input",
        ),
        (
            "paddle.nn.Sequential(paddle.nn.Conv1D(1, 1, 3), paddle.nn.Pad1D([0, 1]))",
            (3,),
            "rows that are padded after the convolution hold no bias, so this is no layer; pad its input",
        ),
        (
            "paddle.nn.Sequential(paddle.nn.Pad1D([0, 1], mode='reflect'), paddle.nn.Conv1D(1, 1, 3))",
            (3,),
            "paddle.nn.Pad1D([0, 1], mode='reflect') pads with other than 0, and a layer's padding is 0; pad with 0",
        ),
    ],
)
def test_a_refused_call_says_what_paddle_wants(text, in_size, message):
    with pytest.raises(Refused) as refusal:
        read(text).output_size(in_size)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("paddle.nn.Conv2D(1, 1, 3, strides=2)", "Conv2D has no argument 'strides'; did you mean stride?"),
        ("paddle.nn.Conv2D(1, 1)", "Conv2D is not given its kernel_size; write it, as in nn.Conv2D(8, 4, 3)"),
    ],
)
def test_a_call_with_wrong_arguments_is_answered_with_the_right_one(text, message):
    with pytest.raises(InvalidQuestion) as refusal:
        read(text)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "paddle.nn.Conv2DTranspose(4, 2, 3, stride=2, padding='same', dilation=1, groups=2)",
        "paddle.nn.Conv2D(1, 1, (3, 2), stride=(1, 2), padding=(1, 0, 0, 1), dilation=1, groups=1)",
        "paddle.nn.Conv1DTranspose(1, 1, 3, stride=2, padding=1, dilation=1, groups=1, output_padding=1)",
    ],
)
def test_the_words_of_a_call_are_spelled_as_they_were(text):
    assert spell(read(text).words) == f"import paddle\n\nlayer = {text}\n"


def test_a_convolution_has_no_word_for_output_padding():
    words = read("paddle.nn.Conv1D(1, 1, 3)").words
    assert spell(words._replace(output_padding=(1,))) is None


def test_words_around_the_call_are_not_spelled_again():
    assert read("paddle.nn.Sequential(paddle.nn.Pad1D([0, 1]), paddle.nn.Conv1D(1, 1, 3))").words is None
    assert read("paddle.nn.Conv1DTranspose(1, 1, 3)(x, output_size=5)").words is None
