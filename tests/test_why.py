"""The reasons where nothing fits are true: each question and sentence was worked out by hand."""

import pytest

import tconv_design


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        # out = stride + output_padding, and output_padding is below the stride
        ({"in_": 2, "out": 21, "kernel": 4, "stride": "5..6", "padding": 2},
         "in 2 to out 21 needs stride 11..21, and not 5..6"),
        ({"in_": 4, "out": 16, "kernel": 5, "stride": "?", "padding": 0, "output_padding": 9},
         "in 4 to out 16 needs stride = 2/3 with output_padding 9; stride must be whole and output_padding below "
         "max(stride, dilation)"),
        ({"in_": 12, "out": 8, "kind": "conv", "kernel": 3, "padding": 0, "stride": "?"},
         "in 12 to out 8: stride 1 gives out 10 and stride 2 gives out 5, and out = floor(9/stride) + 1"),
        ({"in_": 12, "out": 80, "kind": "conv", "kernel": 3, "padding": 0, "stride": "?"},
         "in 12 to out 80: even stride 1 gives only out 10"),
        ({"in_": 5, "out": "5,11", "kernel": 1, "stride": 2, "dilation": 2, "padding": "0,1"},
         "in 5 to out 5,11: the box reaches outs from 7 to 10, but none of these"),
        ({"in_": 4, "kernel": "3..5", "padding": 9},
         "in 4: no layer of the box has any output: the kernel does not fit, or padding crops everything"),
    ],
)  # fmt: skip
def test_the_reason_is(question, sentence):
    answer = tconv_design.solve(**question)
    assert (answer.count, answer.why) == (0, sentence)


@pytest.mark.parametrize(
    ("question", "parameter", "after"),
    [
        ({"in_": 7, "out": 17, "kernel": 5, "stride": 2, "padding": 4}, "stride", "3"),
        ({"in_": 3, "out": 19, "kernel": 2, "stride": 3, "padding": 0}, "stride", "6"),
        ({"in_": 3, "out": 19, "kernel": 2, "stride": 3, "padding": 0}, "dilation", "7"),
        ({"in_": 4, "out": 100, "kernel": 3, "stride": "?"}, "stride", "25"),
    ],
)
def test_a_larger_stride_or_dilation_brings_the_output_padding_that_it_allows(question, parameter, after):
    nearest = {each.change.parameter: each.change.after for each in tconv_design.solve(**question).nearest}
    assert nearest[parameter] == after
