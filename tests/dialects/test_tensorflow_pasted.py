"""TensorFlow's words as users write them: code around a call, what is refused and why, what is known to be wrong."""

import pytest
from normal_forms import normal_form, without_channels

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.layer import Layer

C84 = {"in_channels": 8, "out_channels": 4}

# a user's code, the input size, the layer that it is
PASTED = [
    ('tf.nn.conv2d(x, tf.ones((3, 3, 8, 4)), 2, "SAME")', (5, 5), Layer.conv(2, kernel=3, stride=2, padding=1, **C84)),
    (
        "import tensorflow as tf\n"
        "w = tf.Variable(tf.random.normal([3, 3, 8, 4]))\n"
        "x = tf.pad(x, tf.constant([[0, 0], [1, 1], [1, 1], [0, 0]]))\n"
        'y = tf.nn.relu(tf.nn.conv2d(x, w, strides=[1, 2, 2, 1], padding="VALID") + b)\n'
        'z = tf.nn.conv2d(tf.pad(y, pads), w2, 1, "SAME")',
        (5, 5),
        Layer.conv(2, kernel=3, stride=2, padding=1, **C84),
    ),
    (
        "from tensorflow import nn\nnn.conv2d(x, tf.ones([3, 3, 8, 4]), 1, [[0, 0], [1, 0], [0, 2], [0, 0]])",
        (5, 5),
        Layer.conv(2, kernel=3, padding=[(1, 0), (0, 2)], **C84),
    ),
    (
        "tf.nn.conv2d_transpose(x, tf.ones((4, 4, 4, 8)), [batch, 16, 16, 4], strides=2)",
        (8, 8),
        Layer.tconv(2, kernel=4, stride=2, padding=1, **C84),
    ),
    (
        'tf.nn.conv2d_transpose(x, tf.ones((4, 4, 2, 8)), [1, 4, 16, 16], 2, "SAME", "NCHW")',
        (8, 8),
        Layer.tconv(2, kernel=4, stride=2, padding=1, groups=2, **C84),
    ),
    (
        'tf.nn.conv_transpose(x, tf.ones((3, 4, 8)), [1, 9, 4], 2, "VALID")[:, 1:-1]',
        (4,),
        Layer.tconv(1, kernel=3, stride=2, padding=1, **C84),
    ),
    (
        'tf.compat.v1.nn.conv2d_backprop_input([1, 6, 6, 4], tf.ones((3, 3, 4, 8)), dy, [1, 2, 2, 1], "SAME")',
        (3, 3),
        Layer.tconv(2, kernel=3, stride=2, padding=[(0, 1), (0, 1)], **C84),
    ),
    (
        'tf.nn.convolution(x, tf.ones((3, 3, 3, 8, 4)), dilations=2, padding="SAME")',
        (5, 5, 5),
        Layer.conv(3, kernel=3, dilation=2, padding=2, **C84),
    ),
    (
        'f = lambda x: tf.nn.conv1d(tf.pad(x, [[0, 0], [2, 0], [0, 0]]), tf.ones((3, 8, 4)), 1, "VALID").numpy()',
        (5,),
        Layer.conv(1, kernel=3, padding=[(2, 0)], **C84),
    ),
]


@pytest.mark.parametrize(("text", "size", "layer"), PASTED)
def test_users_code_is_the_layer_that_it_is(text, size, layer):
    reading = read(text, hints=Hints(in_channels=8))
    assert reading.dialect == "tensorflow"
    assert normal_form(reading.layer(size), size) == normal_form(layer, size)


def test_the_kernel_of_a_bare_call_is_the_users_to_give():
    text = 'tf.nn.conv2d_transpose(x, w, [1, 16, 16, 3], 2, "SAME")'
    size = (8, 8)
    layer = read(text, hints=Hints(kernel=(4,))).layer(size)
    assert without_channels(layer, size) == without_channels(Layer.tconv(2, kernel=4, stride=2, padding=1), size)
    assert layer.out_channels == 3
    with pytest.raises(InvalidQuestion, match="takes its kernel as an array, so the pasted call does not say its size"):
        read(text)


