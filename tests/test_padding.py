"""Named paddings: each dialect's `same`, `valid`, `full` and `causal` against what the frameworks do, measured."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tconv_design
from tconv_design.errors import InvalidQuestion
from tconv_design.padding import DIALECTS

DATA = Path(__file__).parent / "data" / "conventions.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
WORDS = {"SAME": "same", "SAME_UPPER": "same", "SAME_LOWER": "same", "VALID": "valid", "CAUSAL": "causal"}
DIALECT = {
    "torch": "torch",
    "tf": "tensorflow",
    "tf-noonednn": "tensorflow",
    "keras-tf": "keras",
    "keras-torch": "keras",
    "keras-jax": "keras",
    "jax.conv_transpose": "jax",
    "jax.conv_general_dilated": "jax",
    "flax.nnx": "jax",
    "onnx-ref": "onnx",
    "onnxruntime": "onnx",
    "openvino": "onnx",
    "paddle": "paddle",
}


def word_of(row):
    for name in ("padding", "auto_pad"):
        word = row["args"].get(name)
        if isinstance(word, str):
            return word
    return None


def out_of_scope(row):
    """Why a row with a padding string says nothing about a policy; an empty text where it does."""
    args, canonical = row["args"], row.get("canonical")
    if row["framework"] == "tinygrad":
        return "no dialect of ours"
    if word_of(row).upper() not in WORDS:
        return "a word that no policy has: NOTSET, CIRCULAR, REFLECT"
    if row["status"] != "ok":
        return "the call was refused: nothing to compare; see the tests of refusals"
    if row["match"] is not True:
        return "a defect of the framework: its values are not those of any layer"
    if canonical and min(row["canonical_out"]) < 1:
        return "an output of no rows, which is no layer here"
    if "auto_pad" in args and "output_shape" in args:
        return "onnx output_shape overrides what auto_pad says"
    if word_of(row) == "SAME_LOWER" and DIALECT[row["framework"]] == "jax":
        return "SAME_LOWER is a dialect of its own for onnx only"
    if row["framework"].startswith("tf") and word_of(row) == "SAME" and "output_shape" in args:
        sizes = zip(row["in_shape"][1:-1], canonical["s"], row["canonical_out"], strict=True)
        if any(in_ * stride != out for in_, stride, out in sizes):
            return "tf.nn SAME with an output_shape other than in*stride"
    return ""


def refused_here(row):
    """What runtimes disagree on, or do silently wrong: a question that we refuse although the call went through."""
    args, (stride, dilation) = row["args"], (row["canonical"]["s"][0], row["canonical"]["d"][0])
    if row["framework"] == "paddle":
        return args.get("dilation", 1) != 1
    if row["direction"] == "conv" or not args.get("auto_pad", "").startswith("SAME"):
        return False
    return bool(args.get("output_padding")) or stride > dilation * (row["weight_shape"][2] - 1) + 1


STRINGS = [row for row in ROWS if word_of(row) is not None]
MEASURED = [row for row in STRINGS if not out_of_scope(row)]
AGREED = [row for row in MEASURED if not refused_here(row)]


def spatial(row):
    """(in, kernel) per axis, out of the framework's own layouts."""
    x, w = row["layout"]["x"], row["layout"]["w"]
    axes = [letter for letter in x if letter in "DHW"]
    return [row["in_shape"][x.index(a)] for a in axes], [row["weight_shape"][w.index(a)] for a in axes]


def extra_of(row):
    """The output_padding that was passed, in the dialect's words; None where none was."""
    if row["framework"].startswith("tf") or "_output_size" in row["args"]:
        return row["canonical"]["op"] if any(row["canonical"]["op"]) else None
    return row["args"].get("output_padding")


