"""Every algorithm that the rule can pick, forced in turn, against the reference's slow loops."""

import sys
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from convolving.forced import NAMED, algorithms, forced, integers
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.convolving import blocks, planes, pointwise, stamps, subpixel, windows
from tconv_design.convolving.planes import residues
from tconv_design.convolving.rule import ALGORITHMS
from tconv_design.convolving.volume import volume
from tconv_design.layer import Axis, Layer
from tconv_design.reference import reference

EACH = [
    pytest.param(algorithm, *case, id=f"{algorithm.name}, {algorithm.kind}: {name}")
    for name, case in NAMED.items()
    for algorithm in algorithms(case[0])
]


@st.composite
def layers(draw):
    """A layer, an input size and a number of samples."""
    kind = draw(st.sampled_from(["conv", "tconv"]))
    axes, sizes = [], []
    for _ in range(draw(st.integers(1, 3))):
        stride, dilation, kernel = draw(st.integers(1, 4)), draw(st.integers(1, 3)), draw(st.integers(1, 5))
        kernel = draw(st.sampled_from([kernel, stride]))
        beyond = draw(st.integers(0, max(stride, dilation) - 1)) if kind == "tconv" else 0
        axis = Axis(kernel, stride, draw(st.integers(0, 5)), draw(st.integers(0, 5)), beyond, dilation)
        size = draw(st.integers(1, 7))
        axes.append(axis if axis.out(kind, size) >= 1 else Axis(1, stride))
        sizes.append(size)
    groups = draw(st.integers(1, 3))
    channels = [groups * draw(st.integers(1, 4)) for _ in range(2)]
    return Layer(kind, tuple(axes), groups, *channels), tuple(sizes), draw(st.integers(1, 4))


@contextmanager
def small_blocks():
    """So few numbers to a block that even these layers take several, and every other bound out of the way."""
    bounds = {
        (blocks, "LEAST"): 64,
        (stamps, "LEAST"): 64,
        (blocks, "MOST"): 64,
        (subpixel, "MOST"): 64,
        (stamps, "MOST"): 64,
        (stamps, "FEW_ROWS"): 1,
        (windows, "FEW_COLUMNS"): 3,
        (planes, "FEW_PLANES"): 3,
    }
    with pytest.MonkeyPatch.context() as monkeypatch:
        for place, bound in bounds.items():
            monkeypatch.setattr(*place, bound)
        stamps._grid.cache_clear()
        yield
    stamps._grid.cache_clear()


BLOCKS = pytest.mark.parametrize("in_blocks", [nullcontext, small_blocks])


@BLOCKS
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("algorithm", "layer", "size", "samples"), EACH)
def test_whole_numbers_are_exact(algorithm, layer, size, samples, dtype, in_blocks):
    x, weight, bias = integers(layer, size, samples, dtype)
    with in_blocks():
        result = forced(algorithm, layer, x, weight, bias)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, reference(layer, x, weight, bias))


@BLOCKS
@settings(max_examples=200, deadline=None)
@given(layers())
def test_whole_numbers_are_exact_on_any_layer(in_blocks, drawn):
    layer, size, samples = drawn
    x, weight, bias = integers(layer, size, samples)
    expected = reference(layer, x, weight, bias)
    with in_blocks():
        for algorithm in algorithms(layer):
            np.testing.assert_array_equal(forced(algorithm, layer, x, weight, bias), expected, algorithm.name)


def units(layer, arrays, result):
    """The largest error, in units of the last place of the sum of magnitudes, against float64."""
    exact = reference(layer, *[array.astype("f8") for array in arrays])
    magnitude = reference(layer, *[np.abs(array).astype("f8") for array in arrays])
    scale = np.maximum(magnitude, np.finfo("f4").tiny) * np.finfo("f4").eps
    return np.max(np.abs(result - exact) / scale)


@settings(max_examples=200, deadline=None)
@given(layers(), st.integers(0, 2**32 - 1))
def test_sums_are_within_four_units_in_the_last_place(drawn, seed):
    layer, size, samples = drawn
    rng = np.random.default_rng(seed)
    shapes = ((samples, layer.in_channels, *size), layer.weight_shape, (layer.out_channels,))
    arrays = [(rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 4, shape)).astype("f4") for shape in shapes]
    for algorithm in algorithms(layer):
        assert units(layer, arrays, forced(algorithm, layer, *arrays)) <= 4, algorithm.name


LONG_SUMS = [
    (Layer.conv(2, kernel=3, padding=1, in_channels=512, out_channels=16), (6, 6)),
    (Layer.conv(1, kernel=1024, in_channels=2, out_channels=2), (1100,)),
    (Layer.conv(2, kernel=1, in_channels=2048, out_channels=8), (4, 4)),
    (Layer.tconv(1, kernel=1024, in_channels=4, out_channels=1), (900,)),
    (Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=1024, out_channels=8), (4, 4)),
]


