"""Sizes of pools and upsamplings, against PyTorch's own on a small grid; what it refuses has no size here either."""

import re
from itertools import product

import pytest

from tconv_design.architecture.model import Architecture, Block, Window
from tconv_design.architecture.walk import walk
from tconv_design.architecture.windows import rules_broken

torch = pytest.importorskip("torch")
functional = torch.nn.functional

SIZES = range(1, 13)
REFUSED = re.compile(r"Output size is too small|Invalid computed output size: (0|-\d+)")
NOTHING = 1e-6
WINDOWS = [(k, s, p) for k, s in product(range(1, 5), range(1, 5)) for p in range(k // 2 + 1)]


def out_of(block, size, channels=1):
    """(size, channels) that come out of one block, or None."""
    [row] = walk(Architecture((block,), len(size), channels), size)
    return row.out and (row.out.size, row.out.channels)


def pool(kind, kernel, stride, padding, dilation, ceil_mode):
    texts = (str(number) for number in (kernel, stride, padding))
    return Block(kind, (-1,), Window("conv", *texts, dilation=str(dilation), ceil_mode=ceil_mode))


def size_or_none(call):
    """The size of what a call of PyTorch gives, None where it says that nothing is left."""
    try:
        found = call()
    except RuntimeError as error:
        if REFUSED.search(str(error)):
            return None
        raise
    return tuple(found.shape[2:]), found.shape[1]


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("window", WINDOWS, ids="k{0[0]} s{0[1]} p{0[2]}".format)
def test_max_pool(window, dilation, ceil_mode):
    kernel, stride, padding = window
    module = torch.nn.MaxPool1d(kernel, stride, padding, dilation, ceil_mode=ceil_mode)
    block = pool("max_pool", kernel, stride, padding, dilation, ceil_mode)
    theirs = {size: size_or_none(lambda n=size: module(torch.zeros(1, 1, n))) for size in SIZES}
    assert {size: out_of(block, (size,)) for size in SIZES} == theirs


@pytest.mark.parametrize("ceil_mode", [False, True])
@pytest.mark.parametrize("window", WINDOWS, ids="k{0[0]} s{0[1]} p{0[2]}".format)
def test_avg_pool(window, ceil_mode):
    kernel, stride, padding = window
    module = torch.nn.AvgPool1d(kernel, stride, padding, ceil_mode=ceil_mode)
    block = pool("avg_pool", kernel, stride, padding, 1, ceil_mode)
    theirs = {size: size_or_none(lambda n=size: module(torch.zeros(1, 1, n))) for size in SIZES}
    assert {size: out_of(block, (size,)) for size in SIZES} == theirs


def test_the_grid_has_windows_that_hang_over_and_windows_that_find_nothing():
    hanging = out_of(pool("max_pool", 2, 2, 0, 1, True), (5,)), out_of(pool("max_pool", 2, 2, 0, 1, False), (5,))
    assert hanging == (((3,), 1), ((2,), 1))
    in_the_padding = out_of(pool("max_pool", 1, 3, 0, 1, True), (2,))
    assert in_the_padding == ((1,), 1)
    assert out_of(pool("max_pool", 4, 1, 0, 2, False), (6,)) is None


def test_a_pool_of_two_axes_takes_each_by_itself():
    block = Block("max_pool", (-1,), Window("conv", "3x2", "2x3", "1x0", dilation="1x2", ceil_mode=True))
    module = torch.nn.MaxPool2d((3, 2), (2, 3), (1, 0), (1, 2), ceil_mode=True)
    sizes = list(product(range(1, 9), range(3, 12)))
    assert [out_of(block, size) for size in sizes] == [
        size_or_none(lambda of=size: module(torch.zeros(1, 1, *of))) for size in sizes
    ]


@pytest.mark.parametrize("scale", range(1, 6))
def test_nearest_upsampling(scale):
    block = Block("upsample", (-1,), Window("tconv", str(scale), str(scale)))
    theirs = [functional.interpolate(torch.zeros(1, 2, n), scale_factor=scale, mode="nearest") for n in SIZES]
    assert [out_of(block, (n,), 2) for n in SIZES] == [(tuple(x.shape[2:]), 2) for x in theirs]


def linear(scale):
    kernel, padding = 2 * scale - scale % 2, (scale - scale % 2) // 2
    return Block("upsample", (-1,), Window("tconv", str(kernel), str(scale), str(padding)))


@pytest.mark.parametrize("scale", range(1, 6))
def test_linear_upsampling(scale):
    theirs = [functional.interpolate(torch.zeros(1, 2, n), scale_factor=scale, mode="linear") for n in SIZES]
    assert [out_of(linear(scale), (n,), 2) for n in SIZES] == [(tuple(x.shape[2:]), 2) for x in theirs]


@pytest.mark.parametrize("scale", range(1, 6))
@pytest.mark.parametrize("size", [1, 2, 7])
def test_linear_upsampling_reads_the_elements_that_its_window_reaches(scale, size):
    [row] = walk(Architecture((linear(scale),), 1), (size,))
    reach = torch.nn.ConvTranspose1d(1, 1, row.axes[0].kernel, scale, row.axes[0].pad_begin, bias=False)
    torch.nn.init.ones_(reach.weight)
    units = torch.eye(size)[:, None, :]
    with torch.no_grad():
        read = functional.interpolate(units, scale_factor=scale, mode="linear") > NOTHING
        assert torch.equal(reach(units) > 0, read)


@pytest.mark.parametrize("scale", range(1, 5))
def test_pixel_shuffle(scale):
    block = Block("pixel_shuffle", (-1,), Window("tconv", str(scale), str(scale)))
    theirs = torch.nn.PixelShuffle(scale)(torch.zeros(1, 3 * scale**2, 5, 7))
    assert out_of(block, (5, 7), 3 * scale**2) == (tuple(theirs.shape[2:]), theirs.shape[1])


def test_pixel_shuffle_refuses_channels_that_do_not_divide():
    [row] = walk(Architecture((Block("pixel_shuffle", (-1,), Window("tconv", "2", "2")),), 2, 6), (5, 7))
    assert row.out is None
    assert str(row.problems[0]) == (
        "pixel_shuffle lays 4 channels side by side, and 6 is no multiple of 4; give the layer before it 8 channels"
    )
    with pytest.raises(RuntimeError, match="divisible by the square"):
        torch.nn.PixelShuffle(2)(torch.zeros(1, 6, 5, 7))


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("kernel", range(1, 6))
def test_a_pool_is_refused_for_the_padding_that_pytorch_refuses(kernel, dilation):
    for padding in range(8):
        module = torch.nn.MaxPool2d(kernel, 1, padding, dilation)
        try:
            module(torch.zeros(1, 1, 40, 40))
            theirs = ""
        except RuntimeError as error:
            theirs = str(error)
            assert re.search("pad(ding)? should be .* half of (effective )?kernel size", theirs)
        window = Window("conv", str(kernel), "1", str(padding), dilation=str(dilation))
        assert bool(theirs) == any(key == "padding" for key, _ in rules_broken("max_pool", window, 2))


def test_a_pool_is_refused_whose_windows_lie_in_the_padding():
    window = Window("conv", "3", "1", "2:3")
    [(key, error)] = rules_broken("avg_pool", window, 1)
    assert key == "padding"
    assert str(error) == "padding 2:3 of a pool must be at most 2: one row of data a window; use padding 2"
    assert not rules_broken("avg_pool", window._replace(padding="2:1"), 1)
    assert not rules_broken("conv", window, 1)
