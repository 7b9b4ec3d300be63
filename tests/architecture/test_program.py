"""Networks as programs: what each step computes, against PyTorch's own functions; and the run as a whole."""

import re

import numpy as np
import pytest
from architecture.chains import architectures, chain, concat, conv, crop, linear_upsample, pad, pool, tconv, upsample
from hypothesis import given, settings

from tconv_design.architecture.model import INPUT, Block, Fit, Side
from tconv_design.architecture.program import distinct_layers, program
from tconv_design.architecture.walk import walk
from tconv_design.backends.numpy import conv as numpy_conv
from tconv_design.backends.numpy import conv_transpose
from tconv_design.chain import compute, fold, parameters, run_chain
from tconv_design.layer import Layer
from tconv_design.steps import Step

SIZE = (7, 9)


def steps_of(*blocks, size=SIZE, channels=4):
    return program(list(walk(chain(*blocks, ndim=len(size), channels=channels), size)))


def last_value(*blocks, size=SIZE, channels=4):
    """What the last of some blocks computes, before folding, and its input."""
    x = np.random.default_rng(0).integers(-2, 3, (1, channels, *size)).astype(np.float32)
    *_, step = steps_of(*blocks, size=size, channels=channels)
    return compute(step, [x] * len(step.sources), np.random.default_rng(1)), x


def run_numpy(index, layer, x, weight, bias):
    return (conv_transpose if layer.kind == "tconv" else numpy_conv)(layer, x, weight, bias)


def ran(architecture, size, channels=1, run=run_numpy, seed=0):
    return run_chain(program(list(walk(architecture, size))), (channels, *size), seed, run)


CEIL = pool(3, 2, 1)
CEIL = CEIL._replace(window=CEIL.window._replace(ceil_mode=True))


@pytest.mark.parametrize("block", [pool(2), pool(3, 2), pool(3, 2, 1), pool(3, 1, 1), CEIL])
@pytest.mark.parametrize("kind", ["max_pool", "avg_pool"])
@pytest.mark.parametrize("size", [(7, 9), (8, 8)])
def test_pools_are_pytorch_s(block, kind, size):
    torch = pytest.importorskip("torch")
    kernel, stride, padding = (int(each) for each in block.window[1:4])
    value, x = last_value(block._replace(kind=kind), size=size)
    options = {"padding": padding, "ceil_mode": block.window.ceil_mode}
    if kind == "max_pool":
        expected = torch.nn.functional.max_pool2d(torch.tensor(x), kernel, stride, **options)
    else:
        expected = torch.nn.functional.avg_pool2d(torch.tensor(x), kernel, stride, divisor_override=1, **options)
    np.testing.assert_array_equal(value, expected.numpy())


def test_a_dilated_pool_is_pytorch_s():
    torch = pytest.importorskip("torch")
    block = Block("max_pool", (), pool(3, 2).window._replace(dilation="2"))
    value, x = last_value(block)
    np.testing.assert_array_equal(value, torch.nn.functional.max_pool2d(torch.tensor(x), 3, 2, dilation=2).numpy())


@pytest.mark.parametrize("scale", [1, 2, 3, 4])
def test_upsampling_is_pytorch_s(scale):
    torch = pytest.importorskip("torch")
    interpolate = torch.nn.functional.interpolate
    value, x = last_value(upsample(scale))
    np.testing.assert_array_equal(value, interpolate(torch.tensor(x), scale_factor=scale, mode="nearest").numpy())
    if scale > 1:
        value, x = last_value(linear_upsample(scale))
        exact = interpolate(torch.tensor(x).double(), scale_factor=scale, mode="bilinear").numpy() * (2 * scale) ** 2
        np.testing.assert_array_equal(fold(value), fold(exact.round()))


def test_pixel_shuffle_is_pytorch_s():
    torch = pytest.importorskip("torch")
    block = Block("pixel_shuffle", (), tconv(2, 2).window)
    value, x = last_value(block, channels=8)
    np.testing.assert_array_equal(value, torch.nn.functional.pixel_shuffle(torch.tensor(x), 2).numpy())


def test_crops_and_pads_take_and_add_rows():
    block = Block("crop", (), crop(0, 0).window._replace(padding="1:2x0:3"))
    value, x = last_value(block)
    np.testing.assert_array_equal(value, x[:, :, 1:-2, :-3])
    value, x = last_value(Block("pad", (), pad(0, 0).window._replace(padding="1:2x0:3")))
    np.testing.assert_array_equal(value, np.pad(x, [(0, 0), (0, 0), (1, 2), (0, 3)]))


def test_joins_bring_their_sizes_together():
    small, big = np.arange(4.0).reshape(1, 1, 4), np.arange(10, 17.0).reshape(1, 1, 7)
    rng = np.random.default_rng(0)

    def joined(kind, how, side):
        *_, step = steps_of(conv(4), Block(kind, (0, INPUT), fit=Fit(how, (side,))), size=(7,), channels=1)
        return compute(step, [small, big], rng).tolist()

    assert joined("concat", "crop", Side()) == [[[0, 1, 2, 3], [11, 12, 13, 14]]]
    assert joined("add", "crop", Side(0, None)) == [[[10, 12, 14, 16]]]
    assert joined("concat", "pad", Side()) == [[[0, 0, 1, 2, 3, 0, 0], [10, 11, 12, 13, 14, 15, 16]]]


