"""ONNX's words: every measured node read as onnxruntime, the reference evaluator and openvino ran it, without onnx."""

import json
import time

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import dialect, read
from tconv_design.dialects.onnx_text import as_call
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

RUNTIMES = {"onnxruntime": "onnxruntime", "onnx-ref": "reference", "openvino": "openvino"}
CASES = [*GRID, *map(drawn, range(300))]


def text_of(row):
    """The node of a row, as a user would paste it."""
    op = row["op"].partition("-")[0]
    args = {key: value for key, value in row["args"].items() if key != "bias"}
    return f"helper.make_node({op!r}, ['X', 'W'], ['Y'], {', '.join(f'{k}={v!r}' for k, v in args.items())})"


def read_row(row):
    weight, groups = row["weight_shape"], row["args"].get("group", 1)
    channels = (weight[0], weight[1] * groups) if row["direction"] == "transposed" else (weight[1] * groups, weight[0])
    hints = Hints(kernel(row), *channels, RUNTIMES[row["framework"]])
    return read(text_of(row), hints=hints)


@pytest.mark.parametrize("row", rows_of(*RUNTIMES), ids=name_of)
def test_a_measured_node_is_read_as_it_ran(row):
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


@pytest.mark.parametrize("row", [row for row in rows_of(*RUNTIMES) if row["match"] is False], ids=name_of)
def test_a_node_that_was_computed_wrongly_has_its_defect_named(row):
    assert read_row(row).defect(in_size(row))


@pytest.mark.parametrize("row", [row for row in rows_of(*RUNTIMES) if row["match"]], ids=name_of)
def test_a_node_that_was_computed_rightly_has_no_defect(row):
    groups = row["args"].get("group", 1)
    if row["framework"] == "onnx-ref" and groups > 1 and row["direction"] == "transposed":
        pytest.skip("right only because the measured node has no bias")
    assert read_row(row).defect(in_size(row)) == ""


def normal(layer):
    """A layer by what it computes: kernel, stride, dilation, channels, and the rows padded or cropped on each axis."""
    rows = [(a.kernel, a.stride, a.dilation, a.pad_begin, a.end) for a in layer.axes]
    return layer.kind, rows, layer.groups, layer.in_channels, layer.out_channels


