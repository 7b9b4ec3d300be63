"""Every algorithm that the rule can pick, forced in turn, against the reference's slow loops."""

import numpy as np
import pytest
from convolving.forced import NAMED, algorithms, forced, integers
from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.convolving import blocks, planes, stamps, subpixel
from tconv_design.convolving.planes import residues
from tconv_design.convolving.rule import ALGORITHMS
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


def in_small_blocks(monkeypatch):
    """So few numbers to a block that even these layers take several."""
    monkeypatch.setattr(blocks, "LEAST", 64)
    monkeypatch.setattr(blocks, "MOST", 64)
    monkeypatch.setattr(subpixel, "MOST", 64)
    monkeypatch.setattr(stamps, "FEW_ROWS", 1)


@pytest.mark.parametrize("in_blocks", [None, in_small_blocks])
@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize(("algorithm", "layer", "size", "samples"), EACH)
def test_whole_numbers_are_exact(monkeypatch, algorithm, layer, size, samples, dtype, in_blocks):
    if in_blocks:
        in_blocks(monkeypatch)
    x, weight, bias = integers(layer, size, samples, dtype)
    result = forced(algorithm, layer, x, weight, bias)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, reference(layer, x, weight, bias))


@settings(max_examples=300, deadline=None)
@given(layers())
def test_whole_numbers_are_exact_on_any_layer(drawn):
    layer, size, samples = drawn
    x, weight, bias = integers(layer, size, samples)
    expected = reference(layer, x, weight, bias)
    for algorithm in algorithms(layer):
        np.testing.assert_array_equal(forced(algorithm, layer, x, weight, bias), expected, algorithm.name)


@settings(max_examples=150, deadline=None)
@given(layers())
def test_whole_numbers_are_exact_on_any_layer_in_blocks(drawn):
    layer, size, samples = drawn
    x, weight, bias = integers(layer, size, samples)
    expected = reference(layer, x, weight, bias)
    with pytest.MonkeyPatch.context() as monkeypatch:
        in_small_blocks(monkeypatch)
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


# What could be wrong, and must not pass: (module, name, the wrong value)
MUTANTS = {
    "rows beyond the stamps are forgotten": (
        stamps,
        "_is_apart",
        lambda layer: layer.kernel == layer.stride and set(layer.dilation) == {1},
    ),
    "dilated taps are taken for their neighbours": (
        stamps,
        "_along",
        lambda axis: ((slice(tap, tap + 1), *divmod(tap, len(residues(axis)))[::-1]) for tap in range(axis.kernel)),
    ),
    "an element is lost at the edge of a plane": (planes, "met", one_late),
    "the kernel is not turned around": (subpixel.np, "flip", lambda kernels, axes: kernels),
}


def differing(case):
    """The algorithms whose result of a named layer is not the reference's, or that fail."""
    layer, size, samples = case
    x, weight, bias = integers(layer, size, samples)
    expected = reference(layer, x, weight, bias)
    return [each for each in algorithms(layer) if not same(each, layer, (x, weight, bias), expected)]


def same(algorithm, layer, arrays, expected):
    try:
        return np.array_equal(forced(algorithm, layer, *arrays), expected)
    except (ValueError, IndexError):
        return False


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mistake_is_seen_by_the_named_layers(monkeypatch, name):
    module, attribute, wrong = MUTANTS[name]
    stamps._moves.cache_clear()
    monkeypatch.setattr(module, attribute, wrong)
    seen = [each for case in NAMED.values() for each in differing(case)]
    stamps._moves.cache_clear()
    assert seen
