"""`show` as a user calls it: views, files, stdin, and what is refused."""

import io
import json
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas

DATA = Path(__file__).parents[1] / "data" / "questions"
UNET, VALID = (DATA / f"{name}.toml" for name in ("unet_360", "unet_valid"))
LAYER = "--in 4 -k 4 -s 2 -p 1 --kind tconv"


@pytest.mark.parametrize(
    ("view", "frames"), [("overlap", 1), ("steps", 5), ("grid", 1), ("phase --limit 2 --padding 0..1", 1)]
)
def test_a_view_as_json_has_the_shape_of_its_schema(ask, view, frames):
    said = ask(f"show {LAYER} --view {view} --json")
    assert said.code == 0
    Draft202012Validator(schemas.load("show")).validate(said.document)
    assert len(said.document["scene"]["frames"]) == frames
    assert said.document["layers"][0]["layer"]["kernel"] == [4]


def test_the_best_layers_that_fit_are_drawn_on_one_scale(ask):
    said = ask("show --in 4 --out 16 --limit 2 --json")
    assert [layer["out"] for layer in said.document["layers"]] == [[16], [16]]
    assert len(said.document["scene"]["frames"][0]["groups"]) == 2


def test_the_best_layer_is_best_as_rank_has_it_and_tied_keeps_axes_alike(ask):
    def kernels(options):
        return ask(f"show --in 4x8 --out 8x16 --json {options}").document["layers"][0]["layer"]["kernel"]

    assert (
        kernels("--rank small")
        == ask("solve --in 4x8 --out 8x16 --rank small --limit 1 --json").document["solutions"][0]["layer"]["kernel"]
    )
    assert len(set(kernels("--tied"))) == 1
    assert ask("show --in 4 --out 8 --rank smal").code == 2


@pytest.mark.parametrize("suffix", ["svg", "html", "png", "gif", "SVG"])
def test_a_picture_is_saved(ask, tmp_path, suffix):
    if suffix in ("png", "gif"):
        pytest.importorskip("resvg_py")
    name = tmp_path / f"a.{suffix}"
    said = ask(f"show {LAYER} --save {name}")
    assert (said.code, said.out, said.err) == (0, "", f"tconv-design: {name} is written\n")
    begins = {"svg": b"<svg", "html": b"<!doctype html>", "png": b"\x89PNG", "gif": b"GIF89a"}
    assert name.read_bytes().startswith(begins[suffix.lower()])


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--view stepz", "unknown view 'stepz'; did you mean steps?"),
        ("--save a.jpg", "--save 'a.jpg' has no format that is written; end it in .svg, .png, .gif, .html"),
        ("--save none/a.svg", "none/a.svg cannot be written: No such file or directory; give another --save"),
        ("--pixel 1", "--pixel is for --view grid, and the view is overlap; leave it out"),
        ("--image a.png", "--image is for --view colours, and the view is overlap; leave it out"),
        ("--view grid --pixel a", "--pixel 'a' is no element; give numbers from 0 on, for example 3x5"),
        (
            "--view grid --element 9",
            "the input of 4 has no element 9; elements count from 0 on each axis: the last is 3",
        ),
        ("--view grid --pixel 1 --element 1", "--pixel and --element do not go together; give one of them"),
        ("--dialect torch,keras --limit 2", "--limit and several dialects do not go together; give one of them"),
        ("--limit 0", "--limit must be at least 1, got 0; leave it out for the best layer"),
        (
            "--view stack",
            "the view stack is of a network, and this is a layer; use overlap or steps or colours or grid or phase",
        ),
        ("--format dot", "--format is for --view stack, and the view is overlap; leave it out"),
        ("a.toml", "there is no file a.toml; give an architecture file, or - for stdin"),
        (UNET, "--kernel is for one layer, and a file has its own; with a file give only --in"),
    ],
)
def test_what_is_wrong_is_a_sentence(ask, line, sentence):
    said = ask(f"show {LAYER} {line}")
    assert (said.code, said.out, said.err) == (2, "", f"tconv-design: {sentence}\n")


def test_a_layer_that_cannot_be_is_told_with_the_reason(ask):
    said = ask("show --in 4 --out 16 -k 3 -s 2 -p 1")
    assert said.code == 2
    assert said.err.startswith("tconv-design: there is no such layer to draw: ")
    assert said.err.endswith("; see tconv-design solve with the same options\n")


@pytest.fixture
def encoder(tmp_path):
    """Four convs that halve."""
    file = tmp_path / "encoder.toml"
    layers = '{ kind = "conv", channels = 8, kernel = 4, stride = 2, padding = 1, repeat = 4 }'
    file.write_text(f"input = {{ channels = 3, size = [64, 64] }}\nlayers = [{layers}]\n")
    return file


