from itertools import product
from math import prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tconv_design.architecture.walk import walk
from tconv_design.backends.numpy import conv_transpose
from tconv_design.errors import InvalidQuestion
from tconv_design.planning.hop import MAX_HOP, factors, hop, look_ahead, prime_factors, reach, upsampling
from tconv_design.values import Values


def strides(plan):
    return tuple(layer.stride[0] for layer in plan.layers)


def numbers(plan):
    """(kernel, stride, begin, end, output_padding) per layer."""
    axes = [layer.axes[0] for layer in plan.layers]
    return [(a.kernel, a.stride, a.pad_begin, a.pad_end, a.output_padding) for a in axes]


def listed(total, layers, **options):
    return {strides(plan): plan for plan in hop(total, Values.one(layers), top=1000, **options).plans}


@pytest.mark.parametrize("total", [2, 12, 36, 96, 97, 120])
@pytest.mark.parametrize("layers", [1, 2, 3])
def test_count_and_chains_are_those_of_nested_loops(total, layers):
    expected = {each for each in product(range(2, total + 1), repeat=layers) if prod(each) == total}
    found = hop(total, Values.one(layers), top=10**6)
    assert found.count == len(found.plans) == len(expected)
    assert {strides(plan) for plan in found.plans} == expected


@given(st.lists(st.integers(2, 40), min_size=1, max_size=4), st.integers(1, 10**9), st.booleans())
def test_every_length_comes_out_hop_times_as_long(chain, frames, causal):
    size = frames
    for stride in chain:
        size = upsampling(stride, causal).out("tconv", size)
    assert size == frames * prod(chain)


@given(st.integers(2, 3000), st.booleans(), st.integers(1, 9))
def test_sizes_of_a_plan_are_those_of_its_layers_and_end_at_hop_times_frames(total, causal, frames):
    for plan in hop(total, causal=causal, frames=frames).plans:
        assert plan.sizes[-1] == (total * frames,)
        assert [row.out.size for row in walk(plan.architecture, (frames,))] == list(plan.sizes[1:])


def needed_frames(axes, sample):
    """The input frames that an output sample depends on, by walking back tap by tap through an endless input."""
    rows = {sample}
    for axis in reversed(axes):
        rows = {
            (row + axis.pad_begin - tap) // axis.stride
            for row in rows
            for tap in range(axis.kernel)
            if (row + axis.pad_begin - tap) % axis.stride == 0
        }
    return rows


