"""Programs around one call: written with numpy's words, run as they stand, and read back."""

from dataclasses import replace

import numpy as np
import pytest

from tconv_design.backends.numpy import conv, conv_transpose
from tconv_design.dialects.call import parse
from tconv_design.dialects.function import Around, Idiom, definition, from_the_end, padded
from tconv_design.dialects.layout import CANONICAL, Layout, weight_from_canonical
from tconv_design.dialects.surroundings import around
from tconv_design.errors import Refused
from tconv_design.grid import GRID, drawn
from tconv_design.layer import Layer

CASES = [*GRID, *map(drawn, range(100))]
FIRST = Idiom(
    pad="np.pad({array}, {rows})",
    take="np.take({array}, {rows}, axis={axis})",
    split="np.split({array}, {parts}, axis={axis})",
    concat="np.concatenate({arrays}, axis={axis})",
    bias="{y} + bias.reshape(1, -1{ones})",
)
LAST = FIRST._replace(bias="{y} + bias")
LAYOUTS = [
    (FIRST, CANONICAL),
    (LAST, {"conv": Layout(True, "kiO"), "tconv": Layout(True, "koI")}),
    (LAST, {"conv": Layout(True, "Oki"), "tconv": Layout(True, "okI")}),
]


def plain(layer, layout, out):
    """A call as frameworks have it: no padding, dilation or groups; an output_padding where the result is longer."""

    def call(x, kernel):
        letters = layout.weight.replace("k", "k" * layer.ndim).lower()
        outer, spatial = ("io", [i for i, letter in enumerate(letters) if letter == "k"])
        order = [letters.index(outer[layer.kind == "conv"]), letters.index(outer[layer.kind == "tconv"]), *spatial]
        weight = kernel.transpose(order)
        x = np.moveaxis(x, -1, 1) if layout.channels_last else x
        a, b, *taps = weight.shape
        words = {"kernel": taps, "stride": layer.stride}
        if layer.kind == "conv":
            y = conv(Layer.conv(layer.ndim, **words, in_channels=b, out_channels=a), x, weight)
        else:
            bare = Layer.tconv(layer.ndim, **words, in_channels=a, out_channels=b)
            extra = tuple(np.subtract(out, bare.output_size(x.shape[2:])).tolist())
            words["output_padding"] = extra
            y = conv_transpose(Layer.tconv(layer.ndim, **words, in_channels=a, out_channels=b), x, weight)
        return np.moveaxis(y, 1, -1) if layout.channels_last else y

    return call


def program(layer, in_size, idiom, layout, windows):
    outside, out = padded(layer, in_size)
    taps = tuple(axis.dilation if axis.kernel > 1 else 1 for axis in layer.axes)
    outside = windows(Around(outside.before, outside.window, taps, layer.groups), out)
    return outside, definition(layer, layout, idiom, outside, "conv2d(x, kernel)"), plain(layer, layout, out)


def as_is(outside, out):
    return outside


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize(("idiom", "layouts"), LAYOUTS, ids=["first", "last", "outer-first"])
@pytest.mark.parametrize("windows", [as_is, from_the_end], ids=["from-the-begin", "from-the-end"])
def test_a_plain_call_with_what_surrounds_it_is_the_layer(case, idiom, layouts, windows):
    layer, in_size = case.layer, case.in_size
    layout = layouts[layer.kind]
    _, text, call = program(layer, in_size, idiom, layout, windows)
    names = {"np": np, "conv2d": call}
    exec(text, names)
    rng = np.random.default_rng(0)
    shapes = (2, layer.in_channels, *in_size), layer.weight_shape, (layer.out_channels,)
    x, weight, bias = (rng.integers(-9, 10, shape).astype("f4") for shape in shapes)
    given = np.moveaxis(x, 1, -1) if layout.channels_last else x
    result = names["layer"](given, weight_from_canonical(weight, layer, layout), bias)
    expected = (conv if layer.kind == "conv" else conv_transpose)(layer, x, weight, bias)
    assert np.array_equal(np.moveaxis(result, -1, 1) if layout.channels_last else result, expected)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize(("idiom", "layouts"), LAYOUTS, ids=["first", "last", "outer-first"])
