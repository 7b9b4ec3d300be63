"""The solver against five nested loops: complete, exact, each solution once."""

import random
from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tconv_design
from tconv_design.errors import InvalidQuestion
from tconv_design.solver import count_solutions, plain_tuples, runs, solutions
from tconv_design.unknowns import AxisQuestion, Numbers
from tconv_design.values import Values

KERNELS, STRIDES, DILATIONS, PADDINGS = range(1, 6), range(1, 5), range(1, 4), range(5)
SIZES = range(1, 13)
RANDOM_SEEDS = [*range(25), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(25, 1000))]


def between(low, high):
    return Values((range(low, high + 1),))


def one(value):
    return between(value, value)


def nested_loops(kind, sizes, outs):
    """(in, out) -> every (kernel, stride, dilation, padding, padding, output_padding) that turns in into out."""
    found = defaultdict(set)
    for in_ in sizes:
        for kernel in KERNELS:
            for stride in STRIDES:
                for dilation in DILATIONS:
                    for padding in PADDINGS:
                        spans = dilation * (kernel - 1) + 1
                        if kind == "conv":
                            if in_ + 2 * padding >= spans:
                                out = (in_ + 2 * padding - spans) // stride + 1
                                found[in_, out].add((kernel, stride, dilation, padding, padding, 0))
                        else:
                            for extra in range(max(stride, dilation)):
                                out = (in_ - 1) * stride + spans - 2 * padding + extra
                                found[in_, out].add((kernel, stride, dilation, padding, padding, extra))
    return {(in_, out): found[in_, out] for in_ in sizes for out in outs}


def small_box(kind, in_, out):
    extra = one(0) if kind == "conv" else between(0, 50)
    boxes = (between(box[0], box[-1]) for box in (KERNELS, STRIDES, DILATIONS, PADDINGS))
    return AxisQuestion(kind, one(in_), one(out), *boxes, one(0), extra)


@pytest.mark.parametrize("kind", ["conv", "tconv"])
def test_every_in_and_out_up_to_12_is_answered_as_by_nested_loops(kind):
    expected = nested_loops(kind, SIZES, SIZES)
    for (in_, out), wanted in expected.items():
        got = [tuple(numbers)[2:] for numbers in solutions(small_box(kind, in_, out))]
        assert sorted(got) == sorted(wanted), (kind, in_, out)


@pytest.mark.parametrize("kind", ["conv", "tconv"])
@pytest.mark.parametrize(
    "in_", [1, 5, 12, *(pytest.param(i, marks=pytest.mark.exhaustive) for i in (2, 3, 4, 6, 7, 8, 9, 10, 11))]
)
def test_the_public_answer_lists_what_nested_loops_find(kind, in_):
    for out in SIZES:
        wanted = nested_loops(kind, [in_], [out])[in_, out]
        answer = tconv_design.solve(
            in_, out, kind=kind, kernel="1..5", stride="1..4", dilation="1..3", padding="0..4", limit=10**6
        )
        got = [
            (*layer.kernel, *layer.stride, *layer.dilation, *layer.padding[0], *layer.output_padding)
            for layer in (solution.layer for solution in answer.solutions)
        ]
        assert sorted(got) == sorted(wanted), (kind, in_, out)
        assert answer.count == len(wanted)


