"""The command `check`: its documents, its exit codes, its table."""

import json
import time
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas

QUESTIONS = Path(__file__).parents[1] / "data" / "questions"

DCGAN = """
name = "dcgan"
input = { channels = 100, size = [1, 1] }
output = { channels = 3, size = [64, 64] }
defaults = { kernel = 4, bias = false }

[[layers]]
kind = "tconv"
channels = 512

[[layers]]
kind = "tconv"
stride = 2
padding = 1
channels = 256
label = "up"

[[layers]]
kind = "tconv"
stride = 2
padding = 1
repeat = 3
channels = 3
"""


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "net.toml"
        path.write_text(text, "utf-8")
        return str(path)

    return write


def valid(said):
    Draft202012Validator(schemas.load("check")).validate(said.document)
    return said.document


def test_the_document_has_a_row_per_layer(ask, file):
    said = ask(f"check {file(DCGAN)} --json")
    document = valid(said)
    assert (said.code, said.err, document["holds"], document["problems"], document["checks"]) == (0, "", True, [], [])
    assert document["totals"] == {"params": 2928928, "macs": 35344384, "activations": 40704}
    assert document["dense"] == 100 * 64 * 64 * 3 + 64 * 64 * 3
    first, second = document["layers"][:2]
    assert first["label"] is None
    assert second == {
        "number": 2,
        "label": "up",
        "kind": "tconv",
        "line": 11,
        "in": [4, 4],
        "out": [8, 8],
        "in_channels": 512,
        "out_channels": 256,
        "params": 512 * 256 * 16,
        "macs": 512 * 256 * 16 * 16,
        "activations": 256 * 64,
        "receptive_field": [5, 5],
        "jump": ["1/2", "1/2"],
        "overlap": {
            "uniform": True,
            "holes": False,
            "ratio": 1.0,
            "counts": [[2, 2], [2, 2]],
            "border": {"weak": [[1, 1], [1, 1]], "unreached": [[0, 0], [0, 0]]},
        },
        "stacked_overlap": {"uniform": True, "holes": False, "ratio": 1.0},
        "problems": [],
        "notes": [],
    }


@pytest.mark.parametrize("path", sorted(QUESTIONS.glob("*.toml")), ids=lambda path: path.stem)
def test_every_document_of_the_questions_is_valid(ask, path):
    said = ask(f"check {path} --json")
    assert said.code == (0 if valid(said)["holds"] else 1)


def test_in_takes_the_place_of_the_file_s_size(ask, file):
    assert ask(f"check {file(DCGAN)} --in 2 --json").document["layers"][0]["in"] == [2, 2]
    unet = QUESTIONS / "unet_360.toml"
    assert [ask(f"check {unet} --in {size}").code for size in (360, 512, "512x256")] == [1, 0, 0]


def test_a_file_may_come_from_stdin(ask_in):
    said = ask_in("utf-8", "check - --json", DCGAN)
    assert (said.code, json.loads(said.out)["holds"]) == (0, True)


WRONG = {
    "no file": ("check nowhere.toml", "nowhere.toml"),
    "no such option": ("check net.toml --verfy", "--verfy is no option of tconv-design check; did you mean --verify?"),
    "no such backend": ("check {file} --backend numpyy", "no backend is called 'numpyy'; did you mean numpy?"),
    "axes": ("check {file} --in 4x4x4", "output.size has 2 axes and the given in has 3"),
    "timeout": ("check {file} --verify-chain --backend numpy --timeout 0", "timeout 0 must be more than 0"),
}


@pytest.mark.parametrize(("line", "part"), WRONG.values(), ids=WRONG)
def test_a_wrong_question_is_exit_code_2(ask, file, line, part):
    said = ask(line.replace("{file}", file(DCGAN)))
    assert (said.code, said.out) == (2, "")
    assert part in said.err


def test_a_missing_file_is_exit_code_2(ask):
    said = ask("check")
    assert (said.code, said.out) == (2, "")
    assert "FILE" in said.err


