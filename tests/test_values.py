"""The value grammar: what a text means, and the sentence that refuses one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.errors import InvalidQuestion
from tconv_design.values import Values, clip, count, parse_values, split_axes

PARTS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 30), st.integers(1, 7), st.booleans()), min_size=1, max_size=5
)


def text_and_set(parts):
    """The text of some ranges, and the set of numbers that they hold by Python's own range."""
    texts, numbers = [], set()
    for low, length, step, stepped in parts:
        step = step if stepped else 1
        texts.append(f"{low}..{low + length}" + (f"/{step}" if stepped else "") if length else str(low))
        numbers |= set(range(low, low + length + 1, step))
    return ",".join(texts), numbers


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("4", [4]),
        ("004", [4]),
        ("1..7", [1, 2, 3, 4, 5, 6, 7]),
        ("5..5", [5]),
        ("2,4", [2, 4]),
        ("4,2", [2, 4]),
        ("2,2", [2]),
        ("3..9/2", [3, 5, 7, 9]),
        ("3..8/2", [3, 5, 7]),
        ("1..3,7", [1, 2, 3, 7]),
        ("1..4,3..6", [1, 2, 3, 4, 5, 6]),
        ("1..9/4,5", [1, 5, 9]),
        ("1..5/2,2..6/2", [1, 2, 3, 4, 5, 6]),
        ("5..6/9", [5]),
        (" 1 .. 3 ", [1, 2, 3]),
        ("0", [0]),
    ],
)
def test_a_text_means_its_numbers(text, numbers):
    assert list(parse_values("kernel", text, 0)) == numbers


def test_a_question_mark_means_unknown():
    assert parse_values("kernel", "?", 1) is None


@given(PARTS)
@settings(deadline=None, max_examples=300)
def test_any_ranges_and_sets_hold_each_of_their_numbers_once_in_order(parts):
    text, numbers = text_and_set(parts)
    values = parse_values("kernel", text, 0)
    assert list(values) == sorted(numbers)
    assert (values.size, values.low, values.high) == (len(numbers), min(numbers), max(numbers))


@given(PARTS)
@settings(deadline=None, max_examples=200)
def test_the_text_of_a_set_is_read_back_as_the_same_set(parts):
    values = parse_values("kernel", text_and_set(parts)[0], 0)
    assert list(parse_values("kernel", str(values), 0)) == list(values)


@given(PARTS, st.integers(-5, 100), st.integers(-5, 100))
@settings(deadline=None, max_examples=200)
def test_parts_within_bounds_hold_the_numbers_within_bounds(parts, low, high):
    text, numbers = text_and_set(parts)
    values = parse_values("kernel", text, 0)
    kept = [number for part in values.within(low, high) for number in part]
    assert sorted(kept) == sorted(number for number in numbers if low <= number <= high)
    assert all(part for part in values.within(low, high))


@given(PARTS, st.integers(-5, 100))
@settings(deadline=None, max_examples=100)
def test_membership_is_that_of_the_set(parts, number):
    text, numbers = text_and_set(parts)
    assert (number in parse_values("kernel", text, 0)) == (number in numbers)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 9), st.integers(-9, 60), st.integers(-9, 60))
def test_a_clipped_range_keeps_its_step(start, length, step, low, high):
    part = range(start, start + length, step)
    assert list(clip(part, low, high)) == [number for number in part if low <= number <= high]


@given(st.integers(0, 50), st.integers(0, 60), st.integers(1, 9))
def test_a_count_is_the_length(start, stop, step):
    assert count(range(start, stop, step)) == len(range(start, stop, step))


