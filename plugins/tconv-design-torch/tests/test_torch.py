import subprocess
import sys

import numpy as np
import pytest
import torch
from tconv_design_torch import DEVICE_VARIABLE, TorchBackend, tconv_backend

from tconv_design.errors import BackendUnavailable, InvalidLayer
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.worker import build

SAMPLE = [*range(300), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(300, 5000))]

# layer, in, the words for it
WORDS = [
    # a DCGAN's generator block
    (
        Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=128, out_channels=64),
        (8, 8),
        "torch.nn.ConvTranspose2d(128, 64, 4, stride=2, padding=1)",
    ),
    (
        Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1),
        (3,),
        "torch.nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1, output_padding=1)",
    ),
    # one row less at the end is output_padding to torch
    (
        Layer.tconv(2, kernel=3, stride=2, padding=[(1, 0), (1, 0)]),
        (4, 4),
        "torch.nn.ConvTranspose2d(1, 1, 3, stride=2, padding=1, output_padding=1)",
    ),
    # output_padding and end padding cancel
    (
        Layer.tconv(1, kernel=5, stride=3, padding=[(0, 2)], output_padding=2),
        (4,),
        "torch.nn.ConvTranspose1d(1, 1, 5, stride=3)",
    ),
    (
        Layer.tconv(3, kernel=(1, 2, 3), dilation=(1, 1, 2), groups=2, in_channels=4, out_channels=2),
        (2, 3, 4),
        "torch.nn.ConvTranspose3d(4, 2, (1, 2, 3), dilation=(1, 1, 2), groups=2)",
    ),
    # the end crop of TensorFlow's "same"
    (
        Layer.tconv(2, kernel=3, stride=2, padding=[(0, 1), 1]),
        (4, 4),
        "torch.nn.Sequential(\n"
        "    torch.nn.ConvTranspose2d(1, 1, 3, stride=2, padding=(0, 1)),\n"
        "    torch.nn.ConstantPad2d((0, 0, 0, -1), 0),  # crops left, right, top, bottom\n"
        ")",
    ),
    # the begin crop is out of output_padding's reach; the rows that no input reaches are not
    (
        Layer.tconv(1, kernel=2, stride=3, padding=[(4, 1)], output_padding=2),
        (3,),
        "torch.nn.Sequential(\n"
        "    torch.nn.ConvTranspose1d(1, 1, 2, stride=3, output_padding=1),\n"
        "    torch.nn.ConstantPad1d((-4, 0), 0),  # crops begin, end\n"
        ")",
    ),
    (
        Layer.conv(2, kernel=3, stride=2, padding=1, in_channels=3, out_channels=8),
        (224, 224),
        "torch.nn.Conv2d(3, 8, 3, stride=2, padding=1)",
    ),
    (Layer.conv(2, kernel=4, padding=[(1, 2), (1, 2)]), (6, 6), 'torch.nn.Conv2d(1, 1, 4, padding="same")'),
    (
        Layer.conv(1, kernel=3, stride=2, padding=[(0, 1)]),
        (5,),
        "torch.nn.Conv1d(1, 1, 3, stride=2)  # for in = 5, where this reads the same rows",
    ),
    (
        Layer.conv(2, kernel=3, stride=2, padding=[(0, 1), 1]),
        (6, 5),
        "torch.nn.Sequential(\n"
        "    torch.nn.ConstantPad2d((1, 1, 0, 1), 0),  # pads left, right, top, bottom\n"
        "    torch.nn.Conv2d(1, 1, 3, stride=2),\n"
        ")",
    ),
    (
        Layer.conv(3, kernel=1, padding=[0, 0, (2, 0)]),
        (3, 3, 3),
        "torch.nn.Sequential(\n"
        "    torch.nn.ConstantPad3d((2, 0, 0, 0, 0, 0), 0),  # pads left, right, top, bottom, front, back\n"
        "    torch.nn.Conv3d(1, 1, 1),\n"
        ")",
    ),
]


