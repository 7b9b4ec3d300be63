"""The order of the answer: brute-force sorting of all solutions by the named criteria."""

import random
from itertools import permutations, product
from math import prod

import pytest

import tconv_design
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.ranking import CRITERIA, parse_rank
from tconv_design.solution import solution

ALL = 10**6
QUESTIONS = [
    {"in_": 4, "out": 16},
    {"in_": 14, "out": 28, "kernel": "1..9"},
    {"in_": 9, "out": 4, "kernel": "1..7"},
    {"in_": 5, "out": 11, "kernel": "1..4", "dilation": "1..3", "padding": "0..2:0..2"},
    {"in_": 7, "out": 7, "kernel": "1..5", "kind": "conv", "padding": "?:?", "dilation": "1..2"},
    {"in_": 8, "out": 16, "kernel": "1..6", "padding": "same", "dialect": "keras"},
    {"in_": "3..6", "out": "10..12", "kernel": "1..5"},
    {"in_": 4, "out": 16, "groups": 2, "in_channels": 4, "out_channels": 6},
]
MIXED = [
    {"in_": "3x4", "out": "6x8", "kernel": "1..4", "stride": "1..3"},
    {"in_": "3x3", "out": "6x6", "kernel": "1..4", "stride": "1..3"},
    {"in_": "8x8", "out": "3x6", "kernel": "?", "stride": "2x1", "padding": 0},
    {"in_": "8x6", "out": "4x3", "kernel": "1..3", "stride": "1..2", "dilation": "1..2"},
    {"in_": "4x4", "out": "8x8", "kernel": "2,4x3", "stride": 2, "padding": "0..1:0..1"},
    {"in_": "2x2x3", "out": "4x4x6", "kernel": "1..3", "stride": 2},
    {"in_": "3x4", "out": "?", "kernel": "2..3", "stride": "1..2"},
    {"in_": "?x?", "out": "6x7", "kernel": "2..3", "stride": "2", "kind": "conv"},
]


def ask(options, **more):
    options = options | more
    return tconv_design.solve(options.pop("in_", None), options.pop("out", None), **options)


def measure(found, criterion):
    """What one criterion compares, smaller first, from the facts that the solution itself shows."""
    layer = found.layer
    if criterion == "exact":
        return not found.law.exact_for_all
    if criterion == "even":
        return found.overlap is not None and (not found.overlap.uniform or found.overlap.holes)
    if criterion == "plain":
        return any(layer.output_padding) or any(begin != end for begin, end in layer.padding)
    if criterion == "legal":
        return -len(found.legal)
    if criterion == "cost":
        return prod(found.in_size if layer.kind == "tconv" else found.out_size) * prod(layer.kernel)
    return sum(layer.kernel), sum(layer.stride), sum(map(sum, layer.padding))


def measures(found, criteria):
    return [measure(found, criterion) for criterion in criteria]


def parameters(found):
    return (found.layer, found.in_size)


def test_4_to_16_has_168_solutions_and_kernel_4_stride_4_leads():
    answer = tconv_design.solve(4, 16, limit=999)
    assert answer.count == len(answer.solutions) == 168
    first = answer.solutions[0]
    assert first.layer == Layer.tconv(1, kernel=4, stride=4)
    assert (first.overlap.uniform, first.overlap.holes, first.overlap.counts) == (True, False, ((1, 1, 1, 1),))
    # a pixel laid down every 4 rows by a kernel of 3
    sparse = [s for s in answer.solutions if s.layer == Layer.tconv(1, kernel=3, stride=4, output_padding=1)]
    assert [s.overlap.holes for s in sparse] == [True]
    assert answer.solutions.index(sparse[0]) > 0


@pytest.mark.parametrize("options", QUESTIONS, ids=str)
def test_the_order_is_that_of_sorting_everything(options):
    answer = ask(options, limit=ALL)
    assert answer.count == len(answer.solutions)
    keys = [measures(found, CRITERIA) for found in answer.solutions]
    assert keys == sorted(keys)


