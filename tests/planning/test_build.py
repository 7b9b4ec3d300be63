"""Problems from plain options: boxes as `solve` has them, channels, and what is refused."""

import pytest

from tconv_design.errors import InvalidQuestion
from tconv_design.planning.build import chain_problem, channel_list
from tconv_design.planning.criteria import DEFAULT, plan_rank
from tconv_design.planning.plan import count
from tconv_design.question import ask
from tconv_design.solver import count_solutions


@pytest.mark.parametrize(("first", "last"), [(4, 8), (7, 3), (1, 16), (5, 5)])
@pytest.mark.parametrize("options", [{}, {"kernel": 3}, {"padding": "0..3:0..2"}, {"dilation": "1..3"}])
def test_one_layer_has_as_many_chains_as_solve_has_layers(first, last, options):
    asked = ask({"in": first, "out": last, **options})
    assert count(chain_problem(first, last, 1, **options)) == count_solutions(asked.axes[0].numbers)


@pytest.mark.parametrize(
    ("channels", "layers", "row"),
    [
        ("512:3", 4, (512, 142, 39, 11, 3)),
        ("1:1", 3, (1, 1, 1, 1)),
        ("1:64", 3, (1, 4, 16, 64)),
        ("64:1", 2, (64, 8, 1)),
        ("1:4", 4, (1, 1, 2, 3, 4)),  # 1.41, 2, 2.83
        ("512,256,64,3", 3, (512, 256, 64, 3)),
        (None, 2, (1, 1, 1)),
        ([8, 4], 1, (8, 4)),
    ],
)
def test_channels_are_laid_on_a_geometric_row_or_taken_as_given(channels, layers, row):
    assert channel_list(channels, layers) == row


def test_rounded_channels_are_multiples_of_the_groups():
    assert channel_list("512:16", 3, 16) == (512, 160, 48, 16)


def test_halves_are_rounded_up():
    assert channel_list("1:25", 2) == (1, 5, 25)
    assert channel_list("25:49", 2) == (25, 35, 49)
    assert channel_list("2:18", 2) == (2, 6, 18)
    assert channel_list("1:6", 2) == (1, 2, 6)  # 2.449
    assert channel_list("1:7", 2) == (1, 3, 7)  # 2.646


def test_the_kind_follows_the_sizes():
    kinds = [chain_problem(*ends, 2).chains[0][0].kind for ends in ((4, 16), (16, 4), (4, 4), ("1x9", "9x1"))]
    assert kinds == ["tconv", "conv", "tconv", "tconv"]


def test_a_named_padding_is_planned_with_what_the_dialect_makes_of_it():
    chains = chain_problem(25, 2, 4, kernel=3, stride=2, padding="same", dialect="keras")
    assert count(chains) == 1


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((4, "?", 3), {}, r"a chain needs one out, and \? is open"),
        (("4..5", 8, 1), {}, "a chain needs one in, and 4..5 is open"),
        ((4, 8, "?"), {}, "the number of layers is open"),
        ((4, 8, 0), {}, "layers must be at least 1, got 0"),
        ((4, 8, 1001), {}, "layers 1001 goes beyond 1000"),
        ((4, 8, 3), {"channels": "5,3"}, r"2 channels \(before, between, after\) are for 1 layers, and there are 3"),
        ((4, 8, 3), {"channels": "5:x"}, "channels 'x' is not"),
        ((4, 8, 3), {"channels": "5:?"}, "channels '\\?' is not one whole number"),
        ((4, 8, 3), {"channels": "4:5", "groups": 2}, "channels 5 must be a multiple of groups 2; use 6"),
        ((4, 8, 3), {"strides": 2}, "unknown option 'strides'; did you mean"),
        ((4, 8, 3), {"padding": "same"}, "dialect torch has no padding 'same' for a tconv"),
    ],
)
def test_what_cannot_be_planned_is_refused_in_a_sentence(arguments, options, message):
    with pytest.raises(InvalidQuestion, match=message):
        chain_problem(*arguments, **options)


def test_a_box_too_wide_is_refused():
    with pytest.raises(InvalidQuestion, match="narrow kernel, which has 100000 values"):
        count(chain_problem(4, 8, 2, kernel="1..100000", stride="1..8", padding=0))


def test_criteria_left_out_follow_in_their_default_order():
    assert plan_rank("macs,field") == ("macs", "field", *(name for name in DEFAULT if name != "macs"))


@pytest.mark.parametrize(("text", "message"), [("mac", "unknown rank criterion 'mac'"), ("macs,macs", "twice")])
def test_ranks_that_are_none_are_refused(text, message):
    with pytest.raises(InvalidQuestion, match=message):
        plan_rank(text)
