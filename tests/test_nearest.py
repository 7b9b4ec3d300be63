"""Impossible questions: the reason in numbers, and the nearest change of each parameter, found again by brute force."""

import random

import pytest

import tconv_design
from tconv_design.errors import InvalidLayer

SEEDS = [*range(12), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(12, 300))]
NAMES = ("kernel", "stride", "padding", "output_padding", "dilation")


def size(kind, in_, kernel, stride, begin, end, extra, dilation):
    """The output size by the documented formulas; None where the layer breaks a rule or leaves nothing."""
    spans = dilation * (kernel - 1) + 1
    if kind == "conv":
        out = (in_ + begin + end - spans) // stride + 1 if extra == 0 else 0
    else:
        out = (in_ - 1) * stride + spans - begin - end + extra if extra < max(stride, dilation) else 0
    return out if out >= 1 else None


def random_known_layer(rng):
    kind = rng.choice(["conv", "tconv"])
    stride, dilation = rng.randint(1, 4), rng.choice((1, 1, 2, 3))
    return {
        "kind": kind,
        "in": rng.randint(1, 12),
        "out": rng.randint(1, 24),
        "kernel": rng.randint(1, 5),
        "stride": stride,
        "padding": rng.randint(0, 3),
        "output_padding": rng.randint(0, max(stride, dilation) - 1) if kind == "tconv" else 0,
        "dilation": dilation,
    }


def solve(asked, **more):
    options = dict(asked) | more
    if options["kind"] == "conv":
        options.pop("output_padding", None)
    return tconv_design.solve(options.pop("in", None), options.pop("out", None), **options)


def made(asked, **changed):
    now = asked | changed
    pads = now["padding"] if isinstance(now["padding"], tuple) else (now["padding"],) * 2
    return size(now["kind"], now["in"], now["kernel"], now["stride"], *pads, now["output_padding"], now["dilation"])


def questions(seed):
    rng = random.Random(seed)
    for _ in range(60):
        asked = random_known_layer(rng)
        if made(asked) is not None and made(asked) != asked["out"]:
            yield asked


def nearest_by_brute_force(asked, name, side):
    """The nearest value of one parameter that works, trying every value up to 80; pads as pairs where they must be."""
    least = 0 if name in ("padding", "output_padding") else 1
    values = [v for v in range(least, 81) if v != asked[name] and (v - asked[name]) * side >= 0]
    if name == "out":
        working = [v for v in values if v == made(asked)]
    else:
        working = [v for v in values if made(asked, **{name: v}) == asked["out"]]
        if name == "padding" and not working:
            old = asked["padding"]
            sides = [(v, pads) for v in values for pads in ((old, v), (v, old))]
            working = [v for v, pads in sides if made(asked, padding=pads) == asked["out"]]
    distances = [abs(v - asked[name]) for v in working]
    return min(distances, default=None)