@given(st.lists(st.integers(2, 7), min_size=1, max_size=3), st.booleans())
def test_look_ahead_and_reach_are_those_of_every_dependency(chain, causal):
    axes, total = [upsampling(stride, causal) for stride in chain], prod(chain)
    samples = range(-3 * total, 3 * total)
    latest = {sample: max(needed_frames(axes, sample)) for sample in samples}
    assert look_ahead(axes) == max(frame - sample // total for sample, frame in latest.items())
    assert reach(axes) == -min(sample for sample, frame in latest.items() if frame >= 0)


@pytest.mark.parametrize("causal", [False, True])
def test_a_later_frame_changes_samples_only_from_its_reach_on(causal):
    plan = listed(30, 3, causal=causal, frames=6)[5, 3, 2]
    x = np.zeros((1, 1, 6))
    x[..., 3] = 1
    for layer in plan.layers:
        x = conv_transpose(layer, x, np.ones(layer.weight_shape))
    assert np.flatnonzero(x)[0] == 3 * 30 - plan.scores["reach"]


@pytest.mark.parametrize("total", [256, 300, 320, 257])
def test_causal_chains_wait_for_nothing(total):
    for plan in hop(total, causal=True).plans:
        assert (plan.scores["look_ahead"], plan.scores["latency"], plan.scores["reach"]) == (0, 0, 0)


def test_hop_300_in_two_layers_has_the_strides_of_diffwave():
    """PyTorch vocoders at 24 kHz: 15x20 with output_padding at 15."""
    found = hop(300, Values.one(2), frames=50)
    plan = next(plan for plan in found.plans if strides(plan) == (15, 20))
    assert numbers(plan) == [(30, 15, 8, 8, 1), (40, 20, 10, 10, 0)]
    assert plan.sizes == ((50,), (750,), (15000,))


def test_hop_300_shows_two_three_and_four_layers_in_turns():
    found = hop(300)
    assert [strides(plan) for plan in found.plans] == [(20, 15), (10, 6, 5), (5, 5, 4, 3), (15, 20), (5, 6, 10)]


def test_the_strides_of_hifi_gan_and_of_encodec_are_there():
    assert (8, 8, 2, 2) in [strides(plan) for plan in hop(256, Values.one(4)).plans]
    assert (8, 5, 4, 2) in [strides(plan) for plan in hop(320, Values.one(4)).plans]


def test_rates_8_5_5_do_not_come_out_one_too_long():
    """HiFi-GAN's own padding (k - s)//2 gives 6406 for 6400 at 32 frames."""
    plan = listed(200, 3, frames=32)[8, 5, 5]
    assert numbers(plan) == [(16, 8, 4, 4, 0), (10, 5, 3, 3, 1), (10, 5, 3, 3, 1)]
    assert plan.sizes[-1] == (6400,)


def test_causal_layers_crop_at_the_end_only():
    assert numbers(listed(40, 2, causal=True)[8, 5]) == [(16, 8, 0, 8, 0), (10, 5, 0, 5, 0)]


def test_a_prime_hop_is_told_so():
    found = hop(257)
    assert (found.count, [strides(plan) for plan in found.plans]) == (1, [(257,)])
    assert numbers(found.plans[0]) == [(514, 257, 129, 129, 1)]
    assert found.why == (
        "257 is prime: its only chain is one layer of stride 257 (kernel 514); "
        "the nearest hops of small factors are 256 (4x4x4x4) and 260 (13x5x2x2)"
    )


def test_a_large_prime_factor_is_told():
    assert hop(514).why == (
        "257 is a prime factor of 514, so a stride of every chain is a multiple of it; "
        "the nearest hops of small factors are 512 (8x4x4x4) and 520 (13x5x4x2)"
    )


def test_a_prime_in_two_layers_has_no_chain():
    found = hop(257, Values.one(2))
    assert (found.count, found.plans) == (0, ())
    assert found.why.startswith("257 is prime: its only chain is one layer of stride 257")


@pytest.mark.parametrize(
    ("total", "layers", "why"),
    [
        (
            12,
            "4",
            "12 has 3 prime factors (3x2x2), so it is the product of at most 3 strides of 2 or more, "
            "and 4 layers are asked for",
        ),
        (7, "2", "7 is prime, so it is the product of at most 1 stride of 2 or more, and 2 layers are asked for"),
    ],
)
def test_too_many_layers_are_told_so(total, layers, why):
    found = hop(total, Values.one(int(layers)))
    assert (found.count, found.why) == (0, why)


@pytest.mark.parametrize("total", [1, 0, -300, MAX_HOP + 1, 10**30])
def test_a_hop_out_of_range_is_refused(total):
    with pytest.raises(InvalidQuestion, match="hop must be from 2 to 1000000, got"):
        hop(total)


def test_frames_beyond_the_largest_size_are_refused():
    with pytest.raises(InvalidQuestion, match=r"more than 10\*\*18.*; use at most 3333333333333333 frames"):
        hop(300, frames=10**16)


def test_channels_make_parameters_and_multiply_adds():
    """8x2 from 64 over 32 to 1 channel, at 10 frames."""
    plan = listed(16, 2, frames=10, channels=lambda layers: [64, 32, 1])[8, 2]
    assert plan.params == 64 * 32 * 16 + 32 + 32 * 1 * 4 + 1
    assert plan.macs == 10 * 16 * 64 * 32 + 80 * 4 * 32


@given(st.integers(2, 10**6))
def test_prime_factors_multiply_to_the_number_and_fall(number):
    found = prime_factors(number)
    assert prod(found) == number
    assert sorted(found, reverse=True) == list(found)
    assert all(all(prime % divisor for divisor in range(2, int(prime**0.5) + 1)) for prime in found)


def test_the_largest_stride_is_as_small_as_it_can_be():
    for total in range(4, 400):
        sets = factors(total, 2)
        assert sets == sorted(sets)
        if sets:
            assert sets[0][0] == min(a for a in range(2, total) if total % a == 0 and a * a >= total)


def test_the_hop_of_most_factors_takes_no_time():
    assert hop(720720, Values.between(1, 64), top=1000).count > 10**6
