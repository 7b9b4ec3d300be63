"""Overlap against counting every tap, in the interior and at the border."""

import random
from math import prod

import pytest

from tconv_design.layer import Axis, Layer
from tconv_design.overlap import MAX_PERIOD, is_even, overlap, tap_counts, tap_extremes

SEEDS = [*range(10), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(10, 300))]


def random_axis(rng):
    kernel, stride, dilation = rng.randint(1, 7), rng.randint(1, 5), rng.randint(1, 4)
    extra = rng.randint(0, max(stride, dilation) - 1)
    return Axis(kernel, stride, rng.randint(0, 6), rng.randint(0, 6), extra, dilation)


def taps_reaching(axis, row, inputs):
    """How many (input, tap) pairs land on a row of the full result."""
    return sum(1 for i in inputs for tap in range(axis.kernel) if i * axis.stride + tap * axis.dilation == row)


def cases(seed, count=150):
    rng = random.Random(seed)
    for _ in range(count):
        axis, in_ = random_axis(rng), rng.randint(1, 9)
        if axis.out("tconv", in_) >= 1:
            yield axis, in_


@pytest.mark.parametrize("seed", SEEDS)
def test_interior_counts_are_those_of_an_endless_input(seed):
    for axis, in_ in cases(seed):
        found = overlap(Layer("tconv", (axis,)), [axis.out("tconv", in_)])
        counted = [taps_reaching(axis, row, range(-30, 30)) for row in range(axis.stride)]
        assert found.counts == (tuple(counted),)
        assert found.uniform == (len(set(counted)) == 1)
        assert found.holes == (0 in counted)
        assert found.ratio == (None if 0 in counted else max(counted) / min(counted))
        assert tap_extremes(axis) == (min(counted), max(counted))
        assert is_even(axis.kernel, axis.stride, axis.dilation) == (len(set(counted)) == 1 and counted[0] > 0)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_border_is_where_the_input_s_end_is_missed(seed):
    for axis, in_ in cases(seed):
        rows = range(axis.pad_begin, axis.pad_begin + axis.out("tconv", in_))
        weak, unreached = [0, 0], [0, 0]
        for row in rows:
            before, after = (taps_reaching(axis, row, beyond) for beyond in (range(-60, 0), range(in_, 90)))
            if before or after:
                reached = taps_reaching(axis, row, range(in_))
                (weak if reached else unreached)[after > before] += 1
        border = overlap(Layer("tconv", (axis,)), [len(rows)]).border
        assert (border.weak, border.unreached) == ((tuple(weak),), (tuple(unreached),)), (axis, in_)


def test_one_input_element_under_a_dilated_kernel_leaves_rows_that_nothing_reaches():
    border = overlap(Layer.tconv(1, kernel=3, dilation=2), [5]).border  # taps per row: 1 0 1 0 1
    assert border.unreached == ((1, 1),)
    assert border.weak == ((2, 1),)


def test_a_border_too_large_to_count_is_left_out():
    assert overlap(Layer.tconv(1, kernel=10**6), [10**6]).border is None


def test_kernel_3_stride_2_alternates_2_and_1():
    found = overlap(Layer.tconv(1, kernel=3, stride=2), [9])
    assert found.counts == ((2, 1),)
    assert (found.uniform, found.holes, found.ratio) == (False, False, 2.0)


def test_kernel_4_stride_2_dilation_2_has_holes_although_2_divides_4():
    found = overlap(Layer.tconv(1, kernel=4, stride=2, dilation=2), [13])
    assert found.counts == ((4, 0),)
    assert (found.uniform, found.holes, found.ratio) == (False, True, None)
    assert not is_even(4, 2, 2)


@pytest.mark.parametrize(("kernel", "ratio"), [(2, 1.0), (3, 4.0), (4, 1.0), (5, 2.25), (8, 1.0)])
def test_unevenness_multiplies_over_the_axes(kernel, ratio):
    found = overlap(Layer.tconv(2, kernel=kernel, stride=2), [16, 16])
    assert found.ratio == ratio
    assert found.uniform == (ratio == 1)


def test_holes_on_one_axis_are_holes():
    found = overlap(Layer.tconv(2, kernel=(2, 3), stride=(2, 4)), [8, 15])
    assert (found.holes, found.uniform, found.ratio) == (True, False, None)
    assert found.counts == ((1, 1), (1, 1, 1, 0))


def test_the_documented_example_of_a_weak_border():
    found = overlap(Layer.tconv(1, kernel=4, stride=2, padding=1), [8])
    assert found.to_dict() == {
        "uniform": True,
        "holes": False,
        "ratio": 1.0,
        "counts": [[2, 2]],
        "border": {"weak": [[1, 1]], "unreached": [[0, 0]]},
    }


def test_output_padding_beyond_what_the_input_reaches_is_unreached():
    # kernel 1 at stride 3: rows 0, 3, 6 are reached; op 2 appends rows 7 and 8, which are holes anyway
    assert overlap(Layer.tconv(1, kernel=1, stride=3, output_padding=2), [9]).border.unreached == ((0, 0),)
    # kernel 3 at stride 2 covers rows 0..6 of in 3; op 1 appends row 7, which an endless input would reach
    assert overlap(Layer.tconv(1, kernel=3, stride=2, output_padding=1), [8]).border.unreached == ((0, 1),)


@pytest.mark.parametrize(("kernel", "stride"), [(4, 2), (6, 2), (9, 3), (5, 1)])
def test_overlap_is_uniform_up_to_the_border_from_padding_kernel_minus_stride_on(kernel, stride):
    def weak(padding):
        out = 19 * stride + kernel - 2 * padding
        return overlap(Layer.tconv(1, kernel=kernel, stride=stride, padding=padding), [out]).border.weak[0]

    assert weak(kernel - stride) == (0, 0)
    assert weak(kernel - stride - 1) == (1, 1)


def test_a_conv_has_no_overlap():
    assert overlap(Layer.conv(1, kernel=3), [4]) is None


def test_a_period_too_long_to_list_is_told_without_its_counts():
    stride = MAX_PERIOD + 1
    found = overlap(Layer.tconv(1, kernel=3, stride=stride), [stride + 3])
    assert (found.counts, found.border, found.holes) == (None, None, True)
    assert found.to_dict()["counts"] is None
    assert overlap(Layer.tconv(1, kernel=3, stride=MAX_PERIOD), [3]).counts is not None


def test_huge_kernels_are_counted_in_no_time():
    axis = Axis(kernel=10**17 + 1, stride=2)
    assert tap_extremes(axis) == (5 * 10**16, 5 * 10**16 + 1)
    assert tap_counts(axis) == (5 * 10**16 + 1, 5 * 10**16)
    assert sum(tap_counts(Axis(kernel=12, stride=5, dilation=3))) == 12


def test_the_counts_of_a_layer_sum_to_its_taps():
    layer = Layer.tconv(3, kernel=(3, 4, 5), stride=(2, 2, 3), dilation=(1, 2, 1))
    found = overlap(layer, [9, 9, 9])
    assert tuple(map(sum, found.counts)) == layer.kernel
    assert prod(map(len, found.counts)) == prod(layer.stride)
