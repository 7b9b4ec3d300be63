import copy
import json

import pytest
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

import tconv_design
from tconv_design import schemas
from tconv_design.check import Check
from tconv_design.cli import COMMANDS, run
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer

HEAD = {"schema": 1, "versions": {"tconv-design": tconv_design.__version__}}
LAYER = Layer.tconv(2, kernel=(4, 3), stride=2, padding=[(1, 0), 1], groups=2, in_channels=2, out_channels=4)
AGREES = Check("numpy", "2.4.6", "agrees", (3, 4, 9, 7), (3, 4, 9, 7), 0.0, (0, 0), "layer = ...")
SILENT = Check("acme", "", "unavailable", (3, 4, 9, 7), detail="backend 'acme' is not installed")


def document(command, **content):
    return {**HEAD, "command": command, **content}


def validate(name, instance):
    Draft202012Validator(schemas.load(name)).validate(instance)


def solved(*sizes, **options):
    return document("solve", **tconv_design.solve(*sizes, **options).to_dict())


def verified():
    checks = [AGREES.to_dict(), SILENT.to_dict()]
    return document("verify", layer=LAYER.to_dict(), **{"in": [4, 4], "out": [9, 7]}, checks=checks, seed=0)


def listed(**changes):
    row = {
        "name": "torch",
        "distribution": "tconv-design-torch",
        "version": "0.1.0",
        "framework_version": None,
        "status": "unavailable",
        "detail": "",
    }
    return document("backends", backends=[row | changes])


def refused(command):
    return document(command, error={"kind": "invalid_question", "message": "stride must be at least 1", "hint": ""})


ANSWERS = [
    ("solve", solved(4, 16)),
    ("solve", solved("4x6", "16x?", kernel="4x3", limit=3)),
    ("solve", solved(80, None, kind="conv", kernel=11, stride=3)),
    ("solve", solved(7, 7, kernel=3, stride=1, padding="same", kind="conv", dialect="keras")),
    ("solve", solved("2x3x4", 4, kernel="1..4", tied=True, limit=0)),
    ("solve", solved(4, 15, kernel=4, stride=4, padding=0)),
    ("solve", solved(4, None, kernel=5000, stride=5000)),
    ("explain", document("explain", **tconv_design.explain(LAYER, 4).to_dict())),
    ("explain", document("explain", **tconv_design.explain(Layer.conv(1, kernel=3, stride=2), 9).to_dict())),
    ("verify", verified()),
    ("backends", listed()),
    ("backends", listed(framework_version="2.13.0", status="ok")),
    ("error", refused("solve")),
    ("error", refused(None)),
]

# the document, where in it, what stands there instead
WRONG = [
    ("solve", solved(4, 16), ("schema",), 2),
    ("solve", solved(4, 16), ("command",), "verify"),
    ("solve", solved(4, 16), ("versions",), []),
    ("solve", solved(4, 16), ("seed",), "0"),
    ("solve", solved(4, 16), ("count",), "168"),
    ("solve", solved(4, 16), ("solutions", 0, "in"), 4),
    ("solve", solved(4, 16), ("solutions", 0, "overlap", "counts", 0, 0), 0.5),
    ("solve", solved(4, 16), ("solutions", 0, "law", "scale"), 4),
    ("solve", solved(4, 16), ("solutions", 0, "layer", "padding", 0), 0),
    ("solve", solved(4, 16), ("solutions", 0, "layer", "kernel", 0), 0),
    ("solve", solved(4, 16), ("solutions", 0, "layer", "kind"), "deconv"),
    ("solve", solved(4, 15, kernel=4, stride=4, padding=0), ("nearest", 0, "change", "axis"), 0),
    ("verify", verified(), ("checks", 0, "status"), "fine"),
    ("verify", verified(), ("checks", 0, "max_abs_error"), "0"),
    ("verify", verified(), ("checks", 0, "actual_shape", 0), 3.5),
    ("explain", document("explain", **tconv_design.explain(LAYER, 4).to_dict()), ("steps",), []),
    ("backends", listed(), ("backends", 0, "status"), "agrees"),
    ("error", refused("solve"), ("error",), "stride must be at least 1"),
    ("error", refused("solve"), ("error", "message"), ""),
]