@pytest.mark.parametrize("name", ["onnx", "openvino"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_written_layer_is_read_as_that_layer(case, name):
    written = dialect(name).write(case.layer, case.in_size)
    assert normal(read(written.code).layer(case.in_size)) == normal(case.layer)
    assert normal(read(written.code, name).layer(case.in_size)) == normal(case.layer)


def test_a_written_layer_is_one_node_with_explicit_pads():
    layer = Layer.tconv(2, kernel=3, stride=2, padding=[(1, 0), (0, 1)], in_channels=4, out_channels=6)
    assert dialect("onnx").write(layer, (5, 5)).code == (
        "from onnx import TensorProto, helper\n"
        "\n"
        "node = helper.make_node(\n"
        '    "ConvTranspose",\n'
        '    ["X", "W", "B"],\n'
        '    ["Y"],\n'
        "    kernel_shape=[3, 3],\n"
        "    strides=[2, 2],\n"
        "    pads=[1, 0, 0, 1],\n"
        ")\n"
        "inputs = [\n"
        '    helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 4, "H", "W"]),\n'
        '    helper.make_tensor_value_info("W", TensorProto.FLOAT, [4, 6, 3, 3]),\n'
        '    helper.make_tensor_value_info("B", TensorProto.FLOAT, [6]),\n'
        "]\n"
        'output = helper.make_tensor_value_info("Y", TensorProto.FLOAT, ["N", 6, "out_H", "out_W"])\n'
        'graph = helper.make_graph([node], "layer", inputs, [output])\n'
        'opset = helper.make_opsetid("", 17)\n'
        "layer = helper.make_model(graph, opset_imports=[opset], ir_version=8)\n"
    )


BEYOND = Layer.tconv(1, kernel=2, stride=2, dilation=5, output_padding=3)


def test_rows_that_output_padding_cannot_add_come_from_zeros_after_the_input():
    written = dialect("onnx").write(BEYOND, (4,))
    assert not written.native
    assert 'rows = helper.make_tensor("rows", TensorProto.INT64, [6], [0, 0, 0, 0, 0, 1])' in written.code
    assert "    output_padding=[1],\n" in written.code
    assert written.notes == (
        "onnxruntime takes an output_padding below the stride only, so zeros after the input make the other rows",
    )


def test_openvino_adds_those_rows_itself():
    written = dialect("openvino").write(BEYOND, (4,))
    assert written.native
    assert "    output_padding=[3],\n" in written.code
    assert written.notes == (
        "openvino computes in bfloat16 where the processor has it, unless INFERENCE_PRECISION_HINT is f32",
        "onnxruntime refuses an output_padding of a stride or more; openvino takes it",
    )


def test_openvino_compiles_for_float32():
    lines = dialect("openvino").write(Layer.conv(1, kernel=3), (4,)).code.splitlines()
    assert lines[0] == "import openvino"
    assert lines[-3:] == [
        "core = openvino.Core()",
        'precision = {"INFERENCE_PRECISION_HINT": "f32"}  # else bfloat16, on processors that have it',
        'layer = core.compile_model(core.read_model(model.SerializeToString()), "CPU", precision)',
    ]


def test_a_narrow_output_is_said_to_be_doubtful_in_openvino():
    layer = Layer.conv(2, kernel=3, stride=(1, 3), padding=[(1, 2), (2, 0)])
    note = "openvino may be wrong about this layer on processors with AVX-512, for its output is one column wide"
    assert note in dialect("openvino").write(layer, (2, 3)).notes
    assert note not in dialect("openvino").write(layer, (2, 6)).notes
    small = Layer.conv(3, kernel=(1, 1, 3), stride=(2, 1, 3))  # seen wrong on OpenVINO 2026.4.1
    assert note in dialect("openvino").write(small, (5, 3, 5)).notes


def test_groups_are_said_to_be_wrong_in_the_reference_evaluator():
    layer = Layer.tconv(1, kernel=3, groups=2, in_channels=2, out_channels=2)
    assert dialect("onnx").write(layer, (4,)).notes == (
        "onnx's reference evaluator is wrong about groups: it raises ValueError unless both channel counts are the "
        "groups, and then adds the first bias to every channel; onnxruntime and openvino are right",
    )


PASTED = {
    "make_node": (
        'node = onnx.helper.make_node("ConvTranspose", ["X", "W"], ["Y"], kernel_shape=[3, 3], strides=[2, 2], '
        "pads=[1, 0, 0, 1], group=2)"
    ),
    "make_node by keyword": (
        'make_node(op_type="ConvTranspose", inputs=["X", "W"], outputs=["Y"], name="up", kernel_shape=(3, 3), '
        "strides=(2, 2), pads=(1, 0, 0, 1), group=2)"
    ),
    "imported make_node": (
        "from onnx.helper import make_node as node\n"
        'node("ConvTranspose", ["X", "W"], ["Y"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1], group=2)'
    ),
    "call": "ConvTranspose(kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1], group=2)",
    "call with inputs": "y = ConvTranspose(x, w, kernel_shape=[3, 3], strides=[2, 2], pads=[1, 0, 0, 1], group=2)",
    "text format": (
        "Y = ConvTranspose <strides = [2, 2], kernel_shape = [3, 3], pads = [1, 0, 0, 1], group = 2> (X, W)"
    ),
    "text format with types": (
        "[up] Y = ai.onnx.ConvTranspose <strides: ints = [2, 2], kernel_shape: ints = [3, 3],\n"
        "    pads: ints = [1, 0, 0, 1], group: int = 2>(X, W, B)"
    ),
    "text format, attributes last": (
        "Y = ConvTranspose (X, W) <strides = [2, 2], kernel_shape = [3, 3], pads = [1, 0, 0, 1], group = 2>"
    ),
    "printed node": (
        "%Y = ConvTranspose[group = 2, kernel_shape = [3, 3], pads = [1, 0, 0, 1], strides = [2, 2]](%X, %W)"
    ),
    "model in the text format": (
        '<ir_version: 8, opset_import: ["" : 17]>\n'
        "up (float[N,4,H,W] X, float[4,3,3,3] W) => (float[N,6,P,Q] Y)\n"
        "{\n   Y = ConvTranspose <strides = [2, 2], pads = [1, 0, 0, 1], group = 2> (X, W)\n}"
    ),
    "NodeProto": (
        'input: "X"\ninput: "W"\noutput: "Y"\nop_type: "ConvTranspose"\n'
        'attribute {\n  name: "kernel_shape"\n  ints: 3\n  ints: 3\n  type: INTS\n}\n'
        'attribute {\n  name: "strides"\n  ints: 2\n  ints: 2\n  type: INTS\n}\n'
        'attribute {\n  name: "pads"\n  ints: 1\n  ints: 0\n  ints: 0\n  ints: 1\n  type: INTS\n}\n'
        'attribute {\n  name: "group"\n  i: 2\n  type: INT\n}\n'
    ),
    "dict": (
        "{'op_type': 'ConvTranspose', 'kernel_shape': (3, 3), 'strides': [2, 2], 'pads': [1, 0, 0, 1], 'group': 2}"
    ),
    "JSON": json.dumps(
        {
            "op_type": "ConvTranspose",
            "inputs": ["X", "W"],
            "attributes": {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 0, 1], "group": 2},
        },
        indent=2,
    ),
    "JSON of a NodeProto": json.dumps(
        {
            "input": ["X", "W"],
            "output": ["Y"],
            "opType": "ConvTranspose",
            "attribute": [
                {"name": "kernel_shape", "ints": ["3", "3"], "type": "INTS"},
                {"name": "strides", "ints": ["2", "2"], "type": "INTS"},
                {"name": "pads", "ints": ["1", "0", "0", "1"], "type": "INTS"},
                {"name": "group", "i": "2", "type": "INT"},
            ],
        }
    ),
    "list": "ConvTranspose  kernel_shape = 3, 3  strides = 2, 2  pads = 1, 0, 0, 1  group = 2",
    "list over lines": (
        "type  ConvTranspose\nname  up\ngroup = 2\nkernel_shape = 3, 3\npads = 1, 0, 0, 1\nstrides = 2, 2\n"
    ),
    "list with brackets": "ConvTranspose: kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 0, 1], group: 2",
}


@pytest.mark.parametrize("text", PASTED.values(), ids=PASTED)
def test_every_form_that_a_node_is_pasted_in_is_read(text):
    reading = read(text)
    assert (reading.dialect, reading.call, reading.groups) == ("onnx", "ConvTranspose", 2)
    assert (reading.kernel, reading.stride) == ((3, 3), (2, 2))
    assert reading.pads((4, 4)) == ((1, 0, 0), (0, 1, 0))
    assert reading.output_size((4, 4)) == (8, 8)


@pytest.mark.parametrize(
    "text",
    [
        "ConvTranspose  kernel_shape = 3  strides = 2  auto_pad = SAME_LOWER",
        'Y = ConvTranspose <kernel_shape = [3], strides = [2], auto_pad = "SAME_LOWER"> (X, W)',
        '{"op_type": "ConvTranspose", "kernel_shape": [3], "strides": [2], "auto_pad": "SAME_LOWER"}',
        'op_type: "ConvTranspose" attribute { name: "kernel_shape" ints: 3 } attribute { name: "strides" ints: 2 } '
        'attribute { name: "auto_pad" s: "SAME_LOWER" type: STRING }',
    ],
)
def test_a_named_padding_is_read_in_every_form(text):
    assert read(text).pads((5,)) == ((1, 0, 0),)


def test_the_shapes_of_a_model_in_the_text_format_are_taken():
    reading = read(PASTED["model in the text format"])
    assert (reading.in_channels, reading.out_channels) == (4, 6)


@pytest.mark.parametrize(
    "text",
    [
        "nn.ConvTranspose2d(8, 4, 3, stride=2)",
        "layer = nnx.ConvTranspose(8, 4, (3, 3), strides=(2, 2), rngs=rngs)",
        "x = Conv(8, 4)\nkernel_shape = 3",
        "{'op_type': 'Relu', 'note': 'after Conv'}",
        "{'op_type': 'Conv', ",
        "Conv",
        "from layers import Conv\nstrides = 2",
        "",
    ],
)
def test_other_texts_are_left_as_they_are(text):
    assert as_call(text) is None


def test_a_flax_module_is_no_node():
    assert read("nnx.ConvTranspose(8, 4, (3, 3), strides=(2, 2), rngs=rngs)").dialect == "flax"


@pytest.mark.parametrize(
    "text",
    [
        "Conv" + "a" * 99_000,
        "x = Conv [" * 9_000,
        "type Conv" + " " * 99_000 + "!",
        "Conv strides" + " " * 99_000 + "!",
        'op_type: "Conv" ' + "attribute {" * 8_000,
        "{'op': 'Conv', 'a': " + "[" * 90_000,
        '{"op": "Conv", "a": ' * 4_000,
        "float[" * 15_000 + "=> y = Conv <> (",
    ],
)
def test_a_hostile_text_is_done_with_at_once(text):
    started = time.perf_counter()
    as_call(text)
    assert time.perf_counter() - started < 2


def test_deeply_nested_attributes_are_no_node():
    assert as_call('{"op": "Conv", "a": ' + '{"a": ' * 9_000 + "1" + "}" * 9_001) is None


def test_an_attribute_whose_name_is_no_name_is_refused():
    with pytest.raises(InvalidQuestion, match=r"Conv has no argument 'pad-s'; did you mean pads\?"):
        as_call('{"op_type": "Conv", "kernel_shape": [3], "pad-s": [1, 1]}')


def test_an_endless_text_is_not_searched():
    assert as_call("Conv kernel_shape = 3 " * 10_000) is None


def test_the_first_convolution_among_other_nodes_is_read():
    text = """
relu = helper.make_node("Relu", ["A"], ["X"])
up = helper.make_node("ConvTranspose", ["X", "W"], ["Y"], kernel_shape=[2, 2], strides=[2, 2])
"""
    assert read(text).output_size((4, 4)) == (8, 8)


@pytest.mark.parametrize(
    "weight",
    [
        'helper.make_tensor_value_info("W", TensorProto.FLOAT, [4, 3, 2, 5])',
        'helper.make_tensor("W", TensorProto.FLOAT, [4, 3, 2, 5], values)',
        'numpy_helper.from_array(np.ones((4, 3, 2, 5)), "W")',
        'numpy_helper.from_array(np.ones((4, 3, 2, 5)), name="W")',
    ],
)
def test_kernel_and_channels_are_those_of_the_weight_in_the_program(weight):
    reading = read(f'helper.make_node("ConvTranspose", ["X", "W"], ["Y"], group=2)\n{weight}')
    assert (reading.kernel, reading.in_channels, reading.out_channels) == ((2, 5), 4, 6)


def test_the_users_kernel_is_spread_over_the_axes():
    assert read('make_node("Conv", ["X", "W"], ["Y"], strides=[2, 2])', hints=Hints((3,))).kernel == (3, 3)


OLD_PAD = """
pad = helper.make_node("Pad", ["X"], ["P"], mode="constant", pads=[0, 0, 1, 0, 0, 2])
node = helper.make_node("Conv", ["P", "W"], ["Y"], kernel_shape=[3], strides=[2])
"""


def test_a_pad_node_before_a_conv_is_part_of_it():
    layer = read(OLD_PAD).layer((6,))
    assert layer.padding == ((1, 2),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'mode="constant"',
            'mode="reflect"',
            "pads with something else than 0, and a layer's padding is 0; pad with 0",
        ),
        ("pads=[0, 0, 1, 0, 0, 2]", "pads=rows", "are rows, which are no numbers; write them as a list"),
        (
            "[0, 0, 1, 0, 0, 2]",
            "[1, 0, 1, 0, 0, 2]",
            r"pads \[1, 0, 1, 0, 0, 2\], which are not those of 1 spatial axes",
        ),
        ('["X"], ["P"]', '["X", "p", "v"], ["P"]', "is given a value to pad with"),
    ],
)
def test_a_pad_node_that_adds_no_zeros_around_the_input_is_refused(old, new, message):
    with pytest.raises(Refused, match=message):
        read(OLD_PAD.replace(old, new))


