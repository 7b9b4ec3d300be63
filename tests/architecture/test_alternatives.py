import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tconv_design.architecture.alternatives import compare, comparisons
from tconv_design.architecture.model import Architecture, Block, Window
from tconv_design.architecture.walk import walk
from tconv_design.backends.numpy import conv, conv_transpose
from tconv_design.errors import InvalidLayer, InvalidQuestion
from tconv_design.layer import Layer


def numbers(shape, seed=0):
    return np.random.default_rng(seed).integers(-9, 10, shape).astype(np.float64)


def resized(x, scales):
    for axis, scale in enumerate(scales, 2):
        x = np.repeat(x, scale, axis)
    return x


def shuffled(x, scales):
    """Channel c*s^n + phase goes to channel c, at the phase's place in each s x ... x s square."""
    n, _, *size = x.shape
    ndim = len(size)
    x = x.reshape(n, -1, *scales, *size)
    order = [0, 1]
    for axis in range(ndim):
        order += [2 + ndim + axis, 2 + axis]
    return x.transpose(order).reshape(n, -1, *(i * s for i, s in zip(size, scales, strict=True)))


def run(alternative, x, weight, bias=None):
    """The alternative, step by step, on x; only its one conv or tconv has a weight."""
    for row in alternative.rows:
        scales = tuple(axis.stride for axis in row.axes)
        match row.block.kind:
            case "upsample":
                x = resized(x, scales)
            case "pixel_shuffle":
                x = shuffled(x, scales)
            case "crop":
                inside = [
                    slice(axis.pad_begin, size - axis.pad_end) for axis, size in zip(row.axes, x.shape[2:], strict=True)
                ]
                x = x[(..., *inside)]
            case "conv":
                x = conv(row.layer, x, weight, bias)
            case "tconv":
                x = conv_transpose(row.layer, x, weight, bias)
        assert x.shape[1:] == (row.out.channels, *row.out.size)
    return x


def conv_of(alternative):
    return next(row.layer for row in alternative.rows if row.block.kind == "conv")


def repeated(w, scales):
    """W[m] = sum over r of w[k'-1-m+r]: on each axis the flipped kernel, laid down s times, one row apart."""
    for axis, scale in enumerate(scales, 2):
        w = np.apply_along_axis(lambda line, s=scale: np.convolve(line[::-1], np.ones(s)), axis, w)
    return w


def swapped(w, groups):
    """A conv's (Cout, Cin/groups, ...) as a tconv's (Cin, Cout/groups, ...)."""
    parts = np.split(w, groups)
    return np.concatenate([part.swapaxes(0, 1) for part in parts])


def laid_out(w, layer, kernel):
    """W[(c-1-t)*s + r] = w[t] of phase r, on each axis; w is the conv's (Cout*s^n, Cin/groups, *taps)."""
    scales = layer.stride
    phases = int(np.prod(scales))
    W = np.zeros((layer.out_channels, w.shape[1], *kernel))
    for channel in range(layer.out_channels):
        for phase in range(phases):
            r = np.unravel_index(phase, scales)
            for t in np.ndindex(*w.shape[2:]):
                m = tuple((w.shape[2 + a] - 1 - t[a]) * scales[a] + r[a] for a in range(layer.ndim))
                W[(channel, slice(None), *m)] = w[(channel * phases + phase, slice(None), *t)]
    return swapped(W, layer.groups)


