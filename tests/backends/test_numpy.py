import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.backends.numpy import NumpyBackend, conv, conv_transpose
from tconv_design.convolving.rule import ranked
from tconv_design.convolving.volume import volume
from tconv_design.errors import InvalidLayer, TooLarge
from tconv_design.layer import Axis, Layer
from tconv_design.reference import reference

# Computed by hand (Dumoulin & Visin's pictures, and rows that no input reaches): x, w, parameters, out
BY_HAND = [
    ([1, 2, 3], [1, 2, 3], {"stride": 2}, [1, 2, 5, 4, 9, 6, 9]),
    ([1, 2, 3], [1, 2, 3], {"stride": 2, "padding": 1, "output_padding": 1}, [2, 5, 4, 9, 6, 9]),
    ([1, 2, 3], [1, 2, 3], {"stride": 2, "padding": ((0, 1),)}, [1, 2, 5, 4, 9, 6]),
    ([1, 2, 3], [1, 2, 3], {}, [1, 4, 10, 12, 9]),
    ([1, 2, 3], [1, 2, 3], {"padding": 1}, [4, 10, 12]),
    ([1, 2, 3], [1], {"stride": 3, "padding": 1}, [0, 0, 2, 0, 0]),
    ([1, 2, 3], [1, 2], {"stride": 2, "output_padding": 1}, [1, 2, 2, 4, 3, 6, 0]),
    ([1, 2, 3, 4, 5], [1, 2, 3], {"stride": 2, "padding": 3}, [4, 9, 6, 13, 8]),
    ([1, 2], [1, 2], {"dilation": 3}, [1, 2, 0, 2, 4]),
]


@pytest.mark.parametrize("compute", [reference, conv_transpose])
@pytest.mark.parametrize(("x", "w", "parameters", "out"), BY_HAND)
def test_a_transposed_convolution_equals_the_one_computed_by_hand(compute, x, w, parameters, out):
    layer = Layer.tconv(1, kernel=len(w), **parameters)
    signal, weight = np.array([[x]], "f4"), np.array([[w]], "f4")
    assert compute(layer, signal, weight, np.zeros(1, "f4")).tolist() == [[out]]


@pytest.mark.parametrize("compute", [reference, conv])
@pytest.mark.parametrize(
    ("parameters", "out"),
    [
        ({}, [14, 20, 26]),
        ({"padding": 1}, [8, 14, 20, 26, 14]),
        ({"padding": ((2, 0),), "stride": 2}, [3, 14, 26]),
        ({"dilation": 2}, [22]),
    ],
)
def test_a_convolution_equals_the_one_computed_by_hand(compute, parameters, out):
    layer = Layer.conv(1, kernel=3, **parameters)
    signal, weight = np.array([[[1, 2, 3, 4, 5]]], "f4"), np.array([[[1, 2, 3]]], "f4")
    assert compute(layer, signal, weight, np.zeros(1, "f4")).tolist() == [[out]]


@pytest.mark.parametrize("compute", [reference, conv_transpose])
def test_a_grouped_biased_2d_layer_equals_the_one_computed_by_hand(compute):
    layer = Layer.tconv(2, kernel=(1, 2), stride=(1, 2), groups=2, in_channels=2, out_channels=4)
    signal = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]]])
    weight = np.array([[[[1.0, 2.0]], [[3.0, 4.0]]], [[[5.0, 6.0]], [[7.0, 8.0]]]])
    out = compute(layer, signal, weight, np.array([100.0, 200.0, 300.0, 400.0]))
    assert out.tolist() == [
        [[[101, 102, 102, 104]], [[203, 204, 206, 208]], [[315, 318, 320, 324]], [[421, 424, 428, 432]]]
    ]


@st.composite
def layers_and_sizes(draw):
    kind = draw(st.sampled_from(["conv", "tconv"]))
    axes, sizes = [], []
    for _ in range(draw(st.integers(1, 3))):
        stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 3))
        op = draw(st.integers(0, max(stride, dilation) - 1)) if kind == "tconv" else 0
        axis = Axis(draw(st.integers(1, 4)), stride, draw(st.integers(0, 5)), draw(st.integers(0, 5)), op, dilation)
        sizes.append(draw(st.integers(1, 6).filter(lambda size, axis=axis: axis.out(kind, size) >= 1 or size == 6)))
        axes.append(axis if axis.out(kind, sizes[-1]) >= 1 else Axis(axis.kernel))
    groups = draw(st.integers(1, 3))
    channels = [groups * draw(st.integers(1, 3)) for _ in range(2)]
    return Layer(kind, tuple(axes), groups, *channels), tuple(sizes)


