"""Explanations: the steps compute, the sources are the guide's, and the direct convolution is the same layer."""

import json
import re

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import tconv_design
from tconv_design.errors import InvalidLayer
from tconv_design.explanation import GUIDE, Traced
from tconv_design.layer import Axis, Layer
from tconv_design.reference import reference

NAMES = ("kernel", "stride", "pad_begin", "pad_end", "output_padding", "dilation")


@st.composite
def axes(draw, kind, largest=6):
    number = st.integers(0, largest)
    kernel, stride, dilation = 1 + draw(number), 1 + draw(st.integers(0, 4)), 1 + draw(st.integers(0, 3))
    extra = draw(st.integers(0, max(stride, dilation) - 1)) if kind == "tconv" else 0
    return Axis(kernel, stride, draw(number), draw(number), extra, dilation)


@st.composite
def layers(draw, largest=6, ndims=(1, 2, 3)):
    kind = draw(st.sampled_from(["conv", "tconv"]))
    ndim = draw(st.sampled_from(ndims))
    layer = Layer(kind, tuple(draw(axes(kind, largest)) for _ in range(ndim)))
    in_size = tuple(draw(st.integers(1, 12)) for _ in range(ndim))
    assume(all(axis.out(kind, size) >= 1 for axis, size in zip(layer.axes, in_size, strict=True)))
    return layer, in_size


def size_by_definition(kind, axis, in_):
    spans = axis.dilation * (axis.kernel - 1) + 1
    if kind == "conv":
        return (in_ + axis.pad_begin + axis.pad_end - spans) // axis.stride + 1
    return (in_ - 1) * axis.stride + spans - axis.pad_begin - axis.pad_end + axis.output_padding


@given(layers())
@settings(deadline=None, max_examples=200)
def test_every_step_s_numbers_come_to_its_value(case):
    layer, in_size = case
    for step in tconv_design.explain(layer, in_size).steps:
        assert eval(step.numbers, {}) == step.value
        assert step.text == f"{step.name} = {step.symbols} = {step.numbers}"


@given(layers())
@settings(deadline=None, max_examples=200)
def test_every_step_s_symbols_come_to_its_value_with_the_numbers_found_so_far(case):
    layer, in_size = case
    explained = tconv_design.explain(layer, in_size)
    for number, axis in enumerate(layer.axes):
        known = {name: getattr(axis, name) for name in NAMES} | {"in_": in_size[number]}
        for step in explained.steps:
            if step.axis in (None, number):
                assert eval(re.sub(r"\bin\b", "in_", step.symbols), {}, known) == step.value  # `in` is a keyword
                known[step.name] = step.value


@given(layers())
@settings(deadline=None, max_examples=200)
def test_the_last_step_of_an_axis_is_its_output_size(case):
    layer, in_size = case
    explained = tconv_design.explain(layer, in_size)
    wanted = tuple(size_by_definition(layer.kind, a, i) for a, i in zip(layer.axes, in_size, strict=True))
    assert explained.out_size == wanted == layer.output_size(in_size)
    outs = {step.axis: step.value for step in explained.steps if step.name == "out"}
    assert outs == ({None: wanted[0]} if None in outs else dict(enumerate(wanted)))


def test_equal_axes_are_explained_once_and_different_ones_each():
    equal = tconv_design.explain(Layer.tconv(2, kernel=4, stride=2, padding=1), 4)
    assert [(step.axis, step.value) for step in equal.steps] == [(None, 4), (None, 10), (None, 8)]
    apart = tconv_design.explain(Layer.tconv(2, kernel=4, stride=2, padding=1), (4, 5))
    assert [(step.axis, step.value) for step in apart.steps] == [(0, 4), (0, 10), (0, 8), (1, 4), (1, 12), (1, 10)]


def test_the_steps_of_a_pixel_laid_down_every_4_rows_by_a_kernel_of_3():
    explained = tconv_design.explain(Layer.tconv(1, kernel=3, stride=4, output_padding=1), 4)
    assert [step.text for step in explained.steps] == [
        "K = dilation*(kernel - 1) + 1 = 1*(3 - 1) + 1",
        "full = (in - 1)*stride + K = (4 - 1)*4 + 3",
        "out = full - pad_begin - pad_end + output_padding = 15 - 0 - 0 + 1",
    ]
    assert explained.out_size == (16,)


