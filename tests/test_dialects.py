"""Which dialects say a layer in one call: the rules that were measured, and the measured calls themselves."""

import json
from functools import reduce
from itertools import product
from math import prod
from pathlib import Path

import pytest

from tconv_design.dialects.legal import VERSIONS, count_dialects, dialects_of, words
from tconv_design.layer import Axis, Layer
from tconv_design.solution import solution
from tconv_design.unknowns import Numbers

DATA = Path(__file__).parent / "data" / "conventions.jsonl"
ROWS = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
DIALECT = {
    "torch": "torch",
    "tf": "tensorflow",
    "keras-tf": "keras",
    "keras-torch": "keras",
    "keras-jax": "keras",
    "jax.conv_transpose": "jax",
    "jax.conv_general_dilated": "jax",
    "flax.nnx": "jax",
    "onnxruntime": "onnx",
    "paddle": "paddle",
    "mlx.nn": "mlx",
    "mlx.conv_general": "mlx",
}


def numbers(kind, in_, kernel, stride=1, dilation=1, begin=0, end=0, extra=0):
    out = Axis(kernel, stride, begin, end, extra, dilation).out(kind, in_)
    return Numbers(in_, out, kernel, stride, dilation, begin, end, extra)


def spatial(row):
    x, w = row["layout"]["x"], row["layout"]["w"]
    axes = [letter for letter in x if letter in "DHW"]
    return [row["in_shape"][x.index(a)] for a in axes], [row["weight_shape"][w.index(a)] for a in axes]


def out_of_scope(row):
    """Why a row cannot tell whether a layer is legal; an empty text where it can."""
    canonical = row.get("canonical")
    if row["framework"] not in DIALECT:
        return "no dialect of ours, or a build of tensorflow without oneDNN"
    if canonical is None:
        return "arguments that are no layer: a negative or misplaced padding, CIRCULAR"
    if min(canonical["pb"] + canonical["pe"] + row["canonical_out"] + spatial(row)[0]) < 0 or 0 in spatial(row)[0]:
        return "negative padding, negative size or no input, which are no layers here"
    if min(row["canonical_out"]) < 1:
        return "an output of no rows, which is no layer here"
    if row["status"] == "ok" and row["match"] is not True:
        return "accepted, and silently wrong: a defect, see the tests of the rule"
    return ""


def normal_axes(row):
    """The row's layer with output_padding folded into the end: dialects see pad_begin and pad_end - output_padding."""
    c, (in_, kernel) = row["canonical"], spatial(row)
    for i, k, s, d, b, e, extra in zip(in_, kernel, c["s"], c["d"], c["pb"], c["pe"], c["op"], strict=True):
        end = e - extra
        yield i, k, s, d, b, max(end, 0), max(-end, 0)


def legal(row):
    kind = "tconv" if row["direction"] == "transposed" else "conv"
    groups, ndim = row["canonical"]["groups"], row["ndim"]
    axes = [numbers(kind, i, k, s, d, b, e, extra) for i, k, s, d, b, e, extra in normal_axes(row)]
    return dialects_of(reduce(lambda one, other: one & other, (words(kind, n, ndim, groups) for n in axes)))


DECIDABLE = [row for row in ROWS if not out_of_scope(row)]
ACCEPTED = [row for row in DECIDABLE if row["status"] == "ok"]
REFUSED = [row for row in DECIDABLE if row["status"] != "ok"]
# refused as it was written, although the same layer has other words there
OTHER_WORDS = {
    40: "torch holds output_size to less than the stride, output_padding to less than max(stride, dilation)",
    54: "torch conv same with stride 2: padding=1 is that layer",
    100: "tf SAME to in*stride + 1: VALID is that layer",
    105: "tf explicit padding 1:1 to 7 rows: 1:0 to 7 rows is that layer",
    173: "keras fails on tensorflow alone: same, even kernel, output_padding 0",
    178: "keras fails on tensorflow alone: same, even kernel, output_padding 0",
    578: "onnxruntime output_padding -1: pads at the end are that layer",
    703: "paddle output_size one row short: padding 0:1 is that layer",
    712: "paddle output_padding -1: padding 0:1 is that layer",
}


def name_of(row):
    return f"{row['id']}-{row['framework']}"


