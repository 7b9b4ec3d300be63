import inspect
import os
import subprocess
import sys
from importlib.util import find_spec

import numpy as np
import pytest
from tconv_design_keras import KerasBackend, tconv_backend
from tconv_design_keras.defects import can_touch, shows
from tconv_design_keras.framework import BACKENDS, chosen, keras

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.keras_call import OPS, layer_signature
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidLayer, Refused
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.samples import draw
from tconv_design.worker import build

SAMPLE = [*range(200), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(200, 2000))]
OTHERS = [name for name in BACKENDS if find_spec(name) and name != (os.environ.get("KERAS_BACKEND") or chosen())]


def run(layer, in_size, data):
    return KerasBackend().run(build(KerasBackend().code(layer, in_size)), *data)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition_but_for_the_known_defect(seed):
    case = drawn(seed)
    samples = draw(case.layer, case.in_size, seed)
    actual, expected = run(case.layer, case.in_size, samples), reference(case.layer, *samples)
    assert (actual.shape, actual.dtype) == (expected.shape, expected.dtype)
    is_defect = can_touch(case.layer, case.in_size) and shows()
    assert np.array_equal(actual, expected) or is_defect, KerasBackend().code(case.layer, case.in_size)


def test_the_defect_of_a_narrow_output_shows_in_a_layer_where_it_shows_in_its_own_expression():
    layer, in_size = Layer.conv(3, kernel=2, stride=(1, 1, 3)), (3, 3, 3)
    samples = draw(layer, in_size, 0)
    is_wrong = keras().config.backend() != "jax" and shows()
    assert np.array_equal(run(layer, in_size, samples), reference(layer, *samples)) == (not is_wrong)
    assert can_touch(layer, in_size) == (keras().config.backend() != "jax")


@pytest.mark.parametrize(
    ("layer", "out"),
    [
        (Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]), [1, 2, 5, 4, 9, 6]),  # Keras's "same"
        (Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), [2, 5, 4, 9, 6, 9]),  # torch's numbers
        (Layer.tconv(1, kernel=3, stride=2, padding=[(3, 0)], output_padding=1), [4, 9, 6, 9, 0]),
        (Layer.conv(1, kernel=3, padding=1), [8, 14, 8]),
        (Layer.conv(1, kernel=3, padding=[(2, 0)]), [3, 8, 14]),
    ],
)
def test_a_ramp_has_the_known_values(layer, out):
    ramp = np.array([[[1, 2, 3]]], "f4")
    assert run(layer, (3,), [ramp, ramp, np.zeros(1, "f4")]).tolist() == [[out]]


def test_rows_that_no_input_reaches_hold_the_bias():
    layer = Layer.tconv(1, kernel=1, dilation=3, padding=[(1, 0)], output_padding=2)
    one = np.ones((1, 1, 2), "f4")
    assert run(layer, (2,), [one, one[..., :1], np.array([7], "f4")]).tolist() == [[[8, 7, 7]]]


def test_a_layer_runs_again_with_other_weights_and_another_batch():
    layer, in_size = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), (3,)
    built = build(KerasBackend().code(layer, in_size))
    for seed in (0, 1):
        signal, weight, bias = draw(layer, in_size, seed)
        data = [signal[seed:], weight, bias]
        assert np.array_equal(KerasBackend().run(built, *data), reference(layer, *data))


@pytest.mark.parametrize("ndim", [1, 2, 3])
@pytest.mark.parametrize(("kind", "name"), [("conv", "Conv{}D"), ("tconv", "Conv{}DTranspose")])
def test_the_dialect_knows_the_arguments_of_the_installed_layers(kind, name, ndim):
    found = inspect.signature(getattr(keras().layers, name.format(ndim)).__init__).parameters
    assert tuple(found)[1:-1] == layer_signature(kind, ndim).positional
    every = set(inspect.signature(keras().layers.Layer.__init__).parameters) - {"self", "kwargs"}
    assert every <= set(layer_signature(kind, ndim).names)


@pytest.mark.parametrize(("kind", "name"), [("conv", "conv"), ("tconv", "conv_transpose")])
def test_the_dialect_knows_the_arguments_of_the_installed_functions(kind, name):
    assert tuple(inspect.signature(getattr(keras().ops, name)).parameters) == OPS[kind].positional


# Calls that users write; what comes of them is Keras's to say.
PASTED = [
    f"keras.layers.Conv1DTranspose(1, {kernel}, strides={strides}, padding={padding!r}{extra})"
    for kernel in (1, 2, 3, 5)
    for strides in (1, 2, 3)
    for padding in ("valid", "same", "SAME", "causal", 1)
    for extra in ("", ", output_padding=0", ", output_padding=1", ", dilation_rate=2")
] + [
    f"keras.layers.Conv1D(1, {kernel}, strides={strides}, padding={padding!r}, dilation_rate={dilation})"
    for kernel in (1, 2, 4)
    for strides in (1, 2)
    for padding in ("valid", "same", "causal", "full", 1)
    for dilation in (1, 2)
]


