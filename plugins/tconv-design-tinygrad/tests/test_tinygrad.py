import os
import shutil
import subprocess
import sys
from importlib.metadata import version

import numpy as np
import pytest
from tconv_design_tinygrad import SLOW_DEVICE, TinygradBackend, choose_device, tconv_backend
from tconv_design_tinygrad.defects import KNOWN

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.tinygrad import spell
from tconv_design.errors import InvalidLayer
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.worker import build

SAMPLE = [*range(40), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(40, 1000))]


def drawn_data(layer, in_size, seed):
    rng = np.random.default_rng(seed)
    shapes = ((2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype(["f4", "f8"][seed % 2]) for shape in shapes]


def assert_equals_the_definition(layer, in_size, data):
    code = TinygradBackend().code(layer, in_size)
    actual = TinygradBackend().run(build(code), *data)
    expected = reference(layer, *data)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape, code
    np.testing.assert_array_equal(actual, expected, err_msg=code)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition(seed):
    case = drawn(seed)
    assert_equals_the_definition(case.layer, case.in_size, drawn_data(case.layer, case.in_size, seed))


@pytest.mark.parametrize(
    ("options", "out"),
    [
        ({"padding": 1, "output_padding": 1}, [2, 5, 4, 9, 6, 9]),
        ({"padding": [(0, 1)]}, [1, 2, 5, 4, 9, 6]),
        ({"padding": [(1, 0)]}, [2, 5, 4, 9, 6, 9]),
        ({"padding": [(4, 0)]}, [9, 6, 9]),
    ],
)
def test_kernel_3_stride_2_has_the_known_values(options, out):
    layer = Layer.tconv(1, kernel=3, stride=2, **options)
    ramp = np.array([[[1, 2, 3]]], "f4")
    actual = TinygradBackend().run(build(TinygradBackend().code(layer, (3,))), ramp, ramp, np.zeros(1, "f4"))
    assert actual.tolist() == [[out]]


@pytest.mark.parametrize(
    ("call", "in_size"),
    [
        ("nn.ConvTranspose2d(2, 2, 3, stride=2, padding=(1, 0), groups=2)", (4, 3)),
        ("nn.ConvTranspose2d(1, 1, 3, stride=2, padding=(2, 0, 0, 1))", (4, 3)),
        ("nn.ConvTranspose2d(1, 1, 4, padding='same')", (4, 3)),
        ("nn.Conv2d(1, 1, (4, 2), padding='same', dilation=(1, 2))", (3, 3)),
        ("nn.ConvTranspose1d(1, 1, 3, stride=0)", (3,)),
    ],
)
def test_a_call_computes_what_it_is_read_as(call, in_size):
    reading = read(f"from tinygrad import nn\n{call}")
    layer = reading.layer(in_size)
    data = drawn_data(layer, in_size, seed=0)
    actual = TinygradBackend().run(build(spell(reading.words)), *data)
    np.testing.assert_array_equal(actual, reference(layer, *data))


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.reason[:30])
def test_tinygrad_gets_right_what_is_a_known_defect(defect, request):
    request.applymarker(pytest.mark.xfail(reason=f"{defect.reason} ({defect.link})", strict=True))
    assert not defect.shows()


def test_a_layer_that_leaves_nothing_is_refused_before_tinygrad_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        TinygradBackend().code(Layer.tconv(2, kernel=3, padding=2), (1, 1))


def test_read_only_and_reversed_arrays_are_taken():
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = drawn_data(layer, (4,), seed=0)
    signal.flags.writeable = False
    assert_equals_the_definition(layer, (4,), [signal, weight[..., ::-1], bias])


@pytest.mark.parametrize(
    ("compiler", "set_to", "device"),
    [(None, None, SLOW_DEVICE), ("/usr/bin/clang", None, None), (None, "CUDA", "CUDA")],
)
def test_the_interpreter_is_taken_only_without_clang_and_without_a_device(monkeypatch, compiler, set_to, device):
    monkeypatch.setattr(shutil, "which", lambda name: compiler)
    monkeypatch.setitem(os.environ, "DEV", "x")
    monkeypatch.delitem(os.environ, "DEV")
    if set_to:
        monkeypatch.setitem(os.environ, "DEV", set_to)
    choose_device()
    assert os.environ.get("DEV") == device


def test_the_hook_brings_the_backend_of_the_installed_tinygrad():
    backend = tconv_backend()
    assert (backend.name, backend.api_version, backend.version()) == ("tinygrad", 1, version("tinygrad"))


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_neither_the_import_nor_the_words_import_tinygrad():
    program = """
import sys
from tconv_design_tinygrad import tconv_backend
from tconv_design.layer import Layer
tconv_backend().code(Layer.tconv(1, kernel=3), (4,))
sys.exit("tinygrad" in sys.modules)
"""
    assert run_python(program).returncode == 0


def test_a_missing_tinygrad_is_said_when_it_is_asked_for():
    program = """
import sys
sys.modules["tinygrad"] = None
from tconv_design_tinygrad import tconv_backend
tconv_backend().version()
"""
    assert run_python(program).stderr.splitlines()[-1].startswith("ModuleNotFoundError: import of tinygrad halted")
