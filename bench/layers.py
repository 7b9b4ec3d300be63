"""Layers of real networks that convolutions are timed on: what they are, their input's size and the batch."""

from typing import NamedTuple

from tconv_design import Layer


class Case(NamedTuple):
    """A layer with the input that it gets."""

    name: str
    layer: Layer
    size: tuple[int, ...]
    batch: int = 1


CONV, TCONV = Layer.conv, Layer.tconv


def dcgan(inputs: int, outputs: int, size: int) -> Case:
    """A layer of DCGAN's generator."""
    layer = TCONV(2, kernel=4, stride=2, padding=1, in_channels=inputs, out_channels=outputs)
    return Case(f"DCGAN {inputs} -> {outputs}, {size} -> {2 * size}", layer, (size, size), 16)


def fcn(groups: int) -> Case:
    """FCN-32s's only upsampling."""
    layer = TCONV(2, kernel=64, stride=32, padding=16, groups=groups, in_channels=21, out_channels=21)
    return Case(f"FCN 21 -> 21, 7 -> 224, groups {groups}", layer, (7, 7))


TRANSPOSED = [
    Case("DCGAN 100 -> 1024, 1 -> 4", TCONV(2, kernel=4, in_channels=100, out_channels=1024), (1, 1), 16),
    dcgan(1024, 512, 4),
    dcgan(512, 256, 8),
    dcgan(256, 128, 16),
    dcgan(128, 3, 32),
    Case("U-Net 512 -> 256, 64 -> 128", TCONV(2, kernel=2, stride=2, in_channels=512, out_channels=256), (64, 64)),
    fcn(1),
    fcn(21),
    Case(
        "HiFi-GAN 512 -> 256, 100 -> 800",
        TCONV(1, kernel=16, stride=8, padding=4, in_channels=512, out_channels=256),
        (100,),
    ),
    Case("V-Net 64 -> 32, 16 -> 32, 3-D", TCONV(3, kernel=2, stride=2, in_channels=64, out_channels=32), (16, 16, 16)),
]

OTHER_TRANSPOSED = [
    Case(
        "pix2pix 1024 -> 512, 8 -> 16",
        TCONV(2, kernel=4, stride=2, padding=1, in_channels=1024, out_channels=512),
        (8, 8),
    ),
    Case(
        "pix2pix 128 -> 3, 128 -> 256",
        TCONV(2, kernel=4, stride=2, padding=1, in_channels=128, out_channels=3),
        (128, 128),
    ),
    Case(
        "CycleGAN 256 -> 128, 64 -> 128",
        TCONV(2, kernel=3, stride=2, padding=1, output_padding=1, in_channels=256, out_channels=128),
        (64, 64),
    ),
    Case("U-Net 128 -> 64, 128 -> 256", TCONV(2, kernel=2, stride=2, in_channels=128, out_channels=64), (128, 128)),
    Case("3-D U-Net 256 -> 256, 8 -> 16", TCONV(3, kernel=2, stride=2, in_channels=256, out_channels=256), (8, 8, 8)),
    Case("FCN-8s 21 -> 21, 16 -> 34", TCONV(2, kernel=4, stride=2, in_channels=21, out_channels=21), (16, 16)),
    Case(
        "MelGAN 128 -> 64, 3200 -> 6400",
        TCONV(1, kernel=4, stride=2, padding=1, in_channels=128, out_channels=64),
        (3200,),
    ),
    Case(
        "HiFi-GAN 256 -> 128, 800 -> 6400",
        TCONV(1, kernel=16, stride=8, padding=4, in_channels=256, out_channels=128),
        (800,),
    ),
    Case(
        "WaveGAN 256 -> 128, 256 -> 1024",
        TCONV(1, kernel=25, stride=4, padding=11, output_padding=1, in_channels=256, out_channels=128),
        (256,),
        8,
    ),
    Case(
        "bilinear, depthwise 64, 56 -> 112",
        TCONV(2, kernel=4, stride=2, padding=1, groups=64, in_channels=64, out_channels=64),
        (56, 56),
    ),
    Case("stride 1, 64 -> 64, 56", TCONV(2, kernel=3, padding=1, in_channels=64, out_channels=64), (56, 56)),
    Case(
        "dilated, 64 -> 64, 28",
        TCONV(2, kernel=3, padding=2, dilation=2, in_channels=64, out_channels=64),
        (28, 28),
        2,
    ),
    Case(
        "digits 64 -> 32, 14 -> 28",
        TCONV(2, kernel=5, stride=2, padding=2, output_padding=1, in_channels=64, out_channels=32),
        (14, 14),
        16,
    ),
    Case("EnCodec 128 -> 64, 960 -> 4805", TCONV(1, kernel=10, stride=5, in_channels=128, out_channels=64), (960,)),
    Case(
        "groups 4, 128 -> 64, 32 -> 64",
        TCONV(2, kernel=4, stride=2, padding=1, groups=4, in_channels=128, out_channels=64),
        (32, 32),
        4,
    ),
    Case(
        "DCGAN 64 -> 3, 32 -> 64",
        TCONV(2, kernel=4, stride=2, padding=1, in_channels=64, out_channels=3),
        (32, 32),
        16,
    ),
    Case(
        "FSRCNN 56 -> 1, 64 -> 256",
        TCONV(2, kernel=9, stride=4, padding=4, output_padding=3, in_channels=56, out_channels=1),
        (64, 64),
    ),
    Case(
        "FCN-8s 21 -> 21, 28 -> 224",
        TCONV(2, kernel=16, stride=8, padding=4, in_channels=21, out_channels=21),
        (28, 28),
    ),
    Case(
        "autoencoder 16 -> 3, 112 -> 224",
        TCONV(2, kernel=3, stride=2, padding=1, output_padding=1, in_channels=16, out_channels=3),
        (112, 112),
        4,
    ),
    Case(
        "3-D GAN 128 -> 64, 8 -> 16",
        TCONV(3, kernel=4, stride=2, padding=1, in_channels=128, out_channels=64),
        (8, 8, 8),
    ),
]

