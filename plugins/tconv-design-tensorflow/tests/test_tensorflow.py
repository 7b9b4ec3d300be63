import subprocess
import sys

import numpy as np
import pytest
from tconv_design_tensorflow import TensorflowBackend, tconv_backend
from tconv_design_tensorflow.accepted import accepts
from tconv_design_tensorflow.defects import KNOWN, NARROW_OUTPUT, SAME_BEYOND_THE_KERNEL
from tconv_design_tensorflow.framework import tensorflow

from tconv_design.compare import judge
from tconv_design.dialects.tensorflow import spell
from tconv_design.dialects.tensorflow_calls import NO_ONEDNN, ONEDNN, Asked
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidLayer, NotExpressible
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.samples import draw
from tconv_design.worker import build

SAMPLE = [*range(400), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(400, 3000))]


def words(layer, in_size):
    return TensorflowBackend().code(layer, in_size).removeprefix("import tensorflow as tf\n\n").removesuffix("\n")


def drawn_data(layer, in_size, seed, dtype="f4"):
    rng = np.random.default_rng(seed)
    shapes = ((2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype(dtype) for shape in shapes]


def run(layer, in_size, data):
    return TensorflowBackend().run(build(TensorflowBackend().code(layer, in_size)), *data)


def may_be_wrong(layer, in_size):
    """Whether a known defect of the installed TensorFlow may touch the layer on this machine."""
    code = TensorflowBackend().code(layer, in_size)
    return any(defect.can_touch(layer, in_size, code) and defect.shows() for defect in KNOWN)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition_but_for_the_known_defects(seed):
    case = drawn(seed)
    layer, in_size = case.layer, case.in_size
    data = drawn_data(layer, in_size, seed)
    actual, expected = run(layer, in_size, data), reference(layer, *data)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    assert np.array_equal(actual, expected) or may_be_wrong(layer, in_size), TensorflowBackend().code(layer, in_size)


# Layers that differ wherever the defect's own expression is wrong, and agree wherever that is right.
TOUCHED = [
    (NARROW_OUTPUT, Layer.conv(2, kernel=(1, 2), stride=(1, 3)), (3, 2)),
    (NARROW_OUTPUT, Layer.conv(2, kernel=(2, 2), stride=(1, 3)), (4, 2)),
    (NARROW_OUTPUT, Layer.conv(2, kernel=(1, 3), stride=(1, 2), out_channels=2), (3, 3)),
    (NARROW_OUTPUT, Layer.conv(3, kernel=(1, 1, 2), stride=(1, 1, 2)), (2, 3, 3)),
    (NARROW_OUTPUT, Layer.conv(3, kernel=(1, 1, 2), stride=(2, 1, 2), dilation=(2, 1, 1)), (3, 3, 3)),
    (NARROW_OUTPUT, Layer.conv(2, kernel=(2, 3), stride=(1, 3), padding=1), (6, 2)),
    (
        NARROW_OUTPUT,
        Layer.conv(3, kernel=2, stride=(4, 1, 3), padding=[0, 1, 1], groups=2, in_channels=2, out_channels=2),
        (4, 2, 1),
    ),
    (SAME_BEYOND_THE_KERNEL, Layer.conv(3, kernel=(1, 2, 1), stride=(3, 1, 1), padding=[0, (0, 1), 0]), (3, 3, 1)),
    (SAME_BEYOND_THE_KERNEL, Layer.conv(3, kernel=(1, 1, 2), stride=(4, 3, 3), padding=[0, 0, (0, 1)]), (4, 1, 1)),
]


@pytest.mark.parametrize(("defect", "layer", "in_size"), TOUCHED)
def test_a_known_defect_is_neither_hidden_nor_assumed(defect, layer, in_size):
    samples = draw(layer, in_size, seed=0)
    verdict = judge(reference(layer, *samples), run(layer, in_size, samples), samples.bias)
    assert defect.can_touch(layer, in_size, TensorflowBackend().code(layer, in_size))
    assert verdict.status == ("differs" if defect.shows() else "agrees")


# layer, in, the words for it where TensorFlow takes dilated and grouped calls (a GPU, or a CPU with oneDNN)
WORDS = [
    # a DCGAN's generator block
    (
        Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=128, out_channels=64),
        (8, 8),
        'layer = tf.keras.layers.Conv2DTranspose(64, 4, strides=2, padding="same")',
    ),
    (
        Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]),
        (3,),
        'layer = tf.keras.layers.Conv1DTranspose(1, 3, strides=2, padding="same")',
    ),
    (
        Layer.tconv(2, kernel=(5, 3), stride=(2, 1)),
        (4, 4),
        'layer = tf.keras.layers.Conv2DTranspose(1, (5, 3), strides=(2, 1), padding="valid")',
    ),
    # Keras fills up to the stride unless it is told not to
    (
        Layer.tconv(2, kernel=2, stride=4),
        (4, 4),
        'layer = tf.keras.layers.Conv2DTranspose(1, 2, strides=4, padding="valid", output_padding=0)',
    ),
    # Keras gives the first of these rows back at the begin: this is torch's padding=1, output_padding=0
    (
        Layer.tconv(3, kernel=3, stride=2, padding=1),
        (2, 3, 4),
        'layer = tf.keras.layers.Conv3DTranspose(1, 3, strides=2, padding="same", output_padding=0)',
    ),
    (
        Layer.tconv(2, kernel=3, stride=2, padding=1, output_padding=1),
        (4, 4),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 3, 1, 1)  # (*kernel, out_channels, in_channels)\n"
        "    y = tf.nn.conv2d_transpose(x, kernel, [tf.shape(x)[0], 8, 8, 1], strides=2, "
        "padding=[[0, 0], [1, 0], [1, 0], [0, 0]])\n"
        "    return tf.nn.bias_add(y, bias)",
    ),
    (
        Layer.tconv(1, kernel=4, stride=2, padding=1, groups=2, in_channels=4, out_channels=6),
        (4,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (4, 3, 4)  # (*kernel, out_channels/groups, in_channels)\n"
        '    y = tf.nn.conv1d_transpose(x, kernel, [tf.shape(x)[0], 8, 6], strides=2, padding="SAME")\n'
        "    return tf.nn.bias_add(y, bias)",
    ),
    # Keras's same with output_padding=0 would be this, and TensorFlow raises for it where the kernel is even
    (
        Layer.tconv(1, kernel=4, stride=2, padding=2),
        (3,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (4, 1, 1)  # (*kernel, out_channels, in_channels)\n"
        '    y = tf.nn.conv1d_transpose(x, kernel, [tf.shape(x)[0], 8, 1], strides=2, padding="VALID")\n'
        "    return tf.nn.bias_add(y[:, 2:6], bias)",
    ),
    # Keras takes no output_padding of a whole stride
    (
        Layer.tconv(1, kernel=2, dilation=2, output_padding=1),
        (3,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (2, 1, 1)  # (*kernel, out_channels, in_channels)\n"
        "    x = tf.pad(x, [[0, 0], [0, 1], [0, 0]])\n"
        '    y = tf.nn.conv1d_transpose(x, kernel, [tf.shape(x)[0], 6, 1], strides=1, padding="VALID", dilations=2)\n'
        "    return tf.nn.bias_add(y, bias)",
    ),
    # all that can be needed at once: rows beyond the full result, groups that 3-D refuses, a crop
    (
        Layer.tconv(
            3,
            kernel=1,
            stride=(2, 1, 1),
            dilation=(1, 3, 1),
            padding=[(1, 0), 0, 0],
            output_padding=(0, 2, 0),
            groups=2,
            in_channels=2,
            out_channels=4,
        ),
        (3, 3, 3),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (1, 1, 1, 2, 2)  # (*kernel, out_channels/groups, in_channels)\n"
        "    x = tf.pad(x, [[0, 0], [0, 0], [0, 2], [0, 0], [0, 0]])\n"
        "    pairs = zip(tf.split(x, 2, axis=-1), tf.split(kernel, 2, axis=-1))\n"
        "    parts = [tf.nn.conv3d_transpose(x, kernel, [tf.shape(x)[0], 5, 5, 3, 2], strides=(2, 1, 1), "
        'padding="VALID", dilations=(1, 3, 1)) for x, kernel in pairs]\n'
        "    y = tf.concat(parts, axis=-1)\n"
        "    return tf.nn.bias_add(y[:, 1:5, :, :], bias)",
    ),
    (
        Layer.conv(2, kernel=3, padding=1, in_channels=3, out_channels=8),
        (32, 32),
        'layer = tf.keras.layers.Conv2D(8, 3, padding="same")',
    ),
    (
        Layer.conv(1, kernel=3, padding=[(4, 0)], dilation=2, groups=2, in_channels=2, out_channels=2),
        (9,),
        'layer = tf.keras.layers.Conv1D(2, 3, padding="causal", dilation_rate=2, groups=2)',
    ),
    # same, stride 2: padding 1:1 at odd sizes, 0:1 at even ones
    (
        Layer.conv(2, kernel=3, stride=2, padding=1),
        (5, 5),
        "# exact for in 5x5; at other sizes this padding may not be the layer's\n"
        'layer = tf.keras.layers.Conv2D(1, 3, strides=2, padding="same")',
    ),
    (
        Layer.conv(1, kernel=3, stride=2, padding=[(0, 1)]),
        (5,),
        "# exact for in 5; at other sizes this padding may not be the layer's\n"
        'layer = tf.keras.layers.Conv1D(1, 3, strides=2, padding="valid")',
    ),
    (
        Layer.conv(2, kernel=3, stride=2, padding=1),
        (4, 4),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 3, 1, 1)  # (*kernel, in_channels, out_channels)\n"
        "    y = tf.nn.conv2d(x, kernel, strides=2, padding=[[0, 0], [1, 1], [1, 1], [0, 0]])\n"
        "    return tf.nn.bias_add(y, bias)",
    ),
    (
        Layer.conv(1, kernel=3, stride=2, dilation=2, padding=1),
        (7,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 1, 1)  # (*kernel, in_channels, out_channels)\n"
        "    x = tf.pad(x, [[0, 0], [1, 1], [0, 0]])\n"
        '    y = tf.nn.conv1d(x, kernel, stride=2, padding="VALID", dilations=2)\n'
        "    return tf.nn.bias_add(y, bias)",
    ),
    (
        Layer.conv(3, kernel=2, stride=2, dilation=(1, 1, 2)),
        (4, 4, 5),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (2, 2, 2, 1, 1)  # (*kernel, in_channels, out_channels)\n"
        '    y = tf.nn.conv3d(x, kernel, strides=[1, 2, 2, 2, 1], padding="VALID", dilations=[1, 1, 1, 2, 1])\n'
        "    return tf.nn.bias_add(y, bias)",
    ),
]

WITHOUT_ONEDNN = [
    (
        Layer.tconv(2, kernel=3, dilation=(2, 1)),
        (4, 4),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (3, 3, 1, 1)  # (*kernel, out_channels, in_channels)\n"
        "    kernel = tf.pad(kernel, [[0, 1], [0, 0], [0, 0], [0, 0]])\n"
        "    kernel = tf.gather(kernel, [i // 2 if i % 2 == 0 else 3 for i in range(5)], axis=0)\n"
        '    y = tf.nn.conv2d_transpose(x, kernel, [tf.shape(x)[0], 8, 6, 1], strides=1, padding="VALID")\n'
        "    return tf.nn.bias_add(y, bias)",
    ),
    # one call takes explicit padding, but no row beyond the last stride
    (
        Layer.tconv(2, kernel=2, dilation=(2, 1), padding=[(1, 0), (1, 1)], output_padding=(1, 0)),
        (4, 4),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (2, 2, 1, 1)  # (*kernel, out_channels, in_channels)\n"
        "    x = tf.pad(x, [[0, 0], [0, 1], [0, 0], [0, 0]])\n"
        "    kernel = tf.pad(kernel, [[0, 1], [0, 0], [0, 0], [0, 0]])\n"
        "    kernel = tf.gather(kernel, [i // 2 if i % 2 == 0 else 2 for i in range(3)], axis=0)\n"
        '    y = tf.nn.conv2d_transpose(x, kernel, [tf.shape(x)[0], 7, 5, 1], strides=1, padding="VALID")\n'
        "    return tf.nn.bias_add(y[:, 1:7, 1:4], bias)",
    ),
    (
        Layer.tconv(1, kernel=4, stride=2, padding=1, groups=2, in_channels=4, out_channels=6),
        (4,),
        "def layer(x, kernel, bias):\n"
        "    assert tuple(kernel.shape) == (4, 3, 4)  # (*kernel, out_channels/groups, in_channels)\n"
        "    pairs = zip(tf.split(x, 2, axis=-1), tf.split(kernel, 2, axis=-1))\n"
        "    parts = [tf.nn.conv1d_transpose(x, kernel, [tf.shape(x)[0], 8, 3], strides=2, "
        'padding="SAME") for x, kernel in pairs]\n'
        "    y = tf.concat(parts, axis=-1)\n"
        "    return tf.nn.bias_add(y, bias)",
    ),
]


@pytest.fixture
def takes_every_dilation(monkeypatch):
    """TensorFlow as it is with oneDNN or a GPU, whatever it is here: the words are then the same everywhere."""
    monkeypatch.setattr("tconv_design_tensorflow.accepted.refused", lambda: ONEDNN)


@pytest.fixture
def takes_no_dilation(monkeypatch):
    """TensorFlow as it is on a CPU without oneDNN."""
    monkeypatch.setattr("tconv_design_tensorflow.accepted.refused", lambda: NO_ONEDNN)


@pytest.mark.usefixtures("takes_every_dilation")
@pytest.mark.parametrize(("layer", "in_size", "expected"), WORDS)
def test_the_words_are_keras_then_one_call_then_what_surrounds_it(layer, in_size, expected):
    assert words(layer, in_size) == expected


@pytest.mark.usefixtures("takes_no_dilation")
@pytest.mark.parametrize(("layer", "in_size", "expected"), WITHOUT_ONEDNN)
def test_without_onednn_zeros_are_put_into_the_kernel_and_groups_are_split(layer, in_size, expected):
    assert words(layer, in_size) == expected
    data = drawn_data(layer, in_size, seed=0)
    assert np.array_equal(run(layer, in_size, data), reference(layer, *data))


@pytest.mark.parametrize(("layer", "in_size", "expected"), WORDS)
def test_those_layers_equal_the_definition(layer, in_size, expected):
    data = drawn_data(layer, in_size, seed=0)
    assert np.array_equal(run(layer, in_size, data), reference(layer, *data))


@pytest.mark.parametrize("seed", range(60))
@pytest.mark.usefixtures("takes_no_dilation")
def test_the_words_without_onednn_equal_the_definition_everywhere(seed):
    case = drawn(seed)
    layer, in_size = case.layer, case.in_size
    data = drawn_data(layer, in_size, seed)
    equal = np.array_equal(run(layer, in_size, data), reference(layer, *data))
    assert equal or may_be_wrong(layer, in_size)


@pytest.mark.parametrize(
    ("layer", "out"),
    [
        (Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]), [1, 2, 5, 4, 9, 6]),
        (Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), [2, 5, 4, 9, 6, 9]),
        (Layer.tconv(1, kernel=3, stride=2, padding=[(3, 0)], output_padding=1), [4, 9, 6, 9, 0]),
        (Layer.conv(1, kernel=3, padding=1), [8, 14, 8]),
        (Layer.conv(1, kernel=3, padding=[(2, 0)]), [3, 8, 14]),
    ],
)
def test_a_ramp_has_the_known_values(layer, out):
    ramp = np.array([[[1, 2, 3]]], "f4")
    assert run(layer, (3,), [ramp, ramp, np.zeros(1, "f4")]).tolist() == [[out]]


