"""What the command line answers, three lines of Python can too."""

import json

import pytest

import tconv_design
from tconv_design import InvalidQuestion, Layer


def body(document):
    return {name: value for name, value in document.items() if name not in ("schema", "command", "versions", "seed")}


def plain(answer):
    """As JSON has it: lists for tuples."""
    return json.loads(json.dumps(answer))


def test_solve_answers_alike(ask):
    line = "solve --in 4x6 --out 16x18 --kernel 3..5 --stride ? --padding 0..2:1 --rank small --limit 3 --json"
    answer = tconv_design.solve("4x6", [16, 18], kernel="3..5", stride="?", padding="0..2:1", rank="small", limit=3)
    assert body(ask(line).document) == plain(answer.to_dict())


def test_the_impossible_is_answered_alike(ask):
    answer = tconv_design.solve(4, 15, kernel=4, stride=4, padding=0)
    assert body(ask("solve --in 4 --out 15 --kernel 4 --stride 4 --padding 0 --json").document) == plain(
        answer.to_dict()
    )


def test_explain_explains_alike(ask):
    layer = Layer.tconv(2, kernel=(3, 4), stride=2, padding=1, groups=2, in_channels=2, out_channels=2)
    document = body(ask("explain --in 4x5 --kernel 3x4 --stride 2 --padding 1 --groups 2 --json").document)
    del document["reasons"]
    assert document == plain(tconv_design.explain(layer, (4, 5)).to_dict())


@pytest.mark.parametrize("backends", ["numpy", ["numpy"], ("numpy",)])
def test_verify_checks_alike(ask, backends):
    checks = tconv_design.verify(Layer.tconv(1, kernel=3, stride=2), 4, backends, seed=3)
    document = ask("verify --in 4 --kernel 3 --stride 2 --backend numpy --seed 3 --json").document
    assert document["checks"] == plain([check.to_dict() for check in checks])


def test_solve_proves_alike(ask):
    answer = tconv_design.solve(4, 16, limit=1, backends="numpy")
    assert body(ask("solve --in 4 --out 16 --limit 1 --backend numpy --json").document) == plain(answer.to_dict())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"limit": -1}, "limit must be a whole number from 0 on, got -1"),
        ({"rank": "evn"}, "unknown rank criterion 'evn'; did you mean even?"),
        ({"backends": "numppy"}, "no backend is called 'numppy'; did you mean numpy?"),
        ({"dialect": "kerass"}, "unknown dialect 'kerass'; did you mean keras?"),
        ({"kernel": 2.5}, "kernel is empty or of no known form: '2.5'; write for example 4, 4x6 or ?"),
    ],
)
def test_a_wrong_question_raises_the_sentence(options, sentence):
    with pytest.raises(InvalidQuestion) as raised:
        tconv_design.solve(4, 16, **options)
    assert str(raised.value) == sentence


def test_a_limit_beyond_all_solutions_lists_them_all():
    answer = tconv_design.solve("4x4", "15x15", kernel=4, limit=10**30)
    assert len(answer.solutions) == answer.count > 10
