import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, shape_inference
from onnx.reference import ReferenceEvaluator
from tconv_design_onnx import OnnxBackend, reference, tconv_backend
from tconv_design_onnx.defects import KNOWN
from tconv_design_onnx.reference import OnnxReferenceBackend

from tconv_design.dialects.catalogue import dialect, read
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidLayer, NotExpressible, Refused
from tconv_design.grid import drawn
from tconv_design.layer import Layer
from tconv_design.reference import reference as definition
from tconv_design.samples import draw
from tconv_design.worker import build

SAMPLE = [*range(300), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(300, 5000))]
BACKENDS = [OnnxBackend(), OnnxReferenceBackend()]
RAMP = np.array([[[1, 2, 3]]], "f4")

every_backend = pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)


@pytest.mark.parametrize("seed", SAMPLE)
def test_onnxruntime_equals_the_definition_on_a_drawn_layer(seed):
    case = drawn(seed)
    samples = draw(case.layer, case.in_size, seed)
    code = OnnxBackend().code(case.layer, case.in_size)
    np.testing.assert_array_equal(OnnxBackend().run(build(code), *samples), definition(case.layer, *samples), code)


@pytest.mark.parametrize("seed", range(100))
def test_the_reference_evaluator_equals_the_definition_on_a_drawn_layer_without_groups(seed):
    case = drawn(seed)
    if case.layer.kind == "tconv" and case.layer.groups > 1:
        pytest.skip("a known defect of the evaluator")
    samples = draw(case.layer, case.in_size, seed)
    code = OnnxReferenceBackend().code(case.layer, case.in_size)
    actual = OnnxReferenceBackend().run(build(code), *samples)
    np.testing.assert_array_equal(actual, definition(case.layer, *samples), code)