def test_rows_that_no_input_reaches_hold_the_bias():
    layer = Layer.tconv(1, kernel=1, stride=3, padding=[(3, 0)], output_padding=2)
    one = np.ones((1, 1, 2), "f4")
    assert run(layer, (2,), [one, one[..., :1], np.array([7], "f4")]).tolist() == [[[8, 7, 7]]]


@pytest.mark.parametrize("padding", [0, (2, 2)])
def test_a_conv_says_no_size_where_its_words_hold_for_all(padding):
    assert "exact for" not in words(Layer.conv(2, kernel=3, stride=2, padding=[padding] * 2), (7, 7))


def test_float64_stays_float64():
    layer = Layer.tconv(2, kernel=4, stride=2, padding=1)
    data = drawn_data(layer, (3, 3), seed=0, dtype="f8")
    actual = run(layer, (3, 3), data)
    assert actual.dtype == np.float64
    assert np.array_equal(actual, reference(layer, *data))


def test_a_layer_runs_again_with_other_weights_and_another_batch():
    layer, in_size = Layer.tconv(1, kernel=4, stride=2, padding=1), (3,)
    built = build(TensorflowBackend().code(layer, in_size))
    for seed in (0, 1):
        signal, *parameters = drawn_data(layer, in_size, seed)
        data = [signal[seed:], *parameters]
        assert np.array_equal(TensorflowBackend().run(built, *data), reference(layer, *data))


