"""Layers and one algorithm that must compute them, whichever the rule would pick."""

import numpy as np

from tconv_design.convolving.rule import Algorithm, able
from tconv_design.convolving.volume import solid, volume
from tconv_design.layer import Layer


def algorithms(layer: Layer) -> list[Algorithm]:
    """Those that can compute the layer."""
    return able(volume(layer))


def forced(algorithm, layer, x, weight, bias):
    """What the algorithm makes of a layer of any number of axes."""
    whole, out_size = volume(layer), layer.output_size(x.shape[2:])
    x = x.reshape(*x.shape[:2], *solid(x.shape[2:], 1))
    result = algorithm.compute(whole, x, weight.reshape(whole.weight_shape), bias)
    return result.reshape(*result.shape[:2], *out_size)


def integers(layer, size, samples, dtype="f4"):
    """Small whole numbers, on which every sum is exact: x, weight and bias."""
    rng = np.random.default_rng(0)
    shapes = ((samples, layer.in_channels, *size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-9, 10, shape).astype(dtype) for shape in shapes]


CONV, TCONV = Layer.conv, Layer.tconv

# (layer, size, samples), each for a branch of an algorithm: what the name says
NAMED = {
    "a kernel of one element": (CONV(2, kernel=1, in_channels=6, out_channels=4, groups=2), (5, 4), 3),
    "a kernel of one element that skips": (CONV(2, kernel=1, stride=2, in_channels=3, out_channels=2), (7, 5), 2),
    "one output for each group": (CONV(1, kernel=1, groups=2, in_channels=2, out_channels=2), (5,), 2),
    "a long row": (CONV(2, kernel=(1, 9), padding=((0, 0), (4, 4)), in_channels=3, out_channels=2), (2, 700), 1),
    "most residues have a tap": (TCONV(2, kernel=8, stride=9, padding=3, in_channels=2, out_channels=2), (3, 2), 2),
    "dilated, with most residues": (
        TCONV(1, kernel=7, stride=12, dilation=5, padding=9, in_channels=2, out_channels=2),
        (4,),
        2,
    ),
    "rows copied together": (CONV(2, kernel=3, padding=1, in_channels=3, out_channels=4), (9, 8), 1),
    "rows copied one by one": (CONV(2, kernel=3, padding=1, in_channels=2, out_channels=200), (5, 6), 1),
    "windows far apart": (CONV(3, kernel=2, stride=(3, 4, 5), in_channels=2, out_channels=3), (7, 9, 11), 2),
    "samples side by side": (CONV(2, kernel=3, in_channels=4, out_channels=3), (4, 4), 7),
    "one output of many inputs": (CONV(2, kernel=5, padding=2, in_channels=40, out_channels=1), (9, 9), 1),
    "depthwise": (CONV(2, kernel=3, padding=1, groups=12, in_channels=12, out_channels=12), (20, 11), 2),
    "padded by more than the kernel": (CONV(1, kernel=2, padding=((5, 4),), in_channels=2, out_channels=3), (3,), 2),
    "a long kernel": (CONV(1, kernel=64, padding=40, dilation=2, in_channels=3, out_channels=2), (90,), 1),
    "an input of one element": (TCONV(2, kernel=4, in_channels=5, out_channels=7), (1, 1), 4),
    "stamps side by side": (TCONV(2, kernel=2, stride=2, in_channels=5, out_channels=3), (6, 5), 1),
    "stamps side by side, cropped": (TCONV(2, kernel=3, stride=3, padding=2, in_channels=2, out_channels=3), (4, 5), 2),
    "stamps side by side, and rows beyond": (
        TCONV(1, kernel=2, stride=2, padding=((4, 0),), output_padding=1, in_channels=3, out_channels=2),
        (2,),
        2,
    ),
    "gaps between stamps": (TCONV(2, kernel=2, stride=(5, 3), in_channels=3, out_channels=2), (3, 4), 3),
    "more planes than are written one by one": (
        TCONV(2, kernel=18, stride=9, padding=5, in_channels=2, out_channels=2),
        (3, 4),
        2,
    ),
    "more planes, depthwise, and rows beyond": (
        TCONV(1, kernel=130, stride=70, padding=30, output_padding=69, groups=3, in_channels=3, out_channels=3),
        (4,),
        2,
    ),
    "rows added together": (TCONV(2, kernel=3, padding=1, in_channels=4, out_channels=3), (12, 40), 1),
    "rows added together in 3-D": (
        TCONV(3, kernel=4, stride=2, padding=1, in_channels=2, out_channels=3),
        (3, 4, 9),
        1,
    ),
    "wide maps of several samples": (
        TCONV(2, kernel=4, stride=2, padding=1, in_channels=3, out_channels=2),
        (8, 130),
        2,
    ),
    "rows added one by one": (TCONV(2, kernel=5, stride=2, padding=2, in_channels=600, out_channels=2), (3, 4), 1),
    "short rows of several samples": (
        TCONV(2, kernel=4, stride=2, padding=1, in_channels=3, out_channels=2),
        (4, 4),
        5,
    ),
    "dilated": (TCONV(2, kernel=3, dilation=(2, 3), padding=2, in_channels=3, out_channels=4), (6, 7), 2),
    "dilated and strided": (
        TCONV(2, kernel=3, stride=(2, 4), dilation=(3, 2), output_padding=1, in_channels=2, out_channels=3),
        (4, 5),
        2,
    ),
    "everything cropped but the bias": (
        TCONV(1, kernel=1, stride=3, padding=1, in_channels=2, out_channels=2),
        (3,),
        1,
    ),
}
