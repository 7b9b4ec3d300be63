import time

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas

LAST = """
    { kind = "conv", kernel = 3, stride = 2, padding = 1, label = "down" },
    { kind = "tconv", kernel = 2, stride = 2 },
"""


@pytest.fixture
def file(tmp_path):
    """A file of some layers, 24 rows of 2 channels coming in unless `head` says otherwise."""

    def write(layers, head="input = { channels = 2, size = 24 }"):
        path = tmp_path / "net.toml"
        path.write_text(f"{head}\nlayers = [\n{layers}\n]\n", encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def sizes(ask, file):
    """The answer of `sizes` for some layers, and its document, which has the shape of its schema."""

    def sizes(layers, head="input = { channels = 2, size = 24 }", options=""):
        said = ask(f"sizes {file(layers, head)} {options} --json")
        Draft202012Validator(schemas.load("sizes")).validate(said.document)
        return said

    return sizes


SAME = "output = 'input'\ninput = { channels = 2, size = 25 }"


def test_one_axis_has_one_list_and_numbers(sizes):
    said = sizes(LAST, SAME)
    assert said.code == 0
    assert said.document["in"] == [25]
    assert said.document["legal"] == [{"modulus": 2, "remainder": 0, "from": 2}]
    assert said.document["nearest"] == {
        "below": 24,
        "above": 26,
        "crop": [[0, 1]],
        "pad": [[0, 1]],
        "out_below": [24],
        "out_above": [26],
    }
    assert (said.document["why"], said.document["legal_without_sizes"], said.document["notes"]) == ("", None, [])


def test_axes_that_differ_have_a_list_each(sizes):
    layers = '{ kind = "max_pool", kernel = [2, 3] }'
    said = sizes(layers, "input = { size = [24, 10] }")
    assert said.document["legal"] == [
        [{"modulus": 2, "remainder": 0, "from": 2}],
        [{"modulus": 3, "remainder": 0, "from": 3}],
    ]
    assert (said.document["nearest"]["below"], said.document["nearest"]["above"]) == ([24, 9], [24, 12])
    assert (said.document["nearest"]["crop"], said.document["nearest"]["pad"]) == ([[0, 0], [0, 1]], [[0, 0], [1, 1]])


def test_equal_axes_are_answered_once(sizes):
    said = sizes('{ kind = "max_pool", kernel = 2 }', "input = { size = [25, 25, 25] }")
    assert said.document["legal"] == [{"modulus": 2, "remainder": 0, "from": 2}]
    assert said.document["nearest"]["below"] == 24
    assert said.document["nearest"]["out_above"] == [13, 13, 13]


def test_an_open_size_has_no_nearest(sizes):
    said = sizes(LAST, 'input = { size = "?" }')
    assert (said.code, said.document["in"], said.document["nearest"]) == (0, None, None)


def test_the_size_of_the_command_line_is_the_one_that_is_asked_about(sizes):
    said = sizes(LAST, SAME, "--in 7")
    assert (said.document["in"], said.document["nearest"]["below"], said.document["nearest"]["above"]) == ([7], 6, 8)


def test_a_legal_size_is_below_and_above_itself(sizes):
    nearest = sizes(LAST, SAME, "--in 6").document["nearest"]
    assert (nearest["below"], nearest["above"], nearest["crop"], nearest["pad"]) == (6, 6, [[0, 0]], [[0, 0]])


def test_below_the_smallest_there_is_none(sizes):
    nearest = sizes(LAST, SAME, "--in 1").document["nearest"]
    assert (nearest["below"], nearest["crop"], nearest["out_below"]) == (None, None, None)
    assert (nearest["above"], nearest["out_above"]) == (2, [2])


def test_a_claim_that_fixes_a_size_is_set_beside_the_answer_without_it(sizes):
    said = sizes(LAST, "output = { size = 12 }\ninput = { channels = 2, size = 24 }")
    assert said.document["legal"] == [{"modulus": 1, "remainder": 0, "from": 11, "to": 12}]
    assert said.document["legal_without_sizes"] == [{"modulus": 1, "remainder": 0, "from": 1}]
    assert said.document["nearest"]["below"] == 12
    assert said.document["nearest"]["above"] is None
    assert said.document["nearest_without_sizes"]["above"] == 24


def test_features_that_a_linear_layer_claims_fix_the_size(sizes):
    layers = '{ kind = "conv", kernel = 3 }, { kind = "flatten" }, { kind = "linear", in_channels = 18, channels = 5 }'
    said = sizes(layers)
    assert said.document["legal"] == [{"modulus": 1, "remainder": 0, "from": 11, "to": 11}]
    assert said.document["legal_without_sizes"] == [{"modulus": 1, "remainder": 0, "from": 3}]


def test_features_of_several_axes_are_taken_as_a_size_equal_on_all_and_it_is_said(sizes):
    layers = '{ kind = "flatten" }, { kind = "linear", in_channels = 98, channels = 5 }'
    said = sizes(layers, "input = { channels = 2, size = '?x?' }")
    assert said.document["legal"] == [{"modulus": 1, "remainder": 0, "from": 7, "to": 7}]
    assert said.document["notes"] == [
        "layer 2 (linear) claims 98 features, which is about all axes together; "
        "it was read as the size 7x7 before the flatten"
    ]


def test_features_of_several_axes_are_taken_as_the_size_that_the_file_comes_to(sizes):
    layers = '{ kind = "flatten" }, { kind = "linear", in_channels = 70, channels = 5 }'
    said = sizes(layers, "input = { channels = 2, size = [7, 5] }")
    assert [row[0]["from"] for row in said.document["legal"]] == [7, 5]


@pytest.mark.parametrize(
    ("layers", "why"),
    [
        ('{ kind = "conv", kernel = 3, groups = 3, channels = 3 }', "layer 1 (conv): in_channels 2 must be a multiple"),
        ('{ kind = "conv", kernel = 3, in_channels = 5 }', "layer 1 (conv): 2 channels come in, and in_channels 5"),
        ('{ kind = "flatten" }, { kind = "linear", in_channels = 5, channels = 5 }', "layer 1 (flatten) never gives"),
        (
            '{ kind = "conv", kernel = 3, size = 5 }, { kind = "conv", kernel = 3, size = 5 }',
            "layer 2 (conv) is 5 long",
        ),
    ],
)
def test_no_legal_size_is_exit_code_1_and_says_why(sizes, layers, why):
    said = sizes(layers)
    assert (said.code, said.document["legal"]) == (1, [])
    assert said.document["why"].startswith(why)


def test_an_output_claim_about_channels_is_one_of_all_sizes(sizes):
    said = sizes(LAST, "output = { channels = 9 }\ninput = { channels = 2, size = 24 }")
    assert (said.code, said.document["why"]) == (1, "the output has 2 channels, and 9 are claimed")


@pytest.mark.parametrize(
    ("layers", "head", "sentence"),
    [
        (
            '{ kind = "flatten" }, { kind = "unflatten", size = 4 }',
            "input = { size = 8 }",
            "layer 2 (unflatten) takes as many features as the size makes, so its channels depend on the size; "
            "put a linear layer with channels between",
        ),
        (
            '{ kind = "flatten" }, { kind = "linear", in_channels = 35, channels = 5 }',
            "input = { size = '?x?' }",
            "35 features are 35 elements of 1 channels, which is no size equal on 2 axes, and not what the file's own "
            "size comes to; claim the size before the flatten instead, as in size = [7, 5]",
        ),
        (
            '{ kind = "conv", kernel = 1, stride = 1000000 }, { kind = "max_pool", kernel = 2 }',
            "input = { size = 8 }",
            "the legal sizes are 1000000 congruences or more, and at most 100000 are listed; ask about a part of the "
            "network, or give it a join or an output claim that leaves fewer",
        ),
        (
            '{ kind = "conv", kernel = "?" }',
            "input = { size = 8 }",
            "line 3: layer 1 (conv): kernel ? is open; tconv-design plan FILE fills it",
        ),
    ],
)
def test_what_cannot_be_told_is_a_sentence_and_exit_code_2(ask, file, layers, head, sentence):
    said = ask(f"sizes {file(layers, head)}")
    assert (said.code, said.out, said.err) == (2, "", f"tconv-design: {sentence}\n")


def test_many_residues_are_cut_short_in_text_and_complete_in_json(ask, file, sizes):
    layers = '{ kind = "conv", kernel = 1, stride = 20 }, { kind = "max_pool", kernel = 2 }'
    assert "n = 0, 21, 22, 23, 24, 25, 26, 27 and 12 more mod 40, n >= 21" in ask(f"sizes {file(layers)}").out
    assert len(sizes(layers).document["legal"]) == 20


def test_an_unknown_file_is_exit_code_2(ask):
    said = ask("sizes no-such.toml")
    assert said.code == 2
    assert said.err.startswith("tconv-design: ")


def test_a_file_of_10000_layers_is_answered_in_seconds(sizes):
    started = time.monotonic()
    assert sizes('{ kind = "conv", kernel = 3, padding = 1, repeat = 10000 }').code == 0
    assert time.monotonic() - started < 15
