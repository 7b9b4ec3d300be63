"""Keras's words: every measured call read as Keras ran it, and every layer written and read back, without Keras."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.keras import spell, write
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Hints
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

RUNTIMES = {"keras-tf": "tensorflow", "keras-torch": "torch", "keras-jax": "jax"}
CASES = [*GRID, *(drawn(seed) for seed in range(400))]


def text_of(row):
    """The call of a row, as a user would paste it."""
    weight, transposed = row["weight_shape"], row["direction"] == "transposed"
    words = [str(weight[-2] if transposed else weight[-1]), str(kernel(row))]
    names = {"bias": "use_bias"}  # as the data have it for every framework
    words += [f"{names.get(key, key)}={value!r}" for key, value in row["args"].items()]
    return f"keras.{row['op']}({', '.join(words)})"


def read_row(row):
    return read(text_of(row), hints=Hints(runtime=RUNTIMES[row["framework"]]))


def pads(text, size=(5,), **hints):
    """The normal form of a pasted text."""
    return tuple((begin, end - extra) for begin, end, extra in read(text, hints=Hints(**hints)).pads(size))


@pytest.mark.parametrize("row", rows_of(*RUNTIMES), ids=name_of)
def test_a_measured_call_is_read_as_keras_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read_row(row).output_size(in_size(row))
        return
    reading = read_row(row)
    assert reading.output_size(in_size(row)) == expected
    if row["match"]:
        found = tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size(row)))
        assert found == normal_form(row)


def meaning(layer, in_size):
    """All that a layer's values depend on: of a conv's end padding only the size that it gives."""
    ends = [
        axis.end if layer.kind == "tconv" else axis.out("conv", n) for axis, n in zip(layer.axes, in_size, strict=True)
    ]
    begins = [axis.pad_begin for axis in layer.axes]
    channels = (layer.groups, layer.in_channels, layer.out_channels)
    return layer.kind, layer.kernel, layer.stride, layer.dilation, begins, ends, channels


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_written_is_read_back_as_the_same_layer(case):
    code = write(case.layer, case.in_size).code
    reading = read(code, "keras", Hints(in_channels=case.layer.in_channels))
    assert meaning(reading.layer(case.in_size), case.in_size) == meaning(case.layer, case.in_size), code


@pytest.mark.parametrize("runtime", RUNTIMES.values())
@pytest.mark.parametrize("case", GRID, ids=lambda case: case.id)
def test_what_is_written_is_refused_on_no_backend_of_keras(case, runtime):
    hints = Hints(in_channels=case.layer.in_channels, runtime=runtime)
    reading = read(write(case.layer, case.in_size).code, "keras", hints)
    assert reading.output_size(case.in_size) == case.layer.output_size(case.in_size)


LAYER = "keras.layers.Conv1DTranspose(1, 3, strides=2, padding='same'"

# text, in, (pad_begin, pad_end - output_padding) per axis, out
SAME_WORDS = [
    (f"{LAYER})", (3,), ((0, 1),), (6,)),
    # as torch's padding=1, output_padding=1 in size, one row off in values
    (f"{LAYER}, output_padding=1)", (3,), ((0, 1),), (6,)),
    ("keras.layers.Conv1DTranspose(1, 4, 2, 'SAME', 0)", (3,), ((2, 2),), (4,)),
    ("keras.layers.Conv1DTranspose(1, 4, 2, 'same')", (3,), ((1, 1),), (6,)),
    ("keras.layers.Conv1DTranspose(1, 2, 3)", (5,), ((0, -1),), (15,)),
    ("keras.layers.Conv1DTranspose(1, 2, 3, output_padding=0)", (5,), ((0, 0),), (14,)),
    ("tf.keras.layers.Conv2D(8, 3, strides=2, padding='same')", (5, 4), ((1, 1), (0, 1)), (3, 2)),
    ("layers.Conv1D(8, 3, 1, 'causal', dilation_rate=2)", (5,), ((4, 0),), (5,)),
    ("keras.ops.conv_transpose(x, ops.ones((3, 1, 1)), 2, dilation_rate=2)", (3,), ((0, 0),), (9,)),
    ("keras.ops.conv_transpose(x, ops.ones((3, 1, 1)), 2, output_padding=3)", (3,), ((0, -3),), (10,)),
    ("keras.ops.conv_transpose(x, ops.ones((3, 1, 1)), 2, 'same', -1)", (3,), ((1, 2),), (4,)),
    ("keras.ops.conv(x, ops.ones((3, 1, 1)), 2, dilation_rate=2)", (7,), ((0, 0),), (2,)),
]


@pytest.mark.parametrize(("text", "size", "normal", "out"), SAME_WORDS)
def test_names_and_output_padding_mean_what_keras_makes_of_them(text, size, normal, out):
    reading = read(text, "keras")
    assert tuple((begin, end - extra) for begin, end, extra in reading.pads(size)) == normal
    assert reading.output_size(size) == out


def test_the_torch_layer_with_the_same_numbers_is_another_one():
    keras = read(f"{LAYER}, output_padding=1)").layer((3,))
    torch = read("nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1, output_padding=1)").layer((3,))
    assert keras.output_size((3,)) == torch.output_size((3,)) == (6,)
    assert (keras.axes[0].pad_begin, torch.axes[0].pad_begin) == (0, 1)


SEQUENTIALS = [
    (
        "keras.Sequential([keras.layers.ZeroPadding2D(((1, 0), (2, 1))), keras.layers.Conv2D(8, 3)])",
        ((1, 0), (2, 1)),
    ),
    ("Sequential([layers.Input((5, 5, 3)), layers.ZeroPadding2D((1, 2)), layers.Conv2D(8, 3)])", ((1, 1), (2, 2))),
    ("keras.Sequential(layers=[ZeroPadding2D(), Conv2D(8, 3)])", ((1, 1), (1, 1))),
    (
        "model = keras.Sequential()\nmodel.add(layers.Conv2DTranspose(8, 3, 2))\nmodel.add(layers.Cropping2D(1))",
        ((1, 1), (1, 1)),
    ),
    ("keras.Sequential([layers.Conv1DTranspose(8, 3, 2), layers.Cropping1D((1, 0))])", ((1, 0),)),
    ("keras.Sequential([layers.ZeroPadding1D((0, 1)), layers.Conv1DTranspose(8, 3, 2)])", ((0, -2),)),
    ("x = layers.ZeroPadding2D(((1, 0), (2, 1)))(inputs)\nx = layers.Conv2D(8, 3)(x)", ((1, 0), (2, 1))),
    ("y = layers.Cropping1D((1, 0))(layers.Conv1DTranspose(8, 3, 2)(x))", ((1, 0),)),
    ("def net(x):\n    y = layers.Conv1DTranspose(8, 3, 2)(x)\n    return layers.Cropping1D(1)(y)", ((1, 1),)),
    # padded for another layer, or cropped for one of two readers
    ("y = layers.ZeroPadding1D(1)(x)\nz = layers.Conv1D(8, 3)(x)", ((0, 0),)),
    ("y = layers.Conv1DTranspose(8, 3)(x)\na = layers.Cropping1D(1)(y)\nb = layers.ReLU()(y)", ((0, 0),)),
    # what stands beyond another layer is not this layer's
    ("keras.Sequential([layers.Conv1DTranspose(8, 3, 2), layers.Conv1D(8, 3), layers.Cropping1D(1)])", ((0, 0),)),
    ("keras.Sequential([layers.ZeroPadding1D(1), layers.Dense(8), layers.Conv1D(8, 3)])", ((0, 0),)),
]


@pytest.mark.parametrize(("text", "normal"), SEQUENTIALS)
def test_padding_before_and_cropping_after_belong_to_the_layer(text, normal):
    assert pads(text, (5,) * len(normal)) == normal


WRITTEN = [
    (
        Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=8, out_channels=4),
        (8, 8),
        'layer = keras.layers.Conv2DTranspose(4, 4, strides=2, padding="same")',
    ),
    (
        Layer.tconv(1, kernel=5, stride=3, padding=2, output_padding=2),
        (4,),
        "layer = keras.Sequential([\n    keras.layers.Conv1DTranspose(1, 5, strides=3),\n"
        "    keras.layers.Cropping1D((2, 0)),\n])",
    ),
    # rows that no input reaches: first output_padding, then zero rows of the input
    (
        Layer.tconv(2, kernel=1, stride=(3, 1), dilation=1, padding=[(3, 0), 0], output_padding=(2, 0)),
        (4, 4),
        "layer = keras.Sequential([\n    keras.layers.Conv2DTranspose(1, 1, strides=(3, 1)),\n"
        "    keras.layers.Cropping2D(((3, 0), (0, 0))),\n])",
    ),
    (
        Layer.tconv(1, kernel=2, dilation=3, output_padding=2),
        (4,),
        "layer = keras.Sequential([\n    keras.layers.ZeroPadding1D((0, 2)),\n"
        "    keras.layers.Conv1DTranspose(1, 2, dilation_rate=3),\n])",
    ),
    # TensorFlow refuses 'same' with an even kernel and output_padding 0
    (
        Layer.tconv(1, kernel=4, stride=2, padding=2),
        (4,),
        "layer = keras.Sequential([\n    keras.layers.Conv1DTranspose(1, 4, strides=2),\n"
        "    keras.layers.Cropping1D((2, 2)),\n])",
    ),
    # without it Keras would add two rows
    (
        Layer.tconv(1, kernel=2, stride=4),
        (3,),
        "layer = keras.layers.Conv1DTranspose(1, 2, strides=4, output_padding=0)",
    ),
    (
        Layer.tconv(1, kernel=2, stride=4, output_padding=2),
        (3,),
        "layer = keras.layers.Conv1DTranspose(1, 2, strides=4)",
    ),
    (
        Layer.conv(2, kernel=3, stride=2, padding=1),
        (5, 5),
        'layer = keras.layers.Conv2D(1, 3, strides=2, padding="same")  # exact for in = 5',
    ),
    (
        Layer.conv(2, kernel=3, stride=2, padding=1, groups=2, in_channels=2, out_channels=2),
        (4, 4),
        "layer = keras.Sequential([\n    keras.layers.ZeroPadding2D(((1, 1), (1, 1))),\n"
        "    keras.layers.Conv2D(2, 3, strides=2, groups=2),\n])",
    ),
    (
        Layer.tconv(1, kernel=3, stride=2, padding=1, groups=2, in_channels=4, out_channels=2),
        (5,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 1, 4)  # (*kernel, out_channels/groups, in_channels)\n"
        "    pairs = zip(keras.ops.split(x, 2, axis=-1), keras.ops.split(kernel, 2, axis=-1))\n"
        "    parts = [keras.ops.conv_transpose(x, kernel, strides=2) for x, kernel in pairs]\n"
        "    y = keras.ops.concatenate(parts, axis=-1)\n"
        "    return y[:, 1:-1] + bias",
    ),
    (
        Layer.conv(1, kernel=3, stride=2, dilation=2, padding=1),
        (7,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 1, 1)  # (*kernel, in_channels, out_channels)\n"
        "    x = keras.ops.pad(x, [[0, 0], [1, 1], [0, 0]])\n"
        "    kernel = keras.ops.pad(kernel, [[0, 1], [0, 0], [0, 0]])\n"
        "    kernel = keras.ops.take(kernel, [i // 2 if i % 2 == 0 else 3 for i in range(5)], axis=0)\n"
        "    y = keras.ops.conv(x, kernel, strides=2)\n"
        "    return y + bias",
    ),
]


@pytest.mark.parametrize(("layer", "size", "expected"), WRITTEN)
def test_the_words_are_one_layer_then_layers_around_it_then_a_function(layer, size, expected):
    written = write(layer, size)
    assert written.code == f"import keras\n\n{expected}\n"
    assert written.native == expected.startswith("layer = keras.layers.")


NOTES = [
    (
        Layer.tconv(1, kernel=4, stride=2, padding=[(1, 2)]),
        "Keras's output_padding 1 in 'same' gives rows back at the beginning first, torch's only at the end: it is not "
        "torch's output_padding",
    ),
    (
        Layer.tconv(1, kernel=2, stride=4),
        "output_padding 0 is not Keras's default, which adds rows where strides exceed the kernel",
    ),
    (
        Layer.tconv(1, kernel=2, stride=4, output_padding=2),
        "without output_padding, 'valid' makes (in-1)*strides + max(kernel, strides) rows, torch fewer",
    ),
    (
        Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]),
        "'same' crops the odd row at the end; torch's padding with output_padding crops it at the beginning",
    ),
    (
        Layer.conv(1, kernel=3, stride=2, padding=1),
        "exact for in = 5: at other input sizes this padding may not be the layer's",
    ),
]


@pytest.mark.parametrize(("layer", "note"), NOTES)
def test_what_looks_equal_and_is_not_is_said(layer, note):
    assert write(layer, (5,)).notes == (note,)


@pytest.mark.parametrize(
    "layer",
    [Layer.tconv(1, kernel=4, stride=2, padding=1), Layer.conv(1, kernel=3, padding=1), Layer.tconv(1, kernel=3)],
)
def test_words_that_mean_the_same_everywhere_have_no_note(layer):
    assert write(layer, (5,)).notes == ()


def test_a_pasted_same_with_a_stride_is_said_to_depend_on_the_size_and_an_activation_to_come_after():
    reading = read("keras.layers.Conv2D(8, 3, strides=2, padding='same', activation='relu')")
    assert reading.notes == (
        "padding 'same' with a stride pads by the input size: other sizes, other pads",
        "activation 'relu' comes after the layer, and is no part of it",
    )


REFUSED = [
    (
        "keras.layers.Conv2DTranspose(8, 3, padding=1)",
        "",
        "padding of Conv2DTranspose is 1, and Keras takes a name only: 'valid' or 'same'; pad with "
        "keras.layers.ZeroPadding2D before a Conv, crop with Cropping2D after a ConvTranspose",
    ),
    (
        "keras.layers.Conv2DTranspose(8, 3, padding='causal')",
        "",
        "Conv2DTranspose has no padding 'causal': only Conv1D has 'causal'; known: valid, same",
    ),
    (
        "keras.layers.Conv1D(8, 3, padding='vaild')",
        "",
        "Conv1D has no padding 'vaild': it is one of valid, same, causal; did you mean valid?",
    ),
    (
        "keras.layers.Conv2DTranspose(8, 3, groups=2)",
        "",
        "Conv2DTranspose has no argument 'groups': Keras has no groups for a transposed convolution; split the "
        "channels, run keras.ops.conv_transpose on each part, and concatenate",
    ),
    (
        "keras.layers.Conv2DTranspose(8, 3, strides=(1, 2), dilation_rate=(2, 1))",
        "",
        "strides > 1 is not supported in conjunction with dilation_rate > 1 in Conv2DTranspose, on whichever axes: "
        "strides (1, 2), dilation_rate (2, 1); use strides 1 or dilation_rate 1, or a kernel with zeros between its "
        "taps",
    ),
    (
        "keras.ops.conv(x, ops.ones((3, 1, 1)), 2, dilation_rate=2)",
        "tensorflow",
        "strides > 1 is not supported in conjunction with dilation_rate > 1 in conv on tensorflow, on whichever axes: "
        "strides (2,), dilation_rate (2,); use strides 1 or dilation_rate 1, or a kernel with zeros between its taps",
    ),
    (
        "keras.layers.Conv1DTranspose(8, 3, strides=2, output_padding=2)",
        "",
        "output_padding 2 must be strictly less than strides 2 in Conv1DTranspose; use output_padding 1 or less, or "
        "strides 3",
    ),
    (
        "keras.layers.Conv1DTranspose(8, 3, output_padding=-1)",
        "",
        "output_padding of Conv1DTranspose is -1, and Keras takes 0 or more",
    ),
    (
        "keras.layers.Conv2D(8, (3,))",
        "",
        "kernel_size of Conv2D must be a tuple of 2 integers, got (3,); give one per axis, or one number",
    ),
    (
        "keras.layers.Conv2D(8, 3, data_format='NHWC')",
        "",
        "data_format of Conv2D is 'NHWC'; channels_last or channels_first",
    ),
    ("keras.layers.Conv2D(8, 3, groups=0)", "", "groups of Conv2D is 0, and Keras takes 1 or more"),
    (
        "keras.layers.Conv1DTranspose(1, 4, 2, 'same', 0)",
        "tensorflow",
        "Keras on tensorflow raises at the call: padding 'same', output_padding 0 and effective kernel 4 ask for 8 "
        "rows, and tensorflow makes 9 to 10; crop the result of padding='valid', or run Keras on torch or jax",
    ),
    (
        "keras.ops.conv_transpose(x, ops.ones((3, 1, 1)), 2, output_padding=2)",
        "tensorflow",
        "Keras on tensorflow raises at the call: padding 'valid', output_padding 2 and effective kernel 3 ask for 13 "
        "rows, and tensorflow makes 11 to 12; crop the result of padding='valid', or run Keras on torch or jax",
    ),
    (
        "keras.Sequential([Conv1DTranspose(1, 3), ZeroPadding1D(1)])",
        "",
        "rows that are padded after the convolution hold no bias, so this is no layer; pad its input",
    ),
    (
        "keras.Sequential([Cropping1D(1), Conv1DTranspose(1, 3)])",
        "",
        "the input of a transposed convolution is cropped, so this is no layer; crop its output",
    ),
    (
        "keras.Sequential([ZeroPadding2D(1), Conv1D(1, 3)])",
        "",
        "ZeroPadding2D stands beside a layer of 1 axes; use ZeroPadding1D",
    ),
    (
        "keras.Sequential([ZeroPadding2D((1, 2, 3)), Conv2D(1, 3)])",
        "",
        "padding of ZeroPadding2D is (1, 2, 3); give a number, or 2 pairs (begin, end)",
    ),
    (
        "keras.Sequential([ZeroPadding1D(-1), Conv1D(1, 3)])",
        "",
        "padding of ZeroPadding1D cannot be negative, got -1",
    ),
]


@pytest.mark.parametrize(("text", "runtime", "message"), REFUSED)
def test_a_refusal_says_what_keras_would_and_what_to_do(text, runtime, message):
    size = (5, 5) if "Conv2D" in text else (5,)
    with pytest.raises(Refused) as caught:
        read(text, "keras", Hints(runtime=runtime)).output_size(size)
    assert str(caught.value) == message


UNKNOWN = [
    ("keras.layers.Conv2D(8, 3, stride=2)", "Conv2D has no argument 'stride'; did you mean strides?"),
    ("keras.layers.Conv2D(8, 3, dilation=2)", "Conv2D has no argument 'dilation'; did you mean dilation_rate?"),
    ("keras.layers.Conv2D(8, kernel=3)", "Conv2D has no argument 'kernel'; did you mean kernel_size?"),
    ("keras.layers.Conv2D(out_channels=8)", "Conv2D has no argument 'out_channels'; did you mean filters?"),
    ("keras.layers.Conv2D(8, 3, bias=False)", "Conv2D has no argument 'bias'; did you mean use_bias?"),
    ("keras.layers.Conv2D(8)", "Conv2D is not given its kernel_size; write it, as in Conv2D(8, 3)"),
    (
        "keras.ops.conv(x, w)",
        "conv takes its kernel as an array, so the pasted call does not say its size; give --kernel, for example "
        "--kernel 3",
    ),
]


@pytest.mark.parametrize(("text", "message"), UNKNOWN)
def test_an_unknown_argument_gets_the_nearest_right_one(text, message):
    with pytest.raises(InvalidQuestion) as caught:
        read(text)
    assert str(caught.value) == message


def test_only_tensorflow_refuses_same_with_an_even_kernel_and_no_output_padding_and_not_for_one_row():
    text = "keras.layers.Conv1DTranspose(1, 4, 2, 'same', 0)"
    for runtime in ("", "torch", "jax"):
        assert read(text, hints=Hints(runtime=runtime)).output_size((3,)) == (4,)
    assert read(text, hints=Hints(runtime="tensorflow")).output_size((1,)) == (0,)


def test_a_transposed_layer_may_leave_nothing_but_a_convolution_or_a_cropping_may_not():
    with pytest.raises(Refused, match="nothing is left of the input: its size is 0"):
        read("keras.layers.Conv1D(1, 3)").output_size((2,))
    with pytest.raises(Refused, match="nothing is left of the input: its size is 0"):
        read("keras.Sequential([Conv1DTranspose(1, 2), Cropping1D(1)])").output_size((1,))
    with pytest.raises(Refused, match="nothing is given: its size is 0"):
        read("keras.layers.Conv1DTranspose(1, 2)").output_size((0,))


def test_channels_and_layout_are_those_of_the_call():
    first = read("keras.layers.Conv2D(8, 3, data_format='channels_first', groups=2, input_shape=(4, 9, 9))")
    assert (first.in_channels, first.out_channels, first.groups) == (4, 8, 2)
    assert first.layout == Layout(False, "kiO")
    last = read("keras.layers.Conv2DTranspose(filters, 3, input_shape=(9, 9, 4))")
    assert (last.in_channels, last.out_channels) == (4, None)
    assert last.layout == Layout(True, "koI")
    ops = read("keras.ops.conv(ops.ones((1, 9, 9, 4)), ops.ones((3, 3, 2, 6)))")
    assert (ops.kernel, ops.groups, ops.in_channels, ops.out_channels) == ((3, 3), 2, 4, 6)


def test_the_kernel_of_keras_ops_may_come_from_the_user():
    reading = read("keras.ops.conv_transpose(x, w, strides=(2, 2))", hints=Hints(kernel=(3,), out_channels=4))
    assert (reading.kernel, reading.out_channels) == ((3, 3), 4)


def test_a_narrow_output_of_one_channel_is_a_known_defect_but_not_on_jax():
    text = "keras.layers.Conv2D(1, (1, 2), strides=(1, 3), input_shape=(3, 2, 1))"
    assert read(text).defect((3, 2)).startswith("oneDNN on AVX-512, on which Keras runs with tensorflow and torch")
    assert read(text, hints=Hints(runtime="jax")).defect((3, 2)) == ""
    assert read(text).defect((3, 5)) == ""
    assert read("keras.layers.Conv2D(1, (1, 2), strides=(1, 3), input_shape=(3, 2, 2))").defect((3, 2)) == ""


# words, the call, or None where Keras has no argument for them
SPELLED = [
    (
        Words("tconv", (3,), (2,), (1,), "same", (1,), 1, 2, 4),
        'Conv1DTranspose(4, 3, strides=2, padding="same", output_padding=1)',
    ),
    (Words("tconv", (3,), (2,), (1,), ((0, 0),)), "Conv1DTranspose(1, 3, strides=2, output_padding=0)"),
    (
        Words("tconv", (3,), (2,), (2,), "valid", (2,)),
        "Conv1DTranspose(1, 3, strides=2, output_padding=2, dilation_rate=2)",
    ),
    (Words("conv", (3, 2), (1, 1), (1, 1), ((0, 0), (0, 0)), None, 2, 4, 4), "Conv2D(4, (3, 2), groups=2)"),
    (Words("conv", (3,), (1,), (1,), ((1, 1),)), None),
    (Words("conv", (3,), (1,), (1,), "same", (0,)), None),
    (Words("tconv", (3,), (1,), (1,), "same", None, 2, 2, 2), None),
]


@pytest.mark.parametrize(("words", "call"), SPELLED)
def test_words_are_spelled_as_they_are_or_not_at_all(words, call):
    assert spell(words) == (None if call is None else f"import keras\n\nlayer = keras.layers.{call}\n")


def test_the_words_of_a_pasted_layer_say_it_again():
    text = 'keras.layers.Conv1DTranspose(4, 3, strides=2, padding="same", output_padding=1)'
    assert spell(read(text).words) == f"import keras\n\nlayer = {text}\n"
    assert read("keras.Sequential([Conv1DTranspose(1, 3), Cropping1D(1)])").words is None


def test_the_order_of_output_padding_and_data_format_depends_on_the_number_of_axes():
    assert read("keras.layers.Conv2DTranspose(1, 3, 2, 'valid', 1)").output_size((2, 2)) == (6, 6)
    reading = read("keras.layers.Conv3DTranspose(1, 3, 2, 'valid', 'channels_first', 1)")
    assert (reading.output_size((2, 2, 2)), reading.layout.channels_last) == ((6, 6, 6), False)


def test_what_tensorflow_alone_refuses_is_a_defect_where_no_backend_of_keras_is_named():
    text = "keras.layers.Conv1DTranspose(1, 4, 2, 'same', 0)"
    assert (
        read(text).defect((3,)).startswith("Keras on tensorflow raises at the call: padding 'same', output_padding 0")
    )
    assert read(text, hints=Hints(runtime="torch")).defect((3,)) == ""
    assert read("keras.layers.Conv1DTranspose(1, 4, 2, 'same', 1)").defect((3,)) == ""
