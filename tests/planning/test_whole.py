"""Receptive field and stack, which do not add up along a chain: their order, and when it is said to be proven."""

import random
from fractions import Fraction

import pytest
from planning.brute import axis_chains, layers_of, reach, scores

from tconv_design.planning import whole
from tconv_design.planning.build import chain_problem
from tconv_design.planning.criteria import DEFAULT, plan_rank
from tconv_design.planning.plan import plan


def stack(kind, layers):
    """(holes, most over fewest ways) of an even signal's middle, followed row by row."""
    rows = [1] * 600
    for k, s, _, _, _, d in layers:
        span = d * (k - 1) + 1
        if kind == "conv":
            rows = [sum(rows[at + tap * d] for tap in range(k)) for at in range(0, len(rows) - span + 1, s)]
        else:
            full = [0] * ((len(rows) - 1) * s + span)
            for place, row in enumerate(rows):
                for tap in range(k):
                    full[place * s + tap * d] += row
            rows = full
        rows = rows[len(rows) // 8 : -(len(rows) // 8)]
    return (True, Fraction(1)) if 0 in rows else (False, Fraction(max(rows), min(rows)))


def drawn(seed):
    """A problem on one axis with few layers, and its chains with all criteria."""
    rng = random.Random(seed)
    kind, number = rng.choice(["conv", "tconv"]), rng.choice([1, 2, 3])
    kernel, stride, padding = rng.sample(range(1, 6), 3), rng.sample(range(1, 4), 2), rng.sample(range(3), 2)
    box = list(layers_of(kind, kernel, stride, padding, [0], [1], below=False))
    first = rng.randint(1, 5) if kind == "tconv" else rng.randint(5, 20)
    last = rng.choice([n for n in range(1, 40) if axis_chains(kind, [box] * number, number, first, n)])
    rank = plan_rank(",".join(rng.sample(["field", "stack", *DEFAULT], 3)))
    options = {"kernel": kernel, "stride": stride, "padding": padding}
    texts = {name: ",".join(map(str, values)) for name, values in options.items()}
    problem = chain_problem(
        first,
        last,
        number,
        rank=rank,
        top=rng.randint(1, 6),
        kind=kind,
        output_padding=0 if kind == "tconv" else None,
        **texts,
    )
    rows = []
    for layers, sizes in axis_chains(kind, [box] * number, number, first, last):
        per_layer = [(layer,) for layer in layers]
        score = scores(kind, per_layer, [(size,) for size in sizes], [1] * number, [1] * number)
        score |= {"field": -reach(kind, layers), "stack": stack(kind, layers)}
        rows.append(([score[name] for name in rank], layers))
    return problem, sorted(rows)


def shown(found):
    return [tuple((*layer.kernel, *layer.stride, *layer.padding[0], 0, 1) for layer in p.layers) for p in found.plans]


@pytest.mark.parametrize("seed", range(120))
def test_whole_criteria_rank_as_the_list_does(seed):
    problem, rows = drawn(seed)
    found = plan(problem)
    assert found.proven
    assert shown(found) == [layers for _, layers in rows[: problem.top]]


@pytest.mark.parametrize("seed", range(120))
def test_of_too_many_the_largest_field_is_searched_for(seed, monkeypatch):
    monkeypatch.setattr(whole, "MAX_LOOKED", 2)
    problem, rows = drawn(seed)
    found = plan(problem)
    if "stack" not in problem.rank and found.proven:
        assert shown(found) == [layers for _, layers in rows[: problem.top]]
    assert found.proven or "not proven best" in found.why


def test_a_stack_is_proven_as_soon_as_enough_even_ones_are_found():
    found = plan(chain_problem(4, 256, "3..6", rank=plan_rank("stack"), top=3))
    assert found.proven
    assert [each.scores["stack"] for each in found.plans] == [1.0, 1.0, 1.0]


def test_what_is_not_proven_is_said(monkeypatch):
    monkeypatch.setattr(whole, "MAX_LOOKED", 5)
    found = plan(chain_problem(3, 11, 2, rank=plan_rank("stack"), kernel="2..5", stride=2, padding="0..4"))
    assert not found.proven
    assert found.why.startswith("more than 5 chains are equal in all that ranks before stack")