def default_box(kind, in_):
    """Counts per out of the default box: kernel <= 16, stride <= 8, begin = end <= K-1, output_padding < stride."""
    counts = defaultdict(int)
    for kernel, stride in product(range(1, 17), range(1, 9)):
        for padding in range(kernel):
            if kind == "conv" and in_ + 2 * padding >= kernel:
                counts[(in_ + 2 * padding - kernel) // stride + 1] += 1
            if kind == "tconv":
                for extra in range(stride):
                    counts[(in_ - 1) * stride + kernel - 2 * padding + extra] += 1
    return counts


@pytest.mark.parametrize("kind", ["conv", "tconv"])
def test_the_default_box_is_counted_as_by_nested_loops(kind):
    for in_ in SIZES:
        expected = default_box(kind, in_)
        for out in range(1, 25):
            assert tconv_design.solve(in_, out, kind=kind, limit=0).count == expected[out], (kind, in_, out)


def random_values(rng, low, high):
    form = rng.random()
    first, last = sorted((rng.randint(low, high), rng.randint(low, high)))
    if form < 0.45:
        return one(first)
    if form < 0.8:
        return between(first, last)
    if form < 0.9:
        return Values((range(first, last + 1, rng.choice((2, 3))),))
    chosen = sorted({rng.randint(low, high) for _ in range(3)})
    return Values(tuple(range(value, value + 1) for value in chosen))


def random_question(rng):
    kind = rng.choice(["conv", "tconv"])
    symmetric = rng.random() < 0.6
    sides = [("pad_begin",)] if symmetric else [("pad_begin",), ("pad_end",), ("pad_begin", "pad_end")]
    limits = ((1, 12), (1, 20), (1, 6), (1, 5), (1, 4), (0, 5), (0, 5))
    values = [random_values(rng, low, high) for low, high in limits]
    extra = one(0) if kind == "conv" else random_values(rng, 0, 4)
    below = rng.choice(sides) if rng.random() < 0.4 else ()
    return AxisQuestion(kind, *values, extra, symmetric=symmetric, below_kernel=below)


def brute_force(question):
    """All solutions of a question by trying every combination of its values."""
    found = set()
    q = question
    ends = [None] if q.symmetric else list(q.pad_end)
    for in_, kernel, stride, dilation, begin, given_end in product(
        q.in_, q.kernel, q.stride, q.dilation, q.pad_begin, ends
    ):
        end = begin if given_end is None else given_end
        spans = dilation * (kernel - 1) + 1
        if any({"pad_begin": begin, "pad_end": end}[side] >= spans for side in q.below_kernel):
            continue
        for extra in q.output_padding:
            if q.kind == "conv":
                fits = in_ + begin + end >= spans
                out = (in_ + begin + end - spans) // stride + 1
            else:
                fits = extra < max(stride, dilation)
                out = (in_ - 1) * stride + spans - begin - end + extra
            if fits and out in q.out:
                found.add((in_, out, kernel, stride, dilation, begin, end, extra))
    return found


@pytest.mark.parametrize("seed", RANDOM_SEEDS)
def test_random_questions_are_answered_as_by_brute_force(seed):
    rng = random.Random(seed)
    for _ in range(40):
        question = random_question(rng)
        listed = list(solutions(question))
        wanted = brute_force(question)
        assert len(listed) == len(set(listed)), f"a solution twice: {question}"
        assert set(listed) == wanted, question
        assert count_solutions(question) == len(wanted), question
        assert sorted(plain_tuples(question)) == sorted(wanted), question
        assert sum(run.size for run in runs(question)) == len(wanted), question


BIG = 10**17


@given(
    st.sampled_from(["conv", "tconv"]),
    st.integers(1, 9),
    st.integers(1, 30),
    st.integers(1, 6),
    st.integers(1, 3),
    st.integers(1, BIG),
)
@settings(deadline=None, max_examples=150)
def test_moving_both_sizes_by_whole_strides_keeps_the_solutions(kind, in_, out, stride, dilation, moved):
    def parameters(in_, out):
        extra = one(0) if kind == "conv" else between(0, 5)
        fixed = (one(stride), one(dilation), between(0, 6), between(0, 6), extra)
        asked = AxisQuestion(kind, one(in_), one(out), between(1, 9), *fixed, symmetric=False)
        return sorted(tuple(numbers)[2:] for numbers in solutions(asked))

    far = (in_ + moved * stride, out + moved) if kind == "conv" else (in_ + moved, out + moved * stride)
    assert parameters(*far) == parameters(in_, out)


def test_sizes_of_10_to_the_18_are_answered():
    answer = tconv_design.solve(25 * 10**16, 10**18)
    first = answer.solutions[0]
    assert (first.layer.kernel, first.layer.stride, first.layer.padding) == ((4,), (4,), ((0, 0),))
    assert (first.in_size, first.out_size) == ((25 * 10**16,), (10**18,))
    # at stride 4, 16 = 4*4 and 10**18 = 4*(25*10**16) leave the same to kernel, padding and output_padding
    assert answer.count == tconv_design.solve(4, 16, stride=4).count


@pytest.mark.parametrize(
    ("options", "symbol", "expected"),
    [
        ({"in_": 10**18, "kernel": 3, "kind": "conv"}, "out", [10**18 - 2]),
        ({"out": 10**18, "kernel": 3, "kind": "conv"}, "in", []),  # would need 10**18 + 2
        ({"out": 10**18, "kernel": 2, "stride": 2, "kind": "tconv"}, "in", [10**18 // 2]),
        ({"in_": 10**18, "out": 10**18, "kernel": "?", "stride": 1, "padding": 0, "kind": "conv"}, "kernel", [1]),
        ({"in_": 10**18, "out": 2, "kernel": "?", "stride": 1, "padding": 0, "kind": "conv"}, "kernel", [10**18 - 1]),
        (
            {"in_": 2, "out": 10**18, "kernel": 1, "stride": "?", "padding": 0, "output_padding": 0, "kind": "tconv"},
            "stride",
            [10**18 - 1],
        ),
        (
            {
                "in_": 10**18,
                "out": 10**18,
                "kernel": 3,
                "stride": 1,
                "padding": "?",
                "dilation": 10**17,
                "kind": "conv",
            },
            "padding",
            [10**17],
        ),
    ],
)
def test_huge_numbers_are_exact(options, symbol, expected):
    solved = tconv_design.solve(options.pop("in_", None), options.pop("out", None), **options, limit=100).solutions
    found = {
        "in": lambda s: s.in_size[0],
        "out": lambda s: s.out_size[0],
        "kernel": lambda s: s.layer.kernel[0],
        "stride": lambda s: s.layer.stride[0],
        "padding": lambda s: s.layer.padding[0][0],
    }[symbol]
    assert [found(solution) for solution in solved] == expected


def test_a_billion_solutions_are_counted_without_being_listed():
    # floor((in - 10)/10**9) + 1 = 7 for 10**9 values of in
    answer = tconv_design.solve(None, 7, kind="conv", kernel=10, stride=10**9, limit=3)
    assert answer.count == 10**9
    assert all(6 * 10**9 + 10 <= solution.in_size[0] < 7 * 10**9 + 10 for solution in answer.solutions)


def test_the_widest_box_of_14_to_224_has_29980_solutions():
    answer = tconv_design.solve(
        14, 224, kernel="1..64", stride="1..32", dilation="1..8", padding="0..64", kind="tconv", limit=0
    )
    assert answer.count == 29_980
    box = (between(1, 64), between(1, 32), between(1, 8), between(0, 64))
    assert len(set(plain_tuples(AxisQuestion("tconv", one(14), one(224), *box, one(0), between(0, 31))))) == 29_980


def test_a_run_takes_its_values_in_order_and_its_output_padding_along():
    question = AxisQuestion("tconv", one(3), one(9), one(4), one(3), one(1), between(0, 9), one(0), between(0, 2))
    found = sorted(numbers for run in runs(question) for numbers in run.part(run.values))
    assert found == [Numbers(3, 9, 4, 3, 1, 1, 1, 1)]  # (3-1)*3 + 4 - 2p + op = 9: 2p = op + 1, op < 3


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"kernel": "1..100000000", "stride": "1..100000000"}, "narrow (kernel|stride), which has 100000000 values"),
        (
            {"kernel": "1..10000", "stride": "1..10000", "padding": "0..99999"},
            "narrow (kernel|stride), which has 10000",
        ),
        ({"kernel": 3, "padding": "0..9999999999:0..9999999", "stride": "1..3"}, "narrow padding, which has 10000000"),
    ],
)
def test_a_box_too_wide_to_count_names_the_range_to_narrow(options, named):
    with pytest.raises(InvalidQuestion, match=rf"span \d+ combinations, and at most 10\*\*7 can be counted; {named}"):
        tconv_design.solve(4, 16, **options)


def test_a_box_of_just_ten_million_combinations_is_counted():
    # in 2 to out 2 by a tconv of kernel 1 and stride 1: every padding is 0, whatever the dilation
    answer = tconv_design.solve(
        2, 2, kind="tconv", kernel=1, stride=1, dilation="1..1000", padding="0..1000000000", output_padding=0, limit=1
    )
    assert answer.count == 1000
