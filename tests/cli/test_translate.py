"""The command `translate`: its documents, exit codes and text."""

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.cli import translate as translating
from tconv_design.dialects.catalogue import NAMES

KERAS = "\"layers.Conv2DTranspose(32, 3, strides=2, padding='same')\""
GROUPED = '"nn.ConvTranspose1d(4, 4, 3, groups=2)"'


def valid(said):
    Draft202012Validator(schemas.load("translate")).validate(said.document)
    return said.document


def test_a_document_has_the_layer_and_a_row_for_each_dialect(ask):
    document = valid(ask(f"translate {KERAS} --in 7 --in-channels 64 --json"))
    assert [each["dialect"] for each in document["translations"]] == list(NAMES)
    assert (document["layer"]["padding"], document["layer"]["in_channels"]) == ([[0, 1], [0, 1]], 64)
    assert (document["in"], document["out"], document["source"]) == ([7, 7], [14, 14], None)
    statuses = {each["dialect"]: each["status"] for each in document["translations"]}
    assert (statuses["torch"], statuses["keras"], statuses["jax"]) == ("equivalent", "native", "native")
    (torch,) = [each for each in document["translations"] if each["dialect"] == "torch"]
    assert torch["weights"] == ["weight = weight.transpose(3, 2, 0, 1)"]
    assert torch["why"] == "no single call of torch is this layer"


def test_options_are_translated_as_well_as_code(ask):
    document = valid(ask("translate --in 7 -k 3 -s 2 -p 1 --output-padding 1 --to keras --json"))
    assert "Cropping1D((1, 0))" in document["translations"][0]["code"]


CODES = {
    "said": (f"translate {GROUPED} --to torch,jax --in 5", 0),
    "one that cannot": (f"translate {GROUPED} --to torch,flax --in 5", 1),
    "all, where one cannot": (f"translate {GROUPED} --in 5", 0),
    "an unknown dialect": (f"translate {GROUPED} --to pytorch --in 5", 2),
    "an unknown argument": ('translate "nn.Conv1d(1, 1, 3, strides=2)" --to keras', 2),
    "refused": ("translate \"nn.Conv1d(1, 1, 3, stride=2, padding='same')\" --to keras", 2),
    "no layer": ("translate --to keras", 2),
}


@pytest.mark.parametrize("name", CODES)
def test_the_exit_code_says_whether_it_can_be_said(ask, name):
    line, code = CODES[name]
    assert ask(line).code == code


@pytest.mark.parametrize(
    ("to", "backend", "hint"),
    [("torch", "keras", "add keras to --to"), ("jax", "onnx-reference", "add onnx to --to")],
)
def test_a_backend_that_has_nothing_to_run_is_a_wrong_question(ask, to, backend, hint):
    said = ask(f"translate --in 5 -k 3 --to {to} --backend {backend}")
    assert (said.code, said.out) == (2, "")
    assert said.err == f"tconv-design: backend {backend} has none of these programs to run; {hint}\n"
    said = ask(f"translate --in 5 -k 3 --to {to} --backend numpy")
    assert said.err == f"tconv-design: backend numpy has none of these programs to run; they are in {to}\n"


def test_verify_names_the_dialects_that_nothing_here_runs(ask, monkeypatch):
    monkeypatch.setattr(translating, "choose", lambda names: {None: ("numpy",)}[names])
    said = ask("translate --in 5 -k 3 --to torch,keras --verify")
    assert said.code == 0
    assert said.err == "tconv-design: not run, as no backend of that name is installed: torch, keras\n"


def test_a_size_is_chosen_where_none_is_given_and_named(ask):
    said = ask('translate "nn.ConvTranspose1d(1, 1, 3)" --to torch')
    assert said.err == "tconv-design: translated for in 16; give --in for another\n"
    assert "16 → 18" in said.out
    said = ask('translate "nn.Conv1d(1, 1, 33)" --to torch')
    assert "64 → 32" in said.out


def test_channels_that_the_code_does_not_say_are_named(ask):
    said = ask(f"translate {KERAS} --to torch --in 7")
    assert "in_channels 1 is taken, as the code does not say: give --in-channels" in said.err


def test_what_cannot_be_said_says_why_and_what_can(ask):
    said = ask(f"translate {GROUPED} --to flax --in 5")
    assert "flax: not at all" in said.out
    assert "cannot be said in flax: " in said.out
    assert "nearest: " in said.out


def test_the_pasted_words_and_the_translations_are_run(ask):
    pytest.importorskip("torch", reason="torch is not installed")
    pytest.importorskip("tconv_design_torch", reason="the torch plugin is not installed")
    document = valid(ask('translate "nn.ConvTranspose1d(2, 4, 3, 2)" --to torch --in 5 --backend torch --json'))
    (own,), (translated,) = document["source"]["checks"], document["translations"][0]["checks"]
    assert (own["status"], translated["status"]) == ("agrees", "agrees")
    assert own["code"] == document["source"]["code"]
    assert document["seed"] == 0


def test_a_size_that_no_usual_input_gives_is_asked_for(ask):
    call = "tf.nn.conv1d_transpose(x, tf.ones((3, 4, 8)), output_shape=[1, 28, 4], strides=2, padding='SAME')"
    said = ask(f'translate "{call}" --to torch')
    assert said.code == 2
    assert "no input size is given, and at 1024 " in said.err
    assert said.err.endswith("; give --in\n")


def test_solve_tells_of_a_pasted_layer_what_explain_does(ask):
    note = "in_channels 1 is taken, as the code does not say: give --in-channels"
    assert note in ask(f"solve {KERAS} --in 7").err
    assert note in ask(f"explain {KERAS} --in 7").err