@st.composite
def tconvs(draw, ndim=None, dilations=(1,)):
    ndim = ndim or draw(st.integers(1, 2))
    per_axis = lambda low, high: [draw(st.integers(low, high)) for _ in range(ndim)]  # noqa: E731
    kernel, stride = per_axis(1, 7), per_axis(1, 4)
    dilation = [draw(st.sampled_from(dilations)) for _ in range(ndim)]
    extra = [draw(st.integers(0, max(s, d) - 1)) for s, d in zip(stride, dilation, strict=True)]
    padding = [(draw(st.integers(0, 5)), draw(st.integers(0, 5))) for _ in range(ndim)]
    groups = draw(st.sampled_from([1, 2]))
    layer = Layer.tconv(
        ndim,
        kernel=kernel,
        stride=stride,
        padding=padding,
        output_padding=extra,
        dilation=dilation,
        groups=groups,
        in_channels=2,
        out_channels=2 * groups,
    )
    size = per_axis(1, 6)
    out = [axis.out("tconv", i) for axis, i in zip(layer.axes, size, strict=True)]
    if min(out) < 1:
        size = [i + 1 + (-o) // axis.stride + 1 for axis, i, o in zip(layer.axes, size, out, strict=True)]
    return layer, tuple(max(i, 1) for i in size)


def named(comparison):
    return {each.name: each for each in comparison.alternatives}


@given(tconvs(dilations=(1, 2, 3)))
def test_every_alternative_gives_the_size_of_the_tconv(place):
    layer, size = place
    comparison = compare(layer, size)
    assert comparison.alternatives[0].same_as == layer
    assert not comparison.left_out
    for each in comparison.alternatives:
        assert each.rows[-1].out == (layer.output_size(size), layer.out_channels)


@given(tconvs(dilations=(1, 2, 3)))
def test_resize_and_convolution_is_the_tconv_that_it_names_in_every_value(place):
    layer, size = place
    found = named(compare(layer, size)).get("resize")
    if found is None or found.same_as is None:
        return
    small = conv_of(found)
    x, w, bias = numbers((2, 2, *size)), numbers(small.weight_shape, 1), numbers(layer.out_channels, 2)
    W = swapped(repeated(w, layer.stride), layer.groups)
    assert W.shape[2:] == found.same_as.kernel
    assert np.array_equal(run(found, x, w, bias), conv_transpose(found.same_as, x, W, bias))


@given(tconvs(dilations=(1, 2, 3)))
def test_resize_and_convolution_computes_some_of_the_maps_of_the_tconv_where_it_says_so(place):
    layer, size = place
    found = named(compare(layer, size)).get("resize")
    if found is not None and found.maps == "some":
        assert found.same_as == layer


@given(tconvs(dilations=(1, 2, 3)))
def test_sub_pixel_is_the_tconv_that_it_names_in_every_value(place):
    layer, size = place
    found = named(compare(layer, size)).get("sub_pixel")
    if found is None or found.same_as is None:
        return
    small = conv_of(found)
    x, w = numbers((2, 2, *size)), numbers(small.weight_shape, 1)
    W = laid_out(w, layer, found.same_as.kernel)
    assert np.array_equal(run(found, x, w), conv_transpose(found.same_as, x, W))


@given(tconvs(dilations=(1, 2, 3)))
def test_a_sub_pixel_conv_of_permuted_weights_computes_every_map_of_the_tconv(place):
    layer, size = place
    for found in compare(layer, size).alternatives[1:]:
        if found.maps != "all" or found.name == "conv":
            continue
        small = conv_of(found)
        x, W, bias = numbers((2, 2, *size)), numbers(layer.weight_shape, 1), numbers(layer.out_channels, 2)
        w = picked(W, layer, small)
        repeats = np.repeat(bias, small.out_channels // layer.out_channels)
        assert np.array_equal(run(found, x, w, repeats), conv_transpose(layer, x, W, bias))


def picked(W, layer, small):
    """The conv's weights: phase r, tap t is W[(c-1-t)*s + r], and 0 where the (dilated) kernel has no tap."""
    scales, phases = layer.stride, int(np.prod(layer.stride))
    W = swapped(W, layer.groups)  # (Cout, Cin/groups, *kernel)
    w = np.zeros(small.weight_shape)
    for place in np.ndindex(layer.out_channels, phases, *small.kernel):
        channel, phase, *t = place
        r = np.unravel_index(phase, scales)
        m = [(small.kernel[a] - 1 - t[a]) * scales[a] + r[a] for a in range(layer.ndim)]
        tap = [divmod(m[a], layer.dilation[a]) for a in range(layer.ndim)]
        if all(not rest and index < k for (index, rest), k in zip(tap, layer.kernel, strict=True)):
            w[(channel * phases + phase, slice(None), *t)] = W[(channel, slice(None), *(index for index, _ in tap))]
    return w


@given(tconvs(dilations=(1, 2, 3)))
def test_a_sub_pixel_conv_of_whole_periods_is_the_tconv_shifted(place):
    layer, size = place
    found = named(compare(layer, size)).get("sub_pixel")
    if found is None:
        return
    assert any(found.shift) == (found.maps == "shifted")
    x, W = numbers((2, 2, *size)), numbers(layer.weight_shape, 1)
    ours, tconv = run(found, x, picked(W, layer, conv_of(found))), conv_transpose(layer, x, W)
    ahead = [
        slice(max(shift, 0), size + min(shift, 0)) for shift, size in zip(found.shift, ours.shape[2:], strict=True)
    ]
    behind = [
        slice(max(-shift, 0), size - max(shift, 0)) for shift, size in zip(found.shift, ours.shape[2:], strict=True)
    ]
    assert np.array_equal(ours[(..., *behind)], tconv[(..., *ahead)])


@given(tconvs(dilations=(1, 2, 3)))
def test_a_shifted_sub_pixel_is_no_tconv_of_the_same_begin_but_of_the_same_size(place):
    layer, size = place
    for found in compare(layer, size).alternatives:
        if found.maps == "shifted" and found.same_as:
            assert found.same_as.output_size(size) == layer.output_size(size)
            begins = [[begin for begin, _ in each.padding] for each in (found.same_as, layer)]
            assert begins[0] != begins[1]


@given(tconvs(ndim=1, dilations=(1, 2, 3)), st.integers(0, 99))
def test_a_constant_signal_stays_constant_inside_after_resize_and_convolution(place, seed):
    layer, _ = place
    found = named(compare(layer, (40,))).get("resize")
    if found is None:
        return
    result = run(found, np.ones((1, 2, 40)), numbers(conv_of(found).weight_shape, seed))
    inside = result[0, :, 22:-22]
    assert inside.shape[1] > 1
    assert np.array_equal(inside, np.repeat(inside[:, :1], inside.shape[1], 1))


@given(tconvs(dilations=(1, 2, 3)))
def test_at_stride_1_a_tconv_is_a_conv_with_its_kernel_flipped(place):
    layer, size = place
    found = named(compare(layer, size)).get("conv")
    if found is None:
        return
    x, W = numbers((2, 2, *size)), numbers(layer.weight_shape, 1)
    flipped = np.flip(swapped(W, layer.groups), tuple(range(2, 2 + layer.ndim)))
    assert np.array_equal(run(found, x, flipped), conv_transpose(layer, x, W))


def said(comparison):
    return {
        each.name: [
            (row.block.kind, row.axes[0].kernel, (row.axes[0].pad_begin, row.axes[0].pad_end), row.out.size[0])
            for row in each.rows
        ]
        for each in comparison.alternatives
    }


def test_kernel_4_stride_2_beside_what_stands_in_for_it():
    comparison = compare(Layer.tconv(1, kernel=4, stride=2, padding=1), (4,))
    assert said(comparison) == {
        "tconv": [("tconv", 4, (1, 1), 8)],
        "resize": [("upsample", 2, (0, 0), 8), ("conv", 3, (1, 1), 8)],
        "sub_pixel": [("conv", 2, (1, 0), 4), ("pixel_shuffle", 2, (0, 0), 8)],
        "sub_pixel_cropped": [("conv", 2, (1, 1), 5), ("pixel_shuffle", 2, (0, 0), 10), ("crop", 1, (1, 1), 8)],
    }
    assert [each.maps for each in comparison.alternatives] == ["all", "some", "shifted", "all"]


def test_costs_are_those_of_the_layers_by_hand():
    """2-D, 64 -> 32 channels, 8x8 -> 16x16 with kernel 4, stride 2, padding 1."""
    layer = Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=64, out_channels=32)
    found = named(compare(layer, (8, 8)))
    assert found["tconv"][3:7] == (64 * 32 * 16 + 32, 64 * 16 * 64 * 32, 64 * 64 + 32 * 256, "even")
    assert found["resize"][3:7] == (64 * 32 * 9 + 32, 256 * 9 * 64 * 32, 64 * 256 + 32 * 256, "even")
    assert found["sub_pixel"][3:7] == (64 * 128 * 4 + 128, 64 * 4 * 64 * 128, 128 * 64 + 32 * 256, "even")


def test_a_tconv_with_holes_and_one_with_a_checkerboard_have_even_alternatives():
    holes = compare(Layer.tconv(1, kernel=2, stride=3), (4,)).alternatives
    uneven = compare(Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1), (4,)).alternatives
    assert [each.overlap for each in holes] == ["holes", "even", "even"]
    assert [each.overlap for each in uneven] == ["uneven", "even", "even", "even"]


