"""Each way in which a framework is right or wrong about its own words, told apart."""

from dataclasses import replace

import numpy as np
import pytest

from tconv_design.dialects.writing import Words
from tconv_design.matrix.prediction import predict
from tconv_design.matrix.verdict import CLASSES, class_of, judge
from tconv_design.matrix.words import Asked
from tconv_design.trial import Outcome, digest

TCONV = Words("tconv", (3,), (2,), (1,), ((1, 1),))
CONV = Words("conv", (3,), (2,), (1,), ((0, 0),))


def prediction(words=TCONV, *in_size, dialect="torch"):
    return predict(dialect, "", Asked(words, in_size or (4,)))


def ran(made, array, **changes):
    values = tuple(map(float, array.ravel()))
    return replace(Outcome("acme", "1", "ran", array.shape, digest(array), values), **changes)


def test_the_definition_tells_the_values_to_come():
    predicted = prediction(TCONV)
    trial = predicted.trial(1, "count")
    expected = predicted.expected(trial.samples())
    # 1 2 3 4 scattered by 1 2 3 at stride 2, a row cropped at either end, and the bias of 10
    assert expected.tolist() == [[[12, 15, 14, 19, 16, 23, 18]]]


def test_an_equal_result_is_native():
    predicted = prediction()
    trial = predicted.trial()
    assert judge(predicted, trial, ran(predicted, predicted.expected(trial.samples()))).status == "native"


@pytest.mark.parametrize(
    ("spoil", "claim"),
    [
        (lambda right: right + 1, "wrong values"),
        (lambda right: right[..., ::-1].copy(), "wrong values"),
        (lambda right: right[..., :-1], "wrong size"),
        (lambda right: right[:1], "wrong size"),
    ],
)
def test_another_result_is_wrong(spoil, claim):
    predicted = prediction()
    trial = predicted.trial()
    verdict = judge(predicted, trial, ran(predicted, spoil(predicted.expected(trial.samples()))))
    assert (verdict.status, verdict.claim) == ("wrong", claim)


def test_a_result_that_changes_is_wrong_even_if_it_was_right_once():
    predicted = prediction()
    trial = predicted.trial()
    outcome = ran(predicted, predicted.expected(trial.samples()), repeats=False)
    assert judge(predicted, trial, outcome).claim == "values change from run to run"


def test_a_result_where_the_kernel_does_not_fit_is_wrong():
    predicted = prediction(CONV._replace(stride=(3,)), 2)
    verdict = judge(predicted, predicted.trial(), ran(predicted, np.ones((3, 1, 1), np.float32)))
    assert (verdict.status, verdict.claim) == ("wrong", "a result where nothing is left")
    assert verdict.detail == "size 1, and it comes to 0: 1, 1, 1"


def test_no_result_where_the_kernel_does_not_fit_is_right():
    predicted = prediction(CONV, 2)
    assert judge(predicted, predicted.trial(), ran(predicted, np.ones((3, 1, 0), np.float32))).status == "native"


def test_an_empty_result_hides_a_negative_size():
    predicted = prediction(TCONV._replace(padding=((3, 3),)), 1)
    verdict = judge(predicted, predicted.trial(), ran(predicted, np.ones((3, 1, 0), np.float32)))
    assert (verdict.claim, verdict.detail) == ("an empty result for a negative size", "size 0 instead of -3")


@pytest.mark.parametrize(("value", "status"), [(3, "wrong"), (None, "native")])
def test_an_input_without_rows_gives_nothing_but_the_bias(value, status):
    predicted = prediction(TCONV, 0)
    trial = predicted.trial()
    bias = float(trial.samples().bias[0])
    made = np.full((3, 1, 1), bias if value is None else bias + value, np.float32)
    assert judge(predicted, trial, ran(predicted, made)).status == status


def test_an_argument_that_is_taken_and_ignored_is_wrong():
    predicted = prediction(Words("conv", (3,), (1,), (2,), "same"), 6, dialect="paddle")
    trial = predicted.trial()
    verdict = judge(predicted, trial, ran(predicted, predicted.expected(trial.samples())))
    assert (verdict.claim, verdict.detail) == ("accepts dilation and ignores it", "runs as without dilation 2")


def test_an_ignored_dilation_of_one_tap_changes_nothing():
    predicted = prediction(Words("conv", (1,), (1,), (2,), "same"), 6, dialect="paddle")
    trial = predicted.trial()
    assert judge(predicted, trial, ran(predicted, predicted.expected(trial.samples()))).status == "native"


def test_a_conv_called_same_keeps_the_size():
    words = Words("conv", (4, 2), (1, 1), (1, 2), "same")
    predicted = prediction(words, 3, 3, dialect="tinygrad")
    # measured: tinygrad pads (4, 2) with dilation (1, 2) for the other axis's dilation, and makes 6x2 of 3x3
    assert predicted.out == (6, 2)
    trial = predicted.trial()
    verdict = judge(predicted, trial, ran(predicted, predicted.expected(trial.samples())))
    assert verdict == ("wrong", "same is not the same size", "size 6x2 instead of 3x3")


def test_what_runs_against_its_own_rules_is_wrong():
    predicted = prediction(TCONV._replace(output_padding=(2,)))
    verdict = judge(predicted, predicted.trial(), ran(predicted, np.ones((3, 1, 9), np.float32)))
    assert verdict.claim == "runs what its rules refuse"
    assert "output_padding 2 must be smaller than either stride 2 or dilation 1" in verdict.detail


@pytest.mark.parametrize(
    ("status", "detail", "expected", "claim"),
    [
        ("unsupported", "ValueError: no", "refuses", ""),
        ("timeout", "no answer within 3 s", "timeout", "gives no answer"),
        ("unavailable", "is not installed", "unavailable", ""),
        ("crashed", "its process was ended by SIGSEGV while running the layer", "crashed",
         "kills its process (was ended by SIGSEGV)"),
        ("crashed", "backend 'acme' is broken: the code is no program", "crashed", "breaks"),
    ],
)  # fmt: skip
def test_a_backend_without_a_result_says_how(status, detail, expected, claim):
    predicted = prediction()
    verdict = judge(predicted, predicted.trial(), Outcome("acme", "1", status, detail=detail))
    assert verdict == (expected, claim, detail)


@pytest.mark.parametrize(
    ("changes", "in_", "expected"),
    [
        ({}, 4, "basic"),
        ({"output_padding": (1,)}, 4, "outpad"),
        ({"padding": ((0, 1),)}, 4, "uneven"),
        ({"stride": (1,), "dilation": (2,)}, 4, "dilated"),
        ({"dilation": (2,)}, 4, "dil_strided"),
        ({"groups": 2}, 4, "groups"),
        ({"padding": ((3, 3),)}, 4, "bigpad"),
        ({"output_padding": (2,)}, 4, "bigop"),
        ({"padding": "same"}, 4, "named"),
        ({"padding": ((2, 2),)}, 1, "negative"),
        ({}, 0, "empty"),
    ],
)
def test_a_question_is_of_one_class(changes, in_, expected):
    words = TCONV._replace(**changes)
    formula = None if isinstance(words.padding, str) else ((in_ - 1) * 2 + 3 - sum(words.padding[0]),)
    assert class_of(words, (in_,), formula) == expected
    assert expected in CLASSES