def drawn_data(layer, in_size, seed):
    rng = np.random.default_rng(seed)
    shapes = ((2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype(["f4", "f8"][seed % 2]) for shape in shapes]


def assert_equals_the_definition(layer, in_size, data):
    code = TorchBackend().code(layer, in_size)
    actual = TorchBackend().run(build(code), *data)
    expected = reference(layer, *data)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape, code
    np.testing.assert_array_equal(actual, expected, err_msg=code)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition(seed):
    case = drawn(seed)
    assert_equals_the_definition(case.layer, case.in_size, drawn_data(case.layer, case.in_size, seed))


@pytest.mark.parametrize(("layer", "in_size", "words"), WORDS)
def test_the_words_are_the_shortest_that_torch_has(layer, in_size, words):
    assert TorchBackend().code(layer, in_size) == f"import torch\n\nlayer = {words}\n"


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize(("layer", "in_size", "words"), WORDS)
def test_those_words_equal_the_definition(layer, in_size, words):
    assert_equals_the_definition(layer, in_size, drawn_data(layer, in_size, seed=0))


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ({"padding": 1, "output_padding": 1}, [2, 5, 4, 9, 6, 9]),
        ({"padding": [(0, 1)]}, [1, 2, 5, 4, 9, 6]),
        ({"padding": [(1, 0)]}, [2, 5, 4, 9, 6, 9]),
        ({"padding": [(4, 0)]}, [9, 6, 9]),
        ({"padding": [(3, 0)], "output_padding": 1}, [4, 9, 6, 9, 0]),
    ],
)
def test_kernel_3_stride_2_has_the_known_values(options, out):
    layer = Layer.tconv(1, kernel=3, stride=2, **options)
    ramp = np.array([[[1, 2, 3]]], "f4")
    actual = TorchBackend().run(build(TorchBackend().code(layer, (3,))), ramp, ramp, np.zeros(1, "f4"))
    assert actual.tolist() == [[out]]


def test_rows_that_no_input_reaches_hold_the_bias():
    layer = Layer.tconv(1, kernel=1, stride=3, padding=[(3, 0)], output_padding=2)
    one = np.ones((1, 1, 2), "f4")
    actual = TorchBackend().run(build(TorchBackend().code(layer, (2,))), one, one[..., :1], np.array([7], "f4"))
    assert actual.tolist() == [[[8, 7, 7]]]


def test_channels_last_views_give_the_values_of_plain_arrays():
    # torch 2.13 on a CPU with AVX-512 computes this convolution wrongly in channels_last_3d memory format
    layer = Layer.conv(3, kernel=2, stride=(1, 1, 3), out_channels=2)
    signal, weight, bias = drawn_data(layer, (3, 3, 3), seed=0)
    views = [np.moveaxis(np.moveaxis(array, 1, -1).copy(), -1, 1) for array in (signal, weight)]
    assert_equals_the_definition(layer, (3, 3, 3), [*views, bias])


def test_read_only_and_reversed_arrays_are_taken():
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = drawn_data(layer, (4,), seed=0)
    signal.flags.writeable = False
    assert_equals_the_definition(layer, (4,), [signal, weight[..., ::-1], bias])


def test_a_layer_that_leaves_nothing_is_refused_before_torch_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        TorchBackend().code(Layer.tconv(1, kernel=3, padding=5), (4,))


def test_a_device_that_torch_lacks_is_named(monkeypatch):
    monkeypatch.setenv(DEVICE_VARIABLE, "abacus")
    layer = Layer.tconv(1, kernel=3)
    with pytest.raises(BackendUnavailable, match=f"{DEVICE_VARIABLE} is 'abacus', which torch cannot use"):
        TorchBackend().run(build(TorchBackend().code(layer, (4,))), *drawn_data(layer, (4,), seed=0))


def test_the_hook_brings_the_backend_of_the_installed_torch():
    backend = tconv_backend()
    assert (backend.name, backend.api_version, backend.version()) == ("torch", 1, torch.__version__)


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_neither_the_import_nor_the_words_import_torch():
    program = """
import sys
from tconv_design_torch import tconv_backend
from tconv_design.layer import Layer
tconv_backend().code(Layer.tconv(1, kernel=3), (4,))
sys.exit("torch" in sys.modules)
"""
    assert run_python(program).returncode == 0


def test_a_missing_torch_is_said_when_it_is_asked_for():
    program = """
import sys
sys.modules["torch"] = None
from tconv_design_torch import tconv_backend
tconv_backend().version()
"""
    assert run_python(program).stderr.splitlines()[-1].startswith("ModuleNotFoundError: import of torch halted")
