"""From what a user wrote to a question: kind, axes, defaults, box, and what is refused in which words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tconv_design
from tconv_design.errors import InvalidQuestion
from tconv_design.question import OPTIONS, ask


def box(**options):
    return tconv_design.solve(options.pop("in_", None), options.pop("out", None), **options, limit=0).box


def only(**options):
    """The one solution of a question."""
    answer = tconv_design.solve(options.pop("in_", None), options.pop("out", None), **options)
    assert answer.count == 1
    return answer.solutions[0]


@pytest.mark.parametrize(
    ("in_", "out", "kind"),
    [
        ("4", "16", "tconv"),
        ("16", "4", "conv"),
        ("16", "16", "tconv"),
        ("4..8", "2", "conv"),
        ("4..8", "6", "tconv"),  # may grow or shrink
        ("4", "2..16", "tconv"),
        ("16x4", "4x4", "conv"),
        ("16x4", "4x16", "tconv"),
        ("4x4", "16x4", "tconv"),
        ("?", "16", "tconv"),
        ("4", "?", "tconv"),
        ("9x?", "4", "conv"),
    ],
)
def test_the_kind_follows_from_the_sizes_where_it_can(in_, out, kind):
    assert ask({"in": in_, "out": out, "kernel": "?"}).kind == kind


@pytest.mark.parametrize("kind", ["conv", "tconv"])
def test_a_given_kind_is_kept(kind):
    assert ask({"in": 4, "out": 16, "kind": kind}).kind == kind
    assert ask({"in": 16, "out": 4, "kind": kind}).kind == kind


def test_with_both_sizes_given_the_default_box_is_searched_and_stated():
    assert box(in_=4, out=16) == {
        "kernel": "1..16",
        "stride": "1..8",
        "padding": "0..K-1",
        "output_padding": "0..7",
    }
    assert box(in_=16, out=4) == {"kernel": "1..16", "stride": "1..8", "padding": "0..K-1"}


def test_dilation_is_1_unless_it_is_asked_for():
    assert {solution.layer.dilation for solution in tconv_design.solve(4, 16, limit=500).solutions} == {(1,)}
    assert box(in_=4, out=16, dilation="?")["dilation"] == "1..8"


@pytest.mark.parametrize(
    ("options", "name", "text"),
    [
        ({"kernel": "1..7"}, "kernel", "1..7"),
        ({"kernel": "2,4"}, "kernel", "2,4"),
        ({"kernel": "3..9/2"}, "kernel", "3..9/2"),
        ({"padding": "0..40"}, "padding", "0..40"),
        ({"padding": "?:?"}, "padding", "0..K-1:0..K-1"),
        ({"padding": "0..3:0..4"}, "padding", "0..3:0..4"),
        ({"padding": "1:?"}, "padding", "1:0..K-1"),
        ({"stride": "1..3", "output_padding": "0..9"}, "output_padding", "0..2"),  # below max(stride, dilation)
        ({"stride": "1..3", "dilation": "1..5"}, "output_padding", "0..4"),
        ({"kernel": "1..3x1..5"}, "kernel", "1..3x1..5"),
    ],
)
def test_a_given_range_replaces_its_part_of_the_box(options, name, text):
    assert box(in_=4, out=16, **options)[name] == text


@pytest.mark.parametrize("name", ["kernel", "stride", "dilation"])
def test_a_given_value_is_no_part_of_the_box(name):
    assert name not in box(in_=4, out=16, **{name: 2})


def test_padding_of_a_range_may_exceed_the_kernel_and_that_of_the_box_may_not():
    default = tconv_design.solve(4, 4, kernel="1..3", stride=2, limit=999)
    assert all(s.layer.padding[0][0] < s.layer.kernel[0] for s in default.solutions)
    ranged = tconv_design.solve(4, 4, kernel=1, stride=2, padding="0..9", output_padding="?", limit=999)
    assert [(s.layer.padding, s.layer.output_padding) for s in ranged.solutions] == [(((2, 2),), (1,))]


@pytest.mark.parametrize(
    ("options", "padding"),
    [
        ({"padding": "?"}, {(1, 1)}),
        ({"padding": "0..3"}, {(1, 1)}),
        ({"padding": "?:?"}, {(0, 2), (1, 1), (2, 0)}),
        ({"padding": "1:?"}, {(1, 1)}),
        ({"padding": "?:0"}, {(2, 0)}),
        ({"padding": "0:2"}, {(0, 2)}),
        ({"padding": "0..1:0..9"}, {(0, 2), (1, 1)}),
    ],
)
def test_a_plain_padding_keeps_begin_equal_to_end_and_a_colon_sets_them_apart(options, padding):
    # (4 - 1)*2 + 4 - begin - end = 8: two rows are cropped
    solutions = tconv_design.solve(4, 8, kernel=4, stride=2, output_padding=0, **options).solutions
    assert {solution.layer.padding[0] for solution in solutions} == padding


def test_with_one_size_given_the_rest_take_the_frameworks_defaults():
    forward = only(in_=4, kernel=3)
    assert forward.layer.to_dict() == {
        "kind": "tconv",
        "kernel": [3],
        "stride": [1],
        "padding": [[0, 0]],
        "output_padding": [0],
        "dilation": [1],
        "groups": 1,
        "in_channels": 1,
        "out_channels": 1,
    }
    assert forward.out_size == (6,)
    assert only(out=6, kernel=3).in_size == (4,)
    assert only(in_=9, kernel=3, stride=2, kind="conv").out_size == (4,)


@pytest.mark.parametrize("size", [{"in_": 4}, {"out": 4}])
def test_with_one_size_given_a_missing_kernel_is_refused_with_the_fix(size):
    with pytest.raises(
        InvalidQuestion, match=r"kernel is missing: with only one of in and out.*give --kernel, for example"
    ):
        tconv_design.solve(size.get("in_"), size.get("out"), stride=2)


@pytest.mark.parametrize(
    "options", [{}, {"kernel": 3}, {"in_": "?"}, {"in_": "?", "out": "?"}, {"in_": "4x?", "out": "?"}]
)
def test_a_question_without_a_size_is_refused(options):
    with pytest.raises(
        InvalidQuestion, match="neither in nor out is given, so nothing can be solved; give --in, --out or both"
    ):
        tconv_design.solve(options.pop("in_", None), options.pop("out", None), **options)


def test_the_longest_value_sets_the_number_of_axes():
    assert ask({"in": "4", "out": "8x8x8"}).ndim == 3
    assert ask({"in": "4x5", "out": 8}).ndim == 2
    assert ask({"in": "4", "out": "8", "padding": "1:2x0:1"}).ndim == 2
    assert ask({"in": 4, "out": 8}).ndim == 1


def test_one_value_holds_for_every_axis_and_a_list_is_one_per_axis():
    solution = only(in_=[4, 5], kernel=[3, 4], stride=2, padding=[(1, 0), (0, 1)], output_padding=[0, 1])
    assert solution.layer.kernel == (3, 4)
    assert solution.layer.stride == (2, 2)
    assert solution.layer.padding == ((1, 0), (0, 1))
    assert solution.layer.output_padding == (0, 1)
    assert solution.out_size == (8, 12)


def test_text_and_python_values_ask_the_same():
    assert ask({"in": [4, 5], "out": (8, "8..9"), "kernel": 3, "padding": [(1, 2), (0, 1)]}).axes == (
        ask({"in": "4x5", "out": "8x8..9", "kernel": "3", "padding": "1:2x0:1"}).axes
    )


def test_padding_given_per_axis_in_python_is_begin_equal_to_end():
    assert only(in_=[4, 4], kernel=3, padding=[1, 0]).layer.padding == ((1, 1), (0, 0))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"in": "4x4", "out": "16x16x16"}, "in has 2 axes and out has 3; give one value, or one per axis, to each"),
        ({"in": 4, "out": 16, "kernel": "3x3", "stride": "1x1x1"}, "kernel has 2 axes and stride has 3"),
        ({"in": "1x2x3x4", "out": 4}, "in '1x2x3x4' has 4 axes, and a layer has 1 to 3"),
        ({"in": 4, "out": 16, "kernels": 3}, "unknown option 'kernels'; did you mean kernel\\?"),
        ({"in": 4, "out": 16, "pading": 3}, "unknown option 'pading'; did you mean padding\\?"),
        ({"in": 4, "out": 16, "zzz": 3}, f"unknown option 'zzz'; known: {', '.join(OPTIONS)}"),
        ({"in": 4, "out": 16, "kind": "deconv"}, "kind 'deconv' is neither conv nor tconv; did you mean conv\\?"),
        ({"in": 4, "out": 16, "kind": 7}, "kind '7' is neither conv nor tconv"),
        (
            {"in": 4, "out": 16, "padding": "same", "dialect": "pytorch"},
            "unknown dialect 'pytorch'; did you mean torch\\?",
        ),
        ({"in": 4, "out": 16, "padding": "samee"}, "padding 'samee' is no known policy; did you mean same\\?"),
        ({"in": 4, "out": 16, "padding": "0:1:2"}, "padding .* is not a whole number"),
        ({"in": 4, "out": 16, "padding": "-1"}, "padding must be at least 0, got -1"),
        ({"in": 4, "out": 16, "padding": "same:same"}, "padding 'same' is not a whole number"),
        ({"in": 4, "out": 16, "kernel": "abc"}, "kernel 'abc' is not a whole number"),
        ({"in": 4.5, "out": 16}, "in is empty or of no known form: '4.5'"),
        (
            {"in": 4, "out": 16, "kernel": ""},
            "kernel is empty or of no known form: ''; write for example 4, 4x6 or \\?",
        ),
        ({"in": 4, "out": 16, "kernel": []}, "kernel is empty or of no known form"),
        ({"in": 4, "out": 16, "kernel": {}}, "kernel is empty or of no known form"),
        ({"in": 4, "out": 16, "kernel": True}, "kernel must be a number or text, got True"),
        ({"in": 4, "out": 16, "stride": 0}, "stride must be at least 1, got 0; use stride 1 or more"),
        ({"in": 0, "out": 16}, "in must be at least 1, got 0"),
        ({"in": -4, "out": 16}, "in must be at least 1, got -4"),
        ({"in": 4, "out": -16}, "out must be at least 1, got -16"),
        ({"in": 10**400, "out": 4}, "in .* is above 10\\*\\*18, the largest size that is answered"),
        ({"in": -(10**400), "out": 4}, "in must be at least 1"),
        ({"in": "9" * 400, "out": 4}, "\\(400 characters\\) is above 10\\*\\*18"),
        (
            {"in": 4, "out": 16, "groups": 2, "in_channels": 3},
            "in_channels 3 must be a multiple of groups 2; use in_channels 4",
        ),
        ({"in": 4, "out": 16, "groups": 2, "out_channels": 3}, "out_channels 3 must be a multiple of groups 2"),
        ({"in": 4, "out": 16, "groups": "?"}, "groups must be one whole number, got '\\?'"),
        ({"in": 4, "out": 16, "in_channels": "1..4"}, "in_channels must be one whole number"),
        ({"in": 4, "out": 16, "groups": 0}, "groups must be at least 1, got 0"),
        ({"in": 4, "out": 16, "tied": "yes"}, "tied must be true or false, got 'yes'"),
    ],
)
def test_a_wrong_question_is_refused_with_a_sentence(options, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        ask(options)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"kernel": 2, "stride": 2, "output_padding": 2},
            "max\\(stride 2, dilation 1\\) = 2: it chooses among .*; use output_padding 0..1, or stride 3",
        ),
        (
            {"kernel": 3, "stride": 1, "output_padding": 1},
            "max\\(stride 1, dilation 1\\) = 1: .*; use output_padding 0, or stride 2",
        ),
        (
            {"kernel": 3, "stride": "1..4", "output_padding": "4..9"},
            "max\\(stride 1..4, dilation 1\\) = 4: .*, or stride 5",
        ),
        (
            {"kernel": 3, "kind": "conv", "output_padding": 1},
            "a conv has no output_padding, got 1; drop it, or use --kind tconv",
        ),
    ],
)
def test_an_output_padding_that_no_layer_has_is_refused_with_the_rule(options, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        tconv_design.solve(4, **options)


def test_output_padding_may_reach_the_dilation_and_exceed_the_end_padding():
    assert only(in_=3, kernel=2, stride=2, dilation=3, output_padding=2).out_size == (10,)
    assert only(in_=3, kernel=3, stride=2, padding="1:0", output_padding=1).out_size == (7,)


def test_output_padding_above_the_limit_is_dropped_from_a_range():
    in_range = tconv_design.solve(4, 16, output_padding="0..9", limit=999)
    assert in_range.count == 168
    assert all(s.layer.output_padding[0] < s.layer.stride[0] for s in in_range.solutions)


def test_a_conv_drops_what_an_output_padding_range_offers_beyond_0():
    assert only(in_=4, kernel=3, kind="conv", output_padding="0..1").layer.output_padding == (0,)


def test_channels_follow_the_groups_unless_they_are_given():
    layer = only(in_=4, kernel=3, groups=4).layer
    assert (layer.groups, layer.in_channels, layer.out_channels) == (4, 4, 4)
    layer = only(in_=4, kernel=3, groups=2, in_channels=6, out_channels=4).layer
    assert (layer.groups, layer.in_channels, layer.out_channels) == (2, 6, 4)


def test_a_single_unknown_has_no_box():
    answer = tconv_design.solve(1, 100, kernel="?", stride=1, padding=0)
    assert [solution.layer.kernel for solution in answer.solutions] == [(100,)]
    assert answer.box == {"kernel": f"1..{10**18}"}


def test_a_single_unknown_with_infinitely_many_answers_keeps_its_box():
    # with in 1 the stride of a tconv does not matter
    answer = tconv_design.solve(1, 3, kernel=3, stride="?", padding=0, output_padding=0, limit=99)
    assert answer.box == {"stride": "1..8"}
    assert sorted(solution.layer.stride[0] for solution in answer.solutions) == [1, 2, 3, 4, 5, 6, 7, 8]


def test_the_query_is_what_was_asked():
    answer = tconv_design.solve(4, "16", kernel=[3], padding="?:?", groups=2)
    assert answer.query == {"in": "4", "out": "16", "kernel": "3", "padding": "?:?", "groups": 2}


WORDS = st.sampled_from(
    ["4", "?", "1..7", "2,4", "3..9/2", "1:2", "?:?", "same", "valid", "4x6", "x", "-1", "0", "", "a", "1..", "9" * 50]
)


@given(st.dictionaries(st.sampled_from([*OPTIONS, "kernels"]), WORDS, max_size=7))
@settings(deadline=None, max_examples=300)
def test_any_words_are_a_question_or_are_refused_with_a_sentence(options):
    question, sentence = None, ""
    try:
        question = ask(options)
    except InvalidQuestion as refused:
        sentence = refused.message
    if question is None:
        assert len(sentence) > 15
        assert "None" not in sentence
    else:
        assert options.keys() <= set(OPTIONS)
        assert options.keys() & {"in", "out"}
        assert question.query.keys() == options.keys()
        assert 1 <= question.ndim <= 3


def test_a_lone_unknown_stride_or_dilation_may_be_what_a_large_output_padding_needs():
    assert only(in_=14, out=224, kernel=7, stride="?", padding=0, output_padding=9).layer.stride == (16,)
    wide = only(in_=2, out=35, kernel=2, stride=1, padding=0, dilation="?", output_padding=15)
    assert wide.layer.dilation == (18,)


@pytest.mark.parametrize(("out", "extra"), [(9, 0), (10, 1)])
def test_with_both_sizes_given_a_named_padding_leaves_output_padding_open(out, extra):
    # (4 - 1)*2 + 3 = 9
    assert only(in_=4, out=out, kernel=3, stride=2, padding="valid").layer.output_padding == (extra,)
    assert box(in_=4, out=out, kernel=3, stride=2, padding="valid") == {"output_padding": "0..1"}


def test_an_output_padding_that_a_policy_chooses_may_be_asked_for_too():
    outs = tconv_design.solve(4, kernel=3, stride=2, padding="valid", output_padding="?").solutions
    assert sorted(solution.out_size for solution in outs) == [(9,), (10,)]
    # keras: same with no output_padding makes 6, with 0 makes 5 and with 1 makes 6 again, the same layer
    keras = {"kernel": 3, "stride": 2, "padding": "same", "dialect": "keras"}
    assert only(in_=3, out=5, **keras).layer.padding == ((1, 1),)
    assert only(in_=3, out=6, **keras).layer.padding == ((0, 1),)


def test_a_size_open_on_every_axis_is_a_missing_size():
    assert ask({"in": "?x?", "out": "9x9", "kernel": 3, "stride": 2}).axes == (
        ask({"out": "9x9", "kernel": 3, "stride": 2}).axes
    )
    with pytest.raises(InvalidQuestion, match="kernel is missing"):
        ask({"in": "4x?", "out": "?x8"})
