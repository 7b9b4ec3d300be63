"""TensorFlow's words: every measured call read as TensorFlow ran it, and its own programs read back, without it."""

from functools import reduce
from operator import and_

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of
from normal_forms import normal_form as form

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.legal import dialects_of, words
from tconv_design.dialects.reading import Hints
from tconv_design.dialects.tensorflow import spell, write
from tconv_design.dialects.tensorflow_calls import NO_ONEDNN, ONEDNN
from tconv_design.dialects.writing import Words
from tconv_design.errors import NotExpressible, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer
from tconv_design.unknowns import Numbers

ROWS = rows_of("tf", "tf-noonednn")
RUNTIMES = {"tf": "", "tf-noonednn": "no-onednn"}
CASES = [*GRID, *map(drawn, range(400))]


def text_of(row):
    """The call of a row, as a user would paste it; groups and bias are no arguments of tf.nn's."""
    args = {key: value for key, value in row["args"].items() if key not in ("groups", "bias")}
    if row["op"] == "nn.conv1d":
        args["stride"] = args.pop("strides")
    words = ["x", f"tf.ones({tuple(row['weight_shape'])})", *(f"{key}={value!r}" for key, value in args.items())]
    return f"tf.{row['op']}({', '.join(words)})"


def read_row(row):
    return read(text_of(row), hints=Hints(in_channels=row["in_shape"][-1], runtime=RUNTIMES[row["framework"]]))


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_measured_call_is_read_as_tensorflow_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read_row(row).output_size(in_size(row))
        return
    reading = read_row(row)
    assert (reading.dialect, reading.kernel) == ("tensorflow", kernel(row))
    assert reading.output_size(in_size(row)) == expected
    assert (reading.defect(in_size(row)) == "") == row["match"]
    if row["match"]:
        found = tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size(row)))
        assert found == normal_form(row)
        assert reading.groups == row["canonical"]["groups"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize(("refused", "runtime"), [(ONEDNN, ""), (NO_ONEDNN, "no-onednn")], ids=["onednn", "no-onednn"])
def test_what_is_written_is_read_back_as_the_same_layer(case, refused, runtime):
    code = write(case.layer, case.in_size, refused).code
    reading = read(code, hints=Hints(runtime=runtime, in_channels=case.layer.in_channels))
    assert form(reading.layer(case.in_size), case.in_size) == form(case.layer, case.in_size)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_function_says_its_channels_itself(case):
    code = write(case.layer, case.in_size).code
    if "tf.keras" not in code:
        assert form(read(code).layer(case.in_size), case.in_size) == form(case.layer, case.in_size)


def legal(case):
    """Whether the ranking's rules say that one call of tf.nn or of Keras is the layer."""
    layer = case.layer
    bits = [
        words(layer.kind, numbers(layer.kind, axis, size), layer.ndim, layer.groups)
        for axis, size in zip(layer.axes, case.in_size, strict=True)
    ]
    return bool({"tensorflow", "keras"} & set(dialects_of(reduce(and_, bits))))


def numbers(kind, axis, size):
    extra, out = axis.output_padding, axis.out(kind, size)
    return Numbers(size, out, axis.kernel, axis.stride, axis.dilation, axis.pad_begin, axis.pad_end, extra)


def refused_on_a_cpu(case):
    """Why a legal layer is not one call here; empty where it is."""
    layer = case.layer
    if layer.kind == "conv" and layer.ndim == 3 and layer.groups > 1 and max(layer.stride) > 1 < max(layer.dilation):
        return "tf.nn has no groups in 3-D on a CPU, and Keras no dilation with stride"
    if layer.kind == "tconv" and any(axis.effective_kernel % 2 == 0 for axis in layer.axes):
        return "Keras's same with output_padding 0 and an even kernel, for which TensorFlow raises"
    return ""


def test_what_is_legal_is_written_as_one_call():
    cases = [*GRID, *map(drawn, range(1500))]
    wrong = [case.id for case in cases if legal(case) and not write(case.layer, case.in_size).native]
    assert wrong
    assert not [case.id for case in map(by_id(cases), wrong) if not refused_on_a_cpu(case)]
    assert not [case.id for case in cases if write(case.layer, case.in_size).native and not legal(case)]


def by_id(cases):
    return {case.id: case for case in cases}.__getitem__


@pytest.mark.parametrize(
    ("words", "call"),
    [
        (
            Words("conv", (3, 3), (2, 2), (1, 1), "same", None, 1, 8, 4),
            'tf.nn.conv2d(x, kernel, strides=2, padding="SAME")',
        ),
        (Words("conv", (3,), (1,), (2,), ((0, 0),)), 'tf.nn.conv1d(x, kernel, stride=1, padding="VALID", dilations=2)'),
        (
            Words("tconv", (4, 3), (2, 1), (1, 1), ((1, 0), (2, 1)), (1, 0), 2, 4, 6),
            "tf.nn.conv2d_transpose(x, kernel, [tf.shape(x)[0], x.shape[1] * 2 + 2, x.shape[2] - 1, 6], "
            "strides=(2, 1), padding=[[0, 0], [1, 0], [2, 1], [0, 0]])",
        ),
        (
            Words("tconv", (4,), (2,), (1,), "same"),
            'tf.nn.conv1d_transpose(x, kernel, [tf.shape(x)[0], x.shape[1] * 2, 1], strides=2, padding="SAME")',
        ),
    ],
)
def test_words_are_spelled_as_they_are(words, call):
    assert call in spell(words)


@pytest.mark.parametrize(
    "words",
    [
        Words("conv", (3,), (1,), (1,), "valid", (0,)),
        Words("tconv", (3,), (2,), (1,), "same", (1,)),
    ],
)
def test_an_output_padding_without_a_place_is_not_spelled(words):
    assert spell(words) is None


@pytest.mark.parametrize("case", [case for case in GRID if case.layer.kind == "conv"], ids=lambda case: case.id)
def test_the_words_of_a_conv_are_spelled_as_the_call_that_they_were_read_from(case):
    code = write(case.layer, case.in_size).code
    reading = read(code, hints=Hints(in_channels=case.layer.in_channels))
    if reading.dialect == "tensorflow" and reading.words is not None:
        again = read(spell(reading.words))
        assert form(again.layer(case.in_size), case.in_size) == form(case.layer, case.in_size)


def test_sizes_beyond_32_bits_have_no_words():
    with pytest.raises(NotExpressible, match=r"in 32 bits, and 2147483650 does not fit; nearest: the same layer"):
        write(Layer.tconv(1, kernel=3), (2**31,))


def test_what_is_different_although_it_looks_equal_is_noted():
    shifted = write(Layer.tconv(1, kernel=3, stride=2, padding=1), (4,))
    assert shifted.notes == ("Keras's output_padding under same gives rows back at the begin first, unlike torch's",)
    grouped = write(Layer.tconv(1, kernel=4, stride=2, padding=1, groups=2, in_channels=2, out_channels=2), (4,))
    assert grouped.notes == (
        "output_shape tells the call its size, so it holds for in 4 only",
        "on a CPU it takes oneDNN and float32: without, TensorFlow refuses groups in a transposed call",
    )


@pytest.mark.parametrize(("wanted", "aborts"), [(-1, True), (0, False), (8, False)])
def test_a_negative_output_shape_is_a_known_defect(wanted, aborts):
    """TensorFlow 2.21 checks nothing, and fails a check of its own that ends the process."""
    text = f"tf.nn.conv1d_transpose(x, tf.ones((3, 1, 1)), output_shape=(1, {wanted}, 1), strides=2)"
    said = "TensorFlow ends the whole process where an output_shape is negative"
    assert read(text).defect((4,)) == (said if aborts else "")