@pytest.mark.parametrize(
    ("line", "runtime_pads"),
    [
        ("", ((0, 1, 0),)),
        ("session = openvino.Core().compile_model(model)", ((1, 0, 0),)),
        ("evaluator = ReferenceEvaluator(model)", ((0, 1, 0),)),
    ],
)
def test_a_program_is_read_as_the_runtime_in_it(line, runtime_pads):
    node = 'make_node("ConvTranspose", ["X", "W"], ["Y"], kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER", '
    assert read(f"{node}output_shape=[6])\n{line}").pads((3,)) == runtime_pads


# name, node, runtime: what is said
NOTES = {
    "classic": (
        'kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER", output_padding=[1]',
        "auto_pad SAME_UPPER with output_padding 1: shape inference says in*stride + 1 rows, the runtimes make "
        "in*stride, for they fold output_padding into the crop",
    ),
    "stride above kernel": (
        'kernel_shape=[2], strides=[3], auto_pad="SAME_UPPER"',
        "auto_pad SAME_UPPER with stride 3 above kernel 2: the specification says in*stride rows, which the reference "
        "evaluator makes, with 1 empty at the begin; shape inference, onnxruntime and openvino say in*stride - 1",
    ),
    "stride above kernel, lower": (
        'kernel_shape=[2], strides=[3], auto_pad="SAME_LOWER"',
        "auto_pad SAME_LOWER with stride 3 above kernel 2: the specification says in*stride rows, which the reference "
        "evaluator makes, the empty ones at the end; shape inference, onnxruntime and openvino say in*stride - 1",
    ),
    "output_shape": (
        "kernel_shape=[3], strides=[2], output_shape=[6]",
        "output_shape without auto_pad SAME_UPPER: an odd crop has its odd row at the begin by the specification, in "
        "onnxruntime and in openvino, and not at the end as in tensorflow's same",
    ),
    "output_shape, reference": (
        "kernel_shape=[3], strides=[2], output_shape=[6]",
        "the reference evaluator keeps pads beside output_shape, and refuses the sizes that do not fit",
    ),
    "output_shape with pads": (
        "kernel_shape=[3], strides=[2], output_shape=[6], pads=[0, 1]",
        "onnxruntime and openvino ignore pads where output_shape is given",
    ),
    "output_shape, upper": (
        'kernel_shape=[3], strides=[2], output_shape=[6], auto_pad="SAME_UPPER"',
        "output_shape with auto_pad SAME_UPPER: an odd crop has its odd row at the end by the specification, in "
        "onnxruntime and in the reference evaluator, but at the begin in openvino",
    ),
}


