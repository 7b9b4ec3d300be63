import subprocess
import sys

import mlx.core as mx
import numpy as np
import pytest
from tconv_design_mlx import MlxBackend, tconv_backend
from tconv_design_mlx.defects import KNOWN

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.mlx import spell
from tconv_design.errors import InvalidLayer
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.worker import build

SAMPLE = [*range(300), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(300, 5000))]


def drawn_data(layer, in_size, seed):
    rng = np.random.default_rng(seed)
    shapes = ((2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype("f4") for shape in shapes]


def assert_equals_the_definition(layer, in_size, data):
    code = MlxBackend().code(layer, in_size)
    actual = MlxBackend().run(build(code), *data)
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
    actual = MlxBackend().run(build(MlxBackend().code(layer, (3,))), ramp, ramp, np.zeros(1, "f4"))
    assert actual.tolist() == [[out]]


@pytest.mark.parametrize(
    ("layer", "in_size"),
    [
        (Layer.tconv(1, kernel=3, stride=2, padding=3), (5,)),
        (Layer.tconv(2, kernel=1, stride=3, padding=[(1, 0), (0, 2)], groups=2, in_channels=4, out_channels=2), (3, 4)),
        (
            Layer.tconv(3, kernel=2, stride=2, padding=[(2, 0), 0, 1], groups=2, in_channels=4, out_channels=6),
            (3, 2, 2),
        ),
        (Layer.tconv(1, kernel=2, dilation=9, padding=[(12, 0)], output_padding=8), (2,)),
        (Layer.conv(3, kernel=2, padding=[(1, 0), 0, 0], groups=2, in_channels=4, out_channels=2), (3, 3, 3)),
    ],
)
def test_what_mlx_has_no_right_words_for_is_put_together(layer, in_size):
    assert_equals_the_definition(layer, in_size, drawn_data(layer, in_size, seed=0))


@pytest.mark.parametrize(
    ("call", "in_size"),
    [
        ("nn.ConvTranspose2d(2, 2, 3, stride=2, padding=(1, 0), output_padding=(1, -1))", (4, 3)),
        ("nn.ConvTranspose1d(1, 1, 3, stride=2, output_padding=1)", (4,)),
        ("nn.Conv2d(4, 2, 3, stride=2, padding=1, groups=2)", (4, 5)),
        ("mx.conv_transpose2d(x, mx.ones((4, 3, 3, 1)), stride=2, padding=1, groups=2)", (4, 3)),
        ("mx.conv_general(x, mx.ones((1, 3, 3, 1)), stride=2, padding=([1, 0], [0, 2]))", (4, 3)),
    ],
)
def test_a_call_computes_what_it_is_read_as(call, in_size):
    reading = read(f"import mlx.core as mx\nimport mlx.nn as nn\n{call}")
    layer = reading.layer(in_size)
    data = drawn_data(layer, in_size, seed=0)
    actual = MlxBackend().run(build(spell(reading.words)), *data)
    np.testing.assert_array_equal(actual, reference(layer, *data))


@pytest.mark.parametrize("seed", range(400))
def test_the_size_of_a_call_is_that_which_it_is_read_to_have_right_or_wrong(seed):
    rng = np.random.default_rng(seed)
    size, kernel, stride, dilation, padding, extra = map(int, rng.integers((1, 1, 1, 1, -3, -6), (7, 5, 5, 4, 10, 10)))
    words = f"stride={stride}, padding={padding}, dilation={dilation}, output_padding={extra}"
    call = f"mx.conv_transpose1d(mx.ones((1, {size}, 1)), mx.ones((1, {kernel}, 1)), {words})"
    reading = read(f"import mlx.core as mx\n{call}")
    try:
        expected = reading.output_size((size,))
    except InvalidLayer:
        with pytest.raises(ValueError, match="Spatial dimensions of input after padding cannot be smaller"):
            eval(call)
        return
    assert eval(call).shape[1:2] == expected


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.reason[:30])
def test_mlx_gets_right_what_is_a_known_defect(defect, request):
    request.applymarker(pytest.mark.xfail(reason=f"{defect.reason} ({defect.link})", strict=True))
    assert not defect.shows()


def test_a_layer_that_leaves_nothing_is_refused_before_mlx_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        MlxBackend().code(Layer.tconv(2, kernel=3, padding=2), (1, 1))


def test_read_only_and_reversed_arrays_are_taken():
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = drawn_data(layer, (4,), seed=0)
    signal.flags.writeable = False
    assert_equals_the_definition(layer, (4,), [signal, weight[..., ::-1], bias])


def test_the_hook_brings_the_backend_of_the_installed_mlx():
    backend = tconv_backend()
    assert (backend.name, backend.api_version, backend.version()) == ("mlx", 1, mx.__version__)


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_neither_the_import_nor_the_words_import_mlx():
    program = """
import sys
from tconv_design_mlx import tconv_backend
from tconv_design.layer import Layer
tconv_backend().code(Layer.tconv(1, kernel=3), (4,))
sys.exit("mlx" in sys.modules)
"""
    assert run_python(program).returncode == 0


def test_a_missing_mlx_is_said_when_it_is_asked_for():
    program = """
import sys
sys.modules["mlx"] = None
from tconv_design_mlx import tconv_backend
tconv_backend().version()
"""
    assert run_python(program).stderr.splitlines()[-1].startswith("ModuleNotFoundError")
