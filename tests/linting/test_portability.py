"""What is known of targets: every rule alone, its source, and the layer to take instead."""

import pytest

from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.linting.case import Case, case_of
from tconv_design.linting.portability import PREDICATES, TARGETS, checked_target, not_portable
from tconv_design.linting.targets import RULES
from tconv_design.pasted import reading_of


def said(target, layer, in_size=None):
    return list(not_portable(Case(layer, in_size or (32,) * layer.ndim), target))


def tconv(ndim=2, kernel=4, stride=2, padding=1, **rest):
    return Layer.tconv(ndim, kernel=kernel, stride=stride, padding=padding, **rest)


PLAIN = {ndim: tconv(ndim) for ndim in (1, 2, 3)}
GROUPS = {"groups": 2, "in_channels": 4, "out_channels": 4}
DEPTHWISE = {"groups": 4, "in_channels": 4, "out_channels": 4}

# the predicate; a layer for which it holds, and one for which it does not although it nearly does
EXAMPLES = {
    "3-D tconv": (PLAIN[3], PLAIN[2]),
    "3-D tconv with a net crop that differs at begin and end": (
        tconv(3, 3, output_padding=1), tconv(2, 3, output_padding=1)),
    "3-D tconv with output_padding": (tconv(3, 3, output_padding=1), tconv(2, 3, output_padding=1)),
    "tconv with output_padding": (tconv(2, 3, output_padding=1), tconv(2, 3)),
    "tconv with output_padding and no padding": (
        tconv(2, 3, padding=0, output_padding=1), tconv(2, 3, padding=1, output_padding=1)),
    "tconv with output_padding beyond padding": (
        tconv(1, 5, 4, 1, output_padding=2), tconv(1, 5, 4, 2, output_padding=2)),
    "depthwise tconv with output_padding beyond padding": (
        tconv(1, 3, padding=0, output_padding=1, **DEPTHWISE), tconv(1, 3, padding=0, output_padding=1, **GROUPS)),
    "dilated tconv": (tconv(3, dilation=3), PLAIN[3]),
    "dilated tconv of 1 or 2 axes": (tconv(2, dilation=3), tconv(3, dilation=3)),
    "tconv with groups": (tconv(2, **GROUPS), PLAIN[2]),
    "tconv that neither SAME nor VALID says": (tconv(2, 3, output_padding=1), PLAIN[2]),
    "tconv with padding that differs at begin and end": (tconv(2, 3, padding=[(0, 1), (0, 1)]), PLAIN[2]),
}  # fmt: skip
NODE = "helper.make_node('ConvTranspose', ['x', 'w'], ['y'], kernel_shape=[3, 3], strides=[2, 2]{})"
NODES = {
    "ONNX node with auto_pad SAME": (", auto_pad='SAME_UPPER'", ", pads=[0, 0, 1, 1]"),
    "ONNX node with auto_pad SAME and output_padding": (
        ", auto_pad='SAME_UPPER', output_padding=[1, 1]", ", auto_pad='SAME_UPPER'"),
}  # fmt: skip


def node(rest):
    from tconv_design.dialects.call import parse

    text = NODE.format(rest)
    return case_of(reading_of({"layer": text}), parse(text).calls[0], None)


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_predicate_holds_for_what_it_says_and_not_for_what_is_nearly_that(name):
    yes, no = EXAMPLES[name]
    assert (PREDICATES[name](yes, Case(yes, (32,) * yes.ndim)), PREDICATES[name](no, Case(no, (32,) * no.ndim))) == (
        True, False,
    )  # fmt: skip


@pytest.mark.parametrize("name", NODES)
def test_a_predicate_of_onnx_s_words_holds_for_a_node_with_them(name):
    yes, no = map(node, NODES[name])
    assert (PREDICATES[name](yes.layer, yes), PREDICATES[name](no.layer, no)) == (True, False)


def test_every_predicate_has_an_example_and_every_rule_a_predicate():
    assert set(PREDICATES) == {*EXAMPLES, *NODES} == {rule.when for rule in RULES}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.target}: {rule.when}")
def test_a_rule_says_its_message_and_its_source_where_its_predicate_holds(rule):
    if rule.when in NODES:
        case = node(NODES[rule.when][0])
    else:
        layer = EXAMPLES[rule.when][0]
        case = Case(layer, (32,) * layer.ndim)
    found = list(not_portable(case, rule.target))
    assert any(
        severity == rule.severity and message.startswith(f"{rule.target}: {rule.message} ({rule.source})")
        for severity, message in found
    )
    assert rule.source.startswith("https://")


def test_kernel_3_with_output_padding_is_not_portable_and_kernel_4_without_is():
    layer = tconv(2, 3, output_padding=1)
    for target in ("tensorrt", "coreml", "coreai", "tflite", "keras"):
        assert [message.rpartition("; ")[2] for _, message in said(target, layer)] == [
            "nearest portable layer of the same size: kernel 4, stride 2, padding 1"
        ]
    assert {target: said(target, PLAIN[2]) for target in TARGETS} == {target: [] for target in TARGETS}


def test_a_framework_s_own_limits_are_the_measured_ones():
    assert said("keras", tconv(2, 3, output_padding=1))[0] == (
        "warning",
        "keras: keras 3.15.1 has no single call for kernel 3, stride 2, padding 1, output_padding 1 at in 32x32; see "
        "tconv-design translate; nearest portable layer of the same size: kernel 4, stride 2, padding 1",
    )
    assert said("flax", tconv(2, **GROUPS)) == [("warning", "flax: flax.nnx.ConvTranspose has no groups")]
    assert "groups 2" in said("keras", tconv(2, **GROUPS))[0][1]
    uneven = tconv(2, 3, padding=[(0, 1), (1, 0)])
    assert [target for target in ("torch", "jax", "onnx", "openvino", "tinygrad") if said(target, uneven)] == [
        "torch",
        "onnx",
    ]


def test_a_convolution_is_measured_only():
    same = Layer.conv(2, kernel=3, stride=2, padding=[(0, 1), (0, 1)])
    assert [target for target in TARGETS if said(target, same)] == ["torch"]


def test_an_unknown_target_gets_the_nearest():
    with pytest.raises(InvalidQuestion, match="unknown target 'tensort'; did you mean tensorrt"):
        checked_target("tensort")
    assert checked_target("tflite") == "tflite"