def predicted(row):
    """(begin, end - output_padding, out) per axis, as the dialect's policy gives them."""
    in_, kernel = spatial(row)
    lower = "-lower" if word_of(row) == "SAME_LOWER" and "auto_pad" in row["args"] else ""
    dilation = row["args"].get("dilation", 1) if row["framework"] == "paddle" else row["canonical"]["d"]
    (solution,) = tconv_design.solve(
        in_,
        None,
        kernel=kernel,
        stride=row["canonical"]["s"],
        dilation=dilation,
        padding=WORDS[word_of(row).upper()],
        output_padding=extra_of(row) if row["direction"] == "transposed" else None,
        dialect=DIALECT[row["framework"]] + lower,
        kind="tconv" if row["direction"] == "transposed" else "conv",
        groups=row["canonical"]["groups"],
    ).solutions
    layer = solution.layer
    crops = [(begin, end - extra) for (begin, end), extra in zip(layer.padding, layer.output_padding, strict=True)]
    return crops, list(solution.out_size)


def measured(row):
    c = row["canonical"]
    return [(b, e - extra) for b, e, extra in zip(c["pb"], c["pe"], c["op"], strict=True)], row["canonical_out"]


def name_of(row):
    return f"{row['id']}-{row['framework']}-{word_of(row)}"


def test_most_measured_rows_with_a_padding_string_are_in_scope():
    reasons = {out_of_scope(row) for row in STRINGS} - {""}
    assert len(STRINGS) == 219
    assert len(MEASURED) == 149
    assert len(AGREED) == 138
    assert len(reasons) == 8


@pytest.mark.parametrize("row", AGREED, ids=name_of)
def test_a_policy_gives_the_numbers_that_were_measured(row):
    assert predicted(row) == measured(row)


@pytest.mark.parametrize("row", [row for row in MEASURED if refused_here(row)], ids=name_of)
def test_what_runtimes_disagree_on_or_do_silently_wrong_is_refused(row):
    with pytest.raises(InvalidQuestion, match=r"ambiguous|paddle silently resets dilation 2 to 1 under padding 'SAME'"):
        predicted(row)


def layer_of(in_, dialect, padding, kind="tconv", **options):
    (solution,) = tconv_design.solve(in_, None, padding=padding, dialect=dialect, kind=kind, **options).solutions
    layer = solution.layer
    return (*layer.padding[0], layer.output_padding[0], solution.out_size[0])


@pytest.mark.parametrize(
    ("dialect", "padding", "options", "expected"),
    [
        ("keras", "same", {"in_": 3, "kernel": 3, "stride": 2}, (0, 1, 0, 6)),
        ("keras", "same", {"in_": 3, "kernel": 4, "stride": 2}, (1, 1, 0, 6)),
        ("keras", "same", {"in_": 3, "kernel": 5, "stride": 2}, (1, 2, 0, 6)),
        ("keras", "same", {"in_": 3, "kernel": 2, "stride": 3}, (0, 0, 1, 9)),
        ("keras", "same", {"in_": 3, "kernel": 3, "stride": 2, "output_padding": 0}, (1, 1, 0, 5)),
        ("keras", "same", {"in_": 3, "kernel": 3, "stride": 2, "output_padding": 1}, (0, 1, 0, 6)),
        ("keras", "same", {"in_": 3, "kernel": 4, "stride": 2, "output_padding": 0}, (2, 2, 0, 4)),
        ("keras", "same", {"in_": 8, "kernel": 2, "stride": 3, "output_padding": 2}, (0, 0, 0, 23)),
        ("keras", "valid", {"in_": 3, "kernel": 2, "stride": 4}, (0, 0, 2, 12)),
        ("keras", "valid", {"in_": 3, "kernel": 2, "stride": 4, "output_padding": 0}, (0, 0, 0, 10)),
        ("keras", "valid", {"in_": 3, "kernel": 3, "stride": 2, "output_padding": 1}, (0, 0, 1, 8)),
        ("jax", "valid", {"in_": 128, "kernel": 4, "stride": 4}, (0, 0, 0, 512)),
        ("jax", "valid", {"in_": 3, "kernel": 2, "stride": 4}, (0, 0, 2, 12)),
        ("jax", "same", {"in_": 3, "kernel": 3, "stride": 2}, (0, 1, 0, 6)),
        ("jax", "same", {"in_": 3, "kernel": 3, "stride": 2, "dilation": 2}, (1, 2, 0, 6)),
        ("tensorflow", "same", {"in_": 3, "kernel": 3, "stride": 2}, (0, 1, 0, 6)),
        ("tensorflow", "valid", {"in_": 3, "kernel": 2, "stride": 4}, (0, 0, 0, 10)),
        ("onnx", "same", {"in_": 3, "kernel": 3, "stride": 2}, (0, 1, 0, 6)),
        ("onnx-lower", "same", {"in_": 3, "kernel": 3, "stride": 2}, (1, 0, 0, 6)),
        ("onnx", "same", {"in_": 3, "kernel": 4, "stride": 1}, (1, 2, 0, 3)),
        ("onnx-lower", "same", {"in_": 3, "kernel": 4, "stride": 1}, (2, 1, 0, 3)),
        ("paddle", "same", {"in_": 3, "kernel": 3, "stride": 2}, (1, 1, 0, 5)),
        ("paddle", "same", {"in_": 4, "kernel": 3, "stride": 2}, (0, 1, 0, 8)),
        ("paddle", "same", {"in_": 3, "kernel": 3, "stride": 2, "output_padding": 1}, (1, 1, 1, 6)),
        ("torch", "valid", {"in_": 3, "kernel": 2, "stride": 4}, (0, 0, 0, 10)),
        ("torch", "full", {"in_": 5, "kernel": 3, "stride": 1}, (2, 2, 0, 3)),
        ("mlx", "valid", {"in_": 3, "kernel": 2, "stride": 4}, (0, 0, 0, 10)),
    ],
)
def test_a_tconv_s_policy_in_numbers(dialect, padding, options, expected):
    assert layer_of(options.pop("in_"), dialect, padding, **options) == expected


