"""The JSON documents: the documented names, the shipped schemas, and one document on stdout whatever happens."""

import json
import os
import sys
import sysconfig
import venv
from pathlib import Path

import numpy
import pytest
from jsonschema import Draft202012Validator

from tconv_design import __version__, schemas, verification
from tconv_design.plugins import OWN_PLUGINS

# the schema; a command line; its exit code
DOCUMENTS = {
    "solve": ("solve", "solve --in 4 --out 16 --limit 2", 0),
    "solve-2d": ("solve", "solve --in 4x6 --out 16x? --kernel 4x3 --limit 2", 0),
    "solve-count": ("solve", "solve --in 4 --out 16 --limit 0", 0),
    "solve-impossible": ("solve", "solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0", 1),
    "solve-backend": ("solve", "solve --in 4 --out 16 --limit 2 --backend numpy --seed 3", 0),
    "verify": ("verify", "verify --in 4 --kernel 3 --backend numpy", 0),
    "verify-conv": ("verify", "verify --kind conv --in 9x9 --kernel 3 --stride 2 --groups 2 --backend numpy", 0),
    "explain": ("explain", "explain --in 4x5 --kernel 3 --stride 2", 0),
    "explain-conv": ("explain", "explain --kind conv --in 9 --kernel 3", 0),
    "backends": ("backends", "backends", 0),
    "schema": ("schema", "schema", 0),
    "wrong-value": ("error", "solve --in 4 --out 16 --kernel 7..1", 2),
    "wrong-option": ("error", "solve --inn 4", 2),
    "wrong-backend": ("error", "verify --in 4 --kernel 3 --backend numppy", 2),
}

# where in which document; the names that are documented there
NAMES = {
    "head": ("solve", (), ["schema", "command", "versions"]),
    "solve": ("solve", (), ["query", "box", "count", "complete", "solutions", "nearest", "why"]),
    "solution": ("solve", ("solutions", 0), ["layer", "in", "out", "law", "overlap", "reasons", "checks"]),
    "layer": (
        "solve",
        ("solutions", 0, "layer"),
        ["kind", "kernel", "stride", "padding", "output_padding", "dilation", "groups", "in_channels", "out_channels"],
    ),
    "law": ("solve", ("solutions", 0, "law"), ["scale", "offset", "exact_for_all"]),
    "overlap": ("solve", ("solutions", 0, "overlap"), ["uniform", "holes", "ratio", "counts", "border"]),
    "border": ("solve", ("solutions", 0, "overlap", "border"), ["weak", "unreached"]),
    "verify": ("verify", (), ["layer", "in", "out", "checks", "seed"]),
    "check": (
        "verify",
        ("checks", 0),
        ["backend", "version", "status", "expected_shape", "actual_shape", "max_abs_error", "phase_shift", "code",
         "detail"],
    ),
    "explain": ("explain", (), ["layer", "in", "out", "steps", "source", "direct"]),
    "step": ("explain", ("steps", 0), ["text", "value"]),
    "backends": (
        "backends",
        ("backends", 0),
        ["name", "distribution", "version", "framework_version", "status", "detail"],
    ),
    "error": ("wrong-value", ("error",), ["kind", "message", "hint"]),
}  # fmt: skip


@pytest.fixture
def document(ask):
    return lambda name: ask(f"{DOCUMENTS[name][1]} --json").document


def at(whole, path):
    for step in path:
        whole = whole[step]
    return whole


@pytest.mark.parametrize(("schema", "line", "code"), DOCUMENTS.values(), ids=DOCUMENTS)
def test_stdout_is_one_document_of_its_schema(ask, schema, line, code):
    said = ask(f"{line} --json")
    assert (said.code, said.out.startswith("{\n"), said.out.endswith("}\n")) == (code, True, True)
    Draft202012Validator(schemas.load(schema)).validate(said.document)


@pytest.mark.parametrize(("name", "path", "names"), NAMES.values(), ids=NAMES)
def test_the_names_are_the_documented_ones(document, name, path, names):
    found = at(document(name), path)
    assert [each for each in names if each not in found] == []


@pytest.mark.parametrize(
    ("name", "command"),
    [("solve", "solve"), ("verify", "verify"), ("explain", "explain"), ("backends", "backends"),
     ("wrong-value", "solve"), ("wrong-backend", "verify"), ("wrong-option", None)],
)  # fmt: skip
def test_a_document_names_its_schema_and_its_command(document, name, command):
    head = document(name)
    assert (head["schema"], head["command"]) == (1, command)