def data(layer, sizes, batch, dtype):
    rng = np.random.default_rng(0)
    shapes = ((batch, layer.in_channels, *sizes), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype(dtype) for shape in shapes]


@settings(max_examples=300, deadline=None)
@given(layers_and_sizes(), st.integers(0, 2), st.sampled_from(["f4", "f8"]))
def test_every_layer_equals_the_reference_in_shape_dtype_and_value(layer_and_sizes, batch, dtype):
    layer, sizes = layer_and_sizes
    x, weight, bias = data(layer, sizes, batch, dtype)
    result = NumpyBackend().run(layer, x, weight, bias)
    assert result.shape == (batch, layer.out_channels, *layer.output_size(sizes))
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, reference(layer, x, weight, bias))


@settings(max_examples=100, deadline=None)
@given(layers_and_sizes())
def test_without_a_bias_unreached_rows_are_zero(layer_and_sizes):
    layer, sizes = layer_and_sizes
    x, weight, bias = data(layer, sizes, 1, "f4")
    compute = conv_transpose if layer.kind == "tconv" else conv
    np.testing.assert_array_equal(compute(layer, x, weight), reference(layer, x, weight, 0 * bias))


@settings(max_examples=100, deadline=None)
@given(layers_and_sizes())
def test_a_transposed_convolution_is_the_gradient_of_its_convolution(layer_and_sizes):
    layer, sizes = layer_and_sizes
    tconv = Layer("tconv", tuple(Axis(a.kernel, a.stride, dilation=a.dilation) for a in layer.axes))
    forward = Layer("conv", tconv.axes)
    x, weight, _ = data(tconv, sizes, 1, "f8")
    y = np.random.default_rng(1).integers(-9, 10, (1, 1, *tconv.output_size(sizes))).astype("f8")
    assert np.vdot(y, conv_transpose(tconv, x, weight)) == np.vdot(conv(forward, y, weight), x)


def test_the_reference_does_not_depend_on_how_its_positions_are_blocked(monkeypatch):
    layer = Layer.tconv(2, kernel=3, stride=2, padding=1, in_channels=4, out_channels=2, groups=2)
    arrays = data(layer, (5, 4), 2, "f4")
    whole = reference(layer, *arrays)
    monkeypatch.setattr("tconv_design.reference.BLOCK", 100)
    np.testing.assert_array_equal(reference(layer, *arrays), whole)


@settings(max_examples=100, deadline=None)
@given(layers_and_sizes())
def test_the_code_defines_the_same_layer_again(layer_and_sizes):
    layer, sizes = layer_and_sizes
    namespace = {}
    exec(NumpyBackend().code(layer, sizes), namespace)
    assert namespace["layer"] == layer


def test_the_code_names_only_what_is_not_the_default():
    layer = Layer.tconv(2, kernel=4, stride=2, padding=1)
    assert NumpyBackend().code(layer, (4, 4)) == (
        "from tconv_design import Layer\n\n"
        "layer = Layer.tconv(2, kernel=(4, 4), stride=(2, 2), padding=((1, 1), (1, 1)))"
    )


def test_strided_and_read_only_input_is_taken_as_it_is():
    layer = Layer.conv(1, kernel=2, in_channels=2)
    x = np.arange(12, dtype="f4").reshape(1, 6, 2).swapaxes(1, 2)
    x.flags.writeable = False
    weight, bias = np.ones((1, 2, 2), "f4"), np.ones(1, "f4")
    assert conv(layer, x, weight, bias).tolist() == [[[7, 15, 23, 31, 39]]]


TCONV = Layer.tconv(1, kernel=3, in_channels=2, out_channels=4)
GOOD = {"x": np.ones((1, 2, 5), "f4"), "weight": np.ones((2, 4, 3), "f4"), "bias": np.ones(4, "f4")}


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"x": np.ones((1, 3, 5), "f4")}, r"x has shape \(1, 3, 5\), but the layer takes \(N, 2, size\)"),
        ({"x": np.ones((2, 5), "f4")}, r"x has shape \(2, 5\), but the layer takes \(N, 2, size\)"),
        ({"x": np.ones((1, 2, 5), "i8")}, r"x is int64, but only float32 and float64 are computed; use x.astype"),
        ({"weight": np.ones((4, 2, 3), "f4")}, r"weight has shape \(4, 2, 3\), but the layer takes \(2, 4, 3\)"),
        ({"weight": np.ones((2, 4, 3))}, r"weight is float64 and x is float32; make them equal"),
        ({"bias": np.ones(2, "f4")}, r"bias has shape \(2,\), but the layer takes \(4,\)"),
        ({"bias": np.ones(4)}, r"bias is float64 and x is float32; make them equal"),
    ],
)
def test_a_wrong_array_is_refused_with_its_shape_or_dtype(wrong, sentence):
    with pytest.raises(ValueError, match=sentence):
        conv_transpose(TCONV, **GOOD | wrong)