@pytest.mark.parametrize(("attributes", "note"), NOTES.values(), ids=NOTES)
def test_disagreements_of_specification_inference_and_runtimes_are_said(attributes, note):
    assert note in read(f"ConvTranspose({attributes})").notes


@pytest.mark.parametrize(
    "attributes",
    [
        "kernel_shape=[3], strides=[2], pads=[1, 1], output_padding=[1]",
        'kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER"',
        'kernel_shape=[3], strides=[2], auto_pad="VALID", output_padding=[1]',
        # the extra row fills the stride, so that all agree
        'kernel_shape=[2], strides=[3], auto_pad="SAME_UPPER", output_padding=[1]',
    ],
)
def test_nothing_is_said_where_all_agree(attributes):
    assert read(f"ConvTranspose({attributes})").notes == ()


def test_openvino_and_the_reference_each_choose_between_auto_pad_and_pads():
    text = 'ConvTranspose(kernel_shape=[3], strides=[2], auto_pad="SAME_UPPER", pads=[1, 1])'
    note = (
        "auto_pad SAME_UPPER and pads exclude each other: onnxruntime refuses both together, openvino ignores pads, "
        "and the reference evaluator takes pads"
    )
    for runtime, out in (("openvino", 6), ("reference", 5)):
        reading = read(text, hints=Hints(runtime=runtime))
        assert (reading.output_size((3,)), reading.notes) == ((out,), (note,))


