import numpy as np
import pytest

from tconv_design.compare import judge, phase_shift
from tconv_design.layer import Axis, Layer
from tconv_design.reference import reference
from tconv_design.samples import draw


def expected_of(layer, size):
    samples = draw(layer, size, 0)
    return reference(layer, *samples), samples.bias


LAYER = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1)
EXPECTED, BIAS = expected_of(LAYER, (8,))


def test_equal_values_agree_with_no_shift_and_no_error():
    verdict = judge(EXPECTED, EXPECTED.copy(), BIAS)
    assert (verdict.status, verdict.phase_shift, verdict.max_abs_error, verdict.detail) == ("agrees", (0,), 0.0, "")


def test_the_least_wrong_value_differs():
    actual = EXPECTED.copy()
    actual[2, 0, 5] = np.nextafter(actual[2, 0, 5], np.float32(np.inf))
    assert judge(EXPECTED, actual, BIAS).status == "differs"


def test_the_detail_names_how_many_how_much_and_where():
    actual = EXPECTED.copy()
    actual[1, 0, 3] += 2
    actual[2, 0, 5] -= 5
    first = EXPECTED[1, 0, 3]
    assert judge(EXPECTED, actual, BIAS).detail == (
        f"same shape, but 2 of 48 values differ, by up to 5; the first at (1, 0, 3): {first + 2:g} instead of {first:g}"
    )


def test_rows_wrong_at_the_border_do_not_hide_that_the_phase_is_right():
    actual = EXPECTED.copy()
    actual[:, :, -1] = 99
    assert judge(EXPECTED, actual, BIAS).phase_shift == (0,)


def same_padding(begin, end):
    return Layer("tconv", (Axis(3, 2, begin, end),))


def test_torchs_output_padding_against_same_padding_at_the_begin_is_one_element_of_phase():
    samples = draw(same_padding(0, 1), (8,), 0)
    expected, actual = (reference(same_padding(*pads), *samples) for pads in ((0, 1), (1, 0)))
    verdict = judge(expected, actual, samples.bias)
    assert verdict.phase_shift == (-1,)
    assert verdict.detail == "same shape, but every value arrives 1 element earlier"


@pytest.mark.parametrize("shift", [-9, -3, 2, 7])
def test_a_shift_of_any_length_is_found_where_the_responses_line_up(shift):
    layer = Layer.tconv(2, kernel=4, stride=2, in_channels=2, out_channels=2)
    expected, bias = expected_of(layer, (20, 3))
    assert judge(expected, np.roll(expected, shift, 2), bias).phase_shift == (shift, 0)


def test_a_result_that_is_no_shift_of_the_expected_one_has_no_phase():
    flipped = EXPECTED[:, :, ::-1].copy()
    assert judge(EXPECTED, flipped, BIAS).phase_shift is None


@pytest.mark.parametrize("size", [1, 2])
def test_silence_tells_no_phase(size):
    nothing = np.zeros((3, 1, size), "f4")
    assert phase_shift(nothing, nothing) is None


def test_a_result_without_rows_is_a_difference_of_shape():
    verdict = judge(EXPECTED, EXPECTED[:, :, :0], BIAS)
    assert (verdict.phase_shift, verdict.detail) == (None, "shape (3, 1, 0) instead of (3, 1, 16)")


def test_a_result_of_other_channels_is_a_difference_of_shape():
    assert judge(EXPECTED, np.repeat(EXPECTED, 2, 1), BIAS).detail == "shape (3, 2, 16) instead of (3, 1, 16)"


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_counted_and_give_no_error(value):
    actual = EXPECTED.copy()
    actual[0, 0, 1] = value
    verdict = judge(EXPECTED, actual, BIAS)
    assert (verdict.max_abs_error, verdict.detail) == (None, "1 of 48 values are NaN or infinite")


@pytest.mark.parametrize(("actual", "name"), [(None, "NoneType"), ([1], "list"), (np.float32(1), "float32")])
def test_what_is_no_array_differs(actual, name):
    assert judge(EXPECTED, actual, BIAS).detail == f"the result is a {name}, not a numpy array"


def test_an_array_of_objects_differs():
    assert judge(EXPECTED, EXPECTED.astype(object), BIAS).detail == "dtype object instead of float32"