def test_the_function_of_the_other_kind_is_named():
    with pytest.raises(InvalidLayer, match="this is the conv function and the layer is a tconv; use conv_transpose"):
        conv(TCONV, **GOOD)


def test_padding_that_eats_everything_is_refused():
    with pytest.raises(InvalidLayer, match="crops everything"):
        conv_transpose(Layer.tconv(1, kernel=1, padding=3), np.ones((1, 1, 2), "f4"), np.ones((1, 1, 1), "f4"))


def test_an_empty_batch_has_an_empty_result():
    empty = GOOD | {"x": np.ones((0, 2, 5), "f4")}
    assert conv_transpose(TCONV, **empty).shape == (0, 4, 7)
    layer = Layer.conv(2, kernel=3, in_channels=2, out_channels=6)
    assert conv(layer, np.ones((0, 2, 9, 8)), np.ones((6, 2, 3, 3))).shape == (0, 6, 7, 6)


def test_no_channels_are_no_layer_and_no_input_of_one():
    with pytest.raises(InvalidLayer, match=r"in_channels must be from 1 to 10\*\*18, got 0"):
        Layer.tconv(1, kernel=3, in_channels=0)
    with pytest.raises(ValueError, match=r"x has shape \(1, 0, 5\), but the layer takes \(N, 2, size\)"):
        conv_transpose(TCONV, **GOOD | {"x": np.ones((1, 0, 5), "f4")})


def test_no_rows_are_no_input():
    with pytest.raises(InvalidLayer, match=r"in must be from 1 to 10\*\*18, got 0"):
        conv_transpose(TCONV, **GOOD | {"x": np.ones((1, 2, 0), "f4")})


HUGE = Layer.tconv(2, kernel=2, stride=2**12)  # 2 x 2 elements become 4098 x 4098
FEW = np.ones((1, 1, 2, 2), "f4")


def test_what_does_not_fit_into_memory_is_refused_before_any_is_taken(monkeypatch):
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: 60_000_000)
    tracemalloc.start()
    with pytest.raises(TooLarge) as told:
        conv_transpose(HUGE, FEW, FEW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
    needs, fix = str(told.value).split("; ")
    assert re.fullmatch(r"the layer needs about [67]\d\.\d MB, and 60\.0 MB are free", needs)
    assert fix == "use fewer samples or channels, or a smaller input"
    assert isinstance(told.value, MemoryError)


def test_a_copy_of_an_array_that_does_not_lie_in_order_counts_too(monkeypatch):
    layer = Layer.conv(1, kernel=1, in_channels=2)
    x, weight = np.ones((1, 2, 2**24), "f4"), np.ones((1, 2, 1), "f4")
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: 100_000_000)
    assert conv(layer, x, weight).shape == (1, 1, 2**24)
    with pytest.raises(TooLarge, match=r"the layer needs about 201\.3 MB"):
        conv(layer, np.asfortranarray(x), weight)


def test_what_takes_less_memory_is_computed_where_the_fastest_does_not_fit(monkeypatch):
    layer = Layer.tconv(2, kernel=9, stride=4, padding=4, output_padding=3, in_channels=56, out_channels=1)
    x, weight = np.ones((1, 56, 512, 512), "f4"), np.ones((56, 1, 9, 9), "f4")
    whole = [work.held * 4 for _, work in ranked(volume(layer), (1, 512, 512), 1)]
    assert whole[0] > 2 * min(whole)
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: whole[0] - 1)
    assert conv_transpose(layer, x, weight).shape == (1, 1, 2048, 2048)
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: min(whole) - 1)
    with pytest.raises(TooLarge):
        conv_transpose(layer, x, weight)


def test_a_result_that_no_machine_holds_is_refused():
    layer = Layer.tconv(3, kernel=1, stride=2**20)
    with pytest.raises(TooLarge, match=r"the layer needs about more than a million TB, and .* are free"):
        conv_transpose(layer, np.ones((1, 1, 9, 9, 9)), np.ones((1, 1, 1, 1, 1)))


def test_what_fits_is_computed_and_what_is_small_is_not_asked_about(monkeypatch):
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: 10**9)
    assert conv_transpose(HUGE, FEW, FEW).sum() == 16
    monkeypatch.setattr("tconv_design.backends.numpy.available_bytes", lambda: 0)
    assert conv_transpose(TCONV, **GOOD).shape == (1, 4, 7)