def test_reshapes_keep_the_order_and_a_linear_layer_mixes_all():
    blocks = [Block("flatten", ()), Block("linear", (), channels=6), Block("unflatten", (), size=(3,))]
    flat, linear, back = steps_of(*blocks, size=(2,), channels=2)
    x = np.arange(4.0).reshape(1, 2, 2)
    assert compute(flat, [x], np.random.default_rng(0)).tolist() == [[0, 1, 2, 3]]
    value = compute(linear, [np.zeros((1, 4))], np.random.default_rng(0))
    one = compute(linear, [np.ones((1, 4))], np.random.default_rng(0))
    assert value.shape == (1, 6)
    assert set(np.abs(one - value).ravel()) <= {0, 2, 4}  # four weights of 1 or -1
    assert compute(back, [np.arange(6.0).reshape(1, 6)], None).tolist() == [[[0, 1, 2], [3, 4, 5]]]


def test_folding_keeps_numbers_small_and_apart():
    assert fold(np.arange(-8.0, 8)).tolist() == [2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2, -2, -1, 0, 1, 2]
    assert fold(np.array([3.0])).dtype == np.float32


@pytest.mark.parametrize("layer", [Layer.conv(1, kernel=3), Layer.tconv(2, kernel=64, in_channels=512)])
def test_no_sum_leaves_what_float32_can_say(layer):
    weight, bias = parameters(layer, np.random.default_rng(0))
    terms = layer.in_channels * int(np.prod(layer.kernel))
    assert 2 * terms * np.abs(weight).max() + np.abs(bias).max() <= 2**24
    assert np.all(weight != 0)
    assert weight.dtype == np.float32


@given(architectures(4))
@settings(max_examples=60, deadline=None)
def test_any_chain_runs_to_the_size_that_the_walk_predicts(architecture):
    rows = list(walk(architecture, (40,)))
    if rows[-1].out is None or any(row.problems for row in rows):
        return
    verdict = ran(architecture, (40,))
    assert (verdict.shape, verdict.detail) == ((1, rows[-1].out.channels, *rows[-1].out.size), "")


@given(architectures(4))
@settings(max_examples=60, deadline=None)
def test_a_program_survives_json(architecture):
    import json

    rows = list(walk(architecture, (40,)))
    if rows[-1].out is not None:
        steps = program(rows)
        assert tuple(map(Step.from_list, json.loads(json.dumps([step.to_list() for step in steps])))) == steps


def test_the_backend_gets_what_the_layers_before_it_made():
    """Every signal is small and whole, and is what one would compute by hand."""
    seen = []

    def run(index, layer, x, weight, bias):
        seen.append((index, x, run_numpy(index, layer, x, weight, bias)))
        return seen[-1][2]

    ran(chain(tconv(4, 2, 1), pool(2), conv(3, 1, 1), concat(2, 0, fit=Fit("crop", (Side(),))), conv(1)), (8,), run=run)
    (_, first, up), (_, pooled, same), (at, joined, _) = seen
    assert (at, set(np.unique(first)) <= {-2, -1, 0, 1, 2}) == (4, True)
    np.testing.assert_array_equal(pooled, fold(fold(up).reshape(1, 1, 8, 2).max(-1)))
    np.testing.assert_array_equal(joined, np.concatenate([fold(same), fold(up)[:, :, 4:12]], 1))


def test_equal_seeds_draw_equal_networks_and_others_others():
    seen = []

    def run(index, layer, *data):
        seen.append(data)
        return run_numpy(index, layer, *data)

    for seed in (0, 0, 1):
        ran(chain(conv(5)), (30,), run=run, seed=seed)
    one, two, other = (np.concatenate([each.ravel() for each in data]) for data in seen)
    assert np.array_equal(one, two)
    assert not np.array_equal(one, other)


def wrong_at(index, change):
    return lambda at, *data: change(run_numpy(at, *data)) if at == index else run_numpy(at, *data)


DEEP = chain(conv(3, 1, 1), pool(2), tconv(4, 2, 1), conv(3, 1, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda y: y + (np.arange(y.size).reshape(y.shape) == 3), "same shape, but 1 of 8 values differ, by up to 1"),
        (lambda y: y[:, :, :-1], r"shape \(1, 1, 7\) instead of \(1, 1, 8\)"),
        (lambda y: y.astype(np.float64), "dtype float64 instead of float32"),
        (lambda y: y.tolist(), "the result is a list, not a numpy array"),
        (lambda y: np.where(y > 0, np.nan, y).astype(np.float32), "values are NaN or infinite"),
    ],
)
@pytest.mark.parametrize("index", [0, 2, 3])
def test_the_first_layer_that_differs_is_named(index, change, said):
    verdict = ran(DEEP, (8,), run=wrong_at(index, change))
    assert (verdict.shape, verdict.at) == (None, index)
    assert re.search(said, verdict.detail)


def test_a_backend_that_writes_into_its_signal_spoils_nothing():
    joined = chain(conv(3, 1, 1), concat(0, INPUT), conv(1))
    seen = []

    def spoil(index, layer, x, weight, bias):
        seen.append(x.copy())
        result = run_numpy(index, layer, x, weight, bias)
        x[:] = 99
        return result

    def keep(index, layer, x, weight, bias):
        seen.append(x)
        return run_numpy(index, layer, x, weight, bias)

    assert ran(joined, (8,), run=spoil).detail == ran(joined, (8,), run=keep).detail == ""
    np.testing.assert_array_equal(seen[1], seen[3])


def test_layers_are_distinct_by_what_they_are_and_what_they_are_given():
    rows = list(walk(chain(conv(3, 1, 1), conv(3, 1, 1), pool(2), conv(3, 1, 1), tconv(3)), (8,)))
    assert list(distinct_layers(rows).values()) == [[0, 1], [3], [4]]