def test_the_steps_of_a_convolution_by_a_kernel_of_3_at_every_second_row():
    explained = tconv_design.explain(Layer.conv(1, kernel=3, stride=2), 5)
    assert [(step.text, step.value) for step in explained.steps] == [
        ("K = dilation*(kernel - 1) + 1 = 1*(3 - 1) + 1", 3),
        ("span = in + pad_begin + pad_end - K = 5 + 0 + 0 - 3", 2),
        ("out = span//stride + 1 = 2//2 + 1", 2),
    ]


@pytest.mark.parametrize(
    ("layer", "in_", "out", "number"),
    [
        (Layer.conv(1, kernel=3), 4, 2, 1),
        (Layer.conv(1, kernel=4, padding=2), 5, 6, 2),
        (Layer.conv(1, kernel=3, padding=1), 5, 5, 3),
        (Layer.conv(1, kernel=3, padding=2), 5, 7, 4),
        (Layer.conv(1, kernel=3, stride=2), 5, 2, 5),
        (Layer.conv(1, kernel=3, stride=2, padding=1), 5, 3, 6),
        (Layer.conv(1, kernel=3, stride=2, padding=1), 6, 3, 6),
        (Layer.tconv(1, kernel=3), 2, 4, 8),
        (Layer.tconv(1, kernel=4, padding=2), 6, 5, 9),
        (Layer.tconv(1, kernel=3, padding=1), 5, 5, 10),
        (Layer.tconv(1, kernel=3, padding=2), 7, 5, 11),
        (Layer.tconv(1, kernel=3, stride=2), 2, 5, 12),
        (Layer.tconv(1, kernel=3, stride=2, padding=1), 3, 5, 13),
        (Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), 3, 6, 14),
        (Layer.conv(1, kernel=3, dilation=2), 7, 3, 15),
    ],
)
def test_the_guide_s_own_examples_bear_its_numbers(layer, in_, out, number):
    explained = tconv_design.explain(layer, in_)
    assert explained.out_size == (out,)
    assert explained.source == f"{GUIDE}, relationship {number}"


@pytest.mark.parametrize(
    ("layer", "source"),
    [
        (Layer.tconv(1, kernel=3, stride=2, dilation=2), "relationship 12, with relationship 15's dilation"),
        (Layer.conv(1, kernel=3, stride=2, padding=[(0, 1)]), "relationship 6, with begin and end padding apart"),
        (
            Layer.tconv(1, kernel=3, stride=2, dilation=2, padding=[(0, 1)]),
            "relationship 13, with relationship 15's dilation and begin and end padding apart",
        ),
        (Layer.tconv(2, kernel=3, stride=(2, 1)), "relationship 12; relationship 8"),
        (Layer.tconv(1, kernel=2, dilation=3, output_padding=2), "relationship 14, with relationship 15's dilation"),
    ],
)
def test_what_the_guide_s_relationships_do_not_cover_is_said(layer, source):
    assert tconv_design.explain(layer, 9).source == f"{GUIDE}, {source}"


@pytest.mark.parametrize(
    ("layer", "in_", "zeros", "upsampled", "padding"),
    [  # the guide's p' = k - p - 1, and its inserted zeros
        (Layer.tconv(1, kernel=3), 2, 0, 2, (2, 2)),
        (Layer.tconv(1, kernel=4, padding=2), 6, 0, 6, (1, 1)),
        (Layer.tconv(1, kernel=3, padding=2), 7, 0, 7, (0, 0)),
        (Layer.tconv(1, kernel=3, stride=2), 2, 1, 3, (2, 2)),
        (Layer.tconv(1, kernel=3, stride=2, padding=1), 3, 1, 5, (1, 1)),
        (Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), 3, 1, 5, (1, 2)),
        (Layer.tconv(1, kernel=1, padding=2), 7, 0, 7, (-2, -2)),
    ],
)
def test_the_direct_convolution_is_the_guide_s(layer, in_, zeros, upsampled, padding):
    direct = tconv_design.explain(layer, in_).direct
    assert (direct.zeros_inserted, direct.upsampled, direct.padding) == ((zeros,), (upsampled,), (padding,))
    assert (direct.stride, direct.kernel_flipped) == ((1,), True)