def node(op, in_size, kernel, **attributes):
    """A model of one node as a user would write it, and its inputs."""
    shapes = {"X": (1, 1, *in_size), "W": (1, 1, *kernel)}
    inputs = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in shapes.items()]
    output = helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None] * (len(kernel) + 2))
    graph = helper.make_graph([helper.make_node(op, ["X", "W"], ["Y"], **attributes)], "layer", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    return model, {name: np.arange(1, np.prod(shape) + 1, dtype="f4").reshape(shape) for name, shape in shapes.items()}


def by_onnxruntime(model, data):
    onnxruntime.set_default_logger_severity(4)
    return onnxruntime.InferenceSession(model.SerializeToString()).run(None, data)[0]


def by_reference(model, data):
    return ReferenceEvaluator(model).run(None, data)[0]


RUN = {"onnxruntime": by_onnxruntime, "reference": by_reference}

CLASSIC = {"strides": [2], "auto_pad": "SAME_UPPER", "output_padding": [1]}


def test_shape_inference_says_7_rows_of_the_classic_and_the_runtimes_make_6():
    model, data = node("ConvTranspose", (3,), (3,), **CLASSIC)
    inferred = shape_inference.infer_shapes(model).graph.output[0].type.tensor_type.shape
    assert [each.dim_value for each in inferred.dim] == [1, 1, 7]
    assert by_onnxruntime(model, data).tolist() == [[[2, 5, 4, 9, 6, 9]]]
    assert by_reference(model, data).tolist() == [[[2, 5, 4, 9, 6, 9]]]


def test_the_classic_is_read_and_written_as_the_runtimes_run_it():
    reading = read("ConvTranspose(kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER', output_padding=[1])")
    assert reading.output_size((3,)) == (6,)
    assert any("shape inference says in*stride + 1 rows" in note for note in reading.notes)
    layer = reading.layer((3,))
    for backend in BACKENDS:
        found = backend.run(build(backend.code(layer, (3,))), RAMP, RAMP, np.zeros(1, "f4"))
        assert found.tolist() == [[[2, 5, 4, 9, 6, 9]]]


def some_attributes(seed):
    """A node's attributes, drawn: any padding, beside an output_padding or output_shape or none."""
    draw = np.random.default_rng(seed)
    op = draw.choice(["Conv", "ConvTranspose"])
    kernel, stride, dilation, size = (int(draw.integers(1, most + 1)) for most in (4, 5, 2, 6))
    attributes = {"strides": [stride], "dilations": [dilation]}
    if draw.random() < 0.7:
        attributes["auto_pad"] = str(draw.choice(["SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET"]))
    if draw.random() < 0.4:
        attributes["pads"] = draw.integers(0, 3, 2).tolist()
    if op == "ConvTranspose" and draw.random() < 0.5:
        attributes["output_padding"] = [int(draw.integers(0, 4))]
    if op == "ConvTranspose" and draw.random() < 0.3:
        attributes["output_shape"] = [int(draw.integers(1, 25))]
    return op, size, kernel, attributes


@pytest.mark.parametrize("runtime", RUN)
@pytest.mark.parametrize("seeds", [range(first, first + 100) for first in range(0, 1500, 100)], ids=str)
def test_drawn_attributes_are_read_as_they_run(seeds, runtime):
    for seed in seeds:
        op, size, kernel, attributes = some_attributes(seed)
        words = ", ".join(f"{name}={value!r}" for name, value in attributes.items())
        text = f"{op}(kernel_shape=[{kernel}], {words})"
        model, data = node(op, (size,), (kernel,), **attributes)
        reading = None
        try:
            reading = read(text, "onnx", Hints(runtime=runtime))
            expected = reading.output_size((size,))
        except Refused:
            with pytest.raises(Exception):  # noqa: B017, PT011  # each runtime has its own
                print(seed, text, RUN[runtime](model, data).shape)
            continue
        actual = RUN[runtime](model, data)
        assert (seed, text, actual.shape[2:]) == (seed, text, expected)
        if reading.defect((size,)):
            continue
        begin, end, extra = reading.pads((size,))[0]
        assert (seed, text, actual.ravel().tolist()) == (
            seed,
            text,
            by_definition(op, size, kernel, attributes, begin, end - extra, expected[0]),
        )


def by_definition(op, size, kernel, attributes, begin, end, out):
    """The values of a node of one axis, by a loop."""
    stride, dilation = attributes["strides"][0], attributes["dilations"][0]
    found = [0.0] * out
    for row in range(out):
        for tap in range(kernel):
            if op == "Conv":
                place = row * stride + tap * dilation - begin
            else:
                place, rest = divmod(row + begin - tap * dilation, stride)
                place = place if rest == 0 else -1
            if 0 <= place < size:
                found[row] += (place + 1) * (tap + 1)
    return found


@pytest.mark.parametrize("defect", KNOWN, ids=lambda defect: defect.reason[:60])
def test_onnx_gets_right_what_is_a_known_defect(defect, request):
    request.applymarker(pytest.mark.xfail(reason=f"{defect.reason} ({defect.link})", strict=True))
    assert not defect.shows()


def test_a_defect_does_not_show_where_the_value_is_right():
    from dataclasses import replace

    defect = replace(KNOWN[0], expression='ran("Conv", ramp(1, 1, 4), ramp(1, 1, 1), strides=[4])', right="[1.0]")
    assert not defect.shows()


def test_rows_that_no_input_reaches_hold_the_bias():
    layer = Layer.tconv(1, kernel=2, dilation=4, output_padding=3)
    one = np.ones((1, 1, 1), "f4")
    code = OnnxBackend().code(layer, (1,))
    assert '"Pad"' in code
    for backend in BACKENDS:
        found = backend.run(build(code), one, np.ones((1, 1, 2), "f4"), np.array([7], "f4"))
        assert found.tolist() == [[[8, 7, 7, 7, 8, 7, 7, 7]]]


def test_groups_of_several_channels_are_refused_for_the_reference_evaluator():
    layer = Layer.tconv(1, kernel=3, groups=2, in_channels=4, out_channels=6)
    with pytest.raises(NotExpressible) as caught:
        OnnxReferenceBackend().code(layer, (4,))
    assert str(caught.value) == (
        "onnx's reference evaluator raises ValueError for a ConvTranspose whose groups have several channels, and 2 "
        "groups share 4 input and 6 output channels; nearest: 2 input and output channels, or the same layer in "
        "onnxruntime"
    )


def test_a_reference_evaluator_that_takes_them_is_given_them(monkeypatch):
    monkeypatch.setattr(reference, "_takes_several_channels", lambda: True)
    layer = Layer.tconv(1, kernel=3, groups=2, in_channels=4, out_channels=6)
    assert "group=2" in OnnxReferenceBackend().code(layer, (4,))


@every_backend
def test_a_layer_that_leaves_nothing_is_refused_before_it_runs(backend):
    with pytest.raises(InvalidLayer, match="crops everything"):
        backend.code(Layer.tconv(1, kernel=3, padding=5), (4,))


@every_backend
def test_read_only_and_reversed_arrays_are_taken(backend):
    layer = Layer.tconv(1, kernel=3, stride=2)
    signal, weight, bias = draw(layer, (4,), seed=0)
    signal.flags.writeable = False
    weight = weight[..., ::-1]
    actual = backend.run(build(backend.code(layer, (4,))), signal, weight, bias)
    np.testing.assert_array_equal(actual, definition(layer, signal, weight, bias))


def test_the_model_passes_onnxs_checker():
    layer = Layer.tconv(2, kernel=2, dilation=(3, 1), output_padding=(2, 0), groups=2, in_channels=4, out_channels=6)
    onnx.checker.check_model(build(dialect("onnx").write(layer, (4, 4)).code), full_check=True)


def test_the_hooks_bring_the_backends_of_the_installed_onnx():
    ours, theirs = tconv_backend(), reference.tconv_backend()
    assert (ours.name, ours.api_version, ours.version()) == ("onnx", 1, onnxruntime.__version__)
    assert (theirs.name, theirs.api_version, theirs.version()) == ("onnx-reference", 1, onnx.__version__)


def run_python(program):
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)


def test_neither_the_import_nor_the_words_import_onnx():
    program = """
import sys
from tconv_design_onnx import tconv_backend, reference
from tconv_design.layer import Layer
for hook in (tconv_backend, reference.tconv_backend):
    hook().code(Layer.tconv(1, kernel=3), (4,))
sys.exit({"onnx", "onnxruntime"} & set(sys.modules) != set())
"""
    assert run_python(program).returncode == 0


def test_onnxruntime_says_nothing_of_a_model_that_it_refuses():
    program = """
import numpy as np
from tconv_design_onnx import tconv_backend
from tconv_design.worker import build
from tconv_design.dialects.catalogue import dialect, read
words = read("Conv(kernel_shape=[3])", "onnx").words
model = build(dialect("onnx").spell(words))
try:
    tconv_backend().run(model, *(np.ones(shape, "f4") for shape in ((1, 1, 2), (1, 1, 3), (1,))))
except Exception as error:
    print(type(error).__name__)
"""
    done = run_python(program)
    assert (done.stdout, done.stderr) == ("InvalidArgument\n", "")


@pytest.mark.parametrize(("missing", "module"), [("onnxruntime", ""), ("onnx", ".reference")])
def test_a_missing_framework_is_said_when_it_is_asked_for(missing, module):
    program = f"""
import sys
sys.modules[{missing!r}] = None
from tconv_design_onnx{module} import tconv_backend
tconv_backend().version()
"""
    said = run_python(program).stderr.splitlines()[-1]
    assert said.startswith(f"ModuleNotFoundError: import of {missing} halted")
