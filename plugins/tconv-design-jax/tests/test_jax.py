import os
import subprocess
import sys

import numpy as np
import pytest
from tconv_design_jax import lax, nnx
from tconv_design_jax.defects import ABORT, KNOWN
from tconv_design_jax.lax import JaxBackend
from tconv_design_jax.nnx import FlaxBackend

from tconv_design.dialects.catalogue import dialect, read
from tconv_design.dialects.layout import weight_from_canonical
from tconv_design.errors import InvalidLayer, NotExpressible
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.verification import verify
from tconv_design.worker import build

SAMPLE = [*range(150), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(150, 5000))]
BACKENDS = [JaxBackend(), FlaxBackend()]

every_backend = pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)

# layer, in, the call for it in lax, the module for it in flax
WORDS = [
    # a DCGAN's generator block
    (
        Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=128, out_channels=64),
        (8, 8),
        "(4, 4, 64, 128)  # (*kernel, out_channels, in_channels)",
        'jax.lax.conv_transpose(x, kernel, strides=(2, 2), padding="SAME", transpose_kernel=True)',
        'nnx.ConvTranspose(128, 64, (4, 4), strides=2, padding="SAME", transpose_kernel=True, rngs=nnx.Rngs(0))',
    ),
    (
        Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1),
        (3,),
        "(3, 1, 1)  # (*kernel, out_channels, in_channels)",
        "jax.lax.conv_transpose(x, kernel, strides=(2,), padding=[(1, 2)], transpose_kernel=True)",
        "nnx.ConvTranspose(1, 1, (3,), strides=2, padding=[(1, 2)], transpose_kernel=True, rngs=nnx.Rngs(0))",
    ),
    # lax and flax fill VALID up to the stride
    (
        Layer.tconv(1, kernel=2, stride=3),
        (5,),
        "(2, 1, 1)  # (*kernel, out_channels, in_channels)",
        "jax.lax.conv_transpose(x, kernel, strides=(3,), padding=[(1, 1)], transpose_kernel=True)",
        "nnx.ConvTranspose(1, 1, (2,), strides=3, padding=1, transpose_kernel=True, rngs=nnx.Rngs(0))",
    ),
    (
        Layer.tconv(1, kernel=2, stride=3, output_padding=1),
        (5,),
        "(2, 1, 1)  # (*kernel, out_channels, in_channels)",
        'jax.lax.conv_transpose(x, kernel, strides=(3,), padding="VALID", transpose_kernel=True)',
        'nnx.ConvTranspose(1, 1, (2,), strides=3, padding="VALID", transpose_kernel=True, rngs=nnx.Rngs(0))',
    ),
    (
        Layer.tconv(2, kernel=(3, 2), stride=(1, 2), dilation=(2, 1), padding=(5, 0)),
        (7, 4),
        "(3, 2, 1, 1)  # (*kernel, out_channels, in_channels)",
        "jax.lax.conv_transpose(x, kernel, strides=(1, 2), padding=[(-1, -1), (1, 1)], rhs_dilation=(2, 1), "
        "transpose_kernel=True)",
        "nnx.ConvTranspose(1, 1, (3, 2), strides=(1, 2), padding=[(-1, -1), (1, 1)], kernel_dilation=(2, 1), "
        "transpose_kernel=True, rngs=nnx.Rngs(0))",
    ),
    # same at every size only without a stride
    (
        Layer.conv(2, kernel=4, padding=[(1, 2), (1, 2)], in_channels=3, out_channels=8),
        (6, 6),
        "(4, 4, 3, 8)  # (*kernel, in_channels, out_channels)",
        "jax.lax.conv_general_dilated(\n"
        '        x, kernel, window_strides=(1, 1), padding="SAME",\n'
        '        dimension_numbers=("NHWC", "HWIO", "NHWC"),\n'
        "    )",
        'nnx.Conv(3, 8, (4, 4), padding="SAME", rngs=nnx.Rngs(0))',
    ),
    (
        Layer.conv(1, kernel=3, stride=2, padding=[(0, 1)]),
        (4,),
        "(3, 1, 1)  # (*kernel, in_channels, out_channels)",
        "jax.lax.conv_general_dilated(\n"
        "        x, kernel, window_strides=(2,), padding=[(0, 1)],\n"
        '        dimension_numbers=("NWC", "WIO", "NWC"),\n'
        "    )",
        "nnx.Conv(1, 1, (3,), strides=2, padding=[(0, 1)], rngs=nnx.Rngs(0))",
    ),
]
GROUPED = """import jax


def layer(x, kernel, bias):
    assert tuple(kernel.shape) == (3, 2, 6)  # (*kernel, in_channels/groups, out_channels)
    y = jax.lax.conv_general_dilated(
        x, kernel, window_strides=(1,), padding=[(1, 1)], lhs_dilation=(2,),
        dimension_numbers=("NWC", "WIO", "NWC"), feature_group_count=2,
    )
    return y + bias
"""


