"""lax's and flax's words: every measured call read as jax ran it, without jax; and pasted back as the same layer."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import dialect, read
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, NotExpressible, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

CASES = [*GRID, *map(drawn, range(200))]


def lax_text(row):
    """The call of a row, as a user would paste it."""
    args = {key: value for key, value in row["args"].items() if key != "bias"}
    numbers = (row["layout"]["x"], row["layout"]["w"].split("(")[0].replace("OI", "IO"), row["layout"]["x"])
    words = [f"{key}={tuples(value)!r}" for key, value in args.items()]
    shape = tuple(row["weight_shape"])
    return f"{row['op'].split('(')[0]}(x, jnp.ones({shape}), dimension_numbers={numbers}, {', '.join(words)})"


def flax_text(row):
    """The module of a row; rows without the argument were run with transpose_kernel=True."""
    args = {key: value for key, value in row["args"].items() if key != "bias"}
    weight, groups = row["weight_shape"], args.get("feature_group_count", 1)
    if row["op"] == "nnx.ConvTranspose":
        args.setdefault("transpose_kernel", True)
    swapped = args.get("transpose_kernel", False)
    channels = (weight[-1], weight[-2]) if swapped else (weight[-2] * groups, weight[-1])
    words = [f"{key}={tuples(value)!r}" for key, value in args.items()]
    return f"{row['op']}({channels[0]}, {channels[1]}, {kernel(row)}, {', '.join(words)}, rngs=nnx.Rngs(0))"


def tuples(value):
    return tuple(map(tuples, value)) if isinstance(value, list) else value


def text_of(row):
    return flax_text(row) if row["framework"] == "flax.nnx" else lax_text(row)


ROWS = rows_of("jax.conv_transpose", "jax.conv_general_dilated", "flax.nnx")


@pytest.mark.parametrize("row", ROWS, ids=name_of)
def test_a_measured_call_is_read_as_jax_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read(text_of(row)).output_size(in_size(row))
        return
    reading = read(text_of(row))
    assert reading.output_size(in_size(row)) == expected
    assert reading.kernel == kernel(row)
    if row["match"]:
        found = tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size(row)))
        assert found == normal_form(row)
        assert reading.layout.flipped == (row["canonical"].get("flip", False) or "flipped" in row["layout"]["w"])


def normal(layer):
    axes = [(a.kernel, a.stride, a.dilation, a.pad_begin, a.end) for a in layer.axes]
    return layer.kind, axes, layer.groups, layer.in_channels, layer.out_channels


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_lax_is_told_is_read_back_as_the_same_layer(case):
    written = dialect("jax").write(case.layer, case.in_size)
    reading = read(written.code)
    assert reading.dialect == "jax"
    assert normal(reading.layer(case.in_size)) == normal(case.layer)
    assert reading.layout == written.layout
    assert written.native


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_flax_is_told_is_read_back_as_the_same_layer(case):
    if case.layer.kind == "tconv" and case.layer.groups > 1:
        with pytest.raises(NotExpressible, match="flax's ConvTranspose has no groups, and the layer has"):
            dialect("flax").write(case.layer, case.in_size)
        return
    written = dialect("flax").write(case.layer, case.in_size)
    reading = read(written.code)
    assert reading.dialect == "flax"
    assert normal(reading.layer(case.in_size)) == normal(case.layer)
    assert reading.layout == written.layout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_words_of_a_reading_spell_the_same_layer(case):
    for name in ("jax", "flax"):
        try:
            reading = read(dialect(name).write(case.layer, case.in_size).code)
        except NotExpressible:
            continue
        again = read(dialect(name).spell(reading.words))
        assert normal(again.layer(case.in_size)) == normal(case.layer)


PADDINGS = [
    *(
        "SAME",
        "VALID",
        "SAME_LOWER",
        "same",
        "valid",
        "Same_Lower",
        "CAUSAL",
        "CIRCULAR",
        "REFLECT",
        "circular",
        "full",
    ),
    *(0, 1, (0,), (2,), ((1, 2),), ((0, 0),), ((-1, 0),), ((-3, 1),), ((-9, 0),), ((4, 5),)),
]
NUMBERS = [
    (1, 1, 1, 1),
    (4, 3, 1, 1),
    (4, 4, 1, 1),
    (5, 3, 2, 1),
    (3, 2, 4, 1),
    (4, 4, 2, 2),
    (3, 3, 1, 2),
    (0, 3, 2, 1),
]


def size_made(text, names):
    """The size that jax makes of an expression, or None where it refuses."""
    try:
        return eval(text, names).shape[1:-1]
    except (TypeError, ValueError, RuntimeError):
        return None


def size_read(text, in_size, **hints):
    try:
        return read(text, hints=Hints(**hints)).output_size(in_size)
    except Refused:
        return None


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
@pytest.mark.parametrize("extra", ["", ", use_consistent_padding=True", ", transpose_kernel=True"])
def test_conv_transpose_makes_the_size_that_is_read(padding, extra):
    jax = pytest.importorskip("jax")
    for in_, k, s, d in NUMBERS:
        x, w = jax.numpy.ones((1, in_, 1)), jax.numpy.ones((k, 1, 1))
        text = f"lax.conv_transpose(x, w, ({s},), {padding!r}, ({d},){extra})"
        expected = size_made(text, {"lax": jax.lax, "x": x, "w": w})
        assert size_read(text, (in_,), kernel=(k,)) == expected, text


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
def test_conv_general_dilated_makes_the_size_that_is_read(padding):
    jax = pytest.importorskip("jax")
    for in_, k, s, d in NUMBERS:
        x, w = jax.numpy.ones((1, in_, 1)), jax.numpy.ones((k, 1, 1))
        for strides in (f"({s},)", f"(1,), lhs_dilation=({s},)", f"({s},), lhs_dilation=(1,)"):
            text = (
                f"lax.conv_general_dilated(x, w, window_strides={strides}, padding={padding!r}, rhs_dilation=({d},), "
                f'dimension_numbers=("NWC", "WIO", "NWC"))'
            )
            expected = size_made(text, {"lax": jax.lax, "x": x, "w": w})
            assert size_read(text, (in_,), kernel=(k,)) == expected, text


@pytest.mark.parametrize("padding", PADDINGS, ids=str)
@pytest.mark.parametrize("name", ["ConvTranspose", "Conv", "Conv input_dilation"])
def test_a_flax_module_makes_the_size_that_is_read(name, padding):
    nnx, jax = (pytest.importorskip(each) for each in ("flax.nnx", "jax"))
    for in_, k, s, d in NUMBERS:
        if in_ == 0 and padding in ("CIRCULAR", "REFLECT"):
            continue  # numpy's pad has nothing to repeat
        strides = f"input_dilation={s}" if " " in name else f"strides={s}"
        text = f"nnx.{name.split()[0]}(1, 1, ({k},), {strides}, padding={padding!r}, kernel_dilation={d}, rngs=r)"
        expected = size_made(f"{text}(x)", {"nnx": nnx, "x": jax.numpy.ones((1, in_, 1)), "r": nnx.Rngs(0)})
        assert size_read(text, (in_,)) == expected, text


@pytest.mark.parametrize(
    ("words", "out"),
    [('"VALID"', 512), ("[(0, 0)]", 506), ("[(0, 0)], use_consistent_padding=True", 512)],
)
def test_explicit_pads_are_those_of_the_dilated_input_unless_told_otherwise(words, out):
    text = f"lax.conv_transpose(x, w, (4,), {words})"
    assert read(text, hints=Hints(kernel=(4,))).output_size((128,)) == (out,)
    jax = pytest.importorskip("jax")
    names = {"lax": jax.lax, "x": jax.numpy.ones((1, 128, 1)), "w": jax.numpy.ones((4, 1, 1))}
    assert eval(text, names).shape[1] == out


def test_the_default_kernel_of_lax_is_not_turned_round_and_that_is_said():
    reading = read("lax.conv_transpose(x, jnp.ones((3, 3, 8, 4)), (2, 2), 'SAME')")
    assert (reading.in_channels, reading.out_channels, reading.layout) == (8, 4, Layout(True, "kIo", flipped=True))
    assert "not turned round, so it is that of torch, TensorFlow or Keras turned round" in reading.notes[0]


def test_transpose_kernel_swaps_the_channels_of_the_kernel():
    reading = read("lax.conv_transpose(x, jnp.ones((3, 3, 8, 4)), (2, 2), 'SAME', transpose_kernel=True)")
    assert (reading.in_channels, reading.out_channels, reading.layout) == (4, 8, Layout(True, "koI"))
    assert reading.notes == ()


def test_explicit_pads_are_remarked_on():
    (note,) = read("lax.conv_transpose(x, jnp.ones((3, 1, 1)), (2,), [(1, 1)], transpose_kernel=True)").notes
    assert "padding p of torch is dilation*(kernel-1) - p here" in note


@pytest.mark.parametrize(
    ("numbers", "shape", "layout", "sizes"),
    [
        ("", (4, 2, 5, 3), Layout(False, "Oik"), (5, 3)),
        (', dimension_numbers=("NHWC", "HWIO", "NHWC")', (5, 3, 2, 4), Layout(True, "kiO"), (5, 3)),
        (', dimension_numbers=("NHWC", "OHWI", "NHWC")', (4, 5, 3, 2), Layout(True, "Oki"), (5, 3)),
        (', dimension_numbers=("NCHW", "IOHW", "NCHW")', (2, 4, 5, 3), Layout(False, "iOk"), (5, 3)),
    ],
)
def test_dimension_numbers_say_where_the_kernel_has_its_axes(numbers, shape, layout, sizes):
    text = f'lax.conv_general_dilated(x, jnp.ones({shape}), (1, 1), "SAME", feature_group_count=2{numbers})'
    reading = read(text)
    assert (reading.kernel, reading.layout) == (sizes, layout)
    assert (reading.in_channels, reading.out_channels) == (4, 4)


def test_dimension_numbers_of_another_line_are_found():
    text = (
        'dn = lax.conv_dimension_numbers(x.shape, k.shape, ("NHWC", "HWIO", "NHWC"))\n'
        'y = lax.conv_general_dilated(x, k, (2, 2), "SAME", dimension_numbers=dn)'
    )
    assert read(text, hints=Hints(kernel=(3,))).layout == Layout(True, "kiO")


def test_a_dilated_input_is_a_transposed_convolution_with_its_kernel_turned_round():
    text = "lax.conv_general_dilated(x, w, (1,), [(1, 2)], lhs_dilation=(2,), feature_group_count=2)"
    reading = read(text, hints=Hints(kernel=(3,), in_channels=4, out_channels=2))
    assert reading.layer((5,)) == Layer.tconv(
        1, kernel=3, stride=2, padding=[(1, 0)], groups=2, in_channels=4, out_channels=2
    )
    assert reading.layout == Layout(False, "Oik", flipped=True)


@pytest.mark.parametrize(
    "call", ["lax.conv(x, w, (2,), 'SAME')", "lax.conv_with_general_padding(x, w, (2,), 'SAME', (1,), (1,))"]
)
def test_the_short_forms_are_convolutions_with_channels_first(call):
    reading = read(call, hints=Hints(kernel=(3,)))
    assert (reading.kind, reading.layout, reading.output_size((5,))) == ("conv", Layout(False, "Oik"), (3,))


def test_one_number_for_a_kernel_of_flax_is_one_axis():
    (note,) = read("nnx.Conv(1, 1, 3, rngs=r)").notes
    assert note == "kernel_size=3 is one axis: the rows of an image would be samples; an image takes (3, 3)"


@pytest.mark.parametrize(
    "text",
    ["nn.ConvTranspose(4, (3, 3), (2, 2))", "linen.ConvTranspose(features=4, kernel_size=(3, 3), strides=(2, 2))"],
)
def test_linen_has_features_and_no_input_channels(text):
    reading = read(text, "flax")
    assert (reading.in_channels, reading.out_channels, reading.output_size((5, 5))) == (None, 4, (10, 10))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nnx.Conv(1, 1, (3,), padding='CIRCULAR', rngs=r)", "Conv is no layer .*: padding 'CIRCULAR' wraps the input"),
        ("nnx.Conv(1, 1, (3,), padding='REFLECT', rngs=r)", "padding 'REFLECT' mirrors the input; pad with zeros"),
        ("nnx.ConvTranspose(1, 1, (3,), padding='CIRCULAR', rngs=r)", "ConvTranspose is no layer"),
    ],
)
def test_a_periodic_padding_has_a_size_and_is_no_layer(text, message):
    assert read(text).output_size((6,)) == (6,)
    with pytest.raises(Refused, match=message):
        read(text).layer((6,))


REFUSALS = [
    ("lax.conv_transpose(x, w, (2,), 'same')", "'same' is not implemented .* stride > 1 .*; write pairs, or \"SAME\""),
    ("lax.conv_transpose(x, w, (2,), 'SAME_LOWER')", "'SAME_LOWER' is not implemented"),
    (
        "lax.conv_transpose(x, w, (1,), 'CAUSAL')",
        "unrecognized padding 'CAUSAL' .*: lax has SAME, SAME_LOWER and VALID",
    ),
    ("lax.conv_transpose(x, w, (2,), 1)", r"padding of conv_transpose is 1, .*; write padding=\[\(1, 1\)\]"),
    ("lax.conv_transpose(x, w, (2,), [(1, 1), (1, 1)])", "has 2 pairs for 1 axes"),
    ("lax.conv_transpose(x, w, 2, 'SAME')", "strides of conv_transpose is 2, and lax takes a sequence"),
    ("lax.conv_transpose(x, w, (0,), 'SAME')", "strides 0 of conv_transpose must be positive"),
    ("lax.conv_transpose(x, w, (2,) * 3, 'SAME')", "lax takes a sequence of numbers"),
    ("lax.conv_transpose(x, w, (2, 2, 2, 2), 'SAME')", "a layer has 1 to 3 spatial axes"),
    ("lax.conv_transpose(x, w, (2,), 'SAME', (1, 1))", r"rhs_dilation \(1, 1\) .* has 2 entries for 1 axes"),
    ("lax.conv_transpose(x, w, (2,), 'SAME', transpose_kernel=t)", "transpose_kernel of conv_transpose is t, and the"),
    (
        "lax.conv_transpose(x, w, (2,), [[1, 1]], use_consistent_padding=True)",
        "each pair as a tuple, and here it is a li",
    ),
    ("lax.conv_transpose(x, w, (2,), 'same', use_consistent_padding=True)", "invalid padding mode 'same'"),
    ("lax.conv_transpose(x, w, (2,), [(-9, 0)])", "negative padding -9:0 is larger than the 7 rows that it crops"),
    (
        "lax.conv_general_dilated(x, w, (2,), [(1, 1)], (2,))",
        "strides by .* over an input dilated by .*: that is neither",
    ),
    ("lax.conv_general_dilated(x, w, (1,), 'SAME', (2,))", "'SAME' is not implemented for a transposed convolution"),
    ("lax.conv_general_dilated(x, w, (1,), 'VALID', batch_group_count=2)", "batch_group_count 2 .* mixes samples"),
    ("lax.conv_general_dilated(x, w, (1,), 'VALID', feature_group_count=0)", "is 0, which is no number above 0"),
    ("lax.conv_general_dilated(x, w, (1,), 'VALID', dimension_numbers=('NWC', 'WIO'))", "lax takes three strings"),
    (
        "lax.conv_general_dilated(x, w, (1,), 'VALID', dimension_numbers=('NWC', 'WWO', 'NWC'))",
        "'WWO' .* must have I, O",
    ),
    (
        "lax.conv_general_dilated(x, w, (1,), 'VALID', dimension_numbers=('NWC', 'HIO', 'NWC'))",
        "different spatial axes",
    ),
    ("lax.conv(x, w, (1, 1), 'VALID', dimension_numbers=1)", "conv has no argument 'dimension_numbers'"),
    (
        "lax.conv_general_dilated(x, w, (1, 1), 'VALID', dimension_numbers=('NHWC', 'WHIO', 'NHWC'))",
        "axes of the signal, NHWC, in another order than those of the kernel, WHIO; use one order",
    ),
    (
        "lax.conv_general_dilated(x, w, (1, 1), 'VALID', dimension_numbers=('NHWC', 'HIWO', 'NHWC'))",
        "'HIWO' .* channels between the kernel's axes; use HWIO",
    ),
    ("lax.conv_general_dilated(x, jnp.ones((3, 3)), (1,), 'VALID')", "the kernel of .* has 2 axes, and needs 3"),
    ("nnx.ConvTranspose(1, 1, (3,), padding='CAUSAL', rngs=r)", "unrecognized padding 'CAUSAL'"),
    ("nnx.ConvTranspose(1, 1, (3,), 2, padding='REFLECT', rngs=r)", "'REFLECT' is not implemented"),
    ("nnx.Conv(1, 1, (3, 3), padding='CAUSAL', rngs=r)", "CAUSAL padding is only for 1 axis, and Conv has 2"),
    (
        "nnx.Conv(1, 1, (3,), padding=[[1, 1]], rngs=r)",
        r"a number or a \(low, high\) tuple; write padding=\[\(1, 1\)\]",
    ),
    (
        "nnx.Conv(1, 1, (3, 3), strides=(2,), rngs=r)",
        r"strides \(2,\) of Conv has 1 entries, and its kernel_size has 2",
    ),
    ("nnx.Conv(1, 1, (3,), strides=s, rngs=r)", "strides of Conv is s, which is no number"),
    ("nnx.Conv(1, 1, (3,), strides=0, rngs=r)", "strides 0 of Conv must be positive"),
    ("nnx.Conv(1, 1, (3,), 2, input_dilation=2, rngs=r)", "that is neither a convolution nor a transposed one"),
    ("nnx.Conv(1, 1, (3,), feature_group_count=g, rngs=r)", "feature_group_count of Conv is g, which is no number"),
    ("nnx.Conv(1, 1, k, rngs=r)", "kernel_size of Conv is k, and a layer has 1 to 3 numbers"),
    ("nnx.Conv(1, 1, (0,), rngs=r)", "kernel_size 0 of Conv leaves no kernel"),
    ("nnx.ConvTranspose(1, 1, (3,), transpose_kernel=t, rngs=r)", "transpose_kernel of ConvTranspose is t"),
]


@pytest.mark.parametrize(("text", "message"), REFUSALS)
def test_a_refusal_says_what_is_wrong_and_what_would_do(text, message):
    with pytest.raises(InvalidQuestion, match=message):
        read(text, hints=Hints(kernel=(3,))).output_size((4,) * 1 if "(1, 1)" not in text else (4, 4))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("lax.conv_transpose(x, w, (2,), 'SAME')", "takes its kernel as an array, .*; give --kernel"),
        ("lax.conv_transpose(x, w, padding='SAME')", r"is not given its strides; write one per axis"),
        (
            "lax.conv_transpose(x, jnp.ones((3, 1, 1)), (2,))",
            'is not given its padding; write it, as in padding="SAME"',
        ),
        ("lax.conv_transpose(x, w, (2,), 'SAME', groups=2)", "conv_transpose has no argument 'groups'"),
        ("lax.conv_general_dilated(x, w, (2,), 'SAME', groups=2)", "did you mean feature_group_count?"),
        (
            "lax.conv_general_dilated(x, w, (2,), 'SAME', dimension_numbers=dn)",
            "are dn, which does not say where the axes",
        ),
        ("nnx.ConvTranspose(4, 4, (3,), groups=2, rngs=r)", "ConvTranspose has no argument 'groups'"),
        ("nnx.Conv(4, 4, (3,), dilation=2, rngs=r)", "Conv has no argument 'dilation'; did you mean kernel_dilation?"),
        ("nnx.Conv(4, 4, rngs=r)", r"is not given its kernel_size; write it, as in kernel_size=\(3, 3\)"),
    ],
)
def test_what_a_call_does_not_say_or_take_is_asked_for(text, message):
    with pytest.raises(InvalidQuestion, match=message):
        read(text)


def test_flax_says_which_layer_is_nearest_to_a_grouped_one():
    layer = Layer.tconv(1, kernel=3, groups=2, in_channels=2, out_channels=2)
    with pytest.raises(NotExpressible, match=r"nearest: jax.lax.conv_general_dilated with feature_group_count=2"):
        dialect("flax").write(layer, (4,))


def test_words_that_lax_and_flax_have_no_argument_for_are_not_spelled():
    words = read("nn.ConvTranspose1d(2, 2, 3, output_padding=0, groups=2)").words
    assert dialect("jax").spell(words) is None
    assert dialect("flax").spell(words._replace(output_padding=None)) is None
    assert "feature_group_count=2" in dialect("jax").spell(words._replace(output_padding=None))


def test_names_are_spelled_in_capitals():
    words = read('nn.Conv1d(1, 1, 3, padding="same")').words
    assert 'padding="SAME"' in dialect("jax").spell(words)
    assert 'nnx.Conv(1, 1, (3,), padding="SAME", rngs=nnx.Rngs(0))' in dialect("flax").spell(words)


ABORTS = "lax.conv_transpose(x, jnp.ones((3, 2, 1, 1, 1)), (1, 2, 1), [(1, 1), (0, 0), (0, 0)])"


def test_the_layer_on_which_xla_aborts_is_named():
    reading = read(ABORTS)
    assert reading.defect((1, 3, 1)).startswith(
        "XLA aborts the process on a CPU at in 1x3x1: it swaps input and kernel"
    )
    layer = reading.layer((1, 3, 1))
    assert dialect("jax").write(layer, (1, 3, 1)).notes[-1] == reading.defect((1, 3, 1))
    assert dialect("flax").write(layer, (1, 3, 1)).notes[-1] == reading.defect((1, 3, 1))


@pytest.mark.parametrize("in_size", [(1, 2, 1), (3, 3, 1), (1, 3, 3)])
def test_nothing_is_said_of_the_sizes_at_which_xla_computes_it(in_size):
    assert read(ABORTS).defect(in_size) == ""


@pytest.mark.parametrize(
    ("program", "layer"),
    [
        (
            "y = lax.conv_transpose(x, jnp.ones((3, 1, 1)), (2,), [(2, 2)], transpose_kernel=True)\ny = y[:, 1:-1]",
            Layer.tconv(1, kernel=3, stride=2, padding=1),
        ),
        (
            "x = jnp.pad(x, [[0, 0], [2, 0], [0, 0]])\n"
            "lax.conv_general_dilated(x, jnp.ones((3, 1, 1)), (1,), 'VALID', None, None, ('NWC', 'WIO', 'NWC'))",
            Layer.conv(1, kernel=3, padding=[(2, 0)]),
        ),
    ],
)
def test_what_stands_around_a_call_belongs_to_its_layer(program, layer):
    reading = read(program)
    assert normal(reading.layer((5,))) == normal(layer)
    assert reading.words is None
