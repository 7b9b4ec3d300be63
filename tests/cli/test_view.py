"""`view` as a user calls it: the file, what it begins with, when it is opened, and what is refused."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.cli import view


def start_of(name):
    text = Path(name).read_text(encoding="utf-8")
    return json.loads(re.search(r'id="start">(.*?)</script>', text)[1])


def test_the_page_is_written_with_the_layer_that_was_asked_for(ask, tmp_path):
    name = tmp_path / "a.html"
    said = ask(f"view --in 7x5 -k 3 -s 2x1 -p 1:0 --kind tconv --save {name}")
    assert (said.code, said.out, said.err) == (0, "", f"tconv-design: {name} is written\n")
    assert start_of(name) == {
        "kind": "tconv", "linked": False, "target": None, "pin": None, "step": 0,
        "axes": [{"n": 7, "k": 3, "s": 2, "b": 1, "e": 0, "o": 0, "d": 1},
                 {"n": 5, "k": 3, "s": 1, "b": 1, "e": 0, "o": 0, "d": 1}],
    }  # fmt: skip


def test_a_target_is_the_page_s_target_too_and_without_any_option_there_is_a_usual_layer(ask, tmp_path):
    name = tmp_path / "a.html"
    ask(f"view --in 4 --out 16 --save {name}")
    assert (start_of(name)["target"], start_of(name)["linked"]) == ([16], True)
    ask(f"view --save {name}")
    assert [axis["n"] for axis in start_of(name)["axes"]] == [4, 4]


def test_the_document_names_the_file_of_a_temporary_folder(ask):
    document = ask("view --json").document
    Draft202012Validator(schemas.load("view")).validate(document)
    assert document["layer"]["kernel"] == [4, 4]
    file = Path(document["file"])
    assert file.name == "tconv-design.html"
    file.unlink()
    file.parent.rmdir()


@pytest.mark.parametrize(
    ("line", "ci", "terminal", "opens"),
    [("", "", True, True), ("--no-open", "", True, False), ("", "true", True, False), ("", "", False, False)],
)
def test_the_page_is_opened_where_somebody_sits_at_a_terminal(ask, tmp_path, monkeypatch, line, ci, terminal, opens):
    addresses = []
    monkeypatch.setenv("CI", ci)
    monkeypatch.setattr(view.webbrowser, "open", addresses.append)
    monkeypatch.setattr(view.sys.stdout, "isatty", lambda: terminal)
    name = tmp_path / "a.html"
    assert ask(f"view --save {name} {line}").code == 0
    assert addresses == [name.as_uri()] * opens


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("--save none/a.html", "none/a.html cannot be written: No such file or directory; give another --save"),
        ("--save a.svg", "--save 'a.svg' is no page; end it in .html"),
        ("--in 2x2x2 -k 2", "the page draws one axis or two, and the layer has 3; view one axis after the other"),
    ],
)
def test_what_is_wrong_is_a_sentence(ask, line, sentence):
    said = ask(f"view {line}")
    assert (said.code, said.out, said.err) == (2, "", f"tconv-design: {sentence}\n")


def test_a_layer_that_cannot_be_is_told_with_the_reason(ask):
    said = ask("view --in 4 --out 16 -k 3 -s 2 -p 1")
    assert said.code == 2
    assert said.err.startswith("tconv-design: there is no such layer: ")
