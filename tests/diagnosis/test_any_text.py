"""Whatever is pasted: an answer or one sentence, never a traceback, and never a guess."""

import random
import re
import subprocess
import sys
import time

import pytest
from diagnosis.other_versions import PASTED
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.diagnosis import Diagnosis, diagnose
from tconv_design.diagnosis.catalogue import MESSAGES, kinds
from tconv_design.errors import InvalidQuestion

EXTRA = (
    "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
    "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1"
)
TEXTS = [pasted.text for pasted in PASTED]
NUMBERS = ["0", "1", "2", "3", "-1", "7", "31", "999999", "10" * 9, "9" * 40, "", "None", "x"]
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        name: st.sampled_from(["1", "2", "3", "4x5", "0", "?", "same", "1:2", "9" * 30, "", "x", "1x2x3x4"])
        for name in ("in", "out", "kernel", "stride", "padding", "output_padding", "dilation", "kind", "groups")
    },
)


def answer(text, **rest):
    """A diagnosis or a sentence; anything else fails the test."""
    try:
        return diagnose(text, **rest)
    except InvalidQuestion as error:
        return str(error)


@given(st.text(), OPTIONS)
def test_any_text_is_answered(text, options):
    assert isinstance(answer(text, options=options), Diagnosis | str)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False), OPTIONS)
def test_a_message_with_any_numbers_and_options_is_answered(text, source, options):
    changed = re.sub(r"\d+", lambda match: source.choice([match[0], match[0], *NUMBERS]), text)
    assert isinstance(answer(changed, options=options), Diagnosis | str)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.randoms(use_true_random=False))
def test_a_message_cut_and_joined_anywhere_is_answered(text, source):
    pieces = [text[: source.randrange(len(text))], source.choice(TEXTS)[source.randrange(30) :]]
    assert isinstance(answer("\n".join(pieces)), Diagnosis | str)


@settings(deadline=None)
@given(st.sampled_from(TEXTS), st.integers(1, 12), st.integers(1, 9), st.integers(1, 4), st.integers(0, 4))
def test_every_edit_gives_the_size_that_it_says_by_the_formula(text, in_, kernel, stride, padding):
    options = {"in": str(in_), "kernel": str(kernel), "stride": str(stride), "padding": str(padding)}
    found = answer(text, options=options)
    for edit in found.edits if isinstance(found, Diagnosis) else ():
        assert edit.layer.output_size(edit.in_size) == edit.out_size
        assert edit.change is not None


def test_random_numbers_in_every_wording_are_answered():
    """The places of every wording, filled with numbers that no layer has."""
    source = random.Random(0)
    shapes = [
        "[1, 2]",
        "(0, 0, 0, 0)",
        "{}",
        "[" + "1, " * 50 + "1]",
        "(9" + "9" * 40 + ",)",
        "[None, 3, 3, 1]",
        "(1 x 0)",
    ]
    for message in MESSAGES:
        for pattern in message.patterns:
            text = re.sub(r"\(\?P<\w+>[^)]*\)", lambda _: source.choice([*NUMBERS, *shapes]), pattern.pattern)
            text = re.sub(r"\\s\+", " ", text).replace("\\", "")
            assert isinstance(
                answer(f"{text} tinygrad onnxruntime keras", options={"kernel": "3", "in": "4"}), Diagnosis | str
            )


@pytest.mark.parametrize("text", ["", "  \n\t ", "\x00\x01\x1b[0m", "\ufeff \r\n".strip("\ufeff")])
def test_an_empty_text_is_a_wrong_question(text):
    with pytest.raises(InvalidQuestion, match="the text is empty, so there is nothing to diagnose; paste or pipe"):
        diagnose(text)


def test_a_huge_log_is_read_from_its_end_and_quickly():
    log = "epoch 1: loss 0.5 conv_transpose2d(x)\n" * 100_000
    begin = time.perf_counter()
    found = diagnose(log + TEXTS[0], {"kernel": "4", "stride": "2", "padding": "1"})
    assert found.edits[0].out_size == (5,)
    assert time.perf_counter() - begin < 20


