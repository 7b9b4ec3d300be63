"""A pasted layer asks what its numbers would ask."""

import pytest

import tconv_design
from tconv_design.asked import question_of
from tconv_design.dialects.call import LONGEST, parse
from tconv_design.dialects.catalogue import read
from tconv_design.errors import InvalidQuestion, Refused

SAME = [
    ("nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)", 7, "kernel=3x3 stride=2 padding=1 op=1"),
    ("torch.nn.Conv2d(3, 8, (3, 5), stride=(2, 1), padding=(1, 2))", "9x8", "kernel=3x5 stride=2x1 padding=1x2 conv"),
    ("self.up = nn.ConvTranspose1d(8, 4, kernel_size=4, stride=2, padding=1),", 7, "kernel=4 stride=2 padding=1"),
    ("nn.Conv1d(3, 8, 4, padding='same')", 7, "kernel=4 stride=1 padding=1:2 conv"),
    ("ConvTranspose3d(8, 4, kernel_size=(2, 2, 2), stride=(2, 2, 2))", 3, "kernel=2x2x2 stride=2 padding=0"),
    ("F.conv_transpose2d(x, torch.randn(4, 2, 3, 3), stride=2)", 5, "kernel=3x3 stride=2 padding=0"),
    ("import torch.nn as anything\nanything.Conv1d(1, 1, 3)", 5, "kernel=3 stride=1 padding=0 conv"),
    ("nn.Sequential(nn.ConvTranspose1d(1, 1, 3, 2), nn.ConstantPad1d((0, -1), 0))", 7, "kernel=3 stride=2 padding=0:1"),
    ("nn.Sequential(nn.ZeroPad2d((1, 0, 1, 0)), nn.Conv2d(1, 1, 3, 2))", 7, "kernel=3x3 stride=2 padding=1:0 conv"),
    ("nn.Sequential(nn.ZeroPad2d(padding=1), nn.Conv2d(1, 1, 3, 2))", 7, "kernel=3x3 stride=2 padding=1 conv"),
    ("nn.Sequential(nn.ConstantPad1d(2, value=0.0), nn.Conv1d(1, 1, 3))", 7, "kernel=3 stride=1 padding=2 conv"),
]
ALONE = {
    "torch, another Sequential": "a = nn.Conv2d(3, 8, 3)\nb = nn.Sequential(nn.ZeroPad2d(1), nn.Conv2d(8, 8, 3))",
    "torch, the next layer": "nn.Sequential(nn.Conv2d(3, 8, 3), nn.ZeroPad2d(1), nn.Conv2d(8, 8, 3))",
    "torch, after others": "nn.Sequential(nn.ZeroPad2d(1), nn.ReLU(), nn.Conv2d(3, 8, 3), nn.ReLU(), nn.ZeroPad2d(2))",
    "paddle, another Sequential": "a = paddle.nn.Conv2D(3, 8, 3)\nb = paddle.nn.Sequential(paddle.nn.Pad2D(1))",
    "paddle, the next layer": "paddle.nn.Sequential(nn.Conv2D(3, 8, 3), nn.Pad2D(1), nn.Conv2D(8, 8, 3))",
    "keras, another Sequential": "Sequential([layers.Conv2D(8, 3)])\nSequential([layers.Cropping2D(1)])",
    "keras, the next layer": "Sequential([layers.Conv2D(8, 3), layers.ZeroPadding2D(1), layers.Conv2D(8, 3)])",
    "keras, another model": "a.add(layers.Conv2D(8, 3))\nb.add(layers.Cropping2D(1))",
    "keras, applied": "x = Conv2D(8, 3)(x)\nx = ZeroPadding2D(1)(x)\nx = Conv2D(8, 3)(x)",
}


@pytest.mark.parametrize(("text", "in_", "numbers"), SAME)
def test_a_pasted_layer_is_the_layer_of_its_numbers(text, in_, numbers):
    options = dict(each.split("=") for each in numbers.split() if "=" in each)
    options["output_padding"] = options.pop("op", "0")
    kind = "conv" if "conv" in numbers.split() else "tconv"
    if kind == "conv":
        options.pop("output_padding")
    (ours,) = tconv_design.solve(in_, layer=text).solutions
    in_ = "x".join([str(in_)] * ours.layer.ndim) if isinstance(in_, int) else in_
    (theirs,) = tconv_design.solve(in_, kind=kind, **options).solutions
    assert (ours.layer.axes, ours.out_size) == (theirs.layer.axes, theirs.out_size)


@pytest.mark.parametrize("text", ALONE.values(), ids=ALONE)
def test_pads_that_are_not_beside_the_layer_are_no_part_of_it(text):
    reading = read(text)
    assert reading.layer((9, 9)).padding == ((0, 0), (0, 0))
    assert reading.output_size((9, 9)) == (7, 7)


