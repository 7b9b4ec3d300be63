"""What is told from a program's text, and of its result's values, without running it."""

import numpy as np
import pytest

from tconv_design.dialects.writing import Words
from tconv_design.layer import Layer
from tconv_design.matrix.native import is_native
from tconv_design.matrix.prediction import predict
from tconv_design.matrix.reproduction import program
from tconv_design.matrix.words import Asked
from tconv_design.trial import digest

ASKED = Asked(Words("tconv", (3,), (2,), (1,), "valid"), (4,))


@pytest.mark.parametrize(
    ("code", "native"),
    [
        ("layer = acme.deconv(3, stride=2)", True),
        ("layer = lambda x: acme.deconv(x, 3)[:, 1:]", False),
        ("layer = acme.chain(acme.deconv(3), acme.Crop(1))", False),
    ],
)
def test_a_program_of_a_framework_that_nobody_knows_is_native_if_it_is_one_call(code, native):
    assert is_native("acme", Layer.tconv(1, kernel=3), (4,), code) is native


@pytest.mark.parametrize(("name", "moved"), [("keras", True), ("jax", True), ("onnx", False)])
def test_a_program_for_a_report_has_channels_where_the_framework_has_them(name, moved):
    prediction = predict(name, "", ASKED)
    text = program(name, prediction, prediction.trial(1, "count"), "size 9", "size 8")
    assert ("x = np.moveaxis(x, 1, -1).copy()" in text) is moved


def test_zero_and_minus_zero_are_one_result_and_nothing_else_is():
    zero = np.zeros((1, 2), np.float32)
    assert digest(zero) == digest(-zero)
    assert len({digest(each) for each in (zero, zero + 1, zero.reshape(2, 1), zero.astype(np.float64))}) == 4