@pytest.mark.parametrize("name", schemas.names())
def test_every_schema_is_a_valid_schema(name):
    Draft202012Validator.check_schema(schemas.load(name))


def test_there_is_a_schema_for_every_document():
    assert schemas.names() == tuple(sorted({*COMMANDS, "architecture", "error"}))


@pytest.mark.parametrize(("name", "instance"), ANSWERS)
def test_a_real_answer_is_valid(name, instance):
    validate(name, instance)


@pytest.mark.parametrize(
    ("name", "arguments", "code"),
    [
        ("solve", ["solve", "--in", "4x6", "--out", "16x24", "--limit", "2", "--backend", "numpy"], 0),
        ("solve", ["solve", "--in", "4", "--out", "15", "--kernel", "4", "--stride", "4", "--padding", "0"], 1),
        ("explain", ["explain", "--in", "4x5", "--kernel", "3", "--stride", "2"], 0),
        ("verify", ["verify", "--in", "4", "--kernel", "3", "--backend", "numpy"], 0),
        ("compare", ["compare", "--in", "4x6", "--out", "16x18"], 0),
        ("compare", ["compare", "--in", "4", "--kernel", "5"], 0),
        ("compare", ["compare", "--in", "4", "--out", "15", "-k", "4", "-s", "4", "-p", "0"], 1),
        ("plan", ["plan", "--in", "4x6", "--out", "16x18", "--layers", "2"], 0),
        ("plan", ["plan", "--in", "1", "--out", "1080", "--layers", "12", "--top", "1"], 0),
        ("plan", ["plan", "--in", "4", "--out", "6", "--layers", "1", "--kernel", "2", "--stride", "1"], 1),
        ("plan", ["plan", "--hop", "300", "--causal"], 0),
        ("backends", ["backends"], 0),
        ("schema", ["schema"], 0),
        ("error", ["solve", "--in", "4", "--out", "0"], 2),
        ("error", ["solve", "--inn", "4"], 2),
    ],
)
def test_what_a_command_prints_is_valid(name, arguments, code, capsys):
    assert run([*arguments, "--json"]) == code
    validate(name, json.loads(capsys.readouterr().out))


@pytest.mark.parametrize(("name", "instance"), ANSWERS)
def test_more_names_may_stand_in_a_document(name, instance):
    validate(name, {**instance, "note": "added later"})


@pytest.mark.parametrize(("name", "instance"), ANSWERS)
@pytest.mark.parametrize("key", ["schema", "command", "versions"])
def test_no_document_goes_without_its_head(name, instance, key):
    with pytest.raises(ValidationError, match=f"'{key}' is a required property"):
        validate(name, {each: value for each, value in instance.items() if each != key})


@pytest.mark.parametrize(("name", "instance", "path", "wrong"), WRONG)
def test_a_wrong_value_is_refused_where_it_stands(name, instance, path, wrong):
    broken = copy.deepcopy(instance)
    *way, last = path
    place = broken
    for step in way:
        place = place[step]
    place[last] = wrong
    errors = Draft202012Validator(schemas.load(name)).iter_errors(broken)
    assert tuple(best_match(errors).absolute_path) == path


@pytest.mark.parametrize("key", ["layer", "in", "out", "law", "overlap", "legal", "reasons", "checks"])
def test_a_solution_has_all_its_names(key):
    answer = solved(4, 16)
    del answer["solutions"][0][key]
    with pytest.raises(ValidationError, match=f"'{key}' is a required property"):
        validate("solve", answer)


def test_a_schema_stands_alone():
    assert set(schemas.load("verify")["$defs"]) == {"check", "layer", "sizes", "versions"}


def test_an_unknown_document_is_answered_with_the_nearest():
    with pytest.raises(InvalidQuestion, match=r"no document is called 'slove'; did you mean solve\?"):
        schemas.load("slove")


@pytest.mark.parametrize("name", ["zzz", "../../../etc", "parts/overlap", ""])
def test_a_name_like_no_document_is_answered_with_all_of_them(name):
    with pytest.raises(InvalidQuestion, match=f"known: {', '.join(schemas.names())}"):
        schemas.load(name)
