import tracemalloc

import numpy as np
import pytest
from convolving.forced import NAMED, algorithms, forced, integers

from tconv_design.convolving import rule
from tconv_design.convolving.volume import solid, volume
from tconv_design.layer import Layer

CONV, TCONV = Layer.conv, Layer.tconv

# (layer, size, samples): too large to be within the smallest block
LARGE = {
    "U-Net, up": (TCONV(2, kernel=2, stride=2, in_channels=512, out_channels=256), (16, 16), 1),
    "DCGAN, middle": (TCONV(2, kernel=4, stride=2, padding=1, in_channels=64, out_channels=32), (16, 16), 16),
    "FCN, grouped": (TCONV(2, kernel=64, stride=32, padding=16, groups=21, in_channels=21, out_channels=21), (7, 7), 1),
    "HiFi-GAN": (TCONV(1, kernel=16, stride=8, padding=4, in_channels=512, out_channels=256), (100,), 1),
    "V-Net": (TCONV(3, kernel=2, stride=2, in_channels=16, out_channels=16), (16, 16, 16), 1),
    "many kernels": (TCONV(2, kernel=4, in_channels=100, out_channels=256), (1, 1), 16),
    "3x3": (CONV(2, kernel=3, padding=1, in_channels=64, out_channels=64), (56, 56), 2),
    "depthwise": (CONV(2, kernel=3, padding=1, groups=64, in_channels=64, out_channels=64), (56, 56), 1),
    "last of a generator": (CONV(2, kernel=7, padding=3, in_channels=32, out_channels=3), (96, 96), 1),
    "patches": (CONV(2, kernel=16, stride=16, in_channels=3, out_channels=64), (224, 224), 1),
    "far apart": (CONV(2, kernel=1, stride=8, in_channels=32, out_channels=32), (128, 128), 1),
    "long": (CONV(1, kernel=128, in_channels=8, out_channels=8), (4000,), 1),
    "kernels of one element each": (TCONV(2, kernel=4, in_channels=20, out_channels=4096), (1, 1), 1),
    "many groups, one element": (
        CONV(2, kernel=3, padding=1, groups=4096, in_channels=4096, out_channels=4096),
        (1, 1),
        1,
    ),
    "far dilated": (CONV(1, kernel=2, dilation=50000, in_channels=16, out_channels=16), (60000,), 1),
    "far dilated, 3-D": (CONV(3, kernel=(3, 1, 1), dilation=40, in_channels=16, out_channels=16), (100, 9, 9), 1),
    "one long row": (CONV(2, kernel=(1, 128), in_channels=16, out_channels=16), (1, 4000), 1),
    "one long row, up": (TCONV(2, kernel=(1, 16), stride=(1, 8), in_channels=16, out_channels=16), (1, 4000), 1),
    "far apart, one place": (CONV(2, kernel=1, stride=1000, in_channels=512, out_channels=512), (1, 1), 80),
    "many small samples": (CONV(2, kernel=3, in_channels=1, out_channels=8), (10, 10), 1000),
    "many small samples, up": (TCONV(2, kernel=4, stride=2, padding=1), (5, 5), 2000),
    "nearly all planes": (TCONV(2, kernel=63, stride=64, in_channels=2, out_channels=2), (4, 4), 2),
    "1x1": (CONV(2, kernel=1, in_channels=64, out_channels=64), (56, 56), 1),
}
ALL = NAMED | LARGE
EACH = [
    pytest.param(algorithm, *case, id=f"{algorithm.name}, {algorithm.kind}: {name}")
    for name, case in ALL.items()
    for algorithm in algorithms(case[0])
]
OBJECTS = 2**17  # bytes of Python objects and of the buffers that numpy moves numbers through


def test_the_algorithm_with_the_least_estimate_is_taken():
    for layer, size, samples in ALL.values():
        whole, sizes = volume(layer), solid(size, 1)
        (chosen, work), *_ = rule.ranked(whole, sizes, samples)
        estimates = {each.name: rule.nanoseconds(each.work(whole, sizes, samples)) for each in rule.able(whole)}
        assert estimates[chosen.name] == min(estimates.values()) == rule.nanoseconds(work)


@pytest.mark.parametrize(
    ("name", "picked"),
    [
        ("U-Net, up", "stamps"),
        ("many kernels", "stamps"),
        ("HiFi-GAN", "stamps"),
        ("FCN, grouped", "subpixel"),
        ("3x3", "windows"),
        ("depthwise", "windows"),
        ("last of a generator", "stamps"),
        ("1x1", "pointwise"),
    ],
)
def test_what_was_measured_far_apart_is_told_apart(name, picked):
    layer, size, samples = LARGE[name]
    assert rule.ranked(volume(layer), solid(size, 1), samples)[0][0].name == picked


def multiply_adds(layer, size, samples):
    """Those of the definition: every element of the small side times every tap."""
    small = size if layer.kind == "tconv" else layer.output_size(size)
    return samples * int(np.prod(small)) * int(np.prod(layer.weight_shape))


# products with padding are not computed, and those that are cropped may not be
@pytest.mark.parametrize(
    ("algorithm", "layer", "size", "samples"), [each for each in EACH if not any(map(sum, each.values[1].padding))]
)
def test_no_algorithm_counts_fewer_products_than_there_are(algorithm, layer, size, samples):
    work = algorithm.work(volume(layer), solid(size, 1), samples)
    assert work.multiplied >= multiply_adds(layer, size, samples)


@pytest.mark.parametrize(("algorithm", "layer", "size", "samples"), EACH)
def test_memory_is_no_more_than_estimated_and_not_much_less(algorithm, layer, size, samples):
    arrays = integers(layer, size, samples)
    held = 4 * algorithm.work(volume(layer), solid(size, 1), samples).held
    tracemalloc.start()
    forced(algorithm, layer, *arrays)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= held + OBJECTS
    assert held <= 2 * peak + OBJECTS


@pytest.mark.parametrize("algorithm", algorithms(TCONV(2, kernel=16, stride=16)))
def test_no_zeros_are_laid_between_the_inputs_elements(algorithm):
    layer, size = TCONV(2, kernel=16, stride=16, in_channels=256, out_channels=1), (32, 32)
    arrays = integers(layer, size, 1)
    zero_inserted = 4 * layer.in_channels * (16 * size[0]) * (16 * size[1])
    tracemalloc.start()
    forced(algorithm, layer, *arrays)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < zero_inserted / 16