def upsample(direct, x):
    """The input with zeros between its elements, then padded; a negative padding crops."""
    wide = np.zeros((*x.shape[:2], *direct.upsampled))
    wide[(..., *(slice(None, None, zeros + 1) for zeros in direct.zeros_inserted))] = x
    wide = np.pad(wide, [(0, 0), (0, 0), *((max(b, 0), max(e, 0)) for b, e in direct.padding)])
    kept = (slice(max(-b, 0), wide.shape[2 + i] - max(-e, 0)) for i, (b, e) in enumerate(direct.padding))
    return wide[(..., *kept)]


def correlate(x, weight, stride, dilation, out_size):
    """Every output element by its definition; weight (Cout, Cin, *kernel), one group."""
    result = np.zeros((len(x), len(weight), *out_size))
    for position in np.ndindex(*out_size):
        for tap in np.ndindex(*weight.shape[2:]):
            at = tuple(p * s + t * d for p, s, t, d in zip(position, stride, tap, dilation, strict=True))
            result[(..., *position)] += x[(..., *at)] @ weight[(..., *tap)].T
    return result


@given(layers(largest=3, ndims=(1, 2)), st.integers(0, 2**32 - 1))
@settings(deadline=None, max_examples=80)
def test_the_direct_convolution_computes_the_same(case, seed):
    layer, in_size = case
    layer = Layer(layer.kind, layer.axes, in_channels=2, out_channels=3)
    in_size = tuple(min(size, 5) for size in in_size)
    assume(all(axis.out(layer.kind, size) >= 1 for axis, size in zip(layer.axes, in_size, strict=True)))
    rng = np.random.default_rng(seed)
    x = rng.integers(-5, 6, (2, 2, *in_size)).astype(float)
    weight = rng.integers(-5, 6, layer.weight_shape).astype(float)
    explained = tconv_design.explain(layer, in_size)
    direct = explained.direct
    axes = tuple(range(2, weight.ndim))
    kernel = np.flip(weight, axes).swapaxes(0, 1) if direct.kernel_flipped else weight
    got = correlate(upsample(direct, x), kernel, direct.stride, layer.dilation, explained.out_size)
    np.testing.assert_array_equal(got, reference(layer, x, weight, np.zeros(3)))


def test_a_layer_that_leaves_nothing_is_not_explained():
    with pytest.raises(InvalidLayer, match=r"the kernel spans 5 rows .* padded input has only 4 .*smallest in is 5"):
        tconv_design.explain(Layer.conv(1, kernel=5), 4)
    with pytest.raises(InvalidLayer, match=r"padding 4:4 crops everything: out = 3 - 4 - 4 \+ 0 = -5, and out must"):
        tconv_design.explain(Layer.tconv(1, kernel=3, padding=4), 1)
    with pytest.raises(InvalidLayer, match="the layer has 1 axis, but in has 2"):
        tconv_design.explain(Layer.conv(1, kernel=3), (4, 4))


def test_the_document_has_the_documented_keys():
    document = tconv_design.explain(Layer.tconv(2, kernel=(3, 4), stride=2), 4).to_dict()
    assert list(document) == ["layer", "in", "out", "steps", "source", "direct"]
    assert (document["in"], document["out"]) == ([4, 4], [9, 10])
    assert document["steps"][0] == {
        "text": "K = dilation*(kernel - 1) + 1 = 1*(3 - 1) + 1",
        "value": 3,
        "name": "K",
        "axis": 1,
    }
    assert json.loads(json.dumps(document)) == document


@given(st.recursive(st.integers(0, 9), lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner), max_leaves=8))
@settings(deadline=None, max_examples=200)
def test_a_traced_number_writes_brackets_where_they_are_needed(tree):
    traced, value = evaluate(tree)
    assume(value is not None)
    assert traced.value == eval(traced.numbers, {}) == eval(traced.symbols, {}) == value


def evaluate(tree):
    if isinstance(tree, int):
        return Traced(tree, str(tree), str(tree)), tree
    (left, a), (right, b) = evaluate(tree[0]), evaluate(tree[2])
    if a is None or b is None or (tree[1] == "/" and b == 0):
        return None, None
    return {
        "+": lambda: (left + right, a + b),
        "-": lambda: (left - right, a - b),
        "*": lambda: (left * right, a * b),
        "/": lambda: (left // right, a // b),
    }[tree[1]]()