def test_openvino_ignores_a_kernel_shape_that_is_not_the_weights():
    reading = read("ConvTranspose(kernel_shape=[2])", hints=Hints((3,), runtime="openvino"))
    assert reading.output_size((3,)) == (5,)
    assert reading.notes == ("openvino ignores kernel_shape (2,), for W's kernel is (3,); onnxruntime refuses that",)


def test_openvino_takes_an_output_shape_with_batch_and_channels():
    text = "ConvTranspose(kernel_shape=[3], strides=[2], output_shape=[1, 1, 6])"
    assert read(text, "openvino").output_size((3,)) == (6,)


def test_the_reference_evaluator_takes_an_unknown_auto_pad_for_none():
    reading = read('ConvTranspose(kernel_shape=[3], auto_pad="same_upper")', hints=Hints(runtime="reference"))
    assert reading.output_size((3,)) == (5,)
    assert reading.notes == ("the reference evaluator takes the unknown auto_pad 'same_upper' for NOTSET",)


# node, runtime: the refusal
REFUSED = {
    "output_padding": (
        "ConvTranspose(kernel_shape=[3], strides=[2], output_padding=[2])",
        "",
        "output_padding 2 must be less than stride 2; use output_padding 0..1, or add rows with a Pad node before it",
    ),
    "output_padding, dilation": (
        "ConvTranspose(kernel_shape=[2], dilations=[3], output_padding=[2])",
        "reference",
        "output_padding 2 must be less than stride 1, even with dilation 3; use output_padding 0, or add rows with a "
        "Pad node before it",
    ),
    "auto_pad and pads": (
        'Conv(kernel_shape=[3], auto_pad="SAME_UPPER", pads=[1, 1])',
        "onnxruntime",
        "Conv has both auto_pad SAME_UPPER and pads, and the specification allows one of them; drop one",
    ),
    "auto_pad": (
        'Conv(kernel_shape=[3], auto_pad="same_uper")',
        "",
        "unknown auto_pad 'same_uper' in Conv; did you mean SAME_UPPER?",
    ),
    "auto_pad, openvino": (
        'Conv(kernel_shape=[3], auto_pad="valid")',
        "openvino",
        "unknown auto_pad 'valid' in Conv; did you mean VALID?",
    ),
    "negative pads": (
        "ConvTranspose(kernel_shape=[3], pads=[-1, 0])",
        "",
        "pads of ConvTranspose must not be negative, got -1; crop in a node of its own",
    ),
    "negative output_padding": (
        "ConvTranspose(kernel_shape=[3], strides=[2], output_padding=[-1])",
        "",
        "output_padding of ConvTranspose must not be negative, got -1; crop in a node of its own",
    ),
    "negative pads, reference": (
        "Conv(kernel_shape=[3], pads=[-1, 0])",
        "reference",
        "pads of Conv must not be negative, got -1; crop its input",
    ),
    "negative pads, openvino": (
        "ConvTranspose(kernel_shape=[3], pads=[-1, 0])",
        "openvino",
        "openvino does not compile a ConvTranspose with pads of -1; crop in a node of its own",
    ),
    "dilation": (
        'Conv(kernel_shape=[3], dilations=[2], auto_pad="SAME_LOWER")',
        "",
        "onnxruntime has no dilation with auto_pad SAME_LOWER, and the node has dilation 2; write the pads as numbers; "
        "the specification, the reference evaluator and openvino have it",
    ),
    "output_shape": (
        "ConvTranspose(kernel_shape=[3], strides=[2], output_shape=[12])",
        "",
        "output_shape 12 is inconsistent with an input of 4, which makes at most 10; use output_shape 10 or less",
    ),
    "output_shape, reference": (
        "ConvTranspose(kernel_shape=[3], strides=[2], output_shape=[8])",
        "reference",
        "the reference evaluator keeps pads 0:0 beside output_shape 8, and they make 9..10 rows of an input of 4; "
        "write auto_pad SAME_UPPER, or the pads that make this size",
    ),
    "kernel_shape": (
        'make_node("Conv", ["X", "W"], ["Y"], kernel_shape=[2])\nmake_tensor_value_info("W", 1, [1, 1, 3])',
        "",
        "kernel_shape (2,) of Conv is not compatible with W, whose kernel is (3,); drop it",
    ),
    "no list": (
        "ConvTranspose(kernel_shape=[3, 3], strides=2)",
        "",
        "strides of ConvTranspose is a list of whole numbers, got 2; write strides=[2, 2]",
    ),
    "variable": (
        "ConvTranspose(kernel_shape=k, strides=[2, 2])",
        "",
        "kernel_shape of ConvTranspose is a list of whole numbers, got k; write kernel_shape=[1, 1]",
    ),
    "too few": (
        "ConvTranspose(kernel_shape=[3, 3], pads=[1, 1])",
        "",
        "pads [1, 1] of ConvTranspose has 2 numbers where 4 are due; give the begins of all axes, then their ends",
    ),
    "zero": (
        "Conv(kernel_shape=[3], strides=[0])",
        "",
        "strides of Conv must be positive, got 0; use strides of 1 or more",
    ),
    "auto_pad is no text": (
        "Conv(kernel_shape=[3], auto_pad=mode)",
        "",
        'auto_pad of Conv is mode, which is no text; write auto_pad="SAME_UPPER"',
    ),
    "group": ("Conv(kernel_shape=[3], group=0)", "", "group of Conv is 0, which is no positive number; write group=1"),
    "axes": ("Conv(kernel_shape=[3, 3, 3, 3])", "", "Conv has 4 spatial axes, and a layer has 1 to 3"),
    "nothing left": ("Conv(kernel_shape=[9])", "", "nothing is left of the input: its size is -4"),
    "no input, reference": (
        'make_node("ConvTranspose", ["X", "W"], ["Y"], kernel_shape=[1], group=2)\n'
        'make_tensor_value_info("W", 1, [4, 1, 1])',
        "reference",
        "onnx's reference evaluator raises ValueError for group 2 with channels 4 and 2: it takes groups only where "
        "both are the groups; run it with onnxruntime",
    ),
}


