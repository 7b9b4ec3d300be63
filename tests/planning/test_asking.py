import pytest

from tconv_design.errors import InvalidQuestion
from tconv_design.planning.asking import box_text, checked_top, field_range, limits, portable_dialects, usual_layers
from tconv_design.planning.problem import Limits


@pytest.mark.parametrize(
    ("text", "rows"),
    [("64..", (64, None)), ("64..128", (64, 128)), ("..128", (1, 128)), ("64", (64, 64)), (" 64.. ", (64, None))],
)
def test_a_receptive_field_is_a_range_open_at_either_end(text, rows):
    assert field_range(text) == rows


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("..", "receptive field '..' has no number"),
        ("", "receptive field '' has no number"),
        ("a..", "receptive field 'a..' is no range of whole numbers"),
        ("-3..", "receptive field '-3..' is no range"),
        ("9..3", r"receptive field '9..3' is an empty range; write 3..9"),
        ("0..", "receptive field must be at least 1, got 0"),
        ("9" * 400, "is above 10"),
    ],
)
def test_what_is_no_receptive_field_gets_a_sentence(text, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        field_range(text)


def test_dialects_are_told_apart_and_each_is_taken_once():
    assert portable_dialects("torch, TensorFlow,torch") == ("torch", "tensorflow")


@pytest.mark.parametrize("text", ["", "torch,,jax", "numpy"])
def test_an_unknown_dialect_is_refused(text):
    with pytest.raises(InvalidQuestion, match="is no dialect"):
        portable_dialects(text)


def test_limits_are_none_where_nothing_is_asked():
    assert limits() == Limits()


def test_limits_hold_what_is_asked():
    asked = limits(max_params=5, max_macs=6, even=True, no_output_padding=True, portable="jax", receptive_field="3..4")
    assert asked == Limits(5, 6, True, True, ("jax",), (3, 4))


@pytest.mark.parametrize("name", ["max_params", "max_macs"])
def test_no_parameters_at_all_are_refused(name):
    with pytest.raises(InvalidQuestion, match="must be at least 1, got 0"):
        limits(**{name: 0})


@pytest.mark.parametrize("top", [0, -1, 1001, 10**40])
def test_a_top_out_of_range_is_refused(top):
    with pytest.raises(InvalidQuestion, match="top must be from 1 to 1000, got"):
        checked_top(top)


@pytest.mark.parametrize(
    ("in_", "out", "options", "layers"),
    [
        (4, 32, {}, "1..3"),
        (4, 33, {}, "2..4"),
        (1, 512, {}, "3..5"),
        ("1x4", "513x4", {}, "4..6"),
        (1, 8, {"stride": "2"}, "3..5"),
        (7, 7, {"stride": "1"}, "1..3"),
        (4, 6, {"stride": "1"}, "1..3"),
        (224, 7, {"kind": "conv", "stride": "2"}, "5..7"),
    ],
)
def test_the_usual_numbers_of_layers_are_those_that_strides_need_and_two_more(in_, out, options, layers):
    assert str(usual_layers(in_, out, **options)) == layers


def test_a_box_is_said_in_the_grammar_of_solve_with_what_is_given():
    assert box_text(1, "tconv", {"stride": "2,4", "dilation": "3"}) == {
        "kernel": "1..16",
        "stride": "2,4",
        "padding": "0..K-1",
        "output_padding": "0..3",
        "dilation": "3",
    }
