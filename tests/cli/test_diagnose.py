"""The command `diagnose`: where its text comes from, its documents and exit codes."""

import io
import os
import sys

import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas

CAT = "RuntimeError: Sizes of tensors must match except in dimension 1. Got 4 and 5 in dimension 2 at /pytorch/aten"
EXTRA = (
    "RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 1 "
    "output_padding_width: 1 stride_height: 1 stride_width: 1 dilation_height: 1 dilation_width: 1"
)
LAYER = ["-k", "4", "-s", "2", "-p", "1"]
TITLE = (
    "torch: maps are joined along dimension 1, and along the others their sizes must be equal, "
    "but they are 4 and 5 in dimension 2\n"
)


def validate(document):
    Draft202012Validator(schemas.load("diagnose")).validate(document)


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_the_text_is_an_argument(ask):
    said = ask(["diagnose", CAT, *LAYER])
    assert said.code == 0
    assert said.out.startswith(TITLE)
    assert "output_padding 0 → 1:  kernel 4, stride 2, padding 1, output_padding 1:  2 → 5" in said.out


def test_the_text_is_a_file_where_there_is_one(ask, tmp_path):
    file = tmp_path / "traceback.txt"
    file.write_text(CAT, encoding="utf-8")
    assert ask(["diagnose", str(file), *LAYER]).out.startswith(TITLE)


@pytest.mark.parametrize("line", ["diagnose -k 4 -s 2 -p 1", "diagnose - -k 4 -s 2 -p 1"])
def test_the_text_is_piped(ask_in, line):
    assert ask_in("utf-8", line, CAT).out.startswith(TITLE)


def test_a_long_log_is_piped(start):
    process = start("diagnose -k 4 -s 2 -p 1", stdin=-1)
    out, _ = process.communicate(b"\xff\xfe epoch\n" * 500_000 + CAT.encode(), timeout=60)
    assert out.decode().startswith(TITLE)


def test_binary_junk_is_piped_and_unknown(start):
    process = start("diagnose", stdin=-1)
    out, err = process.communicate(os.urandom(100_000), timeout=60)
    assert (process.returncode, err) == (1, b"")
    assert out.startswith(b"no message that is known stands in the text\n")


def test_a_file_of_junk_is_unknown(ask, tmp_path):
    file = tmp_path / "core"
    file.write_bytes(bytes(range(256)) * 9_999)
    assert ask(["diagnose", str(file)]).code == 1


def test_a_directory_is_a_text(ask, tmp_path):
    assert ask(["diagnose", str(tmp_path)]).code == 1


@pytest.mark.parametrize("text", ["x" * 100_000, "a\0b", "-" * 3 + " Traceback", "C:\\nul\\" * 99])
def test_what_is_no_name_is_a_text(ask, text):
    assert ask(["diagnose", "--", text]).code == 1


def test_a_file_that_cannot_be_read_is_a_wrong_question(ask, tmp_path, monkeypatch):
    file = tmp_path / "secret"
    file.write_text(CAT, encoding="utf-8")

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "open", refuse)
    said = ask(["diagnose", str(file)])
    assert (said.code, said.err) == (2, f"tconv-design: {file} cannot be read: Permission denied\n")


def test_nothing_on_stdin_is_a_wrong_question(ask_in):
    said = ask_in("utf-8", "diagnose", " \n")
    assert said.code == 2
    assert said.err == (
        "tconv-design: the text is empty, so there is nothing to diagnose; paste or pipe an error message\n"
    )


def test_a_terminal_is_not_waited_for(ask, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal(CAT))
    said = ask("diagnose")
    assert said.code == 2
    assert said.err == (
        "tconv-design: no error is given; paste it in quotes, name a file, or pipe it: "
        "python train.py 2>&1 | tconv-design diagnose\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        [CAT],
        [CAT, *LAYER],
        [CAT, *LAYER, "--network-in", "360", "--levels", "8"],
        [EXTRA],
        [EXTRA, "--in", "3", "-k", "3"],
        ["hello"],
        ["RuntimeError: padding='same' is not supported for strided convolutions", "--in", "8x8", "-k", "3", "-s", "2"],
        ["RuntimeError: negative padding is not supported"],
    ],
)
def test_every_document_holds_to_its_schema(ask, words):
    said = ask(["diagnose", *words, "--json"])
    validate(said.document)
    assert said.document["command"] == "diagnose"


def test_the_document_has_the_layer_and_the_edits(ask):
    document = ask(["diagnose", EXTRA, "--in", "3", "-k", "3", "--json"]).document
    assert document["framework"] == "torch"
    assert (document["layer"]["output_padding"], document["layer"]["stride"], document["in"]) == (
        [1, 1],
        [1, 1],
        [3, 3],
    )
    assert [edit["change"] for edit in document["edits"]] == [
        {"parameter": "kernel and output_padding", "from": "3 and 1", "to": "4 and 0", "axis": None},
        {"parameter": "output_padding and in", "from": "1 and 3", "to": "0 and 4", "axis": None},
        {"parameter": "output_padding and out", "from": "1 and 6", "to": "0 and 5", "axis": None},
    ]
    assert document["code"] == "import torch\n\nlayer = torch.nn.ConvTranspose2d(1, 1, 4)\n"


def test_without_a_layer_it_is_null_and_what_is_missing_is_said(ask):
    document = ask(["diagnose", CAT, "--json"]).document
    assert (document["layer"], document["edits"], document["code"]) == (None, [], "")
    assert document["missing"] == (
        "give --kernel and --in of the transposed layer whose result is joined, with --stride and --padding where they "
        "are not 1 and 0"
    )


def test_an_unknown_message_is_answered_no_with_what_is_known(ask):
    said = ask(["diagnose", "RuntimeError: CUDA error: device-side assert triggered"])
    assert (said.code, said.err) == (1, "")
    for line in (
        "torch: Sizes of tensors must match",
        "keras: could not create",
        "mlx: Spatial dimensions",
        "jax: padding",
    ):
        assert f"    {line}" in said.out


def test_an_unknown_message_is_null_in_json(ask):
    said = ask(["diagnose", "hello", "--json"])
    assert (said.code, said.document["framework"], said.document["message"]) == (1, None, None)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--levels", "0"], "--levels"),
        (["--network-in", "x"], "--network-in"),
        (["--stride", "two"], "stride"),
        (["--levels", "3"], "--levels needs the input size of the network; give --network-in with the error of a join"),
    ],
)
def test_a_wrong_option_is_exit_2_and_one_sentence(ask, words, sentence):
    said = ask(["diagnose", CAT, *words])
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("tconv-design: ")
    assert sentence in said.err
    assert said.err.count("\n") == 1


def test_a_contradiction_is_exit_2_also_in_json(ask):
    said = ask(["diagnose", EXTRA, "--stride", "2", "--json"])
    assert said.code == 2
    assert said.document["error"]["message"] == "the message has stride 1, and --stride says 2"
    assert said.document["error"]["hint"] == "drop --stride, or paste the message of that layer"
