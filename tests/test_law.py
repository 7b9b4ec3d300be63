"""The law out = scale*in + offset against sizes that are counted out."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tconv_design.law import fraction, law
from tconv_design.layer import Axis, Layer

AXES = st.builds(
    Axis,
    kernel=st.integers(1, 7),
    stride=st.integers(1, 6),
    pad_begin=st.integers(0, 6),
    pad_end=st.integers(0, 6),
    output_padding=st.just(0),
    dilation=st.integers(1, 4),
)


def tconv_axes():
    return AXES.flatmap(
        lambda axis: st.integers(0, max(axis.stride, axis.dilation) - 1).map(
            lambda extra: Axis(axis.kernel, axis.stride, axis.pad_begin, axis.pad_end, extra, axis.dilation)
        )
    )


def counted_tconv(axis, in_):
    """Rows of the full result by laying every tap down, less what is cropped."""
    rows = {i * axis.stride + j * axis.dilation for i in range(in_) for j in range(axis.kernel)}
    return max(rows) + 1 - axis.pad_begin - axis.pad_end + axis.output_padding


def counted_conv(axis, in_):
    """Positions at which the kernel fits into the padded input."""
    padded = in_ + axis.pad_begin + axis.pad_end
    return sum(1 for start in range(0, padded, axis.stride) if start + (axis.kernel - 1) * axis.dilation < padded)


@given(tconv_axes(), st.integers(1, 12))
@settings(deadline=None, max_examples=300)
def test_a_tconv_s_out_is_scale_times_in_plus_offset(axis, in_):
    assume(counted_tconv(axis, in_) >= 1)
    found = law(Layer("tconv", (axis,)))
    assert Fraction(found.scale[0]) * in_ + Fraction(found.offset[0]) == counted_tconv(axis, in_)


@given(tconv_axes())
@settings(deadline=None, max_examples=200)
def test_a_tconv_is_exact_exactly_if_every_in_is_scaled_by_one_factor(axis):
    scaled = {Fraction(counted_tconv(axis, in_), in_) for in_ in range(1, 9)}
    assert law(Layer("tconv", (axis,))).exact_for_all == (len(scaled) == 1)


@given(AXES, st.integers(1, 20))
@settings(deadline=None, max_examples=300)
def test_a_conv_s_out_is_the_floor_of_scale_times_in_plus_offset(axis, in_):
    found = law(Layer("conv", (axis,)))
    line = Fraction(found.scale[0]) * in_ + Fraction(found.offset[0])
    assert max(floor(line), 0) == counted_conv(axis, in_)


@given(AXES)
@settings(deadline=None, max_examples=200)
def test_a_conv_is_exact_exactly_if_it_keeps_every_size(axis):
    keeps = all(counted_conv(axis, in_) == in_ for in_ in range(1, 15))
    assert law(Layer("conv", (axis,))).exact_for_all == keeps


@pytest.mark.parametrize(
    ("layer", "scale", "offset", "exact"),
    [
        (Layer.tconv(1, kernel=4, stride=2, padding=1), "2", "0", True),
        (Layer.tconv(1, kernel=3, stride=2, padding=1), "2", "-1", False),
        (Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), "2", "0", True),
        (Layer.tconv(2, kernel=(4, 3), stride=(2, 2), padding=1), "2", "0x-1", False),
        (Layer.tconv(2, kernel=4, stride=(2, 4), padding=[1, 0]), "2x4", "0", True),
        (Layer.conv(1, kernel=3, stride=2, padding=1), "1/2", "1/2", False),
        (Layer.conv(1, kernel=3, padding=1), "1", "0", True),
        (Layer.conv(1, kernel=11, stride=3), "1/3", "-8/3", False),
        (Layer.conv(1, kernel=2, padding=[(0, 1)]), "1", "0", True),
    ],
)
def test_the_law_in_the_document(layer, scale, offset, exact):
    assert law(layer).to_dict() == {"scale": scale, "offset": offset, "exact_for_all": exact}


@given(st.integers(-60, 60), st.integers(1, 30))
def test_a_fraction_is_reduced(top, bottom):
    assert fraction(top, bottom) == str(Fraction(top, bottom))
