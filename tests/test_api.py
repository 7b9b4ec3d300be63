"""The package as Python sees it: three lines, light to import, documented, frozen, JSON as documented."""

import dataclasses
import inspect
import json
import subprocess
import sys

import pytest

import tconv_design
from tconv_design.errors import (
    BackendUnavailable,
    InvalidLayer,
    InvalidQuestion,
    NotExpressible,
    TconvDesignError,
    UnknownBackend,
)

HEAVY = (
    "numpy",
    "typer",
    "click",
    "rich",
    "torch",
    "tensorflow",
    "keras",
    "jax",
    "pluggy",
    "psutil",
    "importlib.metadata",
)


def test_three_lines_of_python_answer():
    answer = tconv_design.solve(4, 16)
    best = answer.solutions[0]
    assert (answer.count, best.layer.kernel, best.layer.stride) == (168, (4,), (4,))


def imported_by(program):
    listing = f"{program}; import sys; print(*sys.modules, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "program",
    [
        "import tconv_design",
        "import tconv_design; tconv_design.solve(4, 16)",
        "import tconv_design; tconv_design.solve(4, 15, kernel=4, stride=4, padding=0)",
        "import tconv_design; tconv_design.explain(tconv_design.Layer.tconv(1, kernel=4), 4)",
    ],
)
def test_neither_importing_nor_solving_imports_anything_heavy(program):
    bare = imported_by("pass")
    assert "tconv_design" in imported_by(program)
    assert not (imported_by(program) - bare) & set(HEAVY)


@pytest.mark.parametrize("name", tconv_design.__all__)
def test_every_public_name_is_there_and_documented(name):
    public = getattr(tconv_design, name)
    if name != "__version__":
        assert len(inspect.getdoc(public).split()) > 5


@pytest.mark.parametrize("function", [tconv_design.solve, tconv_design.explain, tconv_design.verify])
def test_every_public_function_is_typed(function):
    signature = inspect.signature(function)
    assert signature.return_annotation is not signature.empty
    assert all(parameter.annotation is not parameter.empty for parameter in signature.parameters.values())


@pytest.mark.parametrize(
    ("made", "name"),
    [
        (lambda: tconv_design.solve(4, 16), "count"),
        (lambda: tconv_design.solve(4, 16).solutions[0], "layer"),
        (lambda: tconv_design.solve(4, 16).solutions[0].layer, "kind"),
        (lambda: tconv_design.solve(4, 16).solutions[0].layer.axes[0], "kernel"),
        (lambda: tconv_design.solve(4, 16).solutions[0].law, "scale"),
        (lambda: tconv_design.solve(4, 16).solutions[0].overlap, "counts"),
        (lambda: tconv_design.explain(tconv_design.Layer.tconv(1, kernel=3), 4), "steps"),
        (lambda: tconv_design.explain(tconv_design.Layer.tconv(1, kernel=3), 4).steps[0], "value"),
    ],
)
def test_results_are_frozen(made, name):
    with pytest.raises((AttributeError, dataclasses.FrozenInstanceError)):
        setattr(made(), name, None)


def is_json(document):
    return json.loads(json.dumps(document)) == document


LAYER = ["kind", "kernel", "stride", "padding", "output_padding", "dilation", "groups", "in_channels", "out_channels"]


@pytest.mark.parametrize(
    "asked",
    [
        {"in_": 4, "out": 16},
        {"in_": "4x4", "out": "16x16", "limit": 2},
        {"in_": 16, "out": 4},
        {"in_": 4, "out": 15, "kernel": 4, "stride": 4, "padding": 0},
        {"in_": 4, "out": 16, "limit": 0},
    ],
    ids=str,
)
def test_an_answer_s_document_has_the_documented_keys(asked):
    document = tconv_design.solve(**asked).to_dict()
    assert is_json(document)
    assert {"query", "box", "count", "complete", "solutions", "nearest", "why"} <= set(document)
    assert document["complete"] is True
    for solution in [*document["solutions"], *document["nearest"]]:
        assert {"layer", "in", "out", "law", "overlap", "reasons", "checks"} <= set(solution)
        assert list(solution["layer"]) == LAYER
        assert set(solution["law"]) == {"scale", "offset", "exact_for_all"}