def drawn_data(layer, in_size, seed):
    rng = np.random.default_rng(seed)
    shapes = ((2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype("f4") for shape in shapes]


def assert_equals_the_definition(backend, layer, in_size, data):
    code = backend.code(layer, in_size)
    actual = backend.run(build(code), *data)
    expected = reference(layer, *data)
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape, code
    np.testing.assert_array_equal(actual, expected, err_msg=code)


@every_backend
@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition(backend, seed):
    case = drawn(seed)
    assert not ABORT.touches(case.layer, case.in_size), "this layer would end the tests"
    if backend.name == "flax" and case.layer.kind == "tconv" and case.layer.groups > 1:
        with pytest.raises(NotExpressible):
            backend.code(case.layer, case.in_size)
        return
    assert_equals_the_definition(backend, case.layer, case.in_size, drawn_data(case.layer, case.in_size, seed))


@pytest.mark.parametrize(("layer", "in_size", "shape", "call", "module"), WORDS)
def test_the_words_are_one_call(layer, in_size, shape, call, module):
    program = (
        f"import jax\n\n\ndef layer(x, kernel, bias):\n    assert tuple(kernel.shape) == {shape}\n    y = {call}\n"
    )
    assert JaxBackend().code(layer, in_size) == f"{program}    return y + bias\n"
    assert FlaxBackend().code(layer, in_size) == f"from flax import nnx\n\nlayer = {module}\n"


@every_backend
@pytest.mark.parametrize(("layer", "in_size", "shape", "call", "module"), WORDS)
def test_those_words_equal_the_definition(backend, layer, in_size, shape, call, module):
    assert_equals_the_definition(backend, layer, in_size, drawn_data(layer, in_size, seed=0))


def test_groups_of_a_transposed_convolution_are_a_convolution_of_the_dilated_input():
    layer = Layer.tconv(1, kernel=3, stride=2, padding=1, groups=2, in_channels=4, out_channels=6)
    assert JaxBackend().code(layer, (5,)) == GROUPED
    assert_equals_the_definition(JaxBackend(), layer, (5,), drawn_data(layer, (5,), seed=0))


def test_a_grouped_kernel_of_equal_channels_is_told_from_that_of_a_convolution():
    transposed = Layer.tconv(1, kernel=3, padding=1, groups=2, in_channels=4, out_channels=4)
    direct = Layer.conv(1, kernel=3, padding=1, groups=2, in_channels=4, out_channels=4)
    for layer in (transposed, direct):
        assert_equals_the_definition(JaxBackend(), layer, (5,), drawn_data(layer, (5,), seed=0))


@every_backend
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
def test_kernel_3_stride_2_has_the_known_values(backend, options, out):
    layer = Layer.tconv(1, kernel=3, stride=2, **options)
    ramp = np.array([[[1, 2, 3]]], "f4")
    assert backend.run(build(backend.code(layer, (3,))), ramp, ramp, np.zeros(1, "f4")).tolist() == [[out]]


# a call whose kernel is as lax and flax have it by default: not turned round
UNTURNED = [
    ("lax.conv_transpose(x, w, (2,), 'SAME')", [3, 2, 7, 4, 11, 6]),
    ("lax.conv_transpose(x, w, (2,), 'SAME', transpose_kernel=True)", [1, 2, 5, 4, 9, 6]),
    ("lax.conv_transpose(x, w, (2,), [(0, 0)], transpose_kernel=True)", [5, 4, 9]),
    ("lax.conv_transpose(x, w, (1,), 'same')", [8, 14, 8]),
]


@pytest.mark.parametrize(("call", "out"), UNTURNED)
def test_a_pasted_call_means_what_lax_makes_of_it(call, out):
    import jax.numpy as jnp
    from jax import lax as jax_lax

    ramp = jnp.arange(1.0, 4)
    names = {"lax": jax_lax, "x": ramp.reshape(1, 3, 1), "w": ramp.reshape(3, 1, 1)}
    assert eval(call, names).ravel().tolist() == out
    reading = read(call.replace("w", "jnp.ones((3, 1, 1))"))
    layer = reading.layer((3,))
    stored = np.arange(1.0, 4).reshape(3, 1, 1)
    # turning round and swapping one channel with one undoes itself
    canonical = stored[::-1].reshape(1, 1, 3) if reading.layout.flipped else stored.reshape(1, 1, 3)
    assert (weight_from_canonical(canonical, layer, reading.layout) == stored).all()
    ones = np.arange(1.0, 4, dtype="f4").reshape(1, 1, 3)
    assert reference(layer, ones, canonical.astype("f4"), np.zeros(1, "f4")).ravel().tolist() == out


@every_backend
def test_words_as_they_are_can_be_run(backend):
    words = read('nn.Conv1d(2, 4, 3, padding="same")').words._replace(groups=2)
    layer = Layer.conv(1, kernel=3, padding=1, groups=2, in_channels=2, out_channels=4)
    data = drawn_data(layer, (5,), seed=0)
    actual = backend.run(build(dialect(backend.name).spell(words)), *data)
    np.testing.assert_array_equal(actual, reference(layer, *data))


@every_backend
def test_float64_is_computed_in_float32(backend):
    layer = Layer.tconv(2, kernel=4, stride=2, padding=1)
    data = [array.astype("f8") for array in drawn_data(layer, (3, 3), seed=0)]
    actual = backend.run(build(backend.code(layer, (3, 3))), *data)
    assert actual.dtype == np.float32
    np.testing.assert_array_equal(actual, reference(layer, *data))


@every_backend
def test_a_layer_runs_again_with_other_weights_and_another_batch(backend):
    layer = Layer.tconv(1, kernel=4, stride=2, padding=1)
    built = build(backend.code(layer, (3,)))
    for seed in (0, 1):
        signal, *parameters = drawn_data(layer, (3,), seed)
        data = [signal[seed:], *parameters]
        np.testing.assert_array_equal(backend.run(built, *data), reference(layer, *data))


@every_backend
def test_read_only_and_reversed_arrays_are_taken(backend):
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = drawn_data(layer, (4,), seed=0)
    signal.flags.writeable = False
    assert_equals_the_definition(backend, layer, (4,), [signal, weight[..., ::-1], bias])


@every_backend
def test_a_layer_that_leaves_nothing_is_refused_before_jax_sees_it(backend):
    with pytest.raises(InvalidLayer, match="crops everything"):
        backend.code(Layer.tconv(1, kernel=3, padding=5), (4,))


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.reason[:40])
def test_xla_gets_right_what_is_a_known_defect(defect, request):
    request.applymarker(pytest.mark.xfail(reason=f"{defect.reason} ({defect.link})", strict=True))
    assert not defect.shows()