@pytest.mark.parametrize(("text", "runtime", "message"), REFUSED.values(), ids=REFUSED)
def test_what_a_runtime_refuses_is_refused_with_its_rule(text, runtime, message):
    with pytest.raises(Refused) as caught:
        read(text, "onnx", Hints(runtime=runtime)).output_size((4,) * (2 if "3, 3]" in text else 1))
    assert str(caught.value) == message


INVALID = {
    "torch's stride": (
        "ConvTranspose(kernel_shape=[3], stride=[2])",
        "ConvTranspose has no argument 'stride'; did you mean strides?",
    ),
    "torch's padding": ("Conv(kernel_shape=[3], padding=1)", "Conv has no argument 'padding'; did you mean auto_pad?"),
    "misspelt": (
        "Y = Conv <kernel_shpae = [3]> (X, W)",
        "Conv has no argument 'kernel_shpae'; did you mean kernel_shape?",
    ),
    "no kernel": (
        "Conv(strides=[2, 2])",
        "Conv without kernel_shape takes its kernel from W, whose shape the pasted text does not say; give --kernel, "
        "for example --kernel 3x3",
    ),
    "no axes": (
        "ConvTranspose(X, W)",
        "ConvTranspose without kernel_shape, strides or pads does not say how many axes it has; give --kernel, for "
        "example --kernel 3x3",
    ),
    "other node": (
        'make_node("Relu", ["X"], ["Y"])',
        "'Relu' is no convolution of onnx; known: Conv, ConvTranspose, make_node",
    ),
}