def test_a_size_that_no_whole_period_gives_is_cropped():
    found = said(compare(Layer.tconv(1, kernel=3, stride=2, padding=1), (4,)))
    assert "sub_pixel" not in found
    assert found["sub_pixel_cropped"][-1] == ("crop", 1, (1, 0), 7)


def test_biases_are_counted_only_where_there_are_some():
    layer = Layer.tconv(1, kernel=4, stride=2, padding=1, in_channels=3, out_channels=5)
    assert [each.params for each in compare(layer, (4,), bias=False).alternatives] == [60, 45, 60, 60]


def test_a_conv_is_nothing_to_compare():
    with pytest.raises(InvalidQuestion, match="compare is about transposed convolutions"):
        compare(Layer.conv(1, kernel=3), (4,))


def test_a_tconv_that_leaves_nothing_is_refused():
    with pytest.raises(InvalidLayer, match="crops everything"):
        compare(Layer.tconv(1, kernel=3, padding=2), (2,))


def test_what_is_too_large_for_a_layer_is_left_out_with_its_reason():
    comparison = compare(Layer.tconv(2, kernel=10**10, stride=10**10), (1, 1))
    assert [each.name for each in comparison.alternatives] == ["tconv", "resize"]
    assert comparison.left_out == ("sub-pixel: out_channels must be from 1 to 10**18, got 100000000000000000000",)


