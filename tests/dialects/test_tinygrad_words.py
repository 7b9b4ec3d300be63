"""tinygrad's words: every measured call read as tinygrad ran it, and every layer written and read back, without it."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.dialects.tinygrad import NO_CLANG, spell, write
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

SAMPLE = [*range(500), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(500, 5000))]


def text_of(row):
    """The call of a row, as a user would paste it."""
    weight, groups = row["weight_shape"], row["args"].get("groups", 1)
    transposed = row["direction"] == "transposed"
    channels = (weight[0], weight[1] * groups) if transposed else (weight[1] * groups, weight[0])
    args = {key: value for key, value in row["args"].items() if key != "bias"}
    words = [*map(str, channels), str(kernel(row)), *(f"{key}={value!r}" for key, value in args.items())]
    return pasted(f"{row['op']}({', '.join(words)})")


def pasted(call):
    return f"from tinygrad import Tensor, nn\n{call}"


def crops(reading, in_size):
    """The normal form: what is cropped at the beginning and, net, at the end."""
    return tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size))


def assert_reads_back(layer, in_size):
    written = write(layer, in_size)
    reading = read(written.code)
    assert written.native
    assert (reading.dialect, reading.kind, reading.groups) == ("tinygrad", layer.kind, layer.groups)
    assert (reading.in_channels, reading.out_channels) == (layer.in_channels, layer.out_channels)
    assert (reading.kernel, reading.stride, reading.dilation) == (layer.kernel, layer.stride, layer.dilation)
    assert reading.output_size(in_size) == layer.output_size(in_size), written.code
    assert crops(reading, in_size) == tuple((axis.pad_begin, axis.end) for axis in layer.axes), written.code
    assert reading.defect(in_size) == ""


@pytest.mark.parametrize("row", rows_of("tinygrad"), ids=name_of)
def test_a_measured_call_is_read_as_tinygrad_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read(text_of(row)).output_size(in_size(row))
        return
    reading = read(text_of(row))
    assert reading.output_size(in_size(row)) == expected
    assert bool(reading.defect(in_size(row))) == (row["match"] is False)
    if row["match"]:
        assert crops(reading, in_size(row)) == normal_form(row)


@pytest.mark.parametrize("case", GRID, ids=lambda case: case.id)
def test_a_layer_of_the_grid_is_read_back_from_its_words(case):
    assert_reads_back(case.layer, case.in_size)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_is_read_back_from_its_words(seed):
    case = drawn(seed)
    assert_reads_back(case.layer, case.in_size)


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (
            Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=8, out_channels=4),
            "ConvTranspose2d(8, 4, 4, stride=2, padding=1)",
        ),
        (
            Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1),
            "ConvTranspose1d(1, 1, 3, stride=2, padding=1, output_padding=1)",
        ),
        (
            Layer.tconv(3, kernel=3, stride=2, padding=[1, 0, 0]),
            "ConvTranspose2d(1, 1, (3, 3, 3), stride=2, padding=(1, 0, 0))",
        ),
        (
            Layer.tconv(2, kernel=3, stride=2, padding=[(0, 1), (2, 3)]),
            "ConvTranspose2d(1, 1, 3, stride=2, padding=(2, 3, 0, 1))",
        ),
        (
            Layer.conv(2, kernel=(3, 2), stride=2, padding=[(0, 1), 0], dilation=(1, 2)),
            "Conv2d(1, 1, (3, 2), stride=2, padding=(0, 0, 0, 1), dilation=(1, 2))",
        ),
    ],
)
def test_the_words_are_the_shortest_that_tinygrad_has(layer, words):
    assert write(layer, (8,) * layer.ndim).code == f"from tinygrad import nn\n\nlayer = nn.{words}\n"


@pytest.mark.parametrize(
    ("layer", "note"),
    [
        (Layer.tconv(1, kernel=3), NO_CLANG),
        (Layer.tconv(3, kernel=3), "ConvTranspose2d takes as many axes as its kernel_size has"),
        (
            Layer.conv(2, kernel=3, padding=[(0, 1), 0]),
            "padding is left, right, top, bottom here; paddle reads such a tuple first axis first",
        ),
    ],
)
def test_what_a_user_must_know_of_the_words_is_noted(layer, note):
    assert write(layer, (5,) * layer.ndim).notes[-1] == note


@pytest.mark.parametrize(
    ("call", "sides"),
    [
        ("nn.ConvTranspose2d(1, 1, 3, 2, 1)", ((1, 1), (1, 1))),
        ("nn.ConvTranspose2d(1, 1, 3, 2, (1, 0))", ((1, 1), (0, 0))),
        ("nn.ConvTranspose2d(1, 1, 3, 2, (2, 0, 0, 1))", ((0, 1), (2, 0))),
        ("nn.ConvTranspose1d(1, 1, 3, 2, (2, 0))", ((2, 0),)),
        ("nn.ConvTranspose2d(1, 1, (3,), 2, (2, 0))", ((2, 0),)),
        ("nn.Conv2d(1, 1, (3, 3, 3), 2, (1, 2, 3, 4, 5, 6))", ((5, 6), (3, 4), (1, 2))),
        ("nn.Conv2d(1, 1, (4, 3), padding='SAME')", ((1, 2), (1, 1))),
    ],
)
def test_every_form_of_padding_is_read(call, sides):
    assert crops(read(pasted(call)), (9,) * len(sides)) == sides


@pytest.mark.parametrize(
    "call", ["x.conv_transpose2d(w, None, 2, 2, 1, 1, 1)", "Tensor.conv_transpose2d(x, w, None, 2, 2, 1, 1, 1)"]
)
def test_a_method_is_read_bound_and_unbound(call):
    reading = read(pasted(call), "tinygrad", Hints(kernel=(3,), in_channels=2, out_channels=4))
    assert (reading.groups, reading.stride, crops(reading, (3, 3))) == (2, (2, 2), ((1, 0), (1, 0)))


def test_a_method_has_the_axes_of_its_array():
    reading = read("from tinygrad import Tensor\nTensor.conv2d(x, Tensor.ones(4, 2, 5), stride=2)")
    assert (reading.kernel, reading.output_size((9,))) == ((5,), (3,))


def test_same_with_different_dilations_takes_each_others_and_is_a_defect():
    reading = read(pasted("nn.Conv2d(1, 1, (4, 2), padding='same', dilation=(1, 2))"))
    assert reading.output_size((3, 3)) == (6, 2)
    assert reading.defect((3, 3)) == (
        "padding='same' pads each axis with the dilation of the other: 6x1 rows where the kernel spans 3x2 beyond one, "
        "so the size is not kept"
    )


@pytest.mark.parametrize(
    ("call", "note"),
    [
        (
            "nn.Conv2d(1, 1, 3, padding=(2, 0, 0, 0))",
            "tinygrad reads padding (2, 0, 0, 0) as left, right, top, bottom; paddle reads it first axis first",
        ),
        ("nn.ConvTranspose2d(1, 1, 3, stride=0)", "tinygrad takes stride 0 of a transposed convolution for 1"),
        (
            "nn.ConvTranspose2d(1, 1, 3, stride=2, output_padding=2)",
            "tinygrad takes any output_padding; torch only one below max(stride, dilation)",
        ),
    ],
)
def test_what_looks_equal_elsewhere_is_noted(call, note):
    assert read(pasted(call)).notes == (note,)


@pytest.mark.parametrize(
    ("call", "in_size", "message"),
    [
        (
            "nn.Conv2d(1, 1, 3, padding='valid')",
            (5, 5),
            "invalid padding string 'valid' in Conv2d; only 'same' of a module is supported; "
            "write the padding as numbers; 0 is 'valid'",
        ),
        (
            "nn.Conv2d(1, 1, 3, padding='same', stride=2)",
            (5, 5),
            "padding='same' is not supported for strided convolutions, and Conv2d has stride 2; "
            "drop the stride, or write the padding as numbers",
        ),
        (
            "nn.Conv2d(1, 1, 3, padding='same', stride=(1, 1))",
            (5, 5),
            "padding='same' is not supported for strided convolutions, and Conv2d has stride (1, 1); "
            "a tuple is never 1 to it; drop the stride, or write the padding as numbers",
        ),
        (
            "nn.Conv2d(1, 1, 3, padding=(1, 1, 1))",
            (5, 5),
            "padding (1, 1, 1) of Conv2d has 3 entries for 2 axes; "
            "give a number, one per axis, or 4: left, right, top, bottom",
        ),
        (
            "nn.Conv2d(1, 1, 3, stride=(2,))",
            (5, 5),
            "stride (2,) of Conv2d has 1 entries for 2 axes; give one per axis, or a number",
        ),
        ("nn.Conv2d(1, 1, 3, stride=0)", (5, 5), "stride 0 of Conv2d must be at least 1; use stride=1"),
        (
            "nn.Conv1d(1, 1, (3,))",
            (5,),
            "kernel_size (3,) of Conv1d has 1 entries; give a number",
        ),
        (
            "nn.Conv2d(1, 1, 7)",
            (5, 5),
            "kernel size cannot be greater than actual input size: the output size would be -1x-1; "
            "crop less, or give a larger input",
        ),
    ],
)
def test_a_refused_call_says_what_tinygrad_wants(call, in_size, message):
    with pytest.raises(Refused) as refusal:
        read(pasted(call)).output_size(in_size)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("nn.Conv2d(1, 1, 3, strides=2)", "Conv2d has no argument 'strides'; did you mean stride?"),
        ("nn.Conv2d(1, 1)", "Conv2d is not given its kernel_size; write it, as in nn.Conv2d(8, 4, 3)"),
    ],
)
def test_a_call_with_wrong_arguments_is_answered_with_the_right_one(call, message):
    with pytest.raises(InvalidQuestion) as refusal:
        read(pasted(call))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "call",
    [
        "ConvTranspose2d(4, 2, 3, stride=2, padding=(0, 1, 1, 0), dilation=1, groups=2, output_padding=(1, 0))",
        "Conv2d(1, 1, (3, 3, 3), stride=1, padding='same', dilation=(1, 2, 1), groups=1)",
        "Conv1d(1, 1, 3, stride=1, padding=-1, dilation=1, groups=1)",
    ],
)
def test_the_words_of_a_call_are_spelled_as_they_were(call):
    assert spell(read(pasted(f"nn.{call}")).words) == f"from tinygrad import nn\n\nlayer = nn.{call}\n"


def test_a_convolution_has_no_word_for_output_padding():
    words = read(pasted("nn.Conv1d(1, 1, 3)")).words
    assert spell(words._replace(output_padding=(1,))) is None