def test_paddle_same_makes_sizes_of_its_own():
    sizes = [layer_of(in_, "paddle", "same", kernel=3, stride=2)[-1] for in_ in range(3, 9)]
    assert sizes == [5, 8, 9, 12, 13, 16]


@pytest.mark.parametrize(
    ("dialect", "padding", "options", "expected"),
    [
        ("torch", "same", {"in_": 5, "kernel": 4}, (1, 2, 0, 5)),
        ("torch", "same", {"in_": 6, "kernel": 3, "dilation": 2}, (2, 2, 0, 6)),
        ("tensorflow", "same", {"in_": 4, "kernel": 3, "stride": 2}, (0, 1, 0, 2)),
        ("tensorflow", "same", {"in_": 5, "kernel": 3, "stride": 2}, (1, 1, 0, 3)),
        ("tensorflow", "same", {"in_": 4, "kernel": 1, "stride": 4}, (0, 0, 0, 1)),
        ("tensorflow", "same", {"in_": 6, "kernel": 3, "stride": 2, "dilation": 2}, (1, 2, 0, 3)),
        ("keras", "same", {"in_": 16384, "kernel": 25, "stride": 4}, (10, 11, 0, 4096)),
        ("keras", "causal", {"in_": 7, "kernel": 3, "stride": 2}, (2, 0, 0, 4)),
        ("keras", "causal", {"in_": 7, "kernel": 3, "dilation": 3}, (6, 0, 0, 7)),
        ("jax", "causal", {"in_": 7, "kernel": 3, "dilation": 3, "stride": 2}, (6, 0, 0, 4)),
        ("onnx", "same", {"in_": 4, "kernel": 3, "stride": 2}, (0, 1, 0, 2)),
        ("onnx-lower", "same", {"in_": 4, "kernel": 3, "stride": 2}, (1, 0, 0, 2)),
        ("onnx-lower", "same", {"in_": 5, "kernel": 4}, (2, 1, 0, 5)),
        ("paddle", "same", {"in_": 4, "kernel": 3, "stride": 2}, (0, 1, 0, 2)),
        ("torch", "valid", {"in_": 5, "kernel": 3, "stride": 2}, (0, 0, 0, 2)),
        ("torch", "full", {"in_": 5, "kernel": 3, "dilation": 2}, (4, 4, 0, 9)),
    ],
)
def test_a_conv_s_policy_in_numbers(dialect, padding, options, expected):
    assert layer_of(options.pop("in_"), dialect, padding, kind="conv", **options) == expected


