"""Parameters and multiply-adds against counting them one by one."""

from itertools import product
from math import prod

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.cost import multiply_adds, parameters
from tconv_design.layer import Layer


def macs(layer, in_size):
    return multiply_adds(layer, in_size, layer.output_size(in_size))


@pytest.mark.parametrize(
    ("layer", "in_size", "expected"),
    [
        (Layer.tconv(2, kernel=2, stride=2, in_channels=3), (2, 2), 48),
        (Layer.tconv(2, kernel=3, in_channels=32), (1, 1), 288),
        (Layer.tconv(2, kernel=4, stride=2, in_channels=4, out_channels=6), (8, 8), 49_152 // 2),  # that was batch 2
        (Layer.conv(2, kernel=3, padding=1, in_channels=2, out_channels=5), (4, 4), 16 * 9 * 10),
        (Layer.conv(1, kernel=3, stride=2, in_channels=4, out_channels=4, groups=4), (9,), 4 * 3 * 4),
    ],
)
def test_multiply_adds_of_one_sample(layer, in_size, expected):
    assert macs(layer, in_size) == expected


def met(kind, in_, out, kernel, stride):
    """Each (row of the input, row of the output, tap) of an axis whose product is part of that output row."""
    for row, other, tap in product(range(in_), range(out), range(kernel)):
        if (row * stride + tap == other) if kind == "tconv" else (other * stride + tap == row):
            yield row, other, tap


@given(
    st.sampled_from(["conv", "tconv"]),
    st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(3, 5)), min_size=1, max_size=2),
    st.integers(1, 3),
    st.integers(1, 2),
    st.integers(1, 3),
)
@settings(deadline=None, max_examples=60)
def test_every_multiplication_is_counted_once(kind, axes, groups, inputs, outputs):
    kernel, stride, in_size = (tuple(values) for values in zip(*axes, strict=True))
    make = Layer.tconv if kind == "tconv" else Layer.conv
    layer = make(
        len(axes),
        kernel=kernel,
        stride=stride,
        groups=groups,
        in_channels=inputs * groups,
        out_channels=outputs * groups,
    )
    out_size = layer.output_size(in_size)
    channels = product(range(layer.in_channels), range(layer.out_channels))
    pairs = [(one, other) for one, other in channels if one // inputs == other // outputs]
    meetings = [list(met(kind, *axis)) for axis in zip(in_size, out_size, kernel, stride, strict=True)]
    assert macs(layer, in_size) == sum(1 for _ in product(pairs, *meetings))


def test_positions_are_those_of_a_tconv_s_input_not_of_its_output():
    layer = Layer.tconv(2, kernel=4, stride=4, in_channels=8, out_channels=8)
    assert macs(layer, (7, 7)) == 49 * 16 * 64
    assert prod(layer.output_size((7, 7))) * 16 * 64 == 16 * macs(layer, (7, 7))  # stride**2 too many


def test_padding_and_output_padding_cost_nothing():
    plain = Layer.tconv(1, kernel=3, stride=2)
    assert macs(Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), (5,)) == macs(plain, (5,)) == 15


@pytest.mark.parametrize(
    ("layer", "expected"),
    [
        (Layer.tconv(2, kernel=3, in_channels=4, out_channels=6), 4 * 6 * 9 + 6),
        (Layer.conv(2, kernel=3, in_channels=4, out_channels=6, groups=2), 6 * 2 * 9 + 6),
        (Layer.tconv(2, kernel=(3, 2), in_channels=4, out_channels=4, groups=4), 4 * 6 + 4),
    ],
)
def test_parameters_are_weights_and_a_bias_per_output_channel(layer, expected):
    assert parameters(layer) == expected