def test_pads_added_to_the_one_model_stand_before_the_next_layer():
    reading = read("m = Sequential([layers.ZeroPadding2D(1)])\nm.add(layers.Conv2D(8, 3))")
    assert reading.output_size((9, 9)) == (9, 9)


def test_channels_come_from_the_code_and_may_be_variables():
    assert read("nn.Conv2d(3, 64, 3)").layer((5, 5)).in_channels == 3
    reading = read("nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False)")
    assert (reading.in_channels, reading.out_channels) == (None, None)
    assert read("nn.Conv2d(64 * 8, 4, 3)").in_channels == 512


def test_no_channels_are_no_layer():
    with pytest.raises(InvalidQuestion, match="in_channels must be from 1 to"):
        tconv_design.solve(7, layer="nn.Conv2d(0, 4, 3)")


def test_an_unknown_in_is_solved_for():
    found = tconv_design.solve(out=80, layer="nn.Conv1d(3, 8, 11, stride=3)")
    assert [each.in_size for each in found.solutions] == [(248,), (249,), (250,)]
    found = tconv_design.solve(out=7, layer="nn.Conv1d(3, 8, 3, padding='same')")
    assert [each.in_size for each in found.solutions] == [(7,)]


def test_sizes_that_do_not_fit_say_why_and_what_does():
    found = tconv_design.solve(80, 27, layer="nn.Conv1d(3, 8, 11, stride=3)")
    assert found.count == 0
    assert "out = floor((80 + 0 + 0 - 11)/3) + 1 = 24, not 27" in found.why
    assert found.nearest


WRONG = [
    ({"layer": "nn.Conv2d(3, 4, 3)", "in": 7, "in_channels": 5}, "says in_channels 3 itself, and 5 is given; drop"),
    ({"layer": "nn.ConvTranspose2d(8, 4, 3, strides=2)", "in": 7}, "has no argument 'strides'; did you mean stride"),
    ({"layer": "nn.Conv2d(8, filters=4, kernel_size=3)", "in": 7}, "'filters'; did you mean out_channels"),
    ({"layer": "nn.Conv2d(8, 4, 3, dilation_rate=2)", "in": 7}, "'dilation_rate'; did you mean dilation"),
    ({"layer": "nn.ConvTransposed2d(8, 4, 3)", "in": 7}, "no convolution that is known; did you mean ConvTranspose2d"),
    ({"layer": "nn.Conv2d(8, 4, k)", "in": 7}, "kernel_size of Conv2d is k, which is no number"),
    ({"layer": "nn.Conv2d(8, 4)", "in": 7}, "Conv2d is not given its kernel_size"),
    ({"layer": "nn.Conv2d(8, 4, (3, 3, 3))", "in": 7}, "has 3 entries for 2 axes; give one per axis"),
    ({"layer": "nn.Conv2d(8, 4, 3, 1, 0, 1, 1, True, 'zeros', None, None, 5)", "in": 7}, "takes 11 positional"),
    ({"layer": "nn.Conv2d(8, 4, 3, kernel_size=3)", "in": 7}, "is given 'kernel_size' twice"),
    ({"layer": "nn.Conv2d(8, 4, 3", "in": 7}, "is no layer as code"),
    ({"layer": "", "in": 7}, "the pasted text is empty"),
    ({"layer": "3 + 4", "in": 7}, "calls nothing"),
    ({"layer": 7, "in": 7}, "layer must be text"),
    ({"layer": "nn.Conv2d(8, 4, 3)", "in": 7, "stride": 2}, "has its own stride; drop --stride"),
    ({"layer": "nn.Conv2d(8, 4, 3)"}, "the pasted layer does not say its input size; give --in"),
    ({"layer": "nn.Conv2d(8, 4, 3)", "in": "7x7x7"}, "in has 3 axes and Conv2d has 2"),
    ({"layer": "nn.Conv2d(8, 4, 3)", "in": 7, "dialect": "pytorch"}, "unknown dialect 'pytorch'; did you mean torch"),
    ({"layer": "F.conv2d(x, w)", "in": 7}, "takes its kernel as an array.*give --kernel"),
    ({"layer": "F.conv2d(x, w)", "in": 7, "kernel": "3x3x3"}, "--kernel has 3 axes and conv2d has 2"),
    ({"layer": "F.conv2d(x, w)", "in": 7, "kernel": "1..3"}, "kernel beside a pasted layer must be numbers"),
]