def test_unknowns_are_for_plan_to_fill(ask, file):
    unknown = DCGAN.replace("stride = 2", 'stride = "?"', 1)
    said = ask(f"check {file(unknown)} --json")
    assert said.code == 2
    assert said.err == ("tconv-design: line 11: 'up': stride ? is open; tconv-design plan FILE fills it\n")
    assert said.document["error"]["hint"] == "tconv-design plan FILE fills it"


def test_an_open_input_size_asks_for_in(ask, file):
    text = DCGAN.replace(", size = [1, 1] }", " }")
    said = ask(f"check {file(text)}")
    assert (said.code, said.err) == (
        2,
        "tconv-design: the file leaves the input's size open; give --in, for example --in 64x64\n",
    )
    assert ask(f"check {file(text)} --in 1").code == 0


def test_verify_proves_each_distinct_layer_and_chain_the_whole(ask, file):
    said = ask(f"check {file(DCGAN)} --verify --verify-chain --backend numpy --json")
    document = valid(said)
    assert (said.code, document["seed"], list(document["versions"])) == (0, 0, ["tconv-design", "numpy"])
    assert [(check["layers"], check["chain"], check["status"]) for check in document["checks"]] == [
        ([1], False, "agrees"),
        ([2], False, "agrees"),
        ([3], False, "agrees"),
        ([4], False, "agrees"),
        ([5], False, "agrees"),
        ([1, 2, 3, 4, 5], True, "agrees"),
    ]


def test_a_named_backend_alone_proves_the_layers(ask, file):
    (lines,) = [ask(f"check {file(DCGAN)} --backend numpy").out.splitlines()]
    assert any(line.startswith("✓ numpy ") and "agrees on 5 distinct layers" in line for line in lines)
    assert not any("whole chain" in line for line in lines)


@pytest.mark.parametrize(
    ("action", "code", "part"),
    [
        ("return super().run(*given) + 1", 1, "differs: layer 1: same shape, but "),
        ("os._exit(7)", 3, "crashed: its process ended with exit code 7 while running layer 1"),
        ("raise ValueError('no')", 0, "unsupported: layer 1: acme refuses the layer: ValueError: no"),
    ],
)
def test_a_backend_decides_the_exit_code_of_a_network_that_holds(ask, file, site, action, code, part):
    site.backend("acme", f"def run(self, *given): {action}")
    said = ask(f"check {file(DCGAN)} --verify-chain --backend acme --timeout 5")
    assert said.code == code
    assert part in said.out


def test_what_does_not_hold_is_exit_code_1_whatever_a_backend_does(ask, file, site):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    wrong = file(DCGAN.replace("size = [64, 64]", "size = [65, 65]"))
    assert ask(f"check {wrong} --backend acme --timeout 5").code == 1


def test_no_line_of_the_table_is_wider_than_80_characters(ask):
    for path in sorted(QUESTIONS.parent.glob("architectures/*.toml")):
        for line in ask(f"check {path}").out.splitlines():
            is_table = line.strip()[:1].isdigit() and not line.startswith("a ")
            assert len(line) <= 80 or not is_table, line


def test_ten_thousand_layers_take_seconds_and_one_row_each(ask, file):
    text = "input = { channels = 4, size = [64, 64] }\n" + '[[layers]]\nkind = "conv"\nkernel = 3\npadding = 1\n' * 5000
    text += '[[layers]]\nkind = "tconv"\nkernel = 3\npadding = 1\nrepeat = 5000\n'
    began = time.monotonic()
    said = ask(f"check {file(text)}")
    assert time.monotonic() - began < 30
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[2:4]] == ["1-5000", "5001-10000"]
    assert ask(f"check {file(text)} --json").document["layers"][-1]["receptive_field"] == [20001, 20001]


def test_numbers_of_any_length_are_printed(ask, file):
    text = (
        "input = { channels = 1, size = 4 }\n"
        + '[[layers]]\nkind = "conv"\nkernel = 1\nchannels = 1000000000000000000\n' * 2
    )
    said = ask(f"check {file(text)}")
    assert (said.code, "1.0e36" in said.out) == (0, True)
    flat = 'input = { channels = 1000000000000000000, size = 1000000000000000000 }\n[[layers]]\nkind = "flatten"\n'
    assert ask(f"check {file(flat)}").code in (0, 1)