@pytest.mark.parametrize("name", ["solve", "explain", "backends", "schema", "wrong-value", "wrong-option"])
def test_a_document_without_drawn_data_has_our_version_and_no_seed(document, name):
    answer = document(name)
    assert (answer["versions"], "seed" in answer) == ({"tconv-design": __version__}, False)


@pytest.mark.parametrize(("name", "seed"), [("verify", 0), ("solve-backend", 3)])
def test_a_document_about_drawn_data_has_the_backends_versions_and_the_seed(document, name, seed):
    answer = document(name)
    assert answer["versions"] == {"tconv-design": __version__, "numpy": numpy.__version__}
    assert answer["seed"] == seed


def test_a_layer_is_lists_with_one_entry_per_axis(ask):
    line = "explain --in 4x5 --kernel 3x4 --stride 2 --padding 1:0x1 --output-padding 1 --groups 2 --json"
    assert ask(line).document["layer"] == {
        "kind": "tconv",
        "kernel": [3, 4],
        "stride": [2, 2],
        "padding": [[1, 0], [1, 1]],
        "output_padding": [1, 1],
        "dilation": [1, 1],
        "groups": 2,
        "in_channels": 2,
        "out_channels": 2,
    }


def test_a_solution_says_its_law_and_its_overlap(document):
    solution = document("solve")["solutions"][0]
    assert solution["law"] == {"scale": "4", "offset": "0", "exact_for_all": True}
    assert solution["overlap"] == {
        "uniform": True,
        "holes": False,
        "ratio": 1.0,
        "counts": [[1, 1, 1, 1]],
        "border": {"weak": [[0, 0]], "unreached": [[0, 0]]},
    }
    assert (solution["in"], solution["out"], solution["checks"]) == ([4], [16], [])


def test_count_is_all_there_are_and_solutions_what_the_limit_lets_through(document):
    for name, listed in (("solve", 2), ("solve-count", 0)):
        answer = document(name)
        assert (answer["count"], answer["complete"], len(answer["solutions"])) == (168, True, listed)


def test_the_box_and_the_query_are_as_they_were_searched_and_asked(document):
    answer = document("solve")
    assert answer["query"] == {"in": "4", "out": "16"}
    assert answer["box"] == {
        "kernel": "1..16", "stride": "1..8", "output_padding": "0..7", "padding": "0..K-1",
    }  # fmt: skip


def test_the_impossible_has_a_reason_and_the_nearest_changes(document):
    answer = document("solve-impossible")
    assert (answer["count"], answer["solutions"]) == (0, [])
    assert answer["why"].endswith("so out is 16 to 19 and never 15")
    changes = {
        (each["change"]["parameter"], each["change"]["from"], each["change"]["to"]) for each in answer["nearest"]
    }
    assert changes == {
        ("out", "15", "16"),
        ("kernel", "4", "3"),
        ("stride", "4", "3"),
        ("padding", "0", "1"),
        ("in", "4", "3"),
    }


def test_a_check_says_what_was_run_and_that_it_agrees(document):
    (check,) = document("verify")["checks"]
    assert check == {
        "backend": "numpy",
        "version": numpy.__version__,
        "status": "agrees",
        "expected_shape": [3, 1, 6],
        "actual_shape": [3, 1, 6],
        "max_abs_error": 0.0,
        "phase_shift": [0],
        "code": "from tconv_design import Layer\n\nlayer = Layer.tconv(1, kernel=(3,))",
        "detail": "",
    }


def test_the_steps_of_an_explanation_end_with_out(document):
    steps = document("explain")["steps"]
    assert [(step["axis"], step["name"], step["value"]) for step in steps] == [
        (1, "K", 3), (1, "full", 9), (1, "out", 9), (2, "K", 3), (2, "full", 11), (2, "out", 11),
    ]  # fmt: skip


# --- errors: the document on stdout, the sentence on stderr all the same


@pytest.mark.parametrize(
    ("line", "kind", "message", "hint"),
    [
        ("solve --in 4 --out 0", "invalid_question", "out must be at least 1, got 0", "use out 1 or more"),
        ("explain --kind conv --in 1 --kernel 3", "invalid_layer",
         "the kernel spans 3 rows (dilation*(kernel-1)+1), but the padded input has only 1 (1 + 0 + 0)",
         "the smallest in is 3, or add 2 rows of padding"),
        ("verify --in 4 --kernel 3 --backend numppy", "unknown_backend", "no backend is called 'numppy'",
         "did you mean numpy?"),
        ("solve --kernle 3", "usage", "--kernle is no option of tconv-design solve", "did you mean --kernel?"),
    ],
)  # fmt: skip
def test_an_error_is_a_document_and_a_sentence(ask, line, kind, message, hint):
    said = ask(f"{line} --json")
    assert said.document["error"] == {"kind": kind, "message": message, "hint": hint}
    assert (said.code, said.err) == (2, f"tconv-design: {message}; {hint}\n")