@pytest.mark.parametrize(("text", "message"), INVALID.values(), ids=INVALID)
def test_what_no_runtime_knows_is_an_invalid_question(text, message):
    with pytest.raises(InvalidQuestion) as caught:
        read(text, "onnx")
    assert str(caught.value) == message


def test_an_unknown_runtime_gets_the_nearest():
    with pytest.raises(InvalidQuestion, match=r"no runtime of onnx is called 'onnxrt'; did you mean onnxruntime\?"):
        read("Conv(kernel_shape=[3])", "onnx", Hints(runtime="onnxrt"))


@pytest.mark.parametrize(
    ("auto_pad", "size", "wrong"),
    [("SAME_UPPER", 4, True), ("SAME_UPPER", 3, False), ("SAME_LOWER", 4, False), ("SAME_LOWER", 5, True)],
)
def test_onnxruntimes_same_is_wrong_where_many_rows_are_left_over(auto_pad, size, wrong):
    reading = read(f'Conv(kernel_shape=[1], strides=[5], auto_pad="{auto_pad}")')
    assert bool(reading.defect((size,))) is wrong
    assert ("takes them for a negative padding" in reading.defect((size,))) is wrong


def test_a_narrow_conv_is_named_as_openvinos_defect():
    text = "Conv(kernel_shape=[3, 3], strides=[1, 3])"
    assert "can be wrong on AVX-512 about a Conv of one input channel" in read(text, "openvino").defect((4, 4))
    assert read(text[:-1] + ', auto_pad="SAME_UPPER")', "openvino").defect((4, 3))
    assert read(text[:-1] + ', auto_pad="VALID", pads=[0, 1, 0, 2])', "openvino").defect((4, 3))
    assert read(text, "openvino").defect((4, 6)) == ""
    assert read(text, "openvino").defect((3, 4)) == ""
    assert read(text, "onnx").defect((4, 4)) == ""


