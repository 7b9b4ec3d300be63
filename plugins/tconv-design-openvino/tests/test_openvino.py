import subprocess
import sys
from dataclasses import replace

import numpy as np
import openvino
import pytest
from tconv_design_openvino import OpenvinoBackend, tconv_backend
from tconv_design_openvino.defects import KNOWN, NARROW_OUTPUT, may_be_wrong

from tconv_design.dialects.catalogue import read
from tconv_design.errors import InvalidLayer, Refused
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.samples import draw
from tconv_design.worker import build

SAMPLE = [*range(300), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(300, 5000))]


def run(layer, in_size, samples):
    return OpenvinoBackend().run(build(OpenvinoBackend().code(layer, in_size)), *samples)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_equals_its_definition_but_for_the_known_defect(seed):
    case = drawn(seed)
    samples = draw(case.layer, case.in_size, seed)
    actual, expected = run(case.layer, case.in_size, samples), reference(case.layer, *samples)
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    assert np.array_equal(actual, expected) or may_be_wrong(case.layer, case.in_size), case.id


def test_the_known_defect_touches_few_layers():
    touched = [seed for seed in range(1000) if may_be_wrong(drawn(seed).layer, drawn(seed).in_size)]
    assert 0 < len(touched) < 20


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
    assert run(layer, (3,), (ramp, ramp, np.zeros(1, "f4"))).tolist() == [[out]]


def test_rows_that_no_input_reaches_hold_the_bias():
    layer = Layer.tconv(1, kernel=2, dilation=4, output_padding=3)
    one = np.ones((1, 1, 1), "f4")
    assert run(layer, (1,), (one, np.ones((1, 1, 2), "f4"), np.array([7], "f4"))).tolist() == [
        [[8, 7, 7, 7, 8, 7, 7, 7]]
    ]


def test_sums_that_bfloat16_cannot_hold_are_exact():
    layer = Layer.conv(1, kernel=1)
    one = np.full((1, 1, 3), 257, "f4")
    assert run(layer, (3,), (one, np.ones((1, 1, 1), "f4"), np.zeros(1, "f4"))).tolist() == [[[257, 257, 257]]]


def test_one_result_is_not_overwritten_by_the_next():
    layer = Layer.conv(1, kernel=1)
    built = build(OpenvinoBackend().code(layer, (3,)))
    ones, zero = np.ones((1, 1, 3), "f4"), np.zeros(1, "f4")
    first = OpenvinoBackend().run(built, ones, ones[..., :1], zero)
    OpenvinoBackend().run(built, 5 * ones, ones[..., :1], zero)
    assert first.tolist() == [[[1, 1, 1]]]


# openvino's own results, whatever the specification says
NODES = {
    "SAME_UPPER": ("kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER'", 3),
    "SAME_LOWER": ("kernel_shape=[3], strides=[2], auto_pad='SAME_LOWER'", 3),
    "the classic": ("kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER', output_padding=[1]", 3),
    "stride above kernel": ("kernel_shape=[2], strides=[4], auto_pad='SAME_UPPER', output_padding=[1]", 3),
    "output_padding of strides": ("kernel_shape=[3], strides=[2], output_padding=[5]", 3),
    "negative output_padding": ("kernel_shape=[3], strides=[2], output_padding=[-1]", 3),
    "negative end": ("kernel_shape=[3], strides=[2], pads=[1, -1]", 3),
    "auto_pad and pads": ("kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER', pads=[1, 1]", 3),
    "VALID and pads": ("kernel_shape=[3], strides=[2], auto_pad='VALID', pads=[1, 1]", 3),
    "output_shape": ("kernel_shape=[3], strides=[2], output_shape=[6]", 3),
    "output_shape, upper": ("kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER', output_shape=[6]", 3),
    "output_shape, long": ("kernel_shape=[3], strides=[2], output_shape=[12], pads=[1, 1]", 3),
    "output_shape, extra": ("kernel_shape=[3], strides=[2], output_shape=[6], output_padding=[2]", 3),
    "no rows": ("kernel_shape=[2], pads=[1, 1]", 1),
}


