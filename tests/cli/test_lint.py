"""The command `lint`: its documents, exit codes and forms, files from hooks, and the hook itself."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.linting.rules import NAMES

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
CHECKERBOARD = '"nn.ConvTranspose2d(64, 32, 3, stride=2, padding=1, output_padding=1)"'
EVEN = '"nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)"'
HOLES = '"nn.ConvTranspose2d(64, 32, 2, stride=3)"'
SOURCE = "import torch.nn as nn\n\nup = nn.ConvTranspose2d(64, 32, 3, stride=2)\n"


@pytest.fixture
def file(tmp_path):
    def write(name, text):
        path = tmp_path / name
        path.write_text(text, "utf-8")
        return str(path)

    return write


def valid(said):
    Draft202012Validator(schemas.load("lint")).validate(said.document)
    return said.document["findings"]


def test_a_pasted_layer_gets_its_findings_and_where_they_are(ask):
    said = ask(f"lint {CHECKERBOARD} --json")
    findings = valid(said)
    assert (said.code, said.err) == (1, "")
    assert [(each["rule"], each["severity"], each["where"]) for each in findings] == [
        ("uneven-overlap", "warning", "layer"),
        ("weak-rim", "note", "layer"),
        ("needless-output-padding", "note", "layer"),
    ]
    assert (findings[0]["file"], findings[0]["line"], findings[0]["label"]) == (None, None, None)


# a command line; its exit code
CODES = {
    "a warning": (f"lint {CHECKERBOARD}", 1),
    "an error": (f"lint {HOLES}", 1),
    "a note": (f"lint {EVEN}", 0),
    "a warning below the bar": (f"lint {CHECKERBOARD} --severity error", 0),
    "an error at the bar": (f"lint {HOLES} --severity error", 1),
    "a note at the bar": (f"lint {EVEN} --severity note", 1),
    "nothing": ('lint "nn.ConvTranspose2d(64, 32, 2, stride=2)"', 0),
    "a target": (f"lint {EVEN} --target tflite --target coreml", 0),
    "a target that minds": (f"lint {CHECKERBOARD} --target coreml --severity error", 0),
    "a target that refuses": (
        'lint "nn.ConvTranspose3d(8, 8, 4, 2, padding=1, output_padding=1)" --target coreml --severity error', 1),
    "refused": ('lint "nn.ConvTranspose2d(8, 8, 3, output_padding=1)"', 1),
    "refused at a size": ('lint "nn.ConvTranspose2d(8, 8, 3, padding=9)" --in 4', 1),
    "fine at another": ('lint "nn.ConvTranspose2d(8, 8, 3, padding=9)" --in 40 --severity error', 0),
    "a kernel that the code does not say": ('lint "lax.conv_transpose(x, w, (2, 2), \'SAME\')" --kernel 2', 0),
}  # fmt: skip


@pytest.mark.parametrize(("line", "code"), CODES.values(), ids=CODES)
def test_the_exit_code_is_1_from_the_bar_on(ask, line, code):
    said = ask(f"{line} --json")
    valid(said)
    assert said.code == code


# a command line; the sentence that it gets
WRONG = {
    "no file": ("lint nowhere.py", "there is no file nowhere.py; give an architecture file, or - for stdin"),
    "no layer": ('lint "foo(3)"', "'foo' is no convolution that is known"),
    "an unknown argument": (
        'lint "nn.ConvTranspose2d(8, 8, 3, strid=2)"', "ConvTranspose2d has no argument 'strid'; did you mean stride?"),
    "a variable": ('lint "nn.ConvTranspose2d(8, 8, k)"',
                   "kernel_size of ConvTranspose2d is k, which is no number; write the number of kernel_size"),
    "two layers": (f"lint {EVEN} {HOLES}",
                   "one pasted layer is linted at a time; quote it as one word, or name files"),
    "target": (f"lint {EVEN} --target tfliet", "unknown target 'tfliet'; did you mean tflite?"),
    "severity": (f"lint {EVEN} --severity eror", "unknown severity 'eror'; did you mean error?"),
    "format": (f"lint {EVEN} --format githab", "unknown format 'githab'; did you mean github?"),
    "axes": (f"lint {EVEN} --in 4x4x4", "in has 3 axes and the layer has 2; give one value, or one per axis"),
    "range": (f"lint {EVEN} --in 4..8", "in must be numbers, got 4..8; write for example --in 64x64"),
    "kernel with a file": ("lint net.py --kernel 3",
                           "--kernel is for a pasted layer, and a file has its own; with files give only --in"),
}  # fmt: skip


@pytest.mark.parametrize(("line", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_question_is_exit_code_2(ask, line, sentence):
    said = ask(line)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith(f"tconv-design: {sentence}")


def test_source_is_named_with_its_line(ask, file):
    path = file("net.py", SOURCE)
    findings = valid(ask(["lint", path, "--json"]))
    assert {(each["where"], each["file"], each["line"]) for each in findings} == {(f"{path}:3", path, 3)}


def test_layers_of_a_file_are_named_with_line_and_label(ask):
    path = str(DATA / "architectures" / "erfnet.toml")
    findings = valid(ask(["lint", path, "--json"]))
    assert [(each["where"], each["label"]) for each in findings if each["rule"] == "uneven-overlap"] == [
        (f"{path}:80", "'decoder0'"), (f"{path}:91", "'decoder3'"),
    ]  # fmt: skip


def test_stdin_is_python_or_an_architecture(ask_in):
    said = ask_in("utf-8", "lint - --json", SOURCE)
    assert {each["where"] for each in json.loads(said.out)["findings"]} == {"stdin:3"}
    toml = '# up\n\n[input]\nsize = [8]\n\n[[layers]]\nkind = "tconv"\nkernel = 2\nstride = 3\n'
    said = ask_in("utf-8", "lint - --json", toml)
    assert [(each["rule"], each["where"]) for each in json.loads(said.out)["findings"]] == [("holes", "stdin:6")]


def test_several_files_are_linted_in_turn_and_other_toml_is_passed_over(ask, file):
    project = file("pyproject.toml", '[project]\nname = "x"\n[tool.ruff]\nline-length = 100\n')
    plan = file("plan.toml", 'input = { size = [8] }\n[[layers]]\nkind = "tconv"\nkernel = "?"\n')
    net = file("net.py", SOURCE)
    said = ask(["lint", project, net, plan, "--json"])
    assert {each["file"] for each in valid(said)} == {net}
    assert said.err == (
        f"tconv-design: {project} is no architecture file: passed over\n"
        f"tconv-design: {plan}: line 2: layer 1 (tconv): kernel ? is open; tconv-design plan FILE fills it\n"
    )


def test_a_file_that_looks_like_an_architecture_is_held_to_be_one(ask, file):
    said = ask(["lint", file("net.toml", "input = { size = [8] }\n")])
    assert (said.code, said.out) == (2, "")
    assert "a file needs layers; write [[layers]]" in said.err


def test_what_is_passed_over_is_counted_on_stderr(ask, file):
    path = file("net.py", "import torch.nn as nn\nnn.Conv2d(3, 8, k)\nnn.Conv2d(3, 8, k, stride=2)\n")
    said = ask(["lint", path])
    assert (said.code, said.out) == (0, "✓ 0 layers looked at, nothing found\n")
    assert said.err == f"tconv-design: 2 convolutions passed over in {path}: they are not written in numbers alone\n"


def test_github_gets_a_command_per_finding(ask, file):
    path = file("a,b.py", SOURCE)
    said = ask(["lint", path, "--format", "github"])
    name = path.replace(",", "%2C")
    assert said.code == 1
    assert said.out.splitlines()[0].startswith(
        f"::warning file={name},line=3,title=uneven-overlap::uneven overlap, a checkerboard: 1 to 4 taps"
    )
    assert said.out.splitlines()[1].startswith(f"::notice file={name},line=3,title=weak-rim::weak rim: 1 row")
    assert ask(f"lint {HOLES} --format github").out.startswith("::error title=holes::kernel 2 is shorter")


def test_github_s_own_signs_are_escaped():
    from tconv_design.linting.finding import Finding, Place
    from tconv_design.render.lint import github_lines

    finding = Finding("holes", "error", "50% of\nthem: a, b", Place("C:\\a,b%.py", 3, "'up'"))
    assert list(github_lines([finding])) == [
        "::error file=C%3A\\a%2Cb%25.py,line=3,title=holes::'up': 50%25 of%0Athem: a, b\n"
    ]


def test_a_document_is_asked_for_as_everywhere(ask):
    said = ask(f"lint {EVEN} --format json")
    assert (said.code, said.err) == (2, "tconv-design: --format json is no format of lint; write --json\n")


def test_a_notebook_is_refused_with_the_command_that_reads_it(ask, file):
    """Its cells are JSON, in which no convolution would be seen."""
    name = file("net.ipynb", '{"cells": [{"source": ["nn.ConvTranspose2d(3, 8, 3, stride=2)"]}]}')
    said = ask(f"lint {name}")
    assert said.code == 2
    assert said.err == (
        f"tconv-design: {name} is a notebook, and lint reads Python source; "
        f"jupyter nbconvert --to script --stdout {name} | tconv-design lint -\n"
    )


def test_a_directory_is_refused_with_what_to_name(ask, tmp_path):
    said = ask(f"lint {tmp_path}")
    assert said.code == 2
    assert said.err == f"tconv-design: {tmp_path} is a directory; name the files in it, for example {tmp_path}/*.py\n"


def test_a_pasted_layer_beside_a_file_is_no_file_name(ask, file):
    said = ask(f"lint {file('net.py', SOURCE)} {EVEN}")
    assert (said.code, said.err) == (
        2,
        "tconv-design: one pasted layer is linted at a time; quote it as one word, or name files\n",
    )


def test_the_schema_knows_every_rule():
    assert set(schemas.load("lint")["properties"]["findings"]["items"]["properties"]["rule"]["enum"]) == set(NAMES)


def test_the_help_names_every_rule(ask):
    text = " ".join(ask("lint --help").out.split()).replace("- ", "-")
    assert [name for name in NAMES if name not in text] == []


def hook():
    (only,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    return only


def test_the_hook_runs_the_command_on_python_and_toml():
    only = hook()
    assert (only["id"], only["language"], only["types_or"]) == ("tconv-design-lint", "python", ["python", "toml"])
    assert [name for name in ("net.py", "deep/unet.toml", "a.md", "b.py.txt") if re.search(only["files"], name)] == [
        "net.py", "deep/unet.toml",
    ]  # fmt: skip


@pytest.mark.parametrize(("text", "code"), [(SOURCE, 1), (SOURCE.replace("3, stride", "4, stride"), 0)])
def test_the_hook_s_entry_ends_with_the_code_that_stops_a_commit(start, file, text, code):
    program, *arguments = shlex.split(hook()["entry"])
    assert program == "tconv-design"
    process = start([*arguments, file("net.py", text), file("pyproject.toml", "[project]\nname = 'x'\n")])
    process.communicate(timeout=60)
    assert process.returncode == code


def test_no_framework_and_no_numpy_is_imported(start, file):
    watch = "import sys; from tconv_design.cli import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    import subprocess
    import sys

    arguments = [sys.executable, "-c", watch, "lint", file("net.py", SOURCE), "--target", "coreml"]
    done = subprocess.run(arguments, capture_output=True, text=True, timeout=60, check=True)
    loaded = set(done.stderr.split())
    assert loaded & {"numpy", "torch", "tensorflow", "keras", "jax", "onnx", "rich", "pluggy", "psutil"} == set()