@pytest.fixture
def piped(ask, monkeypatch):
    """`show -` with a text on stdin."""

    def piped(text, options=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        return ask(f"show - {options}")

    return piped


def test_a_json_answer_is_drawn(ask, piped):
    solved = ask("solve --in 4x6 --out 8x12 --limit 2 --json").out
    drawn = piped(solved, "--json").document
    assert [layer["layer"] for layer in drawn["layers"]] == [json.loads(solved)["solutions"][0]["layer"]]
    explained = ask("explain --kind conv --in 9 -k 3 -s 2 -p 1 --json").out
    assert piped(explained, "--json").document["layers"][0]["out"] == [5]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "the text has 2 mistakes\n  a file needs an input; for example"),
        ("{", "this is no JSON; pipe in the answer of tconv-design solve --json"),
        ("{}", "the answer has no layer with its in; each solution is"),
        ('{"solutions": []}', "the answer has no layer; pipe in one of solve --json that has a solution"),
        ('{"solutions": [4]}',
         'the answer has no layer with its in; each solution is {"layer": {...}, "in": [4], ...}'),
        ('{"layer": {"kind": "conv", "kernel": [9], "stride": [1], "padding": [[0, 0]]}, "in": [4]}',
         "the kernel spans 9 rows (dilation*(kernel-1)+1), but the padded input has only 4"),
        ('{"layer": {"kind": "conv", "kernel": ["20..30"], "stride": [1], "padding": [[0, 0]]}, "in": [4]}',
         "the layer of the answer cannot be: "),
    ],
)  # fmt: skip
def test_a_wrong_answer_on_stdin_is_a_sentence(piped, text, sentence):
    said = piped(text)
    assert said.code == 2
    assert said.err.startswith(f"tconv-design: {sentence}")


def test_an_answer_takes_no_options_of_a_layer(piped):
    said = piped("{}", "--in 4")
    assert (said.code, said.err) == (
        2,
        "tconv-design: --in is for one layer, and an answer has its own; leave it out\n",
    )


def test_a_network_is_drawn_as_a_diagram_with_what_is_wrong(ask):
    document = ask(f"show {UNET} --json").document
    Draft202012Validator(schemas.load("show")).validate(document)
    nodes, edges = document["diagram"]["nodes"], document["diagram"]["edges"]
    assert [node["number"] for node in nodes if node["problems"]] == [12, 14, 18]
    # the corners of the U: each decoder level takes the encoder's signal of its own size
    skips = [(edge["source"], edge["target"]) for edge in edges if edge["target"] - edge["source"] > 1]
    assert skips == [(7, 10), (6, 12), (5, 14), (4, 16), (3, 18), (2, 20), (1, 22)]


@pytest.mark.parametrize("suffix", ["svg", "html", "png", "gif"])
def test_a_diagram_is_saved(ask, tmp_path, suffix):
    if suffix in ("png", "gif"):
        pytest.importorskip("resvg_py")
    name = tmp_path / f"a.{suffix}"
    assert ask(f"show {UNET} --save {name}").code == 0
    assert name.stat().st_size > 3000


def test_a_diagram_is_told_in_the_words_of_mermaid_and_graphviz(ask):
    told = ask(f"show {VALID} --format mermaid").out
    assert told.startswith('flowchart TD\n    n0["input<br/>572x572 x1"]\n')
    assert '    n2 -. "crop 88:88x88:88" .-> n28\n' in told
    drawn = ask(f"show {VALID} --format dot").out
    assert drawn.startswith(
        'digraph "U-Net without padding" {\n    node [shape=box];\n    n0 [label="input\\n572x572 x1"];\n'
    )
    assert '    n2 -> n28 [style=dashed, label="crop 88:88x88:88"];\n' in drawn
    assert drawn.count("{") == drawn.count("}") == 1
    wrong = ask(f"show {VALID} --format dott")
    assert (wrong.code, wrong.err) == (2, "tconv-design: unknown format 'dott'; did you mean dot?\n")


def test_the_receptive_field_of_a_network_is_drawn(ask, encoder):
    """DCGAN's discriminator without its last layer: four convs k4 s2 p1 have a field of 46 (1 + 3*(1+2+4+8))."""
    document = ask(f"show {encoder} --view grid --pixel 1 --json").document
    rows = document["scene"]["frames"][0]["groups"][0]["grids"][0]["rows"]
    marked = [column for column, cell in enumerate(rows[len(rows) // 2]) if cell[2] == "pin"]
    assert document["scene"]["notes"] == ["its receptive field is 46x46"]
    assert marked == list(range(16 - 15, 16 - 15 + 46))  # row 1 begins 16 on, padding 15 before


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ("--view grid --element 1", "--element is about one layer, and a file is a network; use --pixel"),
        ("--view overlap", "the view overlap is of a layer, and a file is a network; use stack or grid"),
        ("--view grid --in 100", "the network ends early: "),
        ("--format dot --json", "--format and --json do not go together; give one of them"),
        ("--format dot --save a.svg", "--format and --save do not go together; give one of them"),
        ("--rank even", "--rank is for one layer, and a file has its own; with a file give only --in"),
        ("--limit 2", "--limit is for one layer, and a file has its own; with a file give only --in"),
        ("--tied", "--tied is for one layer, and a file has its own; with a file give only --in"),
    ],
)
def test_what_is_wrong_about_a_network_is_a_sentence(ask, options, sentence):
    said = ask(f"show {UNET} {options}")
    assert said.code == 2
    assert said.err.startswith(f"tconv-design: {sentence}")


def test_an_image_has_two_axes_and_one_number_stands_for_both(ask):
    document = ask("show --view colours --in 4 --out 16 --json").document
    assert document["layers"][0]["out"] == [16, 16]


@pytest.mark.parametrize("columns", [20, 40, 80, 200])
def test_no_line_of_a_picture_is_wider_than_the_terminal(ask, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for size in ("4", "40", "4x4", "9x30"):
        said = ask(f"show --in {size} -k 3 -s 2 -p 1 --kind tconv")
        drawn = said.out.split("output, ")[1].split("\n\n")[0].splitlines()[1:]
        assert max(map(len, drawn)) <= max(columns, 60 if "do not fit" in said.out else 0)
