"""mlx's words: every measured call read as mlx ran it, right or wrong, and every layer written and read back."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.mlx import spell, write
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, NoLayer, Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

SAMPLE = [*range(500), *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(500, 5000))]


def module_of(row):
    """The call of a row of mlx.nn, as a user would paste it; mlx takes plain numbers in one axis."""
    weight, groups = row["weight_shape"], row["args"].get("groups", 1)
    args = {key: value for key, value in row["args"].items() if key != "bias"}
    if row["ndim"] == 1:
        args = {key: value[0] if isinstance(value, list) else value for key, value in args.items()}
    size = kernel(row) if row["ndim"] > 1 else kernel(row)[0]
    words = [str(weight[-1] * groups), str(weight[0]), str(size), *(f"{key}={value!r}" for key, value in args.items())]
    return pasted(f"{row['op']}({', '.join(words)})")


def general_of(row):
    """The call of a row of mlx.conv_general, whose padding the rows have as pairs per axis, and mlx as two lists."""
    args = dict(row["args"])
    args["padding"] = tuple(list(side) for side in zip(*args["padding"], strict=True))
    words = ["x", f"mx.ones({tuple(row['weight_shape'])})", *(f"{key}={value!r}" for key, value in args.items())]
    return pasted(f"mx.conv_general({', '.join(words)})")


def pasted(call):
    return f"import mlx.core as mx\nimport mlx.nn as nn\n\ny = {call}"


def crops(reading, in_size):
    """The normal form: what is cropped at the beginning and, net, at the end."""
    return tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size))


def assert_reads_back(layer, in_size):
    code = write(layer, in_size).code
    reading = read(code)
    assert (reading.dialect, reading.kind, reading.groups) == ("mlx", layer.kind, layer.groups)
    assert (reading.in_channels, reading.out_channels) == (layer.in_channels, layer.out_channels)
    assert (reading.kernel, reading.stride, reading.dilation) == (layer.kernel, layer.stride, layer.dilation)
    assert reading.output_size(in_size) == layer.output_size(in_size), code
    expected = [(a.pad_begin, a.end if layer.kind == "tconv" else a.pad_end) for a in layer.axes]
    assert crops(reading, in_size) == tuple(expected), code
    assert reading.defect(in_size) == "", code


@pytest.mark.parametrize(
    ("row", "text"),
    [(row, module_of(row)) for row in rows_of("mlx.nn")] + [(r, general_of(r)) for r in rows_of("mlx.conv_general")],
    ids=lambda value: name_of(value) if isinstance(value, dict) else "",
)
def test_a_measured_call_is_read_as_mlx_ran_it(row, text):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read(text).output_size(in_size(row))
        return
    reading = read(text)
    assert reading.output_size(in_size(row)) == expected
    assert bool(reading.defect(in_size(row))) == (row["match"] is False)
    if row["match"]:
        assert crops(reading, in_size(row)) == normal_form(row)
        assert reading.layout.flipped == row["canonical"].get("flip", False)


@pytest.mark.parametrize("case", GRID, ids=lambda case: case.id)
def test_a_layer_of_the_grid_is_read_back_from_its_words(case):
    assert_reads_back(case.layer, case.in_size)


@pytest.mark.parametrize("seed", SAMPLE)
def test_a_drawn_layer_is_read_back_from_its_words(seed):
    case = drawn(seed)
    assert_reads_back(case.layer, case.in_size)


MODULES = "import mlx.nn as nn\n\nlayer = nn."


@pytest.mark.parametrize(
    ("layer", "in_size", "code"),
    [
        (
            Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=8, out_channels=4),
            (8, 8),
            f"{MODULES}ConvTranspose2d(8, 4, 4, stride=2, padding=1)\n",
        ),
        # the end crop of "same" elsewhere is a negative output_padding
        (
            Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]),
            (3,),
            f"{MODULES}ConvTranspose1d(1, 1, 3, stride=2, output_padding=-1)\n",
        ),
        # padding 3 exceeds dilation*(kernel-1) = 2, which mlx gets wrong
        (
            Layer.tconv(1, kernel=3, stride=2, padding=3),
            (5,),
            "import mlx.core as mx\n\n\n"
            "def layer(x, kernel, bias):\n"
            "    assert tuple(kernel.shape) == (1, 3, 1)  # (out_channels, *kernel, in_channels)\n"
            "    y = mx.conv_transpose1d(x, kernel, stride=2)\n"
            "    return y[:, 3:-3] + bias\n",
        ),
        (
            Layer.tconv(2, kernel=2, stride=2, in_channels=4, out_channels=2, groups=2),
            (3, 3),
            "import mlx.core as mx\n\n\n"
            "def layer(x, kernel, bias):\n"
            "    assert tuple(kernel.shape) == (2, 2, 2, 2)  # (out_channels, *kernel, in_channels/groups)\n"
            "    y = mx.conv_transpose2d(x, kernel, stride=2, groups=2)\n"
            "    return y + bias\n",
        ),
        (
            Layer.tconv(3, kernel=2, stride=2, in_channels=4, out_channels=2, groups=2),
            (3, 3, 3),
            "import mlx.core as mx\n\n\n"
            "def layer(x, kernel, bias):\n"
            "    assert tuple(kernel.shape) == (2, 2, 2, 2, 2)  # (out_channels, *kernel, in_channels/groups)\n"
            "    pairs = zip(mx.split(x, 2, axis=-1), mx.split(kernel, 2, axis=0))\n"
            "    parts = [mx.conv_transpose3d(x, kernel, stride=2) for x, kernel in pairs]\n"
            "    y = mx.concatenate(parts, axis=-1)\n"
            "    return y + bias\n",
        ),
        (
            Layer.conv(2, kernel=3, stride=2, padding=[1, 0], in_channels=4, out_channels=2, groups=2),
            (8, 8),
            f"{MODULES}Conv2d(4, 2, 3, stride=2, padding=(1, 0), groups=2)\n",
        ),
        (
            Layer.conv(2, kernel=3, stride=2, padding=[(0, 1), 1], dilation=(1, 2)),
            (8, 8),
            "import mlx.core as mx\n\n\n"
            "def layer(x, kernel, bias):\n"
            "    assert tuple(kernel.shape) == (1, 3, 3, 1)  # (out_channels, *kernel, in_channels)\n"
            "    y = mx.conv_general(x, kernel, stride=2, padding=([0, 1], [1, 1]), kernel_dilation=(1, 2))\n"
            "    return y + bias\n",
        ),
    ],
)
def test_the_words_are_the_shortest_that_mlx_has(layer, in_size, code):
    assert write(layer, in_size).code == code


@pytest.mark.parametrize(
    ("layer", "native", "notes"),
    [
        (Layer.tconv(1, kernel=3, stride=2, padding=1), True, ()),
        (
            Layer.tconv(1, kernel=3, stride=2, padding=[(0, 1)]),
            True,
            ("output_padding below 0 crops the end alone; torch takes none below 0",),
        ),
        (
            Layer.tconv(1, kernel=3, stride=2, padding=3),
            False,
            (
                "mlx crops the wrong rows where padding exceeds dilation*(kernel-1) with stride > 1, or exceeds the "
                "input: here the full result is cropped instead",
            ),
        ),
        (
            Layer.tconv(1, kernel=3, in_channels=2, out_channels=2, groups=2),
            True,
            ("mlx.nn.ConvTranspose1d has no groups; the function of mlx.core has",),
        ),
        (
            Layer.conv(3, kernel=1, in_channels=2, out_channels=2, groups=2),
            False,
            ("mlx has no groups in three axes: each group is a call of its own",),
        ),
    ],
)
def test_what_a_user_must_know_of_the_words_is_noted(layer, native, notes):
    written = write(layer, (5,) * layer.ndim)
    assert (written.native, written.notes) == (native, notes)


@pytest.mark.parametrize(
    ("call", "sides"),
    [
        ("nn.ConvTranspose2d(1, 1, 3, 2, 1)", ((1, 1), (1, 1))),
        ("nn.ConvTranspose2d(1, 1, 3, 2, [1, 0], 1, (0, -2))", ((1, 1), (0, 2))),
        ("nn.ConvTranspose1d(1, 1, 3, padding=-1)", ((-1, -1),)),
        ("mx.conv_transpose2d(x, mx.zeros((1, 3, 3, 1)), 2, 1, 1, 1)", ((1, 0), (1, 0))),
        ("mx.conv_general(x, mx.zeros((1, 3, 1)), padding=1)", ((1, 1),)),
        ("mx.conv_general(x, mx.zeros((1, 3, 3, 1)), padding=[1, 2])", ((1, 1), (2, 2))),
        ("mx.conv_general(x, mx.zeros((1, 3, 3, 1)), padding=([1, 2], [3, 4]))", ((1, 3), (2, 4))),
        ("mx.conv_general(x, mx.zeros((1, 3, 1)), padding=([1], [0]), input_dilation=2, flip=True)", ((1, 2),)),
    ],
)
def test_every_form_of_padding_is_read(call, sides):
    assert crops(read(pasted(call)), (9,) * len(sides)) == sides


def test_a_module_without_its_import_is_torchs_unless_mlx_is_asked_for():
    text = "nn.ConvTranspose2d(1, 1, 3, 2, 1, 1)"
    assert read(text).dialect == "torch"
    assert read(text, "mlx").dilation == (1, 1)


def test_a_function_has_the_kernel_that_the_user_names():
    reading = read(pasted("mx.conv1d(x, w, stride=2)"), hints=Hints(kernel=(3,), in_channels=2, out_channels=4))
    assert (reading.kernel, reading.in_channels, reading.out_channels) == ((3,), 2, 4)


def test_too_much_padding_with_a_stride_has_the_size_of_mlx_and_is_a_defect():
    reading = read(pasted("nn.ConvTranspose1d(1, 1, 3, stride=2, padding=3)"))
    assert reading.output_size((5,)) == (3,)
    assert reading.defect((5,)) == (
        "stride > 1 and padding > dilation*(kernel-1): mlx crops 2 rows of the input itself, where it should crop as "
        "many of the input with its 1 zeros between rows"
    )


def test_a_crop_of_more_than_the_input_is_a_defect_without_a_stride():
    reading = read(pasted("nn.ConvTranspose1d(1, 1, 2, padding=6, output_padding=7)"))
    assert reading.output_size((3,)) == (1,)
    assert reading.defect((3,)) == "mlx crops 5 rows of an input that has 3, and makes rows of what is not there"


def test_a_kernel_that_does_not_fit_by_less_than_the_stride_makes_a_row_and_is_a_defect():
    reading = read(pasted("nn.Conv1d(1, 1, 2, stride=3)"))
    assert reading.output_size((1,)) == (1,)
    assert reading.defect((1,)).startswith("the kernel spans 1 more than the padded input, so nothing is left; a div")
    assert reading.defect((2,)) == ""


def test_a_wrong_size_is_cropped_by_what_follows_it():
    text = "import mlx.core as mx\ny = mx.conv_transpose1d(x, mx.ones((1, 3, 1)), stride=2, padding=3)[:, 1:]"
    assert read(text).output_size((5,)) == (2,)


@pytest.mark.parametrize(
    ("call", "notes"),
    [
        (
            "mx.conv_general(x, mx.zeros((1, 3, 1)), padding=1, input_dilation=2)",
            (
                "its padding is that of the dilated input: padding p of torch is dilation*(kernel-1) - p here",
                "flip=False: the kernel is that of a transposed convolution turned round",
            ),
        ),
        (
            "mx.conv_general(x, mx.zeros((1, 3, 1)), stride=2, flip=True)",
            ("flip=True: the kernel is that of a convolution turned round",),
        ),
    ],
)
def test_a_kernel_that_is_turned_round_is_noted(call, notes):
    reading = read(pasted(call))
    assert (reading.notes, reading.layout.flipped) == (notes, True)


@pytest.mark.parametrize(
    ("call", "in_size", "message"),
    [
        (
            "nn.Conv1d(1, 1, 3, padding='same')",
            (5,),
            "mlx has no padding 'same' for Conv1d: it takes numbers, and raises TypeError at the call; "
            "write the padding as numbers; translate writes them for another framework's 'same'",
        ),
        (
            "nn.Conv1d(1, 1, 3, stride=(2,))",
            (5,),
            "stride (2,) of Conv1d: mlx takes a number in one axis; write the number alone",
        ),
        (
            "nn.Conv2d(1, 1, 3, stride=(2,))",
            (5, 5),
            "stride (2,) of Conv2d has 1 entries for 2 axes; give one per axis, or a number",
        ),
        ("nn.Conv2d(1, 1, 3, stride=0)", (5, 5), "stride 0 of Conv2d must be positive; use stride=1"),
        (
            "mx.conv3d(x, mx.ones((2, 1, 1, 1, 1)), groups=2)",
            (3, 3, 3),
            "conv3d with groups 2: mlx can only handle groups != 1 in 1D or 2D convolutions; "
            "call it for each group, of input and kernel split by mx.split",
        ),
        (
            "nn.Conv2d(1, 1, 7)",
            (5, 5),
            "spatial dimensions of input after padding cannot be smaller than weight spatial dimensions: mlx comes to "
            "an output size of -1x-1; crop less, or give a larger input",
        ),
        (
            "mx.conv_general(x, mx.ones((1, 3, 1)), padding=[[1], [2], [3]])",
            (5,),
            "padding ((1,), (2,), (3,)) of conv_general has 3 lists, and mlx takes two; "
            "write ([all beginnings], [all ends])",
        ),
        (
            "mx.conv_general(x, mx.ones((1, 3, 1)), flip=turned)",
            (5,),
            "flip of conv_general is turned, and the layer hangs on it; write flip=True",
        ),
        (
            "mx.conv_transpose1d(x, mx.ones((1, 3, 1)))[:, 7:]",
            (5,),
            "the crop leaves nothing: its size is 0; crop less",
        ),
    ],
)
def test_a_refused_call_says_what_mlx_wants(call, in_size, message):
    with pytest.raises(Refused) as refusal:
        read(pasted(call)).output_size(in_size)
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            "nn.ConvTranspose2d(1, 1, 3, groups=2)",
            InvalidQuestion,
            "ConvTranspose2d has no argument 'groups'; known: in_channels, out_channels, kernel_size, stride, padding, "
            "dilation, output_padding, bias",
        ),
        ("nn.Conv2d(1, 1, 3, strides=2)", InvalidQuestion, "Conv2d has no argument 'strides'; did you mean stride?"),
        (
            "nn.Conv2d(1, 1)",
            InvalidQuestion,
            "Conv2d is not given its kernel_size; write it, as in nn.Conv2d(8, 4, 3)",
        ),
        (
            "mx.conv_general(x, w)",
            InvalidQuestion,
            "conv_general does not say how many axes it has; give one stride per axis, as (2, 2)",
        ),
        (
            "mx.conv_general(x, mx.ones((1, 3, 1)), stride=2, input_dilation=2)",
            NoLayer,
            "conv_general with stride (2,) and input_dilation (2,) is both at once; set one to 1",
        ),
    ],
)
def test_a_call_that_is_not_understood_is_answered_with_what_is(call, error, message):
    with pytest.raises(error) as refusal:
        read(pasted(call))
    assert str(refusal.value) == message


@pytest.mark.parametrize(
    "call",
    [
        "nn.ConvTranspose2d(4, 2, 3, stride=2, padding=(1, 0), dilation=1, output_padding=(1, -1))",
        "nn.Conv2d(4, 2, 3, stride=1, padding=-1, dilation=(1, 2), groups=2)",
    ],
)
def test_the_words_of_a_module_are_spelled_as_they_were(call):
    assert spell(read(pasted(call)).words) == f"import mlx.nn as nn\n\nlayer = {call}\n"


@pytest.mark.parametrize(
    "call",
    [
        "mx.conv_transpose2d(x, kernel, stride=2, padding=1, dilation=1, output_padding=0, groups=2)",
        "mx.conv_general(x, kernel, stride=2, padding=([1, 0], [0, 2]), groups=2)",
    ],
)
def test_the_words_of_a_function_are_spelled_as_they_were(call):
    words = read(pasted(call.replace("kernel,", "mx.ones((4, 3, 3, 1)),"))).words
    assert f"    y = {call}\n" in spell(words)


def test_groups_in_three_axes_are_spelled_for_mlx_to_refuse():
    words = read(pasted("nn.ConvTranspose3d(2, 2, 1)")).words._replace(groups=2)
    assert "mx.conv_transpose3d(x, kernel, stride=1, padding=0, dilation=1, groups=2)" in spell(words)


def test_words_that_mlx_has_no_argument_for_are_not_spelled():
    words = read(pasted("nn.ConvTranspose1d(1, 1, 3)")).words
    assert spell(words._replace(padding=((0, 1),))) is None
    assert spell(words._replace(kind="conv", output_padding=(1,))) is None


def test_a_named_padding_is_spelled_for_mlx_to_refuse():
    words = read(pasted("nn.Conv1d(1, 1, 3)")).words._replace(padding="same")
    assert "padding='same'" in spell(words)


def test_a_defect_hangs_on_the_size_that_the_call_itself_is_given():
    """Of 1 row mlx makes one of memory beyond it; padded to 2 rows, the kernel fits."""
    call = "mx.conv1d(x, mx.ones((1, 2, 1)), stride=3)"
    assert "memory" in read(call).defect((1,))
    assert read(f"x = mx.pad(x, [(0, 0), (0, 1), (0, 0)])\ny = {call}").defect((1,)) == ""