def facts(found):
    layer = found.layer
    return {
        "kind": layer.kind,
        "in": found.in_size[0],
        "out": found.out_size[0],
        "kernel": layer.kernel[0],
        "stride": layer.stride[0],
        "padding": layer.padding[0],
        "output_padding": layer.output_padding[0],
        "dilation": layer.dilation[0],
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_every_nearest_change_works_and_changes_only_what_it_names(seed):
    for asked in questions(seed):
        for found in solve(asked).nearest:
            got = facts(found)
            pads = got.pop("padding")
            assert size(got["kind"], got["in"], got["kernel"], got["stride"], *pads, *last(got)) == got["out"]
            wanted = dict(asked)
            old = wanted.pop("padding")
            different = {name for name in wanted if wanted[name] != got[name]}
            different |= {"padding"} if pads != (old, old) else set()
            assert different == {found.change.parameter}, (asked, found)
            assert found.change.before == str(asked[found.change.parameter])


def last(got):
    return got["output_padding"], got["dilation"]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_nearest_change_of_each_parameter_is_the_nearest_by_brute_force(seed):
    for asked in questions(seed):
        sides = [("out", -1), ("out", 1), ("in", -1), ("in", 1), *((name, 0) for name in NAMES)]
        if asked["kind"] == "conv":
            sides.remove(("output_padding", 0))
        wanted = {at: distance for at in sides if (distance := nearest_by_brute_force(asked, *at)) is not None}
        got = {}
        for found in solve(asked).nearest:
            name, value = found.change.parameter, facts(found)[found.change.parameter]
            value = max(value, key=lambda side: side != asked["padding"]) if name == "padding" else value
            side = (value > asked[name]) - (value < asked[name]) if name in ("in", "out") else 0
            got[name, side] = abs(value - asked[name])
        assert {at: distance for at, distance in got.items() if distance <= 60} == {
            at: distance for at, distance in wanted.items() if distance <= 60
        }, asked


def changes(*sizes, **options):
    answer = tconv_design.solve(*sizes, **options)
    assert answer.count == 0
    assert answer.solutions == ()
    return [(found.change.parameter, found.change.before, found.change.after) for found in answer.nearest]


def test_an_impossible_question_is_answered_with_what_works():
    assert changes(4, 15, kernel=4, stride=4, padding=0) == [
        ("out", "15", "16"),
        ("kernel", "4", "3"),
        ("stride", "4", "3"),
        ("padding", "0", "1"),
        ("in", "4", "3"),
    ]


def test_a_symmetric_padding_that_cannot_help_becomes_uneven():
    assert ("padding", "0", "0:1") in changes(4, 15, kernel=4, stride=4, padding=0, output_padding=0)


@pytest.mark.parametrize(
    ("sizes", "options", "expected"),
    [
        ((2, 2), {"kernel": 4, "padding": 2}, ("2", "2:1")),  # 1 + 4 - 3
        ((5, 5), {"kernel": 4, "padding": "?", "kind": "conv"}, ("0..K-1", "1:2")),
        ((3, 7), {"kernel": 3, "stride": 2, "padding": "0:1"}, ("0:1", "0")),
        ((3, 5), {"kernel": 3, "stride": 2, "padding": "5:1"}, ("5:1", "1")),  # 4 + 3 - 2
    ],
)
def test_one_side_of_a_padding_may_change(sizes, options, expected):
    found = changes(*sizes, **{"stride": 1} | ({} if "kind" in options else {"output_padding": 0}) | options)
    assert ("padding", *expected) in found


def test_of_ranges_the_nearest_value_outside_is_named():
    # 3*9 + kernel + output_padding = 36: kernel 1..4 need at least output_padding 5; kernel 9 needs none
    found = changes(4, 36, kernel="1..4", stride=9, padding=0, output_padding=0)
    assert ("output_padding", "0", "5") in found
    assert ("kernel", "1..4", "9") in found
    assert ("out", "36", "31") in found


def test_an_open_in_still_has_nearest_changes():
    # (in - 1)*4 + 4 is a multiple of 4
    assert changes(None, 7, kernel=4, stride=4, padding=0, output_padding=0) == [
        ("out", "7", "4"),
        ("out", "7", "8"),
        ("kernel", "4", "3"),
        ("stride", "4", "3"),
        ("padding", "0", "0:1"),
        ("output_padding", "0", "3"),
        ("dilation", "1", "2"),
    ]


def test_a_named_padding_has_nearest_changes_too():
    found = changes(8, 15, kernel=3, stride=2, padding="valid", output_padding=0)
    assert ("out", "15", "17") in found
    assert ("kernel", "3", "1") in found


def test_only_the_failing_axis_changes():
    answer = tconv_design.solve("4x4", "16x15", kernel=4, stride=4, padding=0, output_padding=0)
    assert {found.change.axis for found in answer.nearest} == {1}
    for found in answer.nearest:
        assert (found.layer.axes[0].kernel, found.layer.axes[0].stride, found.in_size[0], found.out_size[0]) == (
            4,
            4,
            4,
            16,
        )
    assert answer.nearest[0].to_dict()["change"] == {"parameter": "out", "from": "15", "to": "16", "axis": 2}


def test_where_no_tied_solution_exists_the_untied_ones_are_nearest():
    answer = tconv_design.solve("4x4", "16x15", kernel="3..4", stride=4, padding=0, output_padding=0, tied=True)
    assert answer.count == 0
    assert answer.why == (
        "no solution is the same on all axes, but 1 is if every axis may differ; drop --tied to see them"
    )
    assert [found.layer.kernel for found in answer.nearest] == [(4, 3)]


def test_no_change_is_offered_where_none_works():
    # a tconv of kernel 1, stride 1 and no padding keeps every size; only in, out or kernel can change that
    assert [name for name, _, _ in changes(4, 6, kernel=1, stride=1, padding=0)] == ["out", "kernel", "in"]


@pytest.mark.parametrize(
    ("sizes", "options", "why"),
    [
        (
            (4, 15),
            {"kernel": 4, "stride": 4, "padding": 0, "output_padding": 0},
            "out = (4 - 1)*4 + 4 - 0 - 0 + output_padding = 16 + output_padding; "
            "output_padding is 0, so out is 16 and never 15",
        ),
        (
            (4, 15),
            {"kernel": 4, "stride": 4, "padding": 0},
            "out = (4 - 1)*4 + 4 - 0 - 0 + output_padding = 16 + output_padding; "
            "output_padding may be 0 to 3, below max(stride, dilation), so out is 16 to 19 and never 15",
        ),
        (
            (5, 3),
            {"kind": "conv", "kernel": 3, "stride": 3, "padding": 0},
            "out = floor((5 + 0 + 0 - 3)/3) + 1 = 1, not 3",
        ),
        (
            (5, 9),
            {"kernel": 2, "stride": 1, "padding": "?", "output_padding": 0},
            "in 5 to out 9 needs padding = -3/2, which is not in the whole numbers from 0 on",
        ),
        (
            (5, 4),
            {"kernel": 4, "stride": 2, "padding": "0..1", "kind": "conv"},
            "in 5 to out 4 needs padding from 5/2 to 3, and no value of 0..1 lies there",
        ),
        (
            (None, 7),
            {"kernel": 4, "stride": 4, "padding": 0, "output_padding": 0},
            "out 7 needs in = 7/4, which is not in the whole numbers from 1 on",
        ),
        (
            ("1..3", 20),
            {"kernel": 2, "stride": 2, "padding": 0, "output_padding": 0},
            "out 20 needs in = 10, which is not in 1..3",
        ),
        ((4, 1000), {}, "in 4 to out 1000 is out of reach: the largest out in the box is 47"),
        ((40, 1), {"kind": "tconv"}, "in 40 to out 1 is out of reach: the smallest out in the box is 25"),
        (
            (4, 18),
            {"kernel": "1..2", "stride": "4,8", "padding": 0, "output_padding": 0},
            "in 4 to out 18: the box reaches out 14 and out 25, and nothing between",
        ),
        (
            (8, 15),
            {"kernel": 3, "stride": 2, "padding": "same", "dialect": "tensorflow"},
            "with this padding in 8 gives out 16, not 15",
        ),
        (
            ("4x4", "16x15"),
            {"kernel": 4, "stride": 4, "padding": 0, "output_padding": 0},
            "axis 2: out = (4 - 1)*4 + 4 - 0 - 0 + output_padding = 16 + output_padding; "
            "output_padding is 0, so out is 16 and never 15",
        ),
    ],
)
def test_why_there_is_none_is_said_in_numbers(sizes, options, why):
    answer = tconv_design.solve(*sizes, **options)
    assert answer.count == 0
    assert answer.why == why


def test_a_known_layer_that_leaves_nothing_is_a_wrong_question():
    with pytest.raises(
        InvalidLayer, match=r"the kernel spans 5 rows .* only 3 \(3 \+ 0 \+ 0\); the smallest in is 5, or add"
    ):
        tconv_design.solve(3, kernel=5, kind="conv")
    with pytest.raises(InvalidLayer, match=r"padding 9:9 crops everything: .*; crop at most 11 rows in all"):
        tconv_design.solve(4, kernel=3, stride=3, padding=9)


def test_an_answer_has_no_reason_why_not():
    answer = tconv_design.solve(4, 16)
    assert (answer.why, answer.nearest) == ("", ())
