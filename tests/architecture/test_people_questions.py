"""Questions that people really asked about whole networks, with their numbers; the networks are in data/questions."""

from pathlib import Path

import pytest

from tconv_design.architecture.congruences import legal_sizes
from tconv_design.architecture.report import check
from tconv_design.architecture.spec import read
from tconv_design.planning.hop import hop

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"


def network(name):
    return read((QUESTIONS / f"{name}.toml").read_text("utf-8"))


def sizes(report):
    """Sizes on the first axis from the input to the output, joins left out."""
    rows = [layer.row for layer in report.layers if layer.row.block.kind != "concat"]
    return [report.size[0], *(row.out.size[0] for row in rows)]


def said(report):
    """All that is wrong, in order."""
    return [str(each) for layer in report.layers for each in layer.problems] + list(map(str, report.problems))


def settings(layers):
    """(kernel, stride, padding, output_padding) of each layer, on its first axis."""
    return [(a.kernel, a.stride, a.pad_begin, a.output_padding) for a in (layer.axes[0] for layer in layers)]


def test_a_u_net_of_eight_levels_breaks_at_360():
    """github.com/junyanz/pytorch-CycleGAN-and-pix2pix/issues/566"""
    report = check(network("unet_360"))
    assert sizes(report)[:9] == [360, 180, 90, 45, 22, 11, 5, 2, 1]
    assert said(report) == [
        "4x4 and 5x5 do not join; give output_padding 1 to layer 11 (tconv) on line 17",
        "10x10 and 11x11 do not join; give output_padding 1 to layer 13 (tconv) on line 19",
        "44x44 and 45x45 do not join; give output_padding 1 to layer 17 (tconv) on line 23",
    ]


def test_that_u_net_takes_360_with_output_padding_where_it_broke_and_512_without():
    report = check(network("unet_360_fixed"))
    assert report.holds
    assert sizes(report)[9:] == [2, 5, 11, 22, 45, 90, 180, 360]
    assert check(network("unet_360"), (512, 512)).holds


def test_a_u_net_of_four_levels_does_not_take_72_but_64_and_80():
    """github.com/Project-MONAI/MONAI/issues/678"""
    unet = network("unet_72")
    report = check(unet)
    assert said(report) == ["10x10x10 and 9x9x9 do not join; give output_padding 0 to layer 5 (tconv) on line 11"]
    assert [check(unet, (n,) * 3).holds for n in (64, 72, 80)] == [True, False, True]


@pytest.mark.parametrize(("size", "out"), [(188, 4), (252, 68), (268, 84), (572, 388)])
def test_a_u_net_without_padding(size, out):
    """github.com/meetps/pytorch-semseg/issues/144, issues/145"""
    report = check(network("unet_valid"), (size, size))
    assert report.holds
    assert sizes(report)[-1] == out


def test_a_u_net_without_padding_does_not_take_256():
    assert not check(network("unet_valid"), (256, 256)).holds


def test_a_codec_of_strides_2_4_5_8_loses_8_of_32000_samples():
    """github.com/descriptinc/descript-audio-codec/issues/37"""
    report = check(network("codec"))
    assert sizes(report) == [32000, 16000, 4000, 800, 100, 800, 3999, 15996, 31992]
    assert said(report) == [
        "the output has size 31992, and that of the input, 32000, is claimed; "
        "give output_padding 1 to layer 6 (tconv) on line 11"
    ]


def test_output_padding_1_at_its_odd_stride_gives_the_codec_its_samples_back():
    codec = network("codec_fixed")
    assert sizes(check(codec)) == [32000, 16000, 4000, 800, 100, 800, 4000, 16000, 32000]
    assert [n for n in range(1, 1000) if check(codec, (n,)).holds] == [320, 640, 960]


def test_a_vocoder_of_rates_8_5_5_is_6_samples_too_long():
    """github.com/jik876/hifi-gan/issues/12"""
    report = check(network("vocoder_8_5_5"))
    assert sizes(report) == [32, 256, 1281, 6406]
    assert said(report) == [
        "the output has size 6406, and 6400 is claimed; "
        "give padding 3 and output_padding 1 to layer 2 (tconv) on line 7 and layer 3 (tconv) on line 8"
    ]


def test_padding_3_and_output_padding_1_at_its_odd_strides_make_the_vocoder_exact():
    vocoder = network("vocoder_8_5_5_fixed")
    assert check(vocoder).holds
    assert sizes(check(vocoder)) == [32, 256, 1280, 6400]


@pytest.mark.parametrize(
    ("size", "expected"),
    [(32, [1, 4, 8, 16, 32]), (128, [1, 4, 8, 16, 32, 64, 128]), (256, [1, 4, 8, 16, 32, 64, 128, 256])],
)
def test_dcgan_of_other_sizes(size, expected):
    """github.com/pytorch/examples/issues/486, issues/1022: a block less, or one more per doubling"""
    report = check(network(f"dcgan_{size}"))
    assert report.holds
    assert sizes(report) == expected


@pytest.mark.parametrize(
    ("name", "size", "expected"),
    [
        ("encoder_250", 250, [250, 80]),
        ("encoder_k3s2p1", 32, [32, 16]),
        ("encoder_k3s2p1", 31, [31, 16]),
        ("encoder_k3s2p1", 64, [64, 32]),
        ("encoder_74", 74, [74, 36]),
        ("encoder_keras", 25, [25, 13, 7, 4, 2]),
    ],
)
def test_encoders_that_people_wanted_to_undo(name, size, expected):
    """github.com/Lasagne/Lasagne/issues/668, 711; FluxML/Flux.jl#829; tensorflow#19863; keras-team/keras#14158"""
    assert sizes(check(network(name), (size,))) == expected


@pytest.mark.parametrize(
    ("name", "classes", "below", "above"),
    [
        ("unet_360", [(256, 0, 256)], 256, 512),
        ("unet_72", [(16, 0, 16)], 64, 80),
        ("unet_valid", [(16, 12, 188)], 572, 572),
        ("codec_fixed", [(320, 0, 320)], 32000, 32000),
        ("encoder_250", [(1, 0, 11)], 250, 250),
    ],
)
def test_the_sizes_that_a_network_takes(name, classes, below, above):
    asked = network(name)
    legal = legal_sizes(asked, 0)
    assert [(each.modulus, each.remainder, each.first) for each in legal.classes] == classes
    assert (legal.below(asked.size[0]), legal.above(asked.size[0])) == (below, above)


def test_the_u_net_without_padding_takes_252_and_268_about_256():
    legal = legal_sizes(network("unet_valid"), 0)
    assert (legal.below(256), legal.above(256), legal.below(187)) == (252, 268, None)


def test_a_hop_of_300_is_15_times_20():
    """github.com/lmnt-com/diffwave/issues/6"""
    plans = [
        plan for plan in hop(300, frames=50, top=145).plans if [each.stride[0] for each in plan.layers] == [15, 20]
    ]
    assert [(settings(plan.layers), plan.sizes) for plan in plans] == [
        ([(30, 15, 8, 1), (40, 20, 10, 0)], ((50,), (750,), (15000,)))
    ]


def test_a_prime_hop_is_told_so():
    plans = hop(257)
    assert plans.count == 1
    assert plans.why == (
        "257 is prime: its only chain is one layer of stride 257 (kernel 514); "
        "the nearest hops of small factors are 256 (4x4x4x4) and 260 (13x5x2x2)"
    )