def test_the_function_can_be_traced_with_an_unknown_batch():
    tf = tensorflow()
    layer = build(TensorflowBackend().code(Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), (3,)))
    traced = tf.function(layer).get_concrete_function(*(tf.TensorSpec(s) for s in ([None, 3, 1], [3, 1, 1], [1])))
    assert traced(tf.ones((5, 3, 1)), tf.ones((3, 1, 1)), tf.ones(1)).shape == (5, 6, 1)


def refuses(call):
    try:
        call()
    except tensorflow().errors.OpError:
        return True
    return False


def test_what_tensorflow_accepts_is_found_by_asking_it():
    nn, ones = tensorflow().nn, tensorflow().ones
    x, taps, pair, both = ones((1, 2, 2, 1)), ones((2, 2, 1, 1)), ones((1, 2, 2, 2)), ones((2, 2, 1, 2))
    assert accepts(Asked("tconv", 2, dilated=True)) != refuses(
        lambda: nn.conv2d_transpose(x, taps, [1, 4, 4, 1], 1, "VALID", dilations=2)
    )
    assert accepts(Asked("tconv", 2, grouped=True)) != refuses(
        lambda: nn.conv2d_transpose(pair, both, [1, 3, 3, 2], 1, "VALID")
    )
    assert accepts(Asked("conv", 3, dilated=True)) != refuses(
        lambda: nn.conv3d(ones((1, 3, 3, 3, 1)), ones((2, 2, 2, 1, 1)), [1] * 5, "VALID", dilations=[1, 2, 2, 2, 1])
    )
    assert accepts(Asked("tconv", 2, explicit=True))
    assert accepts(Asked("conv", 2, dilated=True, grouped=True, explicit=True))
    assert accepts(Asked("tconv", 3))