def made_by_keras(text, size):
    """The size of what the installed Keras makes, or None where it refuses."""
    try:
        layer = eval(text, {"keras": keras()})
        return tuple(layer(np.ones((1, size, 1), "f4")).shape)[1:-1]
    except Exception:
        return None


def predicted(text, size):
    try:
        return read(text, hints=Hints(runtime=keras().config.backend())).output_size((size,))
    except Refused:
        return None


@pytest.mark.parametrize("text", PASTED)
def test_a_pasted_layer_makes_the_size_predicted_or_is_refused_as_predicted(text):
    sizes = (1, 2, 5)
    assert [predicted(text, size) for size in sizes] == [made_by_keras(text, size) for size in sizes]


def test_a_layer_that_leaves_nothing_is_refused_before_keras_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        KerasBackend().code(Layer.tconv(1, kernel=3, padding=5), (4,))


def test_the_hook_brings_the_backend_with_keras_and_what_it_runs_on_in_its_version():
    backend = tconv_backend()
    version = f"{keras().__version__} ({keras().config.backend()})"
    assert (backend.name, backend.api_version, backend.version()) == ("keras", 1, version)


def run_python(program, **variables):
    environment = {**os.environ, "KERAS_BACKEND": "", **variables}
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=environment)


SOME_OF_THE_GRID = """
import numpy as np
from tconv_design_keras import KerasBackend
from tconv_design.grid import GRID
from tconv_design.reference import reference
from tconv_design.samples import draw
from tconv_design.worker import build
backend = KerasBackend()
print(backend.version().split()[1])
for case in GRID[::3]:
    samples = draw(case.layer, case.in_size, 0)
    if not np.array_equal(
        backend.run(build(backend.code(case.layer, case.in_size)), *samples), reference(case.layer, *samples)
    ):
        print(case.id)
"""


@pytest.mark.parametrize("name", OTHERS)
def test_the_other_installed_backends_of_keras_make_the_same_and_are_silent(name):
    finished = run_python(SOME_OF_THE_GRID, KERAS_BACKEND=name)
    assert (finished.stdout, finished.stderr) == (f"({name})\n", "")


def test_the_plugin_imports_no_keras():
    program = "import sys, tconv_design_keras as k; k.tconv_backend(); sys.exit('keras' in sys.modules)"
    assert run_python(program).returncode == 0


def test_keras_is_silent():
    program = """
import numpy as np
from tconv_design_keras import tconv_backend
from tconv_design.layer import Layer
backend = tconv_backend()
for groups in (1, 2):  # Keras compiles a grouped conv with XLA on TensorFlow, which has remarks of its own
    layer, data = Layer.conv(2, kernel=3, groups=groups, in_channels=2, out_channels=2), np.ones((1, 2, 4, 4), "f4")
    names = {}
    exec(backend.code(layer, (4, 4)), names)
    backend.run(names["layer"], data, np.ones(layer.weight_shape, "f4"), np.ones(2, "f4"))
print("done")
"""
    finished = run_python(program, KERAS_BACKEND=keras().config.backend())
    assert (finished.stdout, finished.stderr) == ("done\n", "")


@pytest.mark.parametrize(
    ("settings", "missing", "expected"),
    [
        ('{"backend": "jax"}', [], "jax"),
        # Keras writes this by itself, so nobody has chosen it
        ('{"backend": "tensorflow"}', ["tensorflow"], "torch"),
        ('{"backend": "tensorflow"}', [], "tensorflow"),
        ("", ["tensorflow", "torch"], "jax"),
        ("not json", [], "tensorflow"),
        ("[]", ["tensorflow", "torch", "jax"], "tensorflow"),
        # a choice of the user's: Keras says what is missing
        ('{"backend": "jax"}', ["jax"], "jax"),
    ],
)
def test_keras_runs_on_what_is_configured_or_else_on_what_is_installed(
    monkeypatch, tmp_path, settings, missing, expected
):
    (tmp_path / "keras.json").write_text(settings)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr("tconv_design_keras.framework._is_installed", lambda name: name not in missing)
    assert chosen() == expected


def test_other_settings_of_the_users_do_not_change_the_layers(tmp_path):
    (tmp_path / "keras.json").write_text('{"floatx": "float16", "image_data_format": "channels_first"}')
    finished = run_python(SOME_OF_THE_GRID, KERAS_HOME=str(tmp_path))
    expected = next(name for name in BACKENDS if find_spec(name))
    assert (finished.stdout, finished.stderr) == (f"({expected})\n", "")


def test_a_missing_keras_is_said_when_it_is_asked_for():
    program = "import sys; sys.modules['keras'] = None; import tconv_design_keras as k; k.tconv_backend().version()"
    assert run_python(program).stderr.splitlines()[-1].startswith("ModuleNotFoundError: import of keras halted")