@pytest.mark.parametrize("options", [*QUESTIONS, *MIXED], ids=str)
@pytest.mark.parametrize("limit", [1, 2, 5, 10, 33])
def test_a_limit_lets_the_first_of_the_whole_order_through(options, limit):
    everything = ask(options, limit=ALL)
    some = ask(options, limit=limit)
    assert some.count == everything.count
    assert some.solutions == everything.solutions[:limit]


@pytest.mark.parametrize("options", MIXED, ids=str)
@pytest.mark.parametrize("rank", [CRITERIA, CRITERIA[::-1], ("cost", "legal", "small", "exact", "plain", "even")])
def test_axes_are_combined_to_all_combinations_in_the_order_of_sorting(options, rank):
    answer = ask(options, limit=ALL, rank=",".join(rank))
    assert len(answer.solutions) == answer.count == len(set(map(parameters, answer.solutions)))
    each = [ask({name: per_axis(value, axis) for name, value in options.items()}, limit=ALL, kind=kind_of(answer))
            for axis in range(answer.solutions[0].layer.ndim)]  # fmt: skip
    combined = {
        (Layer(kind_of(answer), tuple(s.layer.axes[0] for s in chosen)), tuple(s.in_size[0] for s in chosen))
        for chosen in product(*(axis.solutions for axis in each))
    }
    assert set(map(parameters, answer.solutions)) == combined
    equal = [found for found in answer.solutions if is_equal(found, options)]
    assert answer.solutions[: len(equal)] == tuple(equal)
    for part in (equal, answer.solutions[len(equal) :]):
        keys = [measures(found, rank) for found in part]
        assert keys == sorted(keys)


def per_axis(value, axis):
    parts = str(value).split("x")
    return parts[axis] if len(parts) > 1 else value


def kind_of(answer):
    return answer.solutions[0].layer.kind


def is_equal(found, options):
    """Whether the solution's unknowns, sizes aside where axes differ, are the same on all axes."""
    layer = found.layer
    known = {name for name, value in options.items() if all(c not in str(value) for c in "?.,")}
    unknown = {"kernel", "stride", "padding", "output_padding", "dilation"} - known
    both_sizes = not {"in_", "out"} - {name for name, value in options.items() if "?" not in str(value)}
    if not both_sizes:
        unknown &= {name for name in options if name not in known}
    elif "dilation" not in options:
        unknown -= {"dilation"}
    alike = all(len(set(getattr(layer, name))) == 1 for name in unknown)
    same_sizes = len({per_axis(options.get("in_", "?"), a) for a in range(layer.ndim)}) == 1
    same_sizes &= len({per_axis(options.get("out", "?"), a) for a in range(layer.ndim)}) == 1
    if same_sizes:
        alike = alike and len(set(found.in_size)) == 1
    return alike


@pytest.mark.parametrize(
    "rank",
    [
        *random.Random(2).sample(list(permutations(CRITERIA)), 24),
        *(pytest.param(rank, marks=pytest.mark.exhaustive) for rank in permutations(CRITERIA)),
    ],
    ids=",".join,
)
def test_any_order_of_the_criteria_sorts_by_them(rank):
    for options in (QUESTIONS[0], QUESTIONS[3], MIXED[0]):
        everything = ask(options, limit=ALL, rank=",".join(rank)).solutions
        equal = [found for found in everything if is_equal(found, options)] if options in MIXED else []
        for part in (equal, everything[len(equal) :]):
            keys = [measures(found, rank) for found in part]
            assert keys == sorted(keys)
        assert ask(options, limit=7, rank=",".join(rank)).solutions == everything[:7]


