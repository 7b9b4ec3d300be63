import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.samples import BATCH, EXACT_IN_FLOAT32, IMPULSE, LARGEST, RAMP, draw, magnitude

LAYER = Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=4, out_channels=6, groups=2)


def test_shapes_are_canonical_and_all_is_float32():
    samples = draw(LAYER, (5, 3), 0)
    assert [array.shape for array in samples] == [(BATCH, 4, 5, 3), (4, 3, 4, 4), (6,)]
    assert {array.dtype for array in samples} == {np.dtype("f4")}


def test_equal_seeds_give_equal_data_and_others_do_not():
    first, same, other = (draw(LAYER, (5, 3), seed) for seed in (1, 1, 2))
    assert all(np.array_equal(a, b) for a, b in zip(first, same, strict=True))
    assert not np.array_equal(first.weight, other.weight)


def test_no_weight_and_no_bias_is_zero_and_all_are_whole():
    samples = draw(LAYER, (5, 3), 0)
    assert np.all(samples.weight)
    assert np.all(samples.bias)
    assert all(np.array_equal(array, np.rint(array)) for array in samples)


def test_the_impulse_is_one_element_and_the_ramp_rises():
    signal = draw(LAYER, (5, 3), 0).signal
    assert np.count_nonzero(signal[IMPULSE]) == signal[IMPULSE].sum() == 1
    assert signal[RAMP].ravel()[:9].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 0]


@pytest.mark.parametrize("kind", ["conv", "tconv"])
@given(st.integers(1, 5), st.integers(1, 4), st.integers(0, 4), st.integers(1, 3), st.integers(5, 30))
@settings(deadline=None)
def test_the_impulse_is_heard_in_the_output_unless_stride_steps_over_it(kind, kernel, stride, pad, dilation, size):
    layer = getattr(Layer, kind)(1, kernel=kernel, stride=stride, padding=min(pad, 2), dilation=dilation)
    assume(layer.axes[0].out(kind, size) >= 3 and stride <= kernel)
    samples = draw(layer, (size,), 0)
    assert np.any(reference(layer, *samples)[IMPULSE] != samples.bias[0])


@given(st.integers(1, 2**11), st.integers(1, 2**11))
def test_no_sum_can_leave_the_range_in_which_float32_is_exact(channels, kernel):
    layer = Layer.conv(1, kernel=kernel, in_channels=channels)
    assert channels * kernel * magnitude(layer) ** 2 + LARGEST < EXACT_IN_FLOAT32


def test_values_stay_small_however_few_terms_there_are():
    assert magnitude(Layer.conv(1, kernel=1)) == LARGEST