def test_what_ends_the_process_costs_verify_one_row():
    layer = Layer.tconv(3, kernel=(3, 2, 1), stride=(1, 2, 1), padding=(1, 1, 0))
    assert ABORT.touches(layer, (1, 3, 1))
    found = verify(layer, (1, 3, 1), ["jax", "flax", "numpy"])
    assert [each.status for each in found] == ["crashed", "crashed", "agrees"]
    assert found[0].detail.startswith("its process was ended by SIGABRT while running the layer")


@every_backend
@pytest.mark.parametrize("in_size", [(1, 2, 1), (3, 3, 1), (1, 3, 3)])
def test_next_to_what_ends_the_process_values_are_right(backend, in_size):
    layer = Layer.tconv(3, kernel=(3, 2, 1), stride=(1, 2, 1), padding=(1, 1, 0))
    assert not ABORT.touches(layer, in_size)
    assert_equals_the_definition(backend, layer, in_size, drawn_data(layer, in_size, seed=0))


def test_the_hooks_bring_the_backends_of_the_installed_jax_and_flax():
    import flax
    import jax

    found = [(backend.name, backend.api_version, backend.version()) for backend in map(call, (lax, nnx))]
    assert found == [("jax", 1, jax.__version__), ("flax", 1, flax.__version__)]


def call(module):
    return module.tconv_backend()


def run_python(program, **environment):
    variables = {**os.environ, **environment}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=variables)


@pytest.mark.parametrize("module", ["lax", "nnx"])
def test_neither_the_import_nor_the_words_import_jax(module):
    program = f"""
import sys
from tconv_design_jax.{module} import tconv_backend
from tconv_design.layer import Layer
tconv_backend().code(Layer.tconv(1, kernel=3), (4,))
sys.exit("jax" in sys.modules or "flax" in sys.modules)
"""
    assert run_python(program).returncode == 0


@pytest.mark.parametrize(("module", "framework"), [("lax", "jax"), ("nnx", "flax")])
def test_a_missing_framework_is_said_when_it_is_asked_for(module, framework):
    program = f"""
import sys
sys.modules["{framework}"] = None
from tconv_design_jax.{module} import tconv_backend
tconv_backend().version()
"""
    last = run_python(program).stderr.splitlines()[-1]
    assert last.startswith(f"ModuleNotFoundError: import of {framework} halted")


@pytest.mark.parametrize(("named", "used"), [("", "cpu"), ("cpu", "cpu"), ("abacus", "abacus")])
def test_jax_runs_on_the_cpu_unless_told_otherwise(named, used):
    program = """
import os
if not os.environ["JAX_PLATFORMS"]:
    del os.environ["JAX_PLATFORMS"]
from tconv_design_jax.framework import jax
print(jax().config.jax_platforms)
"""
    assert run_python(program, JAX_PLATFORMS=named).stdout == f"{used}\n"