def test_a_defect_of_ours_is_a_document_and_a_sentence_too(ask, monkeypatch):
    monkeypatch.delenv("TCONV_DESIGN_DEBUG")
    monkeypatch.setattr("tconv_design.cli.build", lambda: None)
    said = ask("solve --in 4 --json")
    assert said.document["error"] == {
        "kind": "defect",
        "message": "tconv-design itself failed: AttributeError: 'NoneType' object has no attribute 'main'",
        "hint": "please report the command line; TCONV_DESIGN_DEBUG=1 shows where",
    }
    assert (said.code, said.document["command"]) == (2, "solve")


def test_what_the_system_refuses_is_said(ask, monkeypatch):
    def refuse():
        raise OSError(28, "No space left on device")

    monkeypatch.delenv("TCONV_DESIGN_DEBUG")
    monkeypatch.setattr("tconv_design.cli.build", refuse)
    said = ask("solve --in 4 --json")
    assert (said.code, said.err) == (2, "tconv-design: the system refused: No space left on device\n")
    assert said.document["error"]["kind"] == "system"


# --- exit code 3 and 1: the whole answer, with the row that could not be had


def test_a_backend_that_crashes_is_a_row_of_the_whole_answer(ask, site):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    said = ask("verify --in 4 --kernel 3 --backend acme --backend numpy --json")
    answer = said.document
    Draft202012Validator(schemas.load("verify")).validate(answer)
    assert (said.code, answer["command"], answer["out"]) == (3, "verify", [6])
    assert [(check["backend"], check["status"]) for check in answer["checks"]] == [
        ("acme", "crashed"), ("numpy", "agrees"),
    ]  # fmt: skip
    detail = "its process ended with exit code 7 while running the layer"
    assert answer["checks"][0]["detail"] == detail
    assert said.err == f"tconv-design: backend acme gave no answer (crashed): {detail}\n"


def test_a_backend_that_hangs_is_a_row_of_the_whole_answer(ask, site):
    site.backend("acme", "def run(self, *given): time.sleep(99)")
    said = ask("solve --in 4 --out 16 --limit 1 --backend acme --timeout 5 --json")
    answer = said.document
    Draft202012Validator(schemas.load("solve")).validate(answer)
    (check,) = answer["solutions"][0]["checks"]
    assert (said.code, answer["count"], check["status"]) == (3, 168, "timeout")
    assert said.err == f"tconv-design: backend acme gave no answer (timeout): {check['detail']}\n"
    assert check["detail"] == "no answer within 5 s while running the layer; its process was ended"


def test_a_backend_that_does_not_import_is_a_row_of_the_whole_answer(ask, site):
    site.plugin("acme", "import libacme")
    said = ask("verify --in 4 --kernel 3 --backend acme --json")
    assert (said.code, said.document["checks"][0]["status"]) == (3, "unavailable")
    assert said.err == (
        "tconv-design: backend acme gave no answer (unavailable): "
        "backend 'acme' is installed but does not import: ModuleNotFoundError: No module named 'libacme'\n"
    )


def test_a_backend_that_nobody_named_and_that_crashes_does_not_change_the_exit_code(ask, site, monkeypatch):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    monkeypatch.setattr(verification, "choose", lambda names: {None: ("acme", "numpy")}[names])
    said = ask("verify --in 4 --kernel 3 --json")
    assert (said.code, said.err) == (0, "")
    assert [check["status"] for check in said.document["checks"]] == ["crashed", "agrees"]


def test_a_backend_that_differs_is_exit_code_1_with_its_phase_shift(ask, site):
    site.backend("acme", "def run(self, *given): return np.roll(super().run(*given), 1, -1)")
    said = ask("verify --in 4 --kernel 3 --stride 2 --backend acme --json")
    (check,) = said.document["checks"]
    assert (said.code, said.err) == (1, "")
    assert (check["status"], check["phase_shift"]) == ("differs", [1])


def test_a_backend_that_differs_outweighs_one_that_is_silent(ask, site):
    site.backend("wrong", "def run(self, *given): return super().run(*given) + 1")
    site.backend("silent", "def run(self, *given): os._exit(7)")
    assert ask("verify --in 4 --kernel 3 --backend wrong --backend silent --json").code == 1