def test_a_set_of_10_to_the_18_numbers_costs_nothing():
    values = parse_values("in", "1..1000000000000000000", 1)
    assert values.size == 10**18
    assert str(values) == "1..1000000000000000000"
    assert parse_values("in", "1..1000000000000000000/3", 1).size == 333333333333333334


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("abc", "kernel 'abc' is not a whole number, a range, a set or '\\?'; write for example 4, 1..7, 2,4"),
        ("4.5", "kernel '4.5' is not a whole number"),
        ("1e3", "kernel '1e3' is not a whole number"),
        ("+4", "kernel '\\+4' is not a whole number"),
        ("²", "kernel '²' is not a whole number"),
        ("٤", "is not a whole number"),
        ("", "is not a whole number"),
        ("1..", "kernel '1..' is not a whole number"),
        ("..7", "kernel '..7' is not a whole number"),
        ("1..2..3", "kernel '1..2..3' is not a whole number"),
        ("1...3", "is not a whole number"),
        ("2,,3", "is not a whole number"),
        ("2,", "is not a whole number"),
        (",", "is not a whole number"),
        ("1:2", "kernel '1:2' is not a whole number"),
        ("--4", "kernel '--4' is not a whole number"),
        ("7..1", "kernel '7..1' is an empty range; write 1..7"),
        ("3/2", "kernel '3/2' has a step but no range; write kernel 3..11/2"),
        ("3..9/0", "the step of kernel must be at least 1, got 0"),
        ("3..9/x", "the step of kernel '3..9/x' is not a whole number"),
        ("3..9/", "the step of kernel '3..9/' is not a whole number"),
        ("0", "kernel must be at least 1, got 0; use kernel 1 or more"),
        ("-4", "kernel must be at least 1, got -4; use kernel 1 or more"),
        ("0..4", "kernel must be at least 1, got 0"),
        ("1000000000000000001", "kernel '1000000000000000001' is above 10\\*\\*18"),
        ("9" * 400, "kernel '99999999999999999999'... \\(400 characters\\) is above 10\\*\\*18, the largest size"),
        ("1.." + "9" * 400, "\\(400 characters\\) is above 10\\*\\*18"),
        ("-" + "9" * 400, "kernel must be at least 1, got -99999999999999999999999;"),
        ("x" * 400, "kernel 'xxxxxxxxxxxxxxxxxxxx'... \\(400 characters\\) is not a whole number"),
    ],
)
def test_a_wrong_text_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(InvalidQuestion, match=f"^.*{sentence}"):
        parse_values("kernel", text, 1)


def test_many_leading_zeros_are_no_large_number():
    assert list(parse_values("kernel", "0" * 400 + "7", 1)) == [7]


def test_overlapping_ranges_with_steps_are_listed_up_to_a_million_numbers():
    with pytest.raises(InvalidQuestion, match="overlapping ranges with steps span over 1000000 numbers; use one range"):
        parse_values("in", "1..9000000/2,2..9000000/3", 1)


@pytest.mark.parametrize(
    ("text", "axes"),
    [
        ("4", ["4"]),
        ("4x6", ["4", "6"]),
        ("4X6", ["4", "6"]),
        ("1..3x?x2,4", ["1..3", "?", "2,4"]),
        (" 4 x 6 ", ["4", "6"]),
    ],
)
def test_an_x_separates_axes(text, axes):
    assert split_axes("kernel", text) == axes


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("4x", "kernel '4x' has an empty axis; write one value per axis, as in --kernel 4x6"),
        ("x4", "kernel 'x4' has an empty axis"),
        ("4xx6", "kernel '4xx6' has an empty axis"),
        ("1x2x3x4", "kernel '1x2x3x4' has 4 axes, and a layer has 1 to 3"),
    ],
)
def test_wrong_axes_are_refused_with_a_sentence(text, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        split_axes("kernel", text)


def test_a_refused_axis_names_the_option_as_it_is_written():
    with pytest.raises(InvalidQuestion, match="as in --output-padding 4x6"):
        split_axes("output_padding", "4x")


def test_one_and_between_are_what_they_say():
    assert list(Values.one(5)) == [5]
    assert list(Values.between(2, 4)) == [2, 3, 4]
