"""The rules about a layer's taps, each alone, and the layers that they name instead."""

import numpy
import pytest

from tconv_design.errors import InvalidLayer
from tconv_design.layer import Layer
from tconv_design.linting.case import Case, case_of
from tconv_design.linting.nearest import even_layer, plain_layer
from tconv_design.linting.overlaps import holes, needless_output_padding, uneven_overlap, weak_rim
from tconv_design.pasted import reading_of


def said(rule, layer, *in_size):
    return list(rule(Case(layer, in_size or (32,) * layer.ndim)))


def tconv(kernel, stride=1, padding=0, output_padding=0, dilation=1, ndim=1):
    return Layer.tconv(
        ndim, kernel=kernel, stride=stride, padding=padding, output_padding=output_padding, dilation=dilation
    )


def interior(axis):
    """Taps per row far from both ends, laid down one by one."""
    inputs = 3 * axis.effective_kernel + 3
    rows = numpy.zeros((inputs - 1) * axis.stride + axis.effective_kernel, int)
    for element in range(inputs):
        for tap in range(axis.kernel):
            rows[element * axis.stride + tap * axis.dilation] += 1
    middle = len(rows) // 2
    return rows[middle : middle + axis.stride]


SMALL = [
    (kernel, stride, padding, extra, dilation)
    for kernel in range(1, 6)
    for stride in range(1, 4)
    for padding in range(3)
    for dilation in (1, 2)
    for extra in range(max(stride, dilation))
]


@pytest.mark.parametrize("numbers", SMALL, ids=str)
def test_holes_and_checkerboards_are_those_of_taps_laid_down_one_by_one(numbers):
    layer = tconv(*numbers)
    taps = interior(layer.axes[0])
    try:
        layer.output_size((32,))
    except InvalidLayer:
        return
    assert (len(said(holes, layer)), len(said(uneven_overlap, layer))) == (
        int(taps.min() == 0),
        int(taps.min() > 0 and taps.min() < taps.max()),
    )


@pytest.mark.parametrize("numbers", SMALL, ids=str)
def test_a_layer_that_is_named_instead_has_the_same_size_everywhere_and_is_what_it_is_named_for(numbers):
    layer = tconv(*numbers)
    even, plain = even_layer(layer, (32,)), plain_layer(layer, (32,))
    for other in filter(None, (even, plain)):
        assert [other.output_size((n,)) for n in (20, 32, 77)] == [layer.output_size((n,)) for n in (20, 32, 77)]
        assert other.stride == layer.stride
    if even is not None:
        assert len(set(interior(even.axes[0]))) == 1
    if plain is not None:
        assert plain.output_padding == (0,)
        assert abs(plain.kernel[0] - layer.kernel[0]) < layer.stride[0]


def test_no_layer_is_named_that_would_crop_a_whole_kernel():
    assert even_layer(tconv(1, 2, 1), (32,)) is None  # kernel 2 would need padding 2, which mlx gets wrong


def test_a_kernel_shorter_than_the_stride_leaves_holes():
    assert said(holes, tconv(2, 3)) == [
        ("error", "kernel 2 is shorter than stride 3, so 1 of every 3 rows get no tap, only the bias; "
                  "nearest even layer of the same size: kernel 3, stride 3, padding 1, output_padding 1"),
    ]  # fmt: skip


def test_a_dilation_that_shares_a_factor_with_the_stride_leaves_holes():
    assert said(holes, tconv(4, 2, 1, dilation=2)) == [
        ("error", "dilation 2 and stride 2 share the factor 2, so 1 of every 2 rows get no tap, only the bias; "
                  "nearest even layer of the same size: kernel 6, stride 2, padding 1, output_padding 1"),
    ]  # fmt: skip


def test_holes_on_one_axis_name_the_axis():
    ((_, message),) = said(holes, tconv((4, 1), (2, 2), ndim=2))
    assert message.startswith("kernel 1 is shorter than stride 2, so 1 of every 2 rows get no tap")
    assert "only the bias on axis 2" in message


def test_kernel_3_stride_2_is_a_checkerboard_of_ratio_4_and_kernel_4_is_none():
    ((severity, message),) = said(uneven_overlap, tconv(3, 2, 1, 1, ndim=2))
    assert (severity, message) == (
        "warning",
        "uneven overlap, a checkerboard: 1 to 4 taps per output element (ratio 4), as kernel 3 is no multiple of "
        "stride 2; nearest even layer of the same size: kernel 4, stride 2, padding 1",
    )
    assert [said(uneven_overlap, tconv(k, 2, ndim=2)) for k in (2, 4, 8)] == [[], [], []]
    assert "ratio 2.25" in said(uneven_overlap, tconv(5, 2, ndim=2))[0][1]


def test_a_checkerboard_on_one_axis_names_the_axis():
    ((_, message),) = said(uneven_overlap, tconv((3, 3), (3, 2), ndim=2))
    assert "1 to 2 taps per output element (ratio 2), as kernel 3 is no multiple of stride 2 on axis 2" in message


def test_taps_that_hardly_differ_are_a_note():
    assert [severity for severity, _ in said(uneven_overlap, tconv(25, 4, 11, 1))] == ["note"]


def test_a_weak_rim_is_a_note_with_its_rows():
    assert said(weak_rim, tconv(4, 2, 1)) == [
        ("note", "weak rim: 1 row at each end with fewer taps than inside; "
                 "to avoid it pad the input and crop the output"),
    ]  # fmt: skip
    assert "0:1 rows at begin:end" in said(weak_rim, tconv(3, 2, 1, 1))[0][1]
    assert said(weak_rim, tconv(2, 2)) == []


def test_a_layer_without_an_inside_has_no_weak_rim():
    assert said(weak_rim, tconv(4), 1) == []


def test_rows_at_the_border_that_no_tap_reaches_are_a_warning():
    ((severity, message), *_) = said(weak_rim, tconv(3, 2, 0, 1))
    assert (severity, message) == (
        "warning",
        "no tap reaches 0:1 rows at begin:end, which hold only the bias: output_padding or padding asks for more "
        "rows than the kernel lays down; use a longer kernel or a smaller output",
    )


def test_output_padding_that_another_kernel_makes_needless_is_a_note():
    assert said(needless_output_padding, tconv(3, 2, 1, 1, ndim=2)) == [
        ("note", "output_padding 1 is not needed for this size: kernel 4, stride 2, padding 1 gives the same")
    ]


def test_output_padding_that_an_odd_kernel_minus_stride_needs_is_none():
    assert said(needless_output_padding, tconv(10, 5, 3, 1)) == []  # 32 -> 160, even overlap
    assert said(needless_output_padding, tconv(30, 15, 8, 1)) == []


def test_an_output_padding_that_nobody_wrote_is_not_called_needless():
    reading = reading_of({"layer": "keras.layers.Conv1DTranspose(8, 2, strides=3)"})
    case = case_of(reading, None, None)
    assert case.layer.output_padding == (1,)  # 'valid' fills up the stride
    assert list(needless_output_padding(case)) == []
    reading = reading_of({"layer": "nn.ConvTranspose1d(8, 8, 3, stride=2, padding=1, output_padding=1)"})
    assert len(list(needless_output_padding(case_of(reading, None, None)))) == 1


@pytest.mark.parametrize("rule", [holes, uneven_overlap, weak_rim, needless_output_padding])
def test_a_convolution_and_a_call_that_is_no_layer_get_nothing_said(rule):
    assert said(rule, Layer.conv(2, kernel=3, stride=2)) == []
    assert list(rule(Case(None, (32,)))) == []