@pytest.mark.parametrize(
    "junk", ["(" * 100_000, "Sizes of tensors " * 10_000, "[1, " * 50_000, "1" * 200_000, "\n" * 200_000]
)
def test_junk_is_answered_soon(junk):
    begin = time.perf_counter()
    answer(junk * (200_000 // len(junk)) + ".")
    assert time.perf_counter() - begin < 20


def test_binary_junk_is_unknown():
    assert diagnose(bytes(range(256)).decode("latin-1") * 9).framework == ""


@pytest.mark.parametrize("text", ["hello", "CUDA out of memory", "Sizes of tensors must match", "KeyError: 'kernel'"])
def test_an_unknown_message_is_not_guessed(text):
    found = diagnose(text, {"in": "4", "kernel": "3"})
    assert (found.framework, found.layer, found.edits) == ("", None, ())
    assert found.what == "no message that is known stands in the text"


def test_colours_and_wrapped_lines_are_read():
    text = "\x1b[31mSizes of tensors\r\n must match except in\x1b[0m dimension 1.\n Got 4 and 5 in dimension 2"
    assert diagnose(text).framework == "torch"


def test_the_last_message_counts():
    found = diagnose(f"{TEXTS[0]}\n\nDuring handling of the above exception, another occurred:\n\n{TEXTS[5]}")
    assert "spans 4x4 rows" in found.what


def test_nothing_that_is_pasted_is_executed(tmp_path):
    target = tmp_path / "made"
    line = f"nn.ConvTranspose2d(1, 1, 3, stride=__import__('pathlib').Path({str(target)!r}).touch() or 2)(x)"
    answer(f'  File "x.py", line 1\n    {line}\n{TEXTS[0]}', options={"kernel": "4", "stride": "2", "padding": "1"})
    assert not target.exists()


def test_a_line_of_another_layer_is_left_aside():
    lines = "    y = nn.ConvTranspose2d(1, 1, 7, stride=5)(x)\n    z = nn.Conv2d(3, 3, 9)(y)\n"
    found = diagnose(lines + TEXTS[0], {"kernel": "4", "stride": "2", "padding": "1"})
    assert (found.layer["kernel"], found.layer["stride"]) == ([4], [2])


def test_what_contradicts_the_message_is_a_wrong_question():
    with pytest.raises(InvalidQuestion, match="the message has a kernel of 4x4 rows on 3x3, and the layer one of 3x3"):
        diagnose(TEXTS[5], {"kernel": "3"})


def test_an_option_that_contradicts_the_message_is_named():
    text = (
        "`output_padding` must be strictly less than `strides` for all dimensions. At dimension 0, `output_padding` is "
        "2 but `strides` is 2. Received: output_padding=(2, 2), strides=(2, 2)"
    )
    with pytest.raises(InvalidQuestion, match=r"the message has stride 2, and --stride says 3; drop --stride"):
        diagnose(text, {"stride": "3"})


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"kernel": "1..3"}, "kernel must be a number here, got '1..3'; give the layer's own number"),
        ({"kernels": "3"}, "unknown option 'kernels'; did you mean kernel?"),
        ({"kind": "deconv"}, "kind 'deconv' is neither conv nor tconv; did you mean conv?"),
        ({"kernel": "3x3", "in": "4x4x4"}, "kernel has 2 axes, and the message is about 3; give one per axis"),
    ],
)
def test_a_wrong_option_is_one_sentence(options, sentence):
    assert answer(TEXTS[0], options=options) == sentence


@pytest.mark.parametrize(
    ("text", "rest", "sentence"),
    [
        (
            TEXTS[5],
            {"network_in": 9},
            "--network-in and --levels are about maps that are joined or added; give --network-in",
        ),
        (TEXTS[0], {"levels": 9}, "--levels needs the input size of the network; give --network-in"),
        (TEXTS[0], {"network_in": 360}, "the sizes of a network follow from its transposed layer, which is not known"),
        (
            TEXTS[0],
            {"network_in": 360, "levels": 3, "options": {"kernel": "4", "stride": "2", "padding": "1"}},
            "3 levels of stride 2 from 360 do not reach the join of the message; it is at level 7",
        ),
        (
            TEXTS[0],
            {"network_in": 360, "levels": 20, "options": {"kernel": "4", "stride": "2", "padding": "1"}},
            "nothing is left of 360 after 20 levels; give fewer --levels",
        ),
        (
            TEXTS[0],
            {"network_in": 360, "options": {"kernel": "2"}},
            "a layer of stride 1 halves nothing; give --stride",
        ),
    ],
)
def test_a_wrong_question_about_a_network_is_one_sentence(text, rest, sentence):
    assert answer(text, **rest).startswith(sentence)


def test_at_least_twenty_kinds_of_messages_are_known():
    assert sum(map(len, kinds().values())) >= 80
    assert set(kinds()) == {
        "torch", "tensorflow", "keras", "jax", "onnx", "onnxruntime", "openvino", "paddle", "mlx", "tinygrad",
    }  # fmt: skip


def test_a_diagnosis_imports_neither_numpy_nor_a_framework():
    program = (
        "import sys\nfrom tconv_design.diagnosis import diagnose\n"
        f"found = diagnose({TEXTS[0]!r}, {{'kernel': '4', 'stride': '2', 'padding': '1'}})\n"
        "assert found.edits\n"
        "print(sorted({'numpy', 'torch', 'tensorflow', 'jax', 'keras', 'onnx', 'typer', 'rich'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert said.stdout == "[]\n"


def test_square_maps_differ_on_every_axis_and_others_on_the_one_that_is_named():
    text = "The size of tensor a (31) must match the size of tensor b (32) at non-singleton dimension 3"
    square = diagnose(text, {"in": "16x16", "kernel": "3", "stride": "2", "padding": "1"})
    wide = diagnose(text, {"in": "9x16", "kernel": "3", "stride": "2", "padding": "1"})
    assert (square.edits[0].out_size, wide.edits[0].out_size) == ((32, 32), (17, 32))


def test_code_is_not_shown_where_the_number_of_axes_is_not_known():
    found = diagnose(TEXTS[0], {"kernel": "4", "stride": "2", "padding": "1"})
    plane = diagnose(TEXTS[0], {"kernel": "4x4", "stride": "2", "padding": "1"})
    assert (found.code, plane.code.splitlines()[-1]) == (
        "",
        "layer = torch.nn.ConvTranspose2d(1, 1, 4, stride=2, padding=1, output_padding=1)",
    )


@pytest.mark.parametrize(
    "line",
    [
        "----> 3 y = nn.ConvTranspose2d(4, 2, 3, stride=1, output_padding=1)(torch.ones(1, 4, 7, 7))",
        ">       return nn.ConvTranspose2d(4, 2, 3, stride=1, output_padding=1)(torch.ones(1, 4, 7, 7))",
        "      3 nn.ConvTranspose2d(4, 2, 3, stride=1, output_padding=1)(torch.ones(1, 4, 7, 7)),",
    ],
)
def test_lines_are_read_as_notebooks_and_test_runners_show_them(line):
    found = diagnose(f"{line}\nE   {EXTRA}")
    assert (found.layer["in_channels"], found.known.in_, found.edits[0].out_size) == (4, (7, 7), (10, 10))