def test_a_framework_that_lacks_the_layer_has_answered(ask, site):
    site.backend("acme", "def code(self, layer, in_size): raise NotExpressible('no kernel 3 in acme', 'kernel 4')")
    said = ask("verify --in 4 --kernel 3 --backend acme --json")
    (check,) = said.document["checks"]
    assert (said.code, check["status"], check["detail"]) == (0, "unsupported", "no kernel 3 in acme; nearest: kernel 4")


@pytest.fixture
def without_plugins(tmp_path):
    """The Python of an environment with all that is installed here but our plugins."""
    home = tmp_path / "bare"
    venv.create(home, symlinks=os.name != "nt")
    theirs = Path(sysconfig.get_path("purelib", "venv", {"base": str(home), "platbase": str(home)}))
    for each in Path(sysconfig.get_path("purelib")).iterdir():
        if not each.name.startswith(("tconv_design_", "_tconv_design_", "_editable_impl_tconv_design_")):
            (theirs / each.name).symlink_to(each)
    return home / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    ("backend", "install"),
    [
        ("torch", 'pip install "tconv-design-torch[torch]"'),
        ("tensorflow", 'pip install "tconv-design-tensorflow[cpu]"'),
    ],
)
def test_a_plugin_of_ours_that_is_not_installed_is_a_row_with_its_command(
    without_plugins, start, monkeypatch, backend, install
):
    monkeypatch.setattr(sys, "executable", str(without_plugins))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    process = start(f"verify --in 4 --kernel 3 --backend {backend} --backend numpy --json")
    out, err = process.communicate(timeout=30)
    answer = json.loads(out)
    Draft202012Validator(schemas.load("verify")).validate(answer)
    sentence = f"backend {backend!r} is not installed; run: {install}"
    assert [(each["status"], each["detail"]) for each in answer["checks"]] == [
        ("unavailable", sentence),
        ("agrees", ""),
    ]
    assert (process.returncode, err.decode()) == (
        3, f"tconv-design: backend {backend} gave no answer (unavailable): {sentence}\n",
    )  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
@pytest.mark.parametrize(
    ("line", "backend"),
    [
        ("translate --in 4 --kernel 3 --to torch,openvino", "openvino"),
        ("translate --in 4 --kernel 3 --to torch,onnx", "onnx-reference"),
        ("matrix --in 4 --kernel 3", "paddle"),
        ("matrix", "paddle"),
    ],
)
def test_a_missing_plugin_is_a_row_of_every_command_that_runs_backends(
    without_plugins, start, monkeypatch, line, backend
):
    monkeypatch.setattr(sys, "executable", str(without_plugins))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    process = start(f"{line} --backend {backend} --json")
    out, err = process.communicate(timeout=30)
    answer = json.loads(out)
    Draft202012Validator(schemas.load(line.split()[0])).validate(answer)
    sentence = f"backend {backend!r} is not installed; run: {OWN_PLUGINS[backend]}"
    rows = answer["rows"] if "rows" in answer else [row for each in answer["translations"] for row in each["checks"]]
    assert [(row["backend"], row["status"], row["detail"]) for row in rows] == [(backend, "unavailable", sentence)]
    assert (process.returncode, err.decode()) == (
        3, f"tconv-design: backend {backend} gave no answer (unavailable): {sentence}\n",
    )  # fmt: skip


# --- backends


def test_backends_are_listed_from_their_metadata(ask, site):
    site.plugin("acme", "raise SystemExit('imported')")
    rows = {row["name"]: row for row in ask("backends --json").document["backends"]}
    assert rows["acme"] == {
        "name": "acme",
        "distribution": "tconv-design-acme",
        "version": "1.0",
        "framework_version": None,
        "status": "installed",
        "detail": "",
    }


def test_backends_check_tries_each_and_ends_with_0(ask, site, monkeypatch):
    site.plugin("acme", "raise SystemExit('imported')")
    from tconv_design import plugins

    ours = [each for each in plugins.installed() if each.name in ("acme", "numpy")]
    monkeypatch.setattr("tconv_design.cli.backends.installed", lambda: ours)
    said = ask("backends --check --json")
    assert (said.code, [(row["name"], row["status"]) for row in said.document["backends"]]) == (
        0, [("acme", "unavailable"), ("numpy", "ok")],
    )  # fmt: skip
    assert said.document["backends"][0]["detail"] == (
        "backend 'acme' is installed but does not import: SystemExit: imported"
    )
    assert said.document["backends"][1]["framework_version"] == numpy.__version__


# --- schemas


@pytest.mark.parametrize("name", schemas.names())
def test_schema_prints_the_shipped_schema(ask, name):
    said = ask(f"schema {name}")
    assert (said.code, said.document) == (0, schemas.load(name))