@pytest.mark.parametrize(("layer", "size"), LONG_SUMS)
def test_long_sums_of_normal_numbers_are_within_four_units_too(layer, size):
    rng = np.random.default_rng(0)
    shapes = ((2, layer.in_channels, *size), layer.weight_shape, (layer.out_channels,))
    arrays = [rng.standard_normal(shape, np.float32) for shape in shapes]
    for algorithm in algorithms(layer):
        assert units(layer, arrays, forced(algorithm, layer, *arrays)) <= 4, algorithm.name


@pytest.mark.parametrize("layer", [Layer.conv(2, kernel=3, in_channels=3), Layer.tconv(2, kernel=3, in_channels=3)])
def test_half_of_the_digits_would_be_seen(layer):
    arrays = [array / 7 for array in integers(layer, (6, 6), 1)]
    rounded = [array.astype("f2").astype("f4") for array in arrays]
    for algorithm in algorithms(layer):
        assert units(layer, arrays, forced(algorithm, layer, *rounded)) > 4


@pytest.mark.parametrize(("algorithm", "layer", "size", "samples"), EACH)
def test_an_empty_batch_has_an_empty_result(algorithm, layer, size, samples):
    x, weight, bias = integers(layer, size, 0)
    assert forced(algorithm, layer, x, weight, bias).shape == (0, layer.out_channels, *layer.output_size(size))


@pytest.mark.parametrize(("algorithm", "layer", "size", "samples"), EACH)
def test_arrays_are_taken_as_they_lie_and_left_as_they_are(algorithm, layer, size, samples):
    x, weight, bias = arrays = integers(layer, size, samples)
    turned = np.asfortranarray(x), np.asfortranarray(weight), np.repeat(bias, 2)[::2]
    for array in (*arrays, *turned):
        array.flags.writeable = False
    result = forced(algorithm, layer, *turned)
    np.testing.assert_array_equal(result, reference(layer, x, weight, bias))
    assert result.flags.c_contiguous
    assert result.flags.writeable
    assert not any(np.shares_memory(result, array) for array in turned)


def test_the_named_layers_reach_every_algorithm():
    reached = {(algorithm.name, algorithm.kind) for layer, *_ in NAMED.values() for algorithm in algorithms(layer)}
    assert reached == {(algorithm.name, algorithm.kind) for algorithm in ALGORITHMS}


def one_late(start, step, count, size):
    """`met`, but for the first element."""
    inside, place = blocks.met(start, step, count, size)
    return slice(inside.start + 1, inside.stop), slice(place.start + step, place.stop, step)


BY_PLANE, ROOM = subpixel._by_plane, windows._Room

# What could be wrong and must not pass: the algorithm, (module, name) and the wrong value
MUTANTS = {
    "rows beyond the stamps are forgotten": (
        "stamps",
        (stamps, "_is_apart"),
        lambda layer: layer.kernel == layer.stride and set(layer.dilation) == {1},
    ),
    "dilated taps are taken for their neighbours": (
        "stamps",
        (stamps, "_along"),
        lambda axis: ((slice(tap, tap + 1), *divmod(tap, len(residues(axis)))[::-1]) for tap in range(axis.kernel)),
    ),
    "an element is lost at the edge of a plane": ("subpixel", (planes, "met"), one_late),
    "the kernel's last axis is not turned around": (
        "subpixel",
        (subpixel, "_by_plane"),
        lambda layer, kernels: BY_PLANE(layer, kernels[..., ::-1]),
    ),
    "an element is lost at the edge of the input": ("windows", (windows, "met"), one_late),
    "every block is computed where the first one is": (
        "windows",
        (windows, "_Room"),
        type("Stuck", (ROOM,), {"fill": lambda self, x, begins: ROOM.fill(self, x, [0, 0, 0])}),
    ),
    "a stride is taken for a kernel of one element": (
        "pointwise",
        (pointwise, "applies"),
        lambda layer: set(layer.kernel) == {1},
    ),
}


def wrong(algorithm, layer, size, samples):
    """Whether the result is not the reference's, or has another shape."""
    x, weight, bias = integers(layer, size, samples)
    try:
        result = forced(algorithm, layer, x, weight, bias)
    except ValueError:  # shapes that do not fit together
        return True
    return not np.array_equal(result, reference(layer, x, weight, bias))


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_in_an_algorithm_is_seen_by_the_named_layers(monkeypatch, name):
    of, place, mutant = MUTANTS[name]
    chosen = [each for each in ALGORITHMS if each.name == of]
    monkeypatch.setattr(*place, mutant)
    seen = [
        case
        for case in NAMED.values()
        for each in chosen
        if each.kind == case[0].kind and vars(sys.modules[each.applies.__module__])["applies"](volume(case[0]))
        if wrong(each, *case)
    ]
    assert seen