SPELLED = "tf.nn.conv2d(x, tf.ones((3, 3, 1, 1)), {})"
MESSAGES = [
    (
        SPELLED.format('1, "same"'),
        r"padding 'same' of conv2d: TensorFlow knows SAME and VALID, in upper case only; wri",
    ),
    (SPELLED.format('1, "SOME"'), r'in upper case only; write "SAME" or "VALID"'),
    (SPELLED.format('1, "SAME", groups=2'), r"conv2d has no argument 'groups'; known: input, filters, strides"),
    (SPELLED.format('stride=1, padding="SAME"'), r"conv2d has no argument 'stride'; did you mean strides\?"),
    (SPELLED.format("1"), r'conv2d needs padding; write it, as in padding="SAME"'),
    (SPELLED.format('[2, 2, 2], "SAME"'), r"strides of conv2d should be of length 1, 2 or 4, got 3; give one per axis"),
    (SPELLED.format('[1, 2, 2, 2], "SAME"'), r"strides \(1, 2, 2, 2\) of conv2d steps over samples or channels; write"),
    (SPELLED.format('0, "SAME"'), r"strides of conv2d must be greater than 0, got 0; use strides=1"),
    (SPELLED.format('1, "SAME", "NWC"'), r"data_format of conv2d is 'NWC'; TensorFlow knows \"NHWC\" and \"NCHW\""),
    (
        SPELLED.format("1, pad"),
        r"padding of conv2d is pad, and explicit padding has a \[begin, end\] for all of 4 axes; as",
    ),
    (
        SPELLED.format("1, [[0, 0], [-1, 1], [0, 0], [0, 0]]"),
        r"explicit padding of conv2d must be nonnegative; crop ins",
    ),
    (
        SPELLED.format("1, [[1, 0], [1, 1], [0, 0], [0, 0]]"),
        r"padding of conv2d in the batch or depth dimensions is not",
    ),
    (SPELLED.format('1, "VALID"') + "[:, 1:]", r"a convolution whose output is cropped is no layer"),
    (
        'tf.nn.conv3d(x, tf.ones((1, 1, 1, 1, 1)), 2, "SAME")',
        r"conv3d alone takes all 5 numbers; write strides=\[1, 2, ",
    ),
    (
        "tf.nn.conv1d(x, tf.ones((1, 1, 1)), 1, [[0, 0], [1, 1], [0, 0]])",
        r"conv1d takes padding as a name only, not .*; p",
    ),
    (
        'tf.nn.conv1d(tf.pad(x, p), tf.ones((1, 1, 1)), 1, "VALID")',
        r"'tf.pad\(x, p\)' pads by what is no number; write th",
    ),
    (
        'tf.nn.conv1d(tf.pad(x, [[0, 0], [1, 1], [0, 0]], "REFLECT"), tf.ones((1, 1, 1)), 1, "VALID")',
        r"pads with other values than 0; only zero padding is a layer here",
    ),
    (
        'tf.nn.conv1d(tf.pad(x, [[0, 0], [1, 1], [0, 1]]), tf.ones((1, 1, 1)), 1, "VALID")',
        r"a padding of samples or channels before the convolution is no layer; pad the other axes only",
    ),
    (
        'tf.pad(tf.nn.conv1d(x, tf.ones((1, 1, 1)), 1, "VALID"), [[0, 0], [1, 1], [0, 0]])',
        r"rows that are padded after the convolution hold no bias, so this is no layer; pad its input",
    ),
    (
        'tf.nn.conv1d(x, tf.ones((1, 2, 1)), 1, "VALID")',
        r"conv1d divides the 1 channels of its input into groups of the kernel's 2, and they do not divide evenly; a "
        r"kernel of this group size goes with 2 channels",
    ),
    (
        "tf.nn.conv1d_transpose(x, tf.ones((3, 1, 1)), strides=2)",
        r"conv1d_transpose needs output_shape; write it, as in o",
    ),
    (
        "tf.nn.conv1d_transpose(x, tf.ones((3, 1, 1)), shape, 2)",
        r"makes what its output_shape says, which is shape here",
    ),
    (
        "tf.nn.conv3d_transpose(x, tf.ones((3, 3, 3, 1, 1)), [6, 6, 6], 2)",
        r"with too few TensorFlow may end the process",
    ),
    (
        "tf.nn.conv1d_transpose(x, tf.ones((3, 1, 1)), [1, 9, 1], 2)",
        r"output_shape asks for 9 rows, and with this padding an input of 4 gives 7 to 8 \(TensorFlow says: could not "
        r"create a primitive descriptor, or: size of out_backprop doesn't match\); ask for 8",
    ),
    (
        "tf.nn.conv2d_transpose(x, tf.ones((3, 3, 1, 1)), [1, 6, 6, 1], 1, [[0, 0], [1, 0], [1, 0], [0, 0]], "
        "dilations=2)",
        r"takes no dilations with explicit padding in conv2d_transpose on a CPU; use \"VALID\" and crop the result",
    ),
    (
        "tf.nn.conv3d_transpose(x, tf.ones((1, 1, 1, 1, 2)), [1, 4, 4, 4, 2], 1)",
        r"TensorFlow takes no groups in conv3d_transpose on a CPU; call it for each group apart",
    ),
    (
        "tf.nn.convolution(x, tf.ones((3, 3, 1, 1)), (2, 1), dilations=(1, 2))",
        r"tf.nn.convolution refuses strides \(2, 1\) together with dilations \(1, 2\); use tf.nn.conv2d",
    ),
    ("tf.nn.convolution(x, w)", r"takes its axes from its kernel, so the pasted call does not say them; give --kernel"),
    (
        'tf.nn.conv1d(x, tf.ones((6, 1, 1)), 1, "VALID")',
        r"the output size would be negative: -1, for the kernel spans mo",
    ),
]


