"""Messages of versions that are not installed here, and questions that people really asked."""

import pytest
from diagnosis.other_versions import K4S2P1, PASTED

from tconv_design.diagnosis import diagnose
from tconv_design.errors import InvalidQuestion

NAMES = [pasted.source for pasted in PASTED]
EXTRA = (
    "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
    "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1"
)
CAT = "Sizes of tensors must match except in dimension 1. Got {} and {} in dimension 2"


@pytest.mark.parametrize("pasted", PASTED, ids=NAMES)
def test_a_message_of_another_version_tells_its_framework_and_what_happened(pasted):
    found = diagnose(pasted.text, pasted.options)
    assert found.framework == pasted.framework
    assert pasted.what in found.what


@pytest.mark.parametrize("pasted", PASTED, ids=NAMES)
def test_a_message_of_another_version_tells_the_layer(pasted):
    found = diagnose(pasted.text, pasted.options)
    assert (found.layer and {key: found.layer[key] for key in pasted.layer}) == pasted.layer


@pytest.mark.parametrize("pasted", PASTED, ids=NAMES)
def test_a_message_of_another_version_gets_edits(pasted):
    found = diagnose(pasted.text, pasted.options)
    assert (found.edits and (found.edits[0].in_size, found.edits[0].out_size)) == (pasted.edit or ())


def edits(found):
    return [(each.layer.kernel, each.layer.output_padding, each.in_size, each.out_size) for each in found.edits]


def test_question_12_a_kernel_of_4_for_6_and_nothing_but_5_for_a_kernel_of_3():
    """pytorch/pytorch#56328 and #106450: n=3 k=3 s=1 op=1."""
    found = diagnose(EXTRA, {"in": "3", "kernel": "3"})
    assert edits(found)[0] == ((4, 4), (0, 0), (3, 3), (6, 6))
    assert edits(found)[-1] == ((3, 3), (0, 0), (3, 3), (5, 5))
    assert "output_padding 1 must be less than max(stride 1, dilation 1) = 1" in found.what
    assert "here there is only one size" in found.what


def test_question_19_output_padding_at_three_levels_or_512():
    """CycleGAN#566: 8 levels of k4 s2 p1 at 360."""
    found = diagnose(CAT.format(4, 5), K4S2P1, network_in=360, levels=8)
    assert edits(found) == [((4,), (1,), (2,), (5,)), ((4,), (1,), (5,), (11,)), ((4,), (1,), (22,), (45,))]
    assert found.advice[:2] == (
        "the encoder's sizes over 8 levels: 360, 180, 90, 45, 22, 11, 5, 2, 1",
        "every join fits if the network's input n = 0 (mod 256): 256 below, 512 above of 360 "
        "(pad by 76:76, and crop the result)",
    )


def test_question_20_64_and_80_are_next_to_72():
    """MONAI#678: 4 levels of stride 2 at 72."""
    layer = {"kernel": "3", "stride": "2", "padding": "1", "output_padding": "1"}
    found = diagnose(CAT.format(9, 10), layer, network_in=72)
    assert edits(found) == [((3,), (0,), (5,), (9,))]
    assert found.advice[1] == (
        "every join fits if the network's input n = 0 (mod 16): 64 below, 80 above of 72 "
        "(pad by 4:4, and crop the result)"
    )


def test_question_21_a_network_with_other_layers_between_is_left_to_its_file():
    """pytorch-semseg#144 and #145: valid convolutions between the levels, so no mirror image makes 23 of 256."""

    with pytest.raises(
        InvalidQuestion, match="no join of 24 and 23; write the network as a file for tconv-design sizes"
    ):
        diagnose(CAT.format(24, 23), {"kernel": "2", "stride": "2"}, network_in=256)


def test_question_21_the_upsampling_alone_is_answered():
    found = diagnose(CAT.format(24, 23), {"kernel": "2", "stride": "2"})
    assert {(each.in_size, each.out_size) for each in found.edits} == {((12,), (23,))}


@pytest.mark.parametrize(("small", "big", "extra"), [(80, 250, 2), (32, 64, 1), (36, 74, 1)])
def test_questions_6_to_8_the_decoder_lacks_an_output_padding(small, big, extra):
    """Lasagne#668, Flux#829 and tensorflow#19863: an autoencoder's loss."""
    layer = {80: ("11", "3", "0"), 32: ("3", "2", "1"), 36: ("3", "2", "0")}[small]
    options = dict(zip(("kernel", "stride", "padding"), layer, strict=True))
    made = big - extra
    text = f"The size of tensor a ({made}) must match the size of tensor b ({big}) at non-singleton dimension 2"
    found = diagnose(text, options)
    assert (found.known.in_, found.edits[0].layer.output_padding, found.edits[0].out_size) == (
        (small,),
        (extra,),
        (big,),
    )


def test_question_9_output_padding_0_in_keras_own_words():
    """keras#14158: 4 -> 7 of k3 s2 same."""
    text = (
        "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis. "
        "Received: input_shape=[(None, 8, 8, 16), (None, 7, 7, 16)]"
    )
    found = diagnose(text, {"in": "4", "kernel": "3", "stride": "2", "padding": "same"})
    assert 'Conv2DTranspose(1, 3, strides=2, padding="same", output_padding=0)' in found.code


def test_question_24_torch_crops_what_keras_same_crops():
    """pytorch#80301: padding 0 and a row cropped on the right comes before padding 1 with output_padding 1."""
    text = "TypeError: conv_transpose2d(): argument 'padding' must be tuple of ints, not str"
    found = diagnose(text, {"in": "7x7", "kernel": "3", "stride": "2", "padding": "same"})
    paddings = [(each.layer.padding[0], each.layer.output_padding[0]) for each in found.edits]
    assert ((0, 1), 0) in paddings
    assert ((1, 1), 1) in paddings
    assert {each.out_size for each in found.edits} == {(14, 14)}