SMALL = {"in_": st.integers(1, 40), "kernel": st.integers(1, 9), "stride": st.integers(1, 7)}


@given(**SMALL, dialect=st.sampled_from(["tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle"]))
@settings(deadline=None, max_examples=150)
def test_same_of_a_conv_makes_the_ceiling_of_in_over_stride(in_, kernel, stride, dialect):
    begin, end, _, out = layer_of(in_, dialect, "same", kind="conv", kernel=kernel, stride=stride)
    assert out == -(-in_ // stride)
    # of an uneven padding the odd row is at the end, in onnx-lower at the begin
    assert (begin - end if dialect == "onnx-lower" else end - begin) in (0, 1)


@given(**SMALL, dialect=st.sampled_from(["tensorflow", "keras", "jax"]))
@settings(deadline=None, max_examples=150)
def test_same_of_a_tconv_makes_in_times_stride(in_, kernel, stride, dialect):
    begin, end, extra, out = layer_of(in_, dialect, "same", kernel=kernel, stride=stride)
    assert out == in_ * stride
    assert begin == max(0, (kernel - stride) // 2)
    assert begin + end - extra == kernel - stride


@given(**SMALL, extra=st.integers(0, 6))
@settings(deadline=None, max_examples=150)
def test_keras_same_with_an_output_padding_follows_its_own_size_formula(in_, kernel, stride, extra):
    extra %= stride
    if (in_ - 1) * stride + kernel % 2 + extra < 1:  # in 1, even kernel, no output_padding: nothing left
        return
    begin, end, op, out = layer_of(in_, "keras", "same", kernel=kernel, stride=stride, output_padding=extra)
    total = kernel - kernel % 2 - extra
    assert out == (in_ - 1) * stride + kernel % 2 + extra
    assert (begin, begin + end - op) == (max(0, total // 2), total)


@given(**SMALL)
@settings(deadline=None, max_examples=100)
def test_full_is_the_transpose_of_valid(in_, kernel, stride):
    assert layer_of(in_, "torch", "full", kind="conv", kernel=kernel)[-1] == in_ + kernel - 1
    assert layer_of(in_, "torch", "valid", kernel=kernel, stride=stride)[-1] == (in_ - 1) * stride + kernel


@pytest.mark.parametrize(
    ("dialect", "padding", "kind", "options", "sentence"),
    [
        (
            "torch",
            "same",
            "conv",
            {"stride": 2},
            "torch has padding 'same' only for stride 1, got stride 2; use --dialect",
        ),
        (
            "torch",
            "same",
            "tconv",
            {},
            "dialect torch has no padding 'same' for a tconv; dialects that have it: tensorflow",
        ),
        (
            "mlx",
            "same",
            "conv",
            {},
            "dialect mlx has no padding 'same' for a conv; dialects that have it: torch, tensorflow",
        ),
        ("mlx", "same", "tconv", {}, "dialect mlx has no padding 'same' for a tconv"),
        (
            "torch",
            "causal",
            "conv",
            {},
            "dialect torch has no padding 'causal' for a conv; dialects that have it: keras, jax",
        ),
        ("keras", "causal", "tconv", {}, "dialect keras has no padding 'causal' for a tconv; write the numbers"),
        ("keras", "causal", "conv", {"kernel": "3x3"}, "causal padding is for 1-D layers only"),
        ("keras", "same", "tconv", {"stride": 2, "dilation": 2}, "keras refuses stride 2 together with dilation 2"),
        ("keras", "valid", "tconv", {"stride": 2, "dilation": 2}, "keras refuses stride 2 together with dilation 2"),
        ("keras", "same", "conv", {"stride": 2, "dilation": 2}, "keras refuses stride 2 together with dilation 2"),
        ("keras", "causal", "conv", {"stride": 2, "dilation": 2}, "keras refuses stride 2 together with dilation 2"),
        (
            "keras",
            "same",
            "tconv",
            {"dilation": 3, "output_padding": 1},
            "keras needs output_padding less than stride, got",
        ),
        (
            "keras",
            "valid",
            "tconv",
            {"dilation": 3, "output_padding": 1},
            "keras needs .* output_padding 1 with stride 1",
        ),
        (
            "onnx",
            "valid",
            "tconv",
            {"stride": 2, "dilation": 3, "output_padding": 2},
            "onnx needs .* 2 with stride 2; use",
        ),
        (
            "tensorflow",
            "valid",
            "tconv",
            {"stride": 2, "dilation": 3, "output_padding": 2},
            "tensorflow needs output_padd",
        ),
        ("paddle", "valid", "tconv", {"stride": 2, "dilation": 3, "output_padding": 2}, "paddle needs .* 1 or less"),
        ("paddle", "same", "conv", {"dilation": 2}, "paddle silently resets dilation 2 to 1 under padding 'SAME'"),
        ("paddle", "same", "tconv", {"dilation": 2}, "paddle silently resets dilation 2 to 1 under padding 'SAME'"),
        (
            "onnx",
            "same",
            "tconv",
            {"stride": 2, "output_padding": 1},
            "onnx auto_pad SAME with output_padding 1 is ambiguous",
        ),
        (
            "onnx",
            "same",
            "tconv",
            {"stride": 4},
            "stride 4 above the effective kernel 3 is ambiguous: the specification says",
        ),
        (
            "tensorflow",
            "same",
            "tconv",
            {"stride": 2, "output_padding": 1},
            "'same' leaves no place for output_padding 1",
        ),
        (
            "jax",
            "same",
            "tconv",
            {"stride": 2, "output_padding": 1},
            "leaves no place for output_padding 1 in this dialect",
        ),
        (
            "jax",
            "same",
            "tconv",
            {"stride": 5, "output_padding": 0},
            "leaves no place for output_padding 0 in this dialect",
        ),
        (
            "jax",
            "valid",
            "tconv",
            {"stride": 2, "output_padding": 1},
            "comes to output_padding 0 in jax, .* got 1; drop it",
        ),
        (
            "jax",
            "valid",
            "tconv",
            {"stride": 5, "output_padding": 0},
            "comes to output_padding 2 in jax, .* got 0; drop it",
        ),
    ],
)
def test_what_a_dialect_refuses_is_refused_in_words(dialect, padding, kind, options, sentence):
    with pytest.raises(InvalidQuestion, match=sentence):
        tconv_design.solve(8, None, padding=padding, dialect=dialect, kind=kind, **{"kernel": 3, **options})


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_dialect_has_valid(dialect):
    assert layer_of(4, dialect, "valid", kernel=3, stride=2) == (0, 0, 0, 9)
    assert layer_of(9, dialect, "valid", kind="conv", kernel=3, stride=2) == (0, 0, 0, 4)


def test_the_word_is_read_in_any_case():
    assert layer_of(3, "tensorflow", "SAME", kernel=3, stride=2) == (0, 1, 0, 6)


@pytest.mark.parametrize("policy", ["valid", "full"])
def test_a_named_padding_is_searched_as_by_nested_loops(policy):
    for in_, out in ((4, 16), (5, 9), (7, 30)):
        wanted = set()
        for kernel in range(1, 6):
            for stride in range(1, 5):
                for dilation in range(1, 4):
                    span = dilation * (kernel - 1) + 1
                    pad = span - 1 if policy == "full" else 0
                    for extra in range(max(stride, dilation)):
                        if (in_ - 1) * stride + span - 2 * pad + extra == out:
                            wanted.add((kernel, stride, dilation, pad, extra))
        answer = tconv_design.solve(
            in_, out, kernel="1..5", stride="1..4", dilation="1..3", padding=policy, kind="tconv", limit=999
        )
        found = [s.layer.axes[0] for s in answer.solutions]
        got = [(a.kernel, a.stride, a.dilation, a.pad_begin, a.output_padding) for a in found]
        assert sorted(got) == sorted(wanted)
        assert answer.count == len(wanted)