def as_a_node(attributes, size, kernel):
    """A compiled model of a node with these attributes."""
    program = f"""
import openvino
from onnx import TensorProto, helper
sizes = {{"X": {size}, "W": {kernel}, "Y": None}}
tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, size]) for name, size in sizes.items()]
node = helper.make_node("ConvTranspose", ["X", "W"], ["Y"], {attributes})
model = helper.make_model(helper.make_graph([node], "layer", tensors[:2], tensors[2:]),
    opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
core = openvino.Core()
layer = core.compile_model(core.read_model(model.SerializeToString()), "CPU", {{"INFERENCE_PRECISION_HINT": "f32"}})
"""
    return build(program)


@pytest.mark.parametrize(("attributes", "size"), NODES.values(), ids=NODES)
def test_a_node_is_read_as_openvino_runs_it(attributes, size):
    reading = read(f"ConvTranspose({attributes})", "openvino")
    kernel = reading.kernel[0]
    signal, weight = (np.arange(1, n + 1, dtype="f4").reshape(1, 1, n) for n in (size, kernel))
    compiled = as_a_node(attributes, size, kernel)
    actual = compiled({"X": signal, "W": weight})[0]
    assert actual.shape[2:] == reading.output_size((size,))
    begin, _, _ = reading.pads((size,))[0]
    full = reference(Layer.tconv(1, kernel=kernel, stride=reading.stride), signal, weight, np.zeros(1, "f4")).ravel()
    rows = range(begin, begin + actual.size)
    assert actual.ravel().tolist() == [full[row] if row < full.size else 0 for row in rows]


@pytest.mark.parametrize(
    "attributes",
    ["kernel_shape=[3], pads=[-1, 1]", "kernel_shape=[3], auto_pad='same_upper'", "kernel_shape=[3], strides=[0]"],
)
def test_a_node_that_openvino_does_not_compile_is_refused(attributes):
    with pytest.raises(Refused):
        read(f"ConvTranspose({attributes})", "openvino").output_size((3,))
    with pytest.raises(Exception, match="Exception from src"):
        as_a_node(attributes, 3, 3)({"X": np.ones((1, 1, 3), "f4"), "W": np.ones((1, 1, 3), "f4")})


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.reason[:60])
def test_openvino_gets_right_what_is_a_known_defect(defect, request):
    if not defect.is_possible():
        pytest.skip(f"the processor has no {defect.processor}")
    request.applymarker(pytest.mark.xfail(reason=f"{defect.reason} ({defect.link})", strict=True))
    assert not defect.shows()


def test_a_defect_does_not_show_where_the_value_is_right():
    defect = replace(NARROW_OUTPUT, expression='ran("Conv", ramp(1, 1, 4), ramp(1, 1, 1), strides=[4])', right="[1.0]")
    assert not defect.shows()


def test_a_layer_that_leaves_nothing_is_refused_before_openvino_sees_it():
    with pytest.raises(InvalidLayer, match="crops everything"):
        OpenvinoBackend().code(Layer.tconv(1, kernel=3, padding=5), (4,))


def test_read_only_and_reversed_arrays_are_taken():
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = draw(layer, (4,), seed=0)
    signal.flags.writeable = False
    weight = weight[..., ::-1]
    assert np.array_equal(run(layer, (4,), (signal, weight, bias)), reference(layer, signal, weight, bias))


def test_the_hook_brings_the_backend_of_the_installed_openvino():
    backend = tconv_backend()
    assert (backend.name, backend.api_version, backend.version()) == ("openvino", 1, openvino.__version__)


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_neither_the_import_nor_the_words_import_openvino():
    program = """
import sys
from tconv_design_openvino import tconv_backend
from tconv_design.layer import Layer
tconv_backend().code(Layer.tconv(1, kernel=3), (4,))
sys.exit({"openvino", "onnx"} & set(sys.modules) != set())
"""
    assert run_python(program).returncode == 0


@pytest.mark.parametrize("missing", ["openvino", "onnx"])
def test_a_missing_framework_is_said_when_it_is_asked_for(missing):
    program = f"""
import sys
sys.modules[{missing!r}] = None
from tconv_design_openvino import tconv_backend
tconv_backend().version()
"""
    said = run_python(program).stderr.splitlines()[-1]
    assert said.startswith(f"ModuleNotFoundError: import of {missing} halted")