def test_the_rows_that_decide_are_most_of_all():
    assert len(ACCEPTED) > 250
    assert len(REFUSED) > 15


@pytest.mark.parametrize("row", ACCEPTED, ids=name_of)
def test_what_a_framework_did_right_is_legal_in_its_dialect(row):
    assert DIALECT[row["framework"]] in legal(row)


@pytest.mark.parametrize("row", REFUSED, ids=name_of)
def test_what_a_framework_refused_is_not_legal_in_its_dialect(row):
    assert (DIALECT[row["framework"]] in legal(row)) == (row["id"] in OTHER_WORDS)


TCONVS = [
    (in_, kernel, stride, dilation, begin, end)
    for in_, kernel, stride, dilation, begin, end in product(
        (1, 2, 3), range(1, 5), range(1, 4), range(1, 4), range(4), range(-3, 5)
    )
    if (in_ - 1) * stride + dilation * (kernel - 1) + 1 - begin - end >= 1
]


def crops_by_words(dialect, in_, kernel, stride, dilation, out):
    """Every (begin, end) that one call of a dialect crops on one axis to `out` rows, by its own arguments; groups 1.

    Dilation together with stride, which keras refuses, is left to the caller.
    """
    spans = dilation * (kernel - 1) + 1
    full = (in_ - 1) * stride + spans
    if dialect == "torch":  # padding, output_padding < max(stride, dilation)
        return {(p, p - extra) for p in range(9) for extra in range(max(stride, dilation))}
    if dialect in ("onnx", "paddle"):  # pads, output_padding < stride
        return {(b, e - extra) for b in range(9) for e in range(9) for extra in range(stride)}
    if dialect == "jax":  # lhs_dilation with any low and high padding
        return set(product(range(9), range(-9, 9)))
    if dialect == "mlx":  # silently wrong where a padding exceeds the kernel's span, but for stride 1
        return {(b, e) for b in range(9) for e in range(-9, 9) if stride == 1 or (b < spans and e < spans)}
    if dialect == "tensorflow":
        crops = {(0, full - out)} if full <= out < full + stride else set()
        if (in_ - 1) * stride + 1 <= out <= in_ * stride:
            total = max(full - out, 0)
            crops.add((total // 2, full - out - total // 2))
        return crops
    crops = {
        (0, -max(stride - spans, 0)),
        (max(0, (spans - stride) // 2), spans - stride - max(0, (spans - stride) // 2)),
    }
    for extra in range(stride):
        total = spans - spans % 2 - extra
        crops |= {(0, -extra), (max(0, total // 2), total - max(0, total // 2))}
    return crops


def tconv_numbers(in_, kernel, stride, dilation, begin, end):
    return numbers("tconv", in_, kernel, stride, dilation, begin, max(end, 0), max(-end, 0))


@pytest.mark.parametrize("dialect", VERSIONS)
def test_a_tconv_is_legal_exactly_if_some_arguments_of_the_dialect_say_it(dialect):
    for in_, kernel, stride, dilation, begin, end in TCONVS:
        n = tconv_numbers(in_, kernel, stride, dilation, begin, end)
        crops = crops_by_words(dialect, in_, kernel, stride, dilation, n.out)
        refused = dialect == "keras" and stride > 1 and dilation > 1
        wanted = (begin, end) in crops and not refused
        assert (dialect in dialects_of(words("tconv", n, 1, 1))) == wanted, n


def test_tensorflow_takes_explicit_padding_in_2d_without_dilation_and_groups():
    for in_, kernel, stride, dilation, begin, end in TCONVS:
        n = tconv_numbers(in_, kernel, stride, dilation, begin, end)
        named = (begin, end) in crops_by_words("tensorflow", in_, kernel, stride, dilation, n.out)
        explicit = dilation == 1 and -end < stride
        assert ("tensorflow" in dialects_of(words("tconv", n, 2, 1))) == (named or explicit), n
        assert ("tensorflow" in dialects_of(words("tconv", n, 2, 2))) == named, n
        assert ("tensorflow" in dialects_of(words("tconv", n, 3, 1))) == named, n
        assert "tensorflow" not in dialects_of(words("tconv", n, 3, 2)), n


@pytest.mark.parametrize(
    ("dialect", "ndims"), [("keras", ()), ("tensorflow", (1, 2)), ("mlx", (1, 2)), ("torch", (1, 2, 3))]
)
def test_groups_of_a_tconv_are_legal_where_the_dialect_has_them(dialect, ndims):
    plain = numbers("tconv", 4, 4, 2, begin=0)
    assert all(dialect in dialects_of(words("tconv", plain, ndim, 1)) for ndim in (1, 2, 3))
    assert tuple(ndim for ndim in (1, 2, 3) if dialect in dialects_of(words("tconv", plain, ndim, 4))) == ndims


CONVS = [
    (in_, kernel, stride, dilation, begin, end)
    for in_, kernel, stride, dilation, begin, end in product(
        (3, 4, 7), range(1, 5), range(1, 4), range(1, 4), range(4), range(4)
    )
    if in_ + begin + end > dilation * (kernel - 1)
]


def conv_words_of(dialect, in_, kernel, stride, dilation):
    """Every (begin, end) padding that one call of a dialect gives one axis of a 1-D conv."""
    spans = dilation * (kernel - 1) + 1
    total = max((-(-in_ // stride) - 1) * stride + spans - in_, 0)
    same = (total // 2, total - total // 2)
    if dialect == "torch":
        return {(p, p) for p in range(9)} | ({same} if stride == 1 else set())
    if dialect == "mlx":
        return set(product(range(9), range(9)))
    if dialect == "tensorflow":
        return {(0, 0), same}
    if dialect == "keras":
        return {(0, 0), same, (spans - 1, 0)} if stride == 1 or dilation == 1 else set()
    return set(product(range(9), range(9)))


@pytest.mark.parametrize("dialect", VERSIONS)
def test_a_conv_is_legal_exactly_if_some_arguments_of_the_dialect_read_the_same_rows(dialect):
    # the end padding matters only modulo the stride: what the floor drops is not read
    for in_, kernel, stride, dilation, begin, end in CONVS:
        n = numbers("conv", in_, kernel, stride, dilation, begin, end)
        reached = {
            (b, (in_ + b + e - dilation * (kernel - 1) - 1) // stride + 1)
            for b, e in conv_words_of(dialect, in_, kernel, stride, dilation)
            if in_ + b + e > dilation * (kernel - 1)
        }
        assert (dialect in dialects_of(words("conv", n, 1, 1))) == ((begin, n.out) in reached), n


def test_one_word_must_fit_every_axis():
    # tensorflow: SAME on one axis and VALID on the other is no call in 3-D; in 2-D the padding can be in numbers
    axes = (Axis(4, 2, 1, 1), Axis(2, 2), Axis(2, 2))
    same_and_valid = Layer("tconv", (Axis(4, 2, 1, 1), Axis(3, 2), Axis(2, 2)))
    assert "tensorflow" in solution(Layer("tconv", axes), (4, 4, 4)).legal
    assert "tensorflow" not in solution(same_and_valid, (4, 4, 4)).legal
    assert "tensorflow" in solution(Layer("tconv", same_and_valid.axes[:2]), (4, 4)).legal


def test_keras_refuses_stride_and_dilation_even_on_different_axes():
    mixed = Layer.tconv(2, kernel=3, stride=(1, 2), dilation=(2, 1))
    assert "keras" not in solution(mixed, (4, 4)).legal
    assert "keras" in solution(Layer.tconv(2, kernel=3, stride=(1, 2)), (4, 4)).legal
    assert "keras" in solution(Layer.tconv(2, kernel=3, dilation=(2, 1)), (4, 4)).legal


def test_the_number_of_dialects_is_that_of_their_names():
    for in_, kernel, stride, dilation, begin, end in TCONVS[:: prod((7, 3))]:
        bits = words("tconv", tconv_numbers(in_, kernel, stride, dilation, begin, end), 1, 1)
        assert count_dialects(bits) == len(dialects_of(bits))
    assert dialects_of(0) == ()
    assert dialects_of(-1) == tuple(VERSIONS)


def test_the_versions_are_those_that_were_measured():
    measured = {
        DIALECT[row["framework"]]: row["version"] for row in ROWS if row["framework"] in ("torch", "tf", "paddle")
    }
    assert {dialect: version.split("+")[0] for dialect, version in measured.items()} == {
        dialect: VERSIONS[dialect] for dialect in ("torch", "tensorflow", "paddle")
    }