@pytest.mark.parametrize(("options", "sentence"), WRONG, ids=lambda value: str(value)[:60])
def test_a_wrong_paste_gets_a_sentence(options, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        question_of(options)


REFUSED = [
    ("nn.ConvTranspose2d(8, 4, 3, stride=2, output_padding=2)", "must be smaller than either stride 2 or dilation 1"),
    ("nn.ConvTranspose2d(8, 4, 3, output_padding=1)", "use output_padding 0, or stride 2"),
    ("nn.ConvTranspose2d(8, 4, 3, padding='same')", "torch has no padding 'same' for ConvTranspose2d"),
    ("nn.Conv2d(8, 4, 3, stride=2, padding='same')", "padding='same' is not supported for strided convolutions"),
    ("nn.Conv2d(8, 4, 3, padding='SAME')", "invalid padding string 'SAME' in Conv2d; did you mean same"),
    ("nn.Conv2d(8, 4, 3, padding=-1)", "negative padding -1 is not supported"),
    ("nn.ConvTranspose2d(8, 4, 3, 2, output_padding=-1)", "negative output_padding -1 is not supported"),
    ("nn.Conv2d(8, 4, 9)", "nothing is left of the input"),
    ("nn.Conv2d(8, 4, 3, padding_mode='reflect')", "padding_mode 'reflect' of Conv2d: only zero padding"),
    ("nn.ConvTranspose1d(1, 1, 3, 2)(x, output_size=[99])", "valid sizes range from 15 to 16"),
    ("nn.ConvTranspose2d(1, 1, 3, 2)(x, output_size=[9])", "must have 2 or 4 elements"),
    ("nn.Sequential(nn.Conv2d(1, 1, 3), nn.ZeroPad2d(1))", "rows that are padded after the convolution hold no bias"),
    ("nn.Sequential(nn.Conv2d(1, 1, 3), nn.ZeroPad2d(-1))", "convolution whose output is cropped is no layer"),
    ("nn.Sequential(nn.ConstantPad1d(1, 5.0), nn.Conv1d(1, 1, 3))", "pads with 5.0, and a layer's padding is 0"),
    ("nn.Sequential(nn.ReflectionPad2d(3), nn.Conv2d(3, 8, 7))", r"nn.ReflectionPad2d\(3\) pads with other than 0"),
]


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_torch_refuses_is_refused_with_the_rule(text, sentence):
    with pytest.raises(Refused, match=sentence):
        question_of({"layer": text, "in": 7})


def test_text_is_parsed_and_never_executed(tmp_path):
    trace = tmp_path / "trace"
    text = f"nn.Conv2d(open({str(trace)!r}, 'w') and 3, __import__('os').getpid(), 3)"
    assert read(text).in_channels is None
    assert not trace.exists()


@pytest.mark.parametrize("text", ["(" * 5000, "f(" * 5000 + ")" * 5000, "nn.Conv2d(" + "-" * 90_000 + "1, 1, 3)"])
def test_hostile_text_gets_a_sentence(text):
    with pytest.raises(InvalidQuestion, match="is no layer as code"):
        parse(text)


def test_a_text_is_read_up_to_a_length():
    with pytest.raises(InvalidQuestion, match=f"at most {LONGEST} are read"):
        parse("x" * (LONGEST + 1))


def test_three_lines_of_python_read_and_translate():
    layer = tconv_design.read("layers.Conv2DTranspose(32, 3, strides=2, padding='same')", 7, in_channels=64)
    (found,) = tconv_design.translate(layer, 7, "torch")
    assert (layer.padding, layer.in_channels) == (((0, 1), (0, 1)), 64)
    assert "torch.nn.ConvTranspose2d(64, 32, 3, stride=2)" in found.code
    (found,) = tconv_design.translate("nn.ConvTranspose1d(2, 4, 3, 2)", 7, "jax")
    assert "(3, 4, 2)" in found.code
    with pytest.raises(InvalidQuestion, match="unknown dialect 'pytorch'; did you mean torch"):
        tconv_design.translate(layer, 7, ["pytorch"])


PRINTED = {
    "model": "Sequential(\n  (0): ZeroPad2d((1, 1, 1, 1))\n  (1): Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1))\n"
    "  (2): ReLU(inplace=True)\n)",
    "submodules": "Net(\n  (a): ModuleList(\n    (0-2): 3 x Conv2d(8, 8, kernel_size=(3, 3), stride=(1, 1), "
    "padding=(1, 1))\n  )\n  (b): Linear(in_features=8, out_features=2, bias=True)\n)",
    "same": "Conv2d(3, 8, kernel_size=(3, 3), stride=(1, 1), padding=same)",
    "fence": "```python\nnn.Conv2d(3, 8, 3, padding=1)\n```",
    "code of a page": "`nn.Conv2d(3, 8, 3,\xa0padding=1)`",
    "typeset quotes": "nn.Conv2d(3, 8, 3, padding=1, padding_mode=‘zeros’)\u200b",
    "within quotes": "“nn.Conv2d(3, 8, 3, padding=1)”",
    "copied from the middle of a line": "self.a = nn.Conv2d(3, 8, 3, padding=1)\n        self.b = nn.ReLU()",
    "prompt": ">>> m = nn.Conv2d(3, 8, 3,\n...     padding=1)\n>>> m(x).shape\ntorch.Size([1, 8, 9, 9])",
}


@pytest.mark.parametrize("text", PRINTED.values(), ids=PRINTED)
def test_what_torch_and_python_print_is_read_as_the_code_it_came_from(text):
    assert read(text).layer((9, 9)).axes == read("nn.Conv2d(3, 8, 3, padding=1)").layer((9, 9)).axes


def test_channels_come_from_the_shape_of_a_weight_that_is_made_on_the_spot():
    reading = read("F.conv_transpose2d(x, torch.randn(8, 4, 3, 3), groups=2)")
    assert (reading.in_channels, reading.out_channels) == (8, 8)
    reading = read("F.conv2d(x, torch.randn(8, 4, 3, 3), groups=2)")
    assert (reading.in_channels, reading.out_channels) == (8, 8)


LEFT_OUT = [
    ("nn.Sequential(nn.Conv2d(3, 8, 3), nn.Conv2d(8, 8, 3))", ["1 other layer of the text is passed over"]),
    ("nn.Conv2d(3, 8, 3, bias=False)", ["bias=False is no part of the layer"]),
    ("layers.Conv2D(8, 3, use_bias=False)", ["use_bias=False is no part of the layer"]),
    ("nn.Sequential(nn.Upsample(2), nn.Conv2d(3, 8, 3))", ["Upsample before it is no part of the layer"]),
    ("Sequential([layers.UpSampling2D(), layers.Conv2D(8, 3)])", ["UpSampling2D before it is no part of the layer"]),
    ("nn.Sequential(nn.ReLU(), nn.Conv2d(3, 8, 3, bias=True))", []),
]


@pytest.mark.parametrize(("text", "starts"), LEFT_OUT)
def test_what_a_text_says_beside_the_layer_is_named(text, starts):
    assert [note.partition(":")[0] for note in read(text).notes] == starts


UNKNOWN = [
    ("nn.ConvTranspose2d(8, 4, 3)", "keras", "'ConvTranspose2d' is no convolution of keras; it is one of torch"),
    ("nn.Conv2dTranspose(8, 4, 3)", "keras", "of keras; did you mean Conv2DTranspose?"),
    ("nn.Conv3dTrans(8, 4, 3)", "keras", "of keras; did you mean Conv3DTranspose?"),
    ("nn.ConvTranspose2d(**kw)", None, "is given \\*\\*kw, which does not say its arguments; write them"),
    ("import haiku as hk\nhk.Conv2DTranspose(3, 4, 2)", None, "haiku has layers of its own, which are not known here"),
    ("eqx.nn.ConvTranspose2d(8, 4, 3, 2, 1)", None, "eqx has layers of its own.*the one it is alike with --dialect"),
    ("model.add(Conv2DTransposed(8, 3))", None, "'Conv2DTransposed' is no.*did you mean Conv2DTranspose?"),
    ("Convolution2D(8, 3, border_mode='same')", None, "no argument 'border_mode'; did you mean padding?"),
    ("nn.Conv2d(8, 4, 2.5)", None, "is 2.5, which is no whole number"),
    ("nn.Conv2d(8, 4, (3,))", None, r"kernel_size \(3,\) of Conv2d has 1 entry for 2 axes"),
]


@pytest.mark.parametrize(("text", "dialect", "sentence"), UNKNOWN)
def test_what_is_no_call_of_a_dialect_says_what_is(text, dialect, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        read(text, dialect)


def test_a_kernel_beside_a_layer_that_says_its_own_is_a_contradiction():
    with pytest.raises(InvalidQuestion, match="the pasted layer has its own kernel; drop --kernel"):
        question_of({"layer": "nn.Conv2d(8, 4, 4)", "in": 7, "kernel": 3})
    assert question_of({"layer": "F.conv2d(x, w)", "in": 7, "kernel": 3}).kind == "conv"


def test_the_long_names_of_keras_are_its_short_ones():
    long, short = (
        read("layers.Convolution2DTranspose(8, 3, 2, 'same')"),
        read("layers.Conv2DTranspose(8, 3, 2, 'same')"),
    )
    assert long.layer((7, 5)) == short.layer((7, 5))


@pytest.mark.parametrize("kernel", [(3, 5), [3, 5], "3x5"])
def test_a_kernel_of_several_axes_is_given_in_python_as_on_the_command_line(kernel):
    assert tconv_design.read("F.conv2d(x, w)", 7, kernel=kernel).kernel == (3, 5)


def test_a_layer_that_is_no_text_is_refused_in_a_sentence():
    with pytest.raises(InvalidQuestion, match="layer must be text, got 'None'"):
        tconv_design.read(None, 7)
