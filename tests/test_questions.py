"""Questions that people really asked, as data: where, the numbers, and the answer that the tool must give."""

import pytest

import tconv_design
from tconv_design.cost import multiply_adds
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.overlap import overlap


def solve(options):
    options = dict(options)
    return tconv_design.solve(options.pop("in", None), options.pop("out", None), **options)


SIZES = [
    ("pytorch/pytorch/issues/14099", {"in": 10, "kernel": 3, "stride": 1, "dilation": 2}, 14),
    ("Lasagne/Lasagne/issues/746", {"in": 14, "kernel": 3, "stride": 2, "padding": 1}, 27),
    ("Lasagne/Lasagne/issues/746", {"in": 14, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, 28),
    ("Lasagne/Lasagne/issues/746", {"in": 14, "kernel": 4, "stride": 2, "padding": 1}, 28),
    ("Lasagne/Lasagne/issues/668", {"in": 250, "kernel": 11, "stride": 3, "kind": "conv"}, 80),
    ("Lasagne/Lasagne/issues/668", {"in": 80, "kernel": 11, "stride": 3}, 248),
    ("Lasagne/Lasagne/issues/668", {"in": 80, "kernel": 11, "stride": 3, "output_padding": 2}, 250),
    ("FluxML/Flux.jl/issues/829", {"in": 64, "kernel": 3, "stride": 2, "padding": 1, "kind": "conv"}, 32),
    ("FluxML/Flux.jl/issues/829", {"in": 32, "kernel": 3, "stride": 2, "padding": 1}, 63),
    ("FluxML/Flux.jl/issues/829", {"in": 32, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, 64),
    (
        "tensorflow/tensorflow/issues/19863",
        {"in": 74, "kernel": 3, "stride": 2, "padding": "valid", "kind": "conv"},
        36,
    ),
    ("tensorflow/tensorflow/issues/19863", {"in": 36, "kernel": 3, "stride": 2, "padding": "valid"}, 73),
    (
        "tensorflow/tensorflow/issues/19863",
        {"in": 36, "kernel": 3, "stride": 2, "padding": "valid", "output_padding": 1, "dialect": "keras"},
        74,
    ),
    ("pytorch/pytorch/issues/56328", {"in": 3, "kernel": 3, "stride": 1}, 5),
    ("pytorch/pytorch/issues/106450", {"in": 3, "kernel": 4, "stride": 1}, 6),
    ("pytorch/pytorch/issues/8816", {"in": 1, "kernel": 3, "stride": 2, "padding": 1, "output_padding": 1}, 2),
    ("jik876/hifi-gan/issues/12", {"in": 32, "kernel": 10, "stride": 5, "padding": 2}, 161),
    ("jik876/hifi-gan/issues/12", {"in": 32, "kernel": 10, "stride": 5, "padding": 3, "output_padding": 1}, 160),
    (
        "junyanz/pytorch-CycleGAN-and-pix2pix/issues/566",
        {"in": 5, "kernel": 4, "stride": 2, "padding": 1, "kind": "conv"},
        2,
    ),
    ("junyanz/pytorch-CycleGAN-and-pix2pix/issues/566", {"in": 2, "kernel": 4, "stride": 2, "padding": 1}, 4),
    (
        "junyanz/pytorch-CycleGAN-and-pix2pix/issues/566",
        {"in": 2, "kernel": 4, "stride": 2, "padding": 1, "output_padding": 1},
        5,
    ),
    ("jax-ml/jax/issues/17618", {"in": 128, "kernel": 4, "stride": 4, "padding": "valid", "dialect": "jax"}, 512),
    # [(0, 0)] pads the dilated input: as padding of the layer that is K-1 = 3 on both sides
    ("jax-ml/jax/issues/17618", {"in": 128, "kernel": 4, "stride": 4, "padding": 3}, 506),
    ("keras-team/keras/issues/14158", {"in": 2, "kernel": 3, "stride": 2, "padding": "same", "dialect": "keras"}, 4),
]


@pytest.mark.parametrize(
    ("where", "options", "out"), SIZES, ids=lambda value: value if isinstance(value, str) else None
)
def test_the_size_is_the_one_that_the_thread_came_to(where, options, out):
    assert [solution.out_size for solution in solve(options).solutions] == [(out,)]


def test_lasagne_746_kernel_4_leads_and_needs_no_output_padding():
    answer = tconv_design.solve(14, 28, kernel="3..4", stride=2, padding=1)
    (first, second) = answer.solutions
    assert (first.layer.kernel, first.layer.output_padding) == ((4,), (0,))
    assert (first.overlap.uniform, first.law.exact_for_all) == (True, True)
    assert (second.layer.kernel, second.layer.output_padding) == ((3,), (1,))
    assert (second.overlap.uniform, second.law.exact_for_all) == (False, True)


@pytest.mark.parametrize(
    ("where", "mirrored", "out"),
    [
        ("Lasagne/Lasagne/issues/668", {"in": 80, "kernel": 11, "stride": 3, "padding": 0, "out": 250}, 2),
        ("FluxML/Flux.jl/issues/829", {"in": 32, "kernel": 3, "stride": 2, "padding": 1, "out": 64}, 1),
        ("tensorflow/tensorflow/issues/19863", {"in": 36, "kernel": 3, "stride": 2, "padding": "valid", "out": 74}, 1),
        (
            "junyanz/pytorch-CycleGAN-and-pix2pix/issues/566",
            {"in": 2, "kernel": 4, "stride": 2, "padding": 1, "out": 5},
            1,
        ),
        (
            "junyanz/pytorch-CycleGAN-and-pix2pix/issues/566",
            {"in": 5, "kernel": 4, "stride": 2, "padding": 1, "out": 11},
            1,
        ),
        (
            "junyanz/pytorch-CycleGAN-and-pix2pix/issues/566",
            {"in": 22, "kernel": 4, "stride": 2, "padding": 1, "out": 45},
            1,
        ),
    ],
)
def test_the_output_padding_that_mirrors_is_found(where, mirrored, out):
    assert [solution.layer.output_padding for solution in solve(mirrored).solutions] == [(out,)]


@pytest.mark.parametrize(("in_", "out"), [(2, 4), (4, 7), (7, 13), (13, 25)])
def test_keras_14158_every_level_back_is_found(in_, out):
    answer = tconv_design.solve(in_, out, kernel=3, stride=2, padding="same", dialect="keras")
    assert [solution.out_size for solution in answer.solutions] == [(out,)]


def test_keras_14158_without_output_padding_the_sizes_only_double():
    size, sizes = 2, []
    for _ in range(4):
        (solution,) = tconv_design.solve(size, kernel=3, stride=2, padding="same", dialect="keras").solutions
        (size,) = solution.out_size
        sizes.append(size)
    assert sizes == [4, 8, 16, 32]


@pytest.mark.parametrize("size", [31, 32])
def test_lasagne_711_two_inputs_give_16(size):
    answer = tconv_design.solve(None, 16, kind="conv", kernel=3, stride=2, padding=1)
    assert (size,) in {solution.in_size for solution in answer.solutions}
    assert answer.count == 2


@pytest.mark.parametrize("issue", ["56328", "106450"])
def test_an_output_padding_at_stride_1_is_refused_with_the_reason(issue):
    sentence = (
        r"output_padding 1 must be less than max\(stride 1, dilation 1\) = 1: it chooses among the sizes that a stride "
        r"makes ambiguous, and there are no more; use output_padding 0, or stride 2"
    )
    with pytest.raises(InvalidQuestion, match=sentence):
        tconv_design.solve(3, kernel=3, stride=1, output_padding=1)


def test_pytorch_8816_the_extra_row_is_computed_and_the_reasons_say_so():
    (solution,) = tconv_design.solve(1, kernel=3, stride=2, padding=1, output_padding=1).solutions
    assert solution.overlap.border.unreached == ((0, 0),)
    assert any("un-cropped, computed values" in reason for reason in solution.reasons)


def test_pytorch_80301_keras_same_is_no_symmetric_padding():
    # padding 1 with output_padding 1 has the same shape, but is shifted by one row
    (same,) = tconv_design.solve(5, kernel=3, stride=2, padding="same", dialect="keras").solutions
    assert same.layer.padding == ((0, 1),)
    shifted = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1)
    assert same.out_size == shifted.output_size((5,)) == (10,)
    assert "torch" not in same.legal


def test_jax_17618_only_valid_and_consistent_padding_make_512():
    answer = tconv_design.solve(128, 512, kernel=4, stride=4, padding="0..3", output_padding=0)
    assert [solution.layer.padding for solution in answer.solutions] == [((0, 0),)]


def test_onnx_4299_same_upper_with_output_padding_is_ambiguous():
    with pytest.raises(
        InvalidQuestion, match="ambiguous: shape inference adds it to in\\*stride, the runtimes fold it"
    ):
        tconv_design.solve(3, kernel=3, stride=2, output_padding=1, padding="same", dialect="onnx")


@pytest.mark.parametrize(
    ("where", "layer", "in_size", "batch", "expected"),
    [
        ("ultralytics/thop/issues/92", Layer.tconv(2, kernel=2, stride=2, in_channels=3), (2, 2), 1, 48),
        ("facebookresearch/fvcore/issues/78", Layer.tconv(2, kernel=3, in_channels=32), (1, 1), 1, 288),
        (
            "deepspeedai/DeepSpeed/pull/8323",
            Layer.tconv(2, kernel=4, stride=2, in_channels=4, out_channels=6),
            (8, 8),
            2,
            49_152,
        ),
    ],
)
def test_multiply_adds_are_those_of_the_input_s_positions(where, layer, in_size, batch, expected):
    assert batch * multiply_adds(layer, in_size, layer.output_size(in_size)) == expected


@pytest.mark.parametrize(
    ("kernel", "even", "ratio"), [(2, True, 1), (3, False, 4), (4, True, 1), (5, False, 2.25), (8, True, 1)]
)
def test_pix2pixhd_149_which_2x_layers_are_checkerboards(kernel, even, ratio):
    found = overlap(Layer.tconv(2, kernel=kernel, stride=2), (32, 32))
    assert (found.uniform, found.holes, found.ratio) == (even, False, ratio)


def test_pix2pixhd_149_kernel_3_gets_1_2_or_4_taps():
    rows, columns = overlap(Layer.tconv(2, kernel=3, stride=2), (33, 33)).counts
    assert {row * column for row in rows for column in columns} == {1, 2, 4}


@pytest.mark.parametrize(("stride", "kernel", "padding", "extra"), [(15, 30, 8, 1), (20, 40, 10, 0)])
def test_diffwave_6_hop_300_is_15_times_20(stride, kernel, padding, extra):
    answer = tconv_design.solve(50, 50 * stride, kernel=kernel, stride=stride, padding=padding)
    assert [solution.layer.output_padding for solution in answer.solutions] == [(extra,)]
    assert answer.solutions[0].law.exact_for_all


@pytest.mark.parametrize(("in_", "stride", "out"), [(100, 8, 800), (800, 5, 3999), (3999, 4, 15996), (15996, 2, 31992)])
def test_dac_37_each_step_of_the_codec_that_returned_31992(in_, stride, out):
    (solution,) = tconv_design.solve(in_, kernel=2 * stride, stride=stride, padding=-(-stride // 2)).solutions
    assert solution.out_size == (out,)
    (fixed,) = tconv_design.solve(
        in_, in_ * stride, kernel=2 * stride, stride=stride, padding=-(-stride // 2)
    ).solutions
    assert fixed.layer.output_padding == (stride % 2,)


def test_tensorrt_3344_the_portable_choice_is_legal_everywhere():
    answer = tconv_design.solve(8, 16, kernel="3..4", stride=2, padding=1)
    assert [(s.layer.kernel[0], s.layer.output_padding[0]) for s in answer.solutions] == [(4, 0), (3, 1)]
    assert len(answer.solutions[0].legal) > len(answer.solutions[1].legal)
    assert any(reason.startswith("needs output_padding 1") for reason in answer.solutions[1].reasons)
