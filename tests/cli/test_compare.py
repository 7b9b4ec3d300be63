import json

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas

FILE = """
input = { channels = 8, size = 4 }

[[layers]]
kind = "conv"
kernel = 3
padding = 1

[[layers]]
kind = "tconv"
label = "up"
channels = 4
kernel = 4
stride = 2
padding = 1
bias = false
repeat = 2

[[layers]]
kind = "tconv"
kernel = 1
padding = {crop}
"""


@pytest.fixture
def file(tmp_path):
    """A file with three tconvs, the last of which crops `crop` rows at both sides."""

    def write(crop=0, text=FILE):
        path = tmp_path / "net.toml"
        path.write_text(text.replace("{crop}", str(crop)))
        return str(path)

    return write


def alternatives(comparison):
    return {each["name"]: each for each in comparison["alternatives"]}


def test_the_best_solution_of_a_question_is_compared(ask):
    said = ask("compare --in 4 --out 16 --json")
    best = ask("solve --in 4 --out 16 --limit 1 --json").document["solutions"][0]
    assert said.code == 0
    assert [each["layer"] for each in said.document["comparisons"]] == [best["layer"]]


def test_a_question_that_looks_like_a_conv_is_still_about_a_tconv(ask):
    layer = ask("compare --in 8 --out 6 --json").document["comparisons"][0]["layer"]
    assert layer["kind"] == "tconv"


def test_the_document_has_costs_and_the_tconv_that_each_is(ask):
    found = alternatives(ask("compare --in 4 -k 4 -s 2 -p 1 --json").document["comparisons"][0])
    assert [layer["kind"] for layer in found["resize"]["layers"]] == ["upsample", "conv"]
    assert found["resize"]["layers"][0]["scale"] == [2]
    assert found["resize"]["same_as"]["kernel"] == [4]
    assert found["sub_pixel"]["same_as"]["padding"] == [[0, 2]]
    assert found["sub_pixel"]["shift"] == [-1]
    assert found["sub_pixel_cropped"]["layers"][2]["padding"] == [[1, 1]]
    assert {name: each["params"] for name, each in found.items()} == {
        "tconv": 5,
        "resize": 4,
        "sub_pixel": 6,
        "sub_pixel_cropped": 6,
    }


def test_each_tconv_of_a_file_is_compared_with_its_label_and_without_a_bias_that_it_has_not(ask, file):
    said = ask(["compare", file(), "--json"])
    assert said.code == 0
    Draft202012Validator(schemas.load("compare")).validate(said.document)
    found = said.document["comparisons"]
    assert [(each["label"], each["in"], each["out"]) for each in found] == [
        ("layer 2 (tconv)", [4], [8]),
        ("'up'", [8], [16]),
        ("layer 4 (tconv)", [16], [16]),
    ]
    assert [each["alternatives"][0]["params"] for each in found] == [8 * 4 * 4, 4 * 4 * 4, 4 * 4 + 4]


def test_in_replaces_the_size_of_a_file(ask, file):
    said = ask(["compare", file(), "--in", "5x6", "--json"])
    assert said.document["comparisons"][0]["in"] == [5, 6]


def test_a_network_that_ends_early_is_compared_up_to_there(ask, file):
    said = ask(["compare", file(crop=8)])
    assert said.code == 0
    assert "✗ the network ends early, at layer 4 (tconv): padding 8:8 crops everything" in said.out


def test_a_file_without_a_tconv_is_answered_no(ask, file):
    said = ask(["compare", file(text='input = { size = 8 }\n[[layers]]\nkind = "conv"\nkernel = 3\n')])
    assert (said.code, said.out) == (1, "✗ the file has no transposed convolution\n")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ("--kind conv --in 8 --out 6", "compare is about transposed convolutions, and --kind conv asks for none; "
                                       "leave it out"),
        ("--in 4", "kernel is missing: with only one of in and out, the layer must be known; "
                   "give --kernel, for example --kernel 3, or --kernel ? to try 1..16"),
    ],
)  # fmt: skip
def test_a_wrong_question_gets_a_sentence(ask, arguments, sentence):
    assert ask(f"compare {arguments}") == (2, "", f"tconv-design: {sentence}\n")


@pytest.mark.parametrize(
    ("text", "more", "sentence"),
    [
        (FILE, ["--kernel", "3"], "--kernel is for one layer, and a file has its own; with a file give only --in"),
        (FILE, ["--out-channels", "3"],
         "--out-channels is for one layer, and a file has its own; with a file give only --in"),
        ('input = { channels = 3 }\n[[layers]]\nkind = "tconv"\nkernel = 3\n', [],
         "the file leaves its input size open; give it, as in --in 64x64"),
        ('input = { size = 3 }\n[[layers]]\nkind = "tconv"\nkernel = "?"\n', [],
         "line 2: layer 1 (tconv): kernel ? is open; tconv-design plan FILE fills it"),
    ],
)  # fmt: skip
def test_a_wrong_file_gets_a_sentence(ask, file, text, more, sentence):
    assert ask(["compare", file(text=text), *more]) == (2, "", f"tconv-design: {sentence}\n")


def test_a_file_that_is_not_there_gets_a_sentence(ask):
    said = ask("compare nothing.toml --json")
    assert said.code == 2
    assert json.loads(said.out)["error"]["message"] in said.err