FORWARD = [
    Case("3x3, 64 -> 64 at 56", CONV(2, kernel=3, padding=1, in_channels=64, out_channels=64), (56, 56)),
    Case("3x3, 256 -> 256 at 14", CONV(2, kernel=3, padding=1, in_channels=256, out_channels=256), (14, 14)),
    Case(
        "4x4 stride 2, 64 -> 128, 32 -> 16",
        CONV(2, kernel=4, stride=2, padding=1, in_channels=64, out_channels=128),
        (32, 32),
        16,
    ),
    Case("1x1, 256 -> 64 at 56", CONV(2, kernel=1, in_channels=256, out_channels=64), (56, 56)),
    Case(
        "depthwise 3x3, 128 at 56",
        CONV(2, kernel=3, padding=1, groups=128, in_channels=128, out_channels=128),
        (56, 56),
    ),
    Case("1-D kernel 128, 1 -> 64, 16000", CONV(1, kernel=128, in_channels=1, out_channels=64), (16000,)),
    Case("3-D 3x3x3, 32 -> 64 at 16", CONV(3, kernel=3, padding=1, in_channels=32, out_channels=64), (16, 16, 16)),
]

OTHER_FORWARD = [
    Case("3x3, 64 -> 64 at 56", CONV(2, kernel=3, padding=1, in_channels=64, out_channels=64), (56, 56), 8),
    Case("3x3, 256 -> 256 at 14", CONV(2, kernel=3, padding=1, in_channels=256, out_channels=256), (14, 14), 8),
    Case(
        "4x4 stride 2, 64 -> 128, 32 -> 16",
        CONV(2, kernel=4, stride=2, padding=1, in_channels=64, out_channels=128),
        (32, 32),
    ),
    Case("1x1, 256 -> 64 at 56", CONV(2, kernel=1, in_channels=256, out_channels=64), (56, 56), 8),
    Case(
        "depthwise 3x3, 512 at 14",
        CONV(2, kernel=3, padding=1, groups=512, in_channels=512, out_channels=512),
        (14, 14),
        8,
    ),
    Case(
        "depthwise 7x7, 96 at 56",
        CONV(2, kernel=7, padding=3, groups=96, in_channels=96, out_channels=96),
        (56, 56),
    ),
    Case("groups 32, 128 at 56", CONV(2, kernel=3, padding=1, groups=32, in_channels=128, out_channels=128), (56, 56)),
    Case("1-D kernel 128, 64 -> 64, 1024", CONV(1, kernel=128, in_channels=64, out_channels=64), (1024,)),
    Case(
        "1-D kernel 128 stride 64, 1 -> 128, 16384",
        CONV(1, kernel=128, stride=64, padding=32, in_channels=1, out_channels=128),
        (16384,),
        4,
    ),
    Case("1-D kernel 7, 80 -> 512, 200", CONV(1, kernel=7, padding=3, in_channels=80, out_channels=512), (200,)),
    Case("1-D dilated, 64 -> 128, 4000", CONV(1, kernel=2, dilation=64, in_channels=64, out_channels=128), (4000,)),
    Case("3-D 3x3x3, 16 -> 16 at 16", CONV(3, kernel=3, padding=1, in_channels=16, out_channels=16), (16, 16, 16)),
    Case("3-D 3x3x3, 32 -> 32 at 32", CONV(3, kernel=3, padding=1, in_channels=32, out_channels=32), (32, 32, 32)),
    Case("3-D 3x3x3, 32 -> 32 at 16", CONV(3, kernel=3, padding=1, in_channels=32, out_channels=32), (16, 16, 16), 2),
    Case("first, 3x3, 3 -> 64 at 224", CONV(2, kernel=3, padding=1, in_channels=3, out_channels=64), (224, 224)),
    Case(
        "first, 7x7 stride 2, 3 -> 64 at 224",
        CONV(2, kernel=7, stride=2, padding=3, in_channels=3, out_channels=64),
        (224, 224),
    ),
    Case("patches 16, 3 -> 768 at 224", CONV(2, kernel=16, stride=16, in_channels=3, out_channels=768), (224, 224)),
    Case(
        "3x3 stride 2, 128 -> 256, 28 -> 14",
        CONV(2, kernel=3, stride=2, padding=1, in_channels=128, out_channels=256),
        (28, 28),
    ),
    Case(
        "dilated, 256 -> 256 at 28",
        CONV(2, kernel=3, dilation=2, padding=2, in_channels=256, out_channels=256),
        (28, 28),
    ),
    Case("last, 7x7, 64 -> 3 at 128", CONV(2, kernel=7, padding=3, in_channels=64, out_channels=3), (128, 128)),
    Case("last, 3x3, 64 -> 3 at 64", CONV(2, kernel=3, padding=1, in_channels=64, out_channels=3), (64, 64)),
    Case("critic, 4x4, 512 -> 1 at 4", CONV(2, kernel=4, in_channels=512, out_channels=1), (4, 4), 16),
]