def test_the_documented_solution_is_what_the_document_says():
    (solution,) = tconv_design.solve(4, kernel=4, stride=2, padding=1).to_dict()["solutions"]
    assert solution["layer"] == {
        "kind": "tconv",
        "kernel": [4],
        "stride": [2],
        "padding": [[1, 1]],
        "output_padding": [0],
        "dilation": [1],
        "groups": 1,
        "in_channels": 1,
        "out_channels": 1,
    }
    assert (solution["in"], solution["out"]) == ([4], [8])
    assert solution["law"] == {"scale": "2", "offset": "0", "exact_for_all": True}
    assert solution["overlap"] == {
        "uniform": True,
        "holes": False,
        "ratio": 1.0,
        "counts": [[2, 2]],
        "border": {"weak": [[1, 1]], "unreached": [[0, 0]]},
    }
    assert solution["checks"] == []
    assert solution["reasons"][0] == "scales exactly: out = 2*in for every in"


def test_the_overlap_of_a_conv_is_null():
    assert tconv_design.solve(16, 4).to_dict()["solutions"][0]["overlap"] is None


def test_a_layer_survives_its_document():
    layer = tconv_design.Layer.tconv(2, kernel=(3, 4), stride=2, padding=[(0, 1), 2], output_padding=1, groups=2,
                                     in_channels=4, out_channels=2)  # fmt: skip
    assert tconv_design.Layer.from_dict(json.loads(json.dumps(layer.to_dict()))) == layer


def test_an_int_means_every_axis():
    layer = tconv_design.Layer.conv(3, kernel=3, padding=1)
    assert layer.kernel == (3, 3, 3)
    assert layer.padding == ((1, 1),) * 3
    assert tconv_design.explain(layer, 5).out_size == (5, 5, 5)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: tconv_design.Layer.tconv(1, kernel=0), "kernel must be from 1 to 10\\*\\*18, got 0"),
        (
            lambda: tconv_design.Layer.tconv(1, kernel=3, padding=-1),
            "padding begin must be from 0 to 10\\*\\*18, got -1",
        ),
        (lambda: tconv_design.Layer.tconv(1, kernel=3.0), "kernel must be a whole number, got 3.0"),
        (lambda: tconv_design.Layer.tconv(1, kernel=True), "kernel must be a whole number, got True"),
        (lambda: tconv_design.Layer.tconv(4, kernel=3), "a layer has 1 to 3 spatial axes, got 4"),
        (
            lambda: tconv_design.Layer.tconv(2, kernel=(3, 3, 3)),
            "kernel \\(3, 3, 3\\) has 3 entries for 2 axes; give one",
        ),
        (lambda: tconv_design.Layer.tconv(1, kernel=3, padding=[(1, 2, 3)]), "an int or a \\(begin, end\\) pair, got"),
        (
            lambda: tconv_design.Layer.tconv(1, kernel=3, stride=2, output_padding=2),
            "must be less than max\\(stride 2, dilation 1\\) = 2; use output_padding 0..1, or stride 3",
        ),
        (
            lambda: tconv_design.Layer("conv", (tconv_design.Axis(3, output_padding=1),)),
            "a conv has no output_padding, got 1; drop it, or use kind tconv",
        ),
        (lambda: tconv_design.Layer("deconv", (tconv_design.Axis(3),)), "kind 'deconv' is neither 'conv' nor 'tconv'"),
        (
            lambda: tconv_design.Layer.conv(1, kernel=3, groups=2, in_channels=3, out_channels=2),
            "in_channels 3 must be a multiple of groups 2; use in_channels 4",
        ),
    ],
)
def test_a_layer_that_breaks_a_rule_is_refused_with_the_rule(make, sentence):
    with pytest.raises(InvalidLayer, match=sentence):
        make()


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (InvalidQuestion, "invalid_question"),
        (InvalidLayer, "invalid_layer"),
        (UnknownBackend, "unknown_backend"),
        (BackendUnavailable, "backend_unavailable"),
        (NotExpressible, "not_expressible"),
    ],
)
def test_every_error_has_a_word_a_sentence_and_a_hint(error, kind):
    raised = error("what is wrong", "what helps")
    assert isinstance(raised, TconvDesignError)
    assert raised.kind == kind
    assert raised.message == "what is wrong"
    assert raised.hint.endswith("what helps")
    assert str(raised) == f"what is wrong; {raised.hint}"
    assert str(error("what is wrong")) == "what is wrong"


def test_a_wrong_question_and_a_wrong_layer_are_both_invalid_questions():
    assert issubclass(InvalidLayer, InvalidQuestion)
    assert issubclass(UnknownBackend, InvalidQuestion)
    with pytest.raises(InvalidQuestion):
        tconv_design.solve(4, 16, kernel="abc")