@pytest.mark.parametrize("windows", [as_is, from_the_end], ids=["from-the-begin", "from-the-end"])
def test_what_surrounds_a_call_is_read_back(case, idiom, layouts, windows):
    layer = case.layer
    layout = layouts[layer.kind]
    outside, text, _ = program(layer, case.in_size, idiom, layout, windows)
    code = parse(text)
    found = around(code, code.named("conv2d")[0], layout, layer.ndim)
    assert found.shape == layout.weight_shape(layer)
    assert replace(found, shape=None, channels=None) == outside


def test_zeros_that_hold_at_every_size_are_counted_from_the_end():
    layer = Layer.tconv(1, kernel=4, stride=2, padding=[(1, 2)])
    outside, out = padded(layer, (5,))
    assert (outside.window, out) == (((1, 10),), (12,))
    assert from_the_end(outside, out).window == ((1, -2),)


def test_a_grouped_call_states_the_channels_that_its_kernel_does_not():
    layer = Layer.conv(1, kernel=3, groups=2, in_channels=4, out_channels=6)
    text = definition(layer, Layout(True, "kiO"), LAST, Around.nothing(1), "conv1d(x, kernel)")
    assert text.splitlines()[1:3] == [
        "    assert tuple(kernel.shape) == (3, 2, 6)  # (*kernel, in_channels/groups, out_channels)",
        "    assert x.shape[-1] == 4  # in_channels",
    ]
    code = parse(text)
    found = around(code, code.named("conv1d")[0], Layout(True, "kiO"), 1)
    assert (found.shape, found.channels, found.parts) == ((3, 2, 6), 4, 1)


NOT_READ = [
    ("f(x, np.take(kernel, [2, 1, 0], axis=0))", "rearranges the kernel in a way that is not read; write the dilation"),
    ("f(np.split(x, n), kernel)", "splits by what is no number of groups; split into equal parts"),
    ("f(np.split(x, 2), kernel)", "the input is split into 2 and the kernel into 1; split both into as many parts"),
    ("f(np.pad(x, 1), kernel)", "pads by what is no number; write the rows as"),
    ("f(np.pad(x, [[0, 0], [1, 1]]), kernel)", "a padding of 2 axes before a convolution that has 3; pad every axis"),
    (
        "f(np.pad(x, [[0, 0], [2, 2], [0, 0]])[:, 1:], kernel)",
        "what is padded is sliced before the convolution; pad by",
    ),
    ("f(x, kernel)[:, ::2]", "the slice '::2' of the result is no crop by whole numbers; write the numbers"),
    ("f(x, kernel)[:, n:]", "the slice 'n:' of the result is no crop by whole numbers"),
    ("f(x, kernel)[:, 1:][:, 1:]", "a result that is sliced twice is not read; slice it once"),
]


@pytest.mark.parametrize(("text", "message"), NOT_READ)
def test_what_is_not_read_around_a_call_is_refused(text, message):
    code = parse(f"y = {text}")
    with pytest.raises(Refused, match=message):
        around(code, code.named("f")[0], Layout(True, "kiO"), 1)


@pytest.mark.parametrize(
    "text",
    [
        "y = f(x[:, 1:], kernel)",
        "y = f(np.split(x, 2)[0], np.split(kernel, 2)[0])",
        "z = np.pad(other, rows)\ny = f(x, kernel)",
        "y = f(x, kernel)\nz = g(np.pad(y, [[0, 0], [1, 1], [0, 0]]), k2)",
        "y = f(x, kernel)\nprint(y[:, 1:])",
        "y = f(x, kernel)[0]",
        "y = relu(f(x, kernel))[:, ::2]",
    ],
)
def test_what_is_no_part_of_the_layer_is_left_alone(text):
    code = parse(text)
    assert around(code, code.named("f")[0], Layout(True, "kiO"), 1) == Around.nothing(1)
