"""Of very long runs only the ends and what keeps a promise are made, and the best is among these."""

import pytest

from tconv_design import candidates as module
from tconv_design.candidates import candidates
from tconv_design.question import ask
from tconv_design.ranking import Ranking
from tconv_design.solver import solutions

LONG = [
    {"kind": "tconv", "in": 4, "out": "1..300", "kernel": 5, "stride": 10, "padding": 0, "output_padding": "?"},
    {"kind": "tconv", "in": 3, "out": 40, "kernel": "1..90", "stride": 12, "padding": "0..20", "output_padding": "?"},
    {"kind": "conv", "in": 90, "out": 10, "kernel": 3, "stride": 20, "padding": "50:0..99"},
    {"kind": "conv", "in": 70, "out": 3, "kernel": "1..70", "stride": 30, "padding": "0..9"},
]


@pytest.mark.parametrize("options", LONG)
def test_the_best_of_a_long_run_is_found_without_making_all_of_it(monkeypatch, options):
    monkeypatch.setattr(module, "REACH", 1)
    question = ask(options)
    numbers = question.axes[0].numbers
    ranking = Ranking(question.kind, 1, 1, ("exact", "even", "plain", "cost", "small", "legal"))
    best = min(candidates(numbers, 1), key=lambda n: ranking.key((n,)))
    assert best == min(solutions(numbers), key=lambda n: ranking.key((n,)))
    made = list(candidates(numbers, 1))
    assert len(made) == len(set(made)) < sum(1 for _ in solutions(numbers))