@pytest.mark.parametrize(("text", "message"), MESSAGES)
def test_what_tensorflow_refuses_is_said_with_the_nearest_fix(text, message):
    with pytest.raises(InvalidQuestion, match=message):
        read(text, hints=Hints(in_channels=1)).output_size((4,) * 1 if "1d" in text else (4, 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SPELLED.format('1, "SAME", "NCHW"'), "takes no channels first in conv2d on a CPU without oneDNN; transpose"),
        (
            'tf.nn.conv1d_transpose(x, tf.ones((3, 1, 1)), [1, 7, 1], 1, "VALID", dilations=2)',
            "takes no dilations in conv1d_transpose on a CPU without oneDNN; put the zeros between the kernel's taps",
        ),
    ],
)
def test_without_onednn_more_is_refused(text, message):
    assert read(text).dialect == "tensorflow"
    with pytest.raises(Refused, match=message):
        read(text, hints=Hints(runtime="no-onednn"))


@pytest.mark.parametrize(
    ("text", "size", "runtime", "message"),
    [
        (
            'tf.nn.conv2d(x, tf.ones((3, 3, 1, 1)), 1, "VALID")',
            (2, 5),
            "",
            "uninitialised memory in the shape of the inpu",
        ),
        (
            'tf.nn.conv2d(x, tf.ones((1, 2, 1, 1)), [1, 3], "VALID")',
            (3, 2),
            "",
            "oneDNN on AVX-512 steps by the width str",
        ),
        (
            'tf.nn.conv3d(x, tf.ones((1, 1, 1, 1, 1)), [1, 3, 1, 1, 1], "SAME")',
            (3, 1, 1),
            "no-onednn",
            "without oneDNN, conv3d SAME starts at the wrong row",
        ),
    ],
)
def test_a_known_defect_is_told_by_its_rule(text, size, runtime, message):
    other = "" if runtime else "no-onednn"
    assert message in read(text, hints=Hints(in_channels=1, runtime=runtime)).defect(size)
    assert read(text, hints=Hints(in_channels=1, runtime=other)).defect(size) == ""