def test_sizes_beyond_32_bits_have_no_words():
    with pytest.raises(NotExpressible, match=r"in 32 bits, and 2147483650 does not fit; nearest: the same layer"):
        TensorflowBackend().code(Layer.tconv(1, kernel=3), (2**31,))
    with pytest.raises(NotExpressible, match="32 bits"):
        TensorflowBackend().code(Layer.conv(1, kernel=3, padding=2**31), (4,))


def test_a_layer_that_leaves_nothing_is_refused_before_tensorflow_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        TensorflowBackend().code(Layer.tconv(1, kernel=3, padding=5), (4,))


def test_the_hook_brings_the_backend_of_the_installed_tensorflow():
    backend = tconv_backend()
    version = tensorflow().__version__
    assert (backend.name, backend.api_version, backend.version()) == ("tensorflow", 1, version)


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_the_plugin_imports_no_tensorflow():
    program = "import sys, tconv_design_tensorflow as t; t.tconv_backend(); sys.exit('tensorflow' in sys.modules)"
    assert run_python(program).returncode == 0


def test_tensorflow_and_keras_are_silent():
    program = """
import numpy as np
from tconv_design_tensorflow import tconv_backend
from tconv_design.layer import Layer
backend = tconv_backend()
for groups in (1, 2):  # Keras compiles a grouped conv with XLA, which has remarks of its own
    layer, data = Layer.conv(2, kernel=3, groups=groups, in_channels=2, out_channels=2), np.ones((1, 2, 4, 4), "f4")
    names = {}
    exec(backend.code(layer, (4, 4)), names)
    backend.run(names["layer"], data, np.ones(layer.weight_shape, "f4"), np.ones(2, "f4"))
print("done")
"""
    finished = run_python(program)
    assert (finished.stdout, finished.stderr) == ("done\n", "")


