import pytest

from tconv_design.planning.asking import limits
from tconv_design.planning.build import chain_problem
from tconv_design.planning.nearby import nearby
from tconv_design.planning.plan import count


@pytest.mark.parametrize(
    ("problem", "change"),
    [
        # kernel 2 at stride 1 adds one row a layer
        (chain_problem(4, 9, "1..3", kernel=2, stride=1, padding=0), "5 layers would do"),
        (chain_problem(4, 5, "2", kernel=2, stride=1, padding=0), "1 layer would do"),
        (chain_problem(4, 5, 2, kernel=4, stride=4), ""),
        (chain_problem(4, 16, 1, limits=limits(max_params=3)), "there is one without --max-params"),
        # kernel 4 has 5 parameters; kernel 1 with output_padding 3 has 2, and holes
        (
            chain_problem(4, 16, 1, limits=limits(max_params=3, even=True)),
            "there is one without --max-params or without --even",
        ),
        (chain_problem(4, 16, 1, limits=limits(max_params=1, max_macs=3)), ""),
    ],
)
def test_the_nearest_change_that_has_a_plan_is_named(problem, change):
    assert nearby(problem, count(problem)) == change