def test_criteria_left_out_follow_in_their_default_order():
    assert parse_rank("cost") == ("cost", "exact", "even", "plain", "legal", "small")
    assert parse_rank("small, LEGAL") == ("small", "legal", "exact", "even", "plain", "cost")
    assert parse_rank(",".join(CRITERIA)) == CRITERIA


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("evn", "unknown rank criterion 'evn'; did you mean even\\?"),
        ("speed", "unknown rank criterion 'speed'; known: exact, even, plain, legal, cost, small"),
        ("exact,,even", "unknown rank criterion ''"),
        ("", "unknown rank criterion ''"),
        ("cost,cost", "rank 'cost,cost' names a criterion twice; known: exact, even"),
    ],
)
def test_a_wrong_rank_is_refused_with_a_sentence(text, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        parse_rank(text)


def test_tied_keeps_only_those_equal_on_all_axes():
    free = tconv_design.solve("4x4", "8x8", kernel="1..4", stride="1..3", limit=ALL)
    tied = tconv_design.solve("4x4", "8x8", kernel="1..4", stride="1..3", limit=ALL, tied=True)
    one = tconv_design.solve(4, 8, kernel="1..4", stride="1..3", limit=ALL)
    assert free.count == one.count**2
    assert tied.count == one.count
    assert tied.solutions == tuple(found for found in free.solutions if len(set(found.layer.axes)) == 1)
    assert tied.solutions == free.solutions[: tied.count]


def test_tied_axes_of_different_sizes_share_their_unknowns():
    tied = tconv_design.solve("4x5", "8x10", kernel="1..4", stride="1..3", limit=ALL, tied=True)
    assert tied.count == len(tied.solutions)
    both = [tconv_design.solve(i, o, kernel="1..4", stride="1..3", limit=ALL).solutions for i, o in ((4, 8), (5, 10))]
    shared = {found.layer.axes[0] for found in both[0]} & {found.layer.axes[0] for found in both[1]}
    assert {found.layer.axes for found in tied.solutions} == {(axis, axis) for axis in shared}


def test_every_in_and_out_of_a_tied_open_size_is_the_same_on_all_axes():
    tied = tconv_design.solve("?x?", "9x9", kernel=3, stride=2, kind="conv", tied=True)
    assert {found.in_size for found in tied.solutions} == {(19, 19), (20, 20)}
    assert tconv_design.solve("?x?", "9x9", kernel=3, stride=2, kind="conv").count == 4


def test_a_limit_of_0_counts_only():
    for options in (*QUESTIONS, *MIXED):
        assert ask(options, limit=0).solutions == ()
        assert ask(options, limit=0).count == ask(options, limit=ALL).count


def test_a_product_of_millions_is_counted_and_its_first_are_listed():
    one = tconv_design.solve(4, 16, limit=1)
    cube = tconv_design.solve("4x4x4", "16x16x16", limit=5)
    assert cube.count == one.count**3 == 168**3
    assert cube.solutions[0].layer == Layer.tconv(3, kernel=4, stride=4)
    mixed = tconv_design.solve("4x8x12", "16x32x48", limit=5)
    assert mixed.solutions[0].layer == Layer.tconv(3, kernel=4, stride=4)
    assert mixed.count == prod(tconv_design.solve(i, 4 * i, limit=0).count for i in (4, 8, 12))


def test_a_solution_is_the_layer_with_its_facts():
    for found in tconv_design.solve("3x4", "6x8", limit=20).solutions:
        assert found == solution(found.layer, found.in_size)
        assert found.out_size == (6, 8)


def test_the_best_of_a_run_too_long_to_make_may_be_its_first():
    # 10**9 inputs give out 7, and all cost the same: the smallest leads
    answer = tconv_design.solve(None, 7, kind="conv", kernel=10, stride=10**9, limit=2)
    assert [found.in_size for found in answer.solutions] == [(6 * 10**9 + 10,), (6 * 10**9 + 11,)]


def test_the_best_of_a_run_too_long_to_make_may_be_its_last():
    # kernel + output_padding = 10**9: every kernel from 1 on, and the last needs no output_padding and tiles
    answer = tconv_design.solve(4, 4 * 10**9, kernel="1..2000000000", stride=10**9, padding=0, limit=2)
    assert answer.count == 10**9
    assert [found.layer.kernel for found in answer.solutions][:1] == [(10**9,)]
