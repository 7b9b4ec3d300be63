"""What `plan` promises beside the order: counts of any size, time limits, reasons, and the same numbers with numpy."""

import random

import pytest

from tconv_design.errors import InvalidQuestion
from tconv_design.planning import places, togo
from tconv_design.planning import plan as module
from tconv_design.planning.build import chain_problem
from tconv_design.planning.criteria import plan_rank
from tconv_design.planning.plan import count, plan
from tconv_design.planning.problem import Limits


def steps(found):
    return [[(layer.kernel, layer.stride, layer.padding) for layer in each.layers] for each in found.plans]


@pytest.mark.parametrize("seed", range(40))
def test_tables_are_the_same_with_numpy_and_without(seed, monkeypatch):
    rng = random.Random(seed)
    kind = rng.choice(["conv", "tconv"])
    ends = (rng.randint(1, 9), rng.randint(20, 300))
    ndim = rng.choice([1, 1, 2, 3])
    ins, outs = (("x".join([str(size)] * ndim)) for size in (ends if kind == "tconv" else ends[::-1]))
    rank = plan_rank(",".join(rng.sample(["macs", "params", "even", "steady", "small"], 2)))
    problem = chain_problem(
        ins, outs, rng.randint(1, 4), kind=kind, rank=rank, top=7, dilation=rng.choice(["1", "1,2"])
    )
    monkeypatch.setattr(togo, "pays", lambda *_: False)
    without = plan(problem)
    monkeypatch.setattr(togo, "pays", lambda places, sizes, pack: pack.infinite <= togo.LARGEST)
    assert plan(problem) == without


def test_scores_beyond_64_bits_are_left_to_whole_numbers():
    rank = plan_rank("macs,params")
    problem = chain_problem("4x4x4", "64x64x64", 4, channels="4096,65536,65536,65536,3", rank=rank)
    found = plan(problem)
    assert found.proven
    assert found.plans[0].macs == min(each.macs for each in found.plans) > 2**31


def test_many_chains_are_counted():
    assert count(chain_problem(1, 1080, 32)) > 10**71


def test_the_count_of_two_axes_is_the_product_for_each_number_of_layers():
    one, two = ([count(chain_problem(a, b, n)) for n in (1, 2)] for a, b in ((2, 8), (3, 20)))
    assert count(chain_problem("2x3", "8x20", "1..2")) == one[0] * two[0] + one[1] * two[1]


def test_sizes_too_many_for_a_table_are_planned_too():
    found = plan(chain_problem(7, 7 * 8**6, 6, stride="8", kernel="8,16"))
    assert found.proven
    assert [size for (size,) in found.plans[0].sizes] == [7 * 8**n for n in range(7)]


def test_a_timeout_leaves_some_plan_that_is_not_said_to_be_best():
    found = plan(chain_problem("1x1", "64x256", "3..5"), timeout=0.0)
    assert not found.proven
    assert len(found.plans) == 1
    assert found.why == "the search was stopped after 0 s: these are the best so far, not proven best"
    assert found.plans[0].sizes[-1] == (64, 256)


def test_an_interruption_leaves_what_was_found(monkeypatch):
    def ranked(problem, alive, found):
        found.extend(plan(problem._replace(top=2)).plans)
        raise KeyboardInterrupt

    problem = chain_problem(4, 64, 3)
    best = plan(problem._replace(top=2)).plans
    true_ranked = module.ranked
    monkeypatch.setattr(module, "ranked", lambda p, a, f: true_ranked(p, a, f) if p.top == 2 else ranked(p, a, f))
    found = plan(problem)
    assert (found.proven, found.plans) == (False, best)
    assert found.why == "the search was interrupted: these are the best so far, not proven best"


def test_remarks_are_made(monkeypatch):
    monkeypatch.setattr(module, "REMARK_EVERY", 0.0)
    said = []
    plan(chain_problem(4, 64, 3), progress=said.append)
    assert said[0] == "0 s: 1 beginnings looked at, 0 plans so far"


def test_sizes_that_can_be_reached_instead_are_said():
    found = plan(chain_problem(4, 18, 2, kernel="3", stride="2", padding="1"))
    assert found.count == 0
    assert found.why == "no chain of 2 layers in the box leads from 4 to 18; the nearest that they come to: 16"


def test_an_axis_without_chains_is_named():
    found = plan(chain_problem("4x4", "16x18", "1..2", kernel="3", stride="2", padding="1"))
    assert (
        found.why
        == "axis 2: no chain of 1 to 2 layers in the box leads from 4 to 18; the nearest that they come to: 16"
    )


def test_numbers_of_layers_must_fit_all_axes():
    found = plan(chain_problem("4x4", "8x16", "1..2", kernel="4", stride="2", padding="1"))
    assert found.count == 0
    assert found.why == "every axis has chains of 1 to 2 layers, but no number of layers has chains on all axes"


def test_how_far_a_limit_is_off_is_said():
    found = plan(chain_problem(4, 16, 2, limits=Limits(max_params=3, max_macs=10)))
    assert found.plans == ()
    assert found.why.startswith(f"no chain of the {found.count} in the box is within all limits")
    assert plan(chain_problem(4, 16, 2, limits=Limits(max_macs=7))).why.endswith(
        "the fewest multiply-adds are 8, and at most 7 are allowed"
    )


def test_an_unknown_criterion_is_refused():
    with pytest.raises(InvalidQuestion, match="unknown rank criterion 'mac'"):
        plan(chain_problem(4, 16, 2, rank=("mac",)))


def test_the_default_is_what_one_expects_of_an_image_generator():
    found = plan(chain_problem("4x4", "64x64", "4", kernel="4"))
    assert steps(found)[0] == [((4, 4), (2, 2), ((1, 1), (1, 1)))] * 4


def test_factors_may_differ_per_axis():
    found = plan(chain_problem("13x100", "416x1600", "3..4"))
    assert found.proven
    assert found.plans[0].sizes == ((13, 100), (26, 200), (104, 400), (416, 1600))


@pytest.mark.parametrize("seed", range(60))
def test_counts_by_differences_are_those_one_by_one(seed, monkeypatch):
    rng = random.Random(seed)
    kind = rng.choice(["conv", "tconv"])
    ends = (rng.randint(1, 40), rng.randint(1, 300))
    options = rng.choice([{}, {"dilation": "1..3"}, {"padding": "0..3:0..4"}, {"kernel": "1,4,9", "stride": "2..3"}])
    problem = chain_problem(min(ends), max(ends), "1..4", kind=kind, **options)
    chains = count(problem)
    places.sizes_between.cache_clear()
    monkeypatch.setattr(places, "DENSE", 0)
    assert count(problem) == chains
    places.sizes_between.cache_clear()