@pytest.mark.parametrize("ndim", [1, 2])
@pytest.mark.parametrize("kernel", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("scale", [2, 3])
@pytest.mark.parametrize("padding", [0, 1])
def test_torch_agrees_that_they_are_the_same_map(ndim, kernel, scale, padding):
    torch = pytest.importorskip("torch")
    conv_nd = (torch.nn.functional.conv1d, torch.nn.functional.conv2d)[ndim - 1]
    tconv_nd = (torch.nn.functional.conv_transpose1d, torch.nn.functional.conv_transpose2d)[ndim - 1]
    layer = Layer.tconv(ndim, kernel=kernel + scale - 1, stride=scale, padding=padding, in_channels=2, out_channels=3)
    size = (5, 6)[:ndim]
    found = named(compare(layer, size))
    x, w = torch.tensor(numbers((2, 2, *size))), numbers((3, 2, *[kernel] * ndim), 1)
    if kernel > padding:
        assert found["resize"].same_as == layer
        W = torch.tensor(swapped(repeated(w, layer.stride), 1))
        bigger = torch.nn.functional.interpolate(x, scale_factor=scale, mode="nearest")
        same = conv_nd(bigger, torch.tensor(w), padding=kernel - 1 - padding)
        assert torch.equal(same, tconv_nd(x, W, stride=scale, padding=padding))
    if ndim == 2 and "sub_pixel" in found and found["sub_pixel"].same_as:
        whole, small = found["sub_pixel"].same_as, conv_of(found["sub_pixel"])
        w = numbers(small.weight_shape, 2)
        (top, bottom), (left, right) = small.padding
        padded = torch.nn.functional.pad(x, (left, right, top, bottom))
        shuffled_by_torch = torch.nn.functional.pixel_shuffle(conv_nd(padded, torch.tensor(w)), scale)
        expected = conv_transpose(whole, x.numpy(), laid_out(w, layer, whole.kernel))
        assert np.array_equal(shuffled_by_torch.numpy(), expected)


def chain(*kernels):
    """tconvs of stride 2 and padding 1 in a row, one channel each."""
    blocks = [Block("tconv", (n - 1,), Window("tconv", kernel, "2", "1"), 1) for n, kernel in enumerate(kernels)]
    return Architecture(tuple(blocks), 1)


def test_each_distinct_tconv_of_an_architecture_is_compared():
    found, ended = comparisons(chain("4", "3", "4"), (4,))
    assert [(each.label, each.in_size, each.out_size) for each in found] == [
        ("layer 1 (tconv)", (4,), (8,)),
        ("layer 2 (tconv)", (8,), (15,)),
        ("layer 3 (tconv)", (15,), (30,)),
    ]
    assert ended is None


def test_tconvs_that_are_alike_are_compared_once():
    found, _ = comparisons(chain("3", "3", "3"), (1,))
    assert [each.label for each in found] == ["layer 1 (tconv) and 2 more like it"]


def test_a_way_that_ends_early_says_where():
    found, ended = comparisons(chain("3", "1"), (1,))
    assert len(found) == 1
    assert ended.message.startswith("layer 2 (tconv): padding 1:1 crops everything")


def test_the_alternatives_are_architectures_that_the_walk_takes():
    for each in compare(Layer.tconv(2, kernel=5, stride=3, padding=1), (4, 6)).alternatives:
        assert tuple(walk(each.architecture, (4, 6))) == each.rows