@pytest.mark.parametrize(
    "attributes",
    [
        "kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 0, 2], output_padding=[1, 0], group=2",
        'kernel_shape=[3, 2], strides=[2, 1], auto_pad="SAME_UPPER", output_padding=[1, 0]',
        'kernel_shape=[3, 2], strides=[2, 1], auto_pad="SAME_LOWER"',
        'kernel_shape=[3, 2], dilations=[2, 1], auto_pad="VALID"',
        "kernel_shape=[3, 2], output_padding=[5, 0]",
    ],
)
@pytest.mark.parametrize("name", ["onnx", "openvino"])
def test_words_are_spelled_as_they_are(attributes, name):
    # openvino takes them all
    reading = read(f"ConvTranspose({attributes})", "openvino")
    again = read(dialect(name).spell(reading.words), "openvino")
    assert again.words == reading.words
    assert again.pads((4, 4)) == reading.pads((4, 4))


@pytest.mark.parametrize("name", ["onnx", "openvino"])
def test_words_that_onnx_has_not_are_not_spelled(name):
    words = read("Conv(kernel_shape=[3])", "onnx").words
    assert dialect(name).spell(words._replace(padding="causal")) is None
    assert dialect(name).spell(words._replace(output_padding=(0,))) is None


def test_an_output_shape_is_in_no_words():
    assert read("ConvTranspose(kernel_shape=[3], output_shape=[4])", "onnx").words is None


OPEN = (
    'node = helper.make_node("{op}", ["X", "W"], ["Y"], {attributes})\n'
    'x = helper.make_tensor_value_info("X", TensorProto.FLOAT, ["N", 1, "L"])\n'
)


def opened(op, attributes):
    return read(OPEN.format(op=op, attributes=attributes), "openvino")


@pytest.mark.parametrize(("kernel", "extra", "wrong"), [(3, 0, True), (2, 0, False), (1, 0, False), (2, 1, True)])
def test_openvino_ignores_auto_pad_where_the_sizes_are_open(kernel, extra, wrong):
    """Measured on 2026.4.1: kernel 3, stride 2, in 3 makes 7 rows, and 6 where the model says 3."""
    attributes = f"kernel_shape=[{kernel}], strides=[2], auto_pad='SAME_LOWER', output_padding=[{extra}]"
    said = opened("ConvTranspose", attributes).defect((3,))
    assert said.startswith("openvino ignores auto_pad SAME_LOWER of a ConvTranspose, and crops nothing") is wrong
    assert read(f"ConvTranspose(x, w, {attributes})", "openvino").defect((3,)) == ""


@pytest.mark.parametrize(("size", "kernel", "stride"), [(1, 2, 1), (0, 1, 1)])
def test_openvino_makes_an_empty_result_where_the_sizes_are_open(size, kernel, stride):
    assert opened("Conv", f"kernel_shape=[{kernel}], strides=[{stride}]").output_size((size,)) == (0,)


@pytest.mark.parametrize(
    ("op", "size", "kernel", "stride"),
    [("Conv", 1, 2, 2), ("Conv", 1, 3, 2), ("Conv", 0, 3, 1), ("ConvTranspose", 0, 3, 2), ("ConvTranspose", 0, 3, 1)],
)
def test_openvino_refuses_other_results_without_rows_where_the_sizes_are_open(op, size, kernel, stride):
    with pytest.raises(Refused):
        opened(op, f"kernel_shape=[{kernel}], strides=[{stride}]").output_size((size,))