def test_keras_runs_on_tensorflow_whatever_the_user_set():
    program = """
import os
os.environ["KERAS_BACKEND"] = "numpy"
from tconv_design_tensorflow import tconv_backend
tconv_backend().version()
import keras
print(keras.backend.backend())
"""
    assert run_python(program).stdout == "tensorflow\n"


def test_a_missing_tensorflow_is_said_when_it_is_asked_for():
    program = """
import sys
sys.modules["tensorflow"] = None
from tconv_design_tensorflow import tconv_backend
tconv_backend().version()
"""
    assert run_python(program).stderr.splitlines()[-1].startswith("ModuleNotFoundError: import of tensorflow halted")


# words as they are, the layer that they mean, the input size
SPELLED = [
    (
        Words("conv", (3, 2), (2, 1), (1, 1), "same", None, 1, 2, 3),
        Layer.conv(2, kernel=(3, 2), stride=(2, 1), padding=[(1, 1), (0, 1)], in_channels=2, out_channels=3),
        (5, 4),
    ),
    (Words("conv", (3,), (2,), (2,), "valid"), Layer.conv(1, kernel=3, stride=2, dilation=2), (9,)),
    (
        Words("conv", (2, 2, 2), (1, 2, 1), (1, 1, 1), ((0, 0),) * 3),
        Layer.conv(3, kernel=2, stride=(1, 2, 1)),
        (3, 4, 3),
    ),
    (
        Words("tconv", (4, 3), (2, 1), (1, 1), ((1, 0), (2, 1)), (1, 0), 1, 2, 3),
        Layer.tconv(
            2,
            kernel=(4, 3),
            stride=(2, 1),
            padding=[(1, 0), (2, 1)],
            output_padding=(1, 0),
            in_channels=2,
            out_channels=3,
        ),
        (3, 4),
    ),
    (
        Words("tconv", (3,), (2,), (1,), "same", None, 1, 2, 2),
        Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)], in_channels=2, out_channels=2),
        (4,),
    ),
    (
        Words("tconv", (3,), (2,), (1,), "valid", (1,)),
        Layer.tconv(1, kernel=3, stride=2, output_padding=1),
        (4,),
    ),
]


@pytest.mark.parametrize(("said", "layer", "in_size"), SPELLED)
def test_words_run_as_they_are_spelled(said, layer, in_size):
    data = drawn_data(layer, in_size, seed=0)
    actual = TensorflowBackend().run(build(spell(said)), *data)
    assert np.array_equal(actual, reference(layer, *data))


def test_words_that_tensorflow_refuses_are_spelled_and_refused_by_it():
    said = Words("tconv", (3,), (2,), (1,), ((1, 1),))
    data = drawn_data(Layer.tconv(1, kernel=3, stride=2, padding=1), (4,), seed=0)
    with pytest.raises(TypeError, match="Expected string for argument 'padding'"):
        TensorflowBackend().run(build(spell(said)), *data)
