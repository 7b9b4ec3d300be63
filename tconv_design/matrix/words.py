"""The small grid: the arguments that frameworks are asked about in their own words, at sizes where little is left."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

from tconv_design.dialects.writing import Words
from tconv_design.formula import Kind

NAMES: dict[str, tuple[str, ...]] = {
    "jax": ("same", "valid", "same_lower"),
    "flax": ("same", "valid"),
    "keras": ("same", "valid", "causal"),
    "mlx": (),
    "onnx": ("same", "same_lower", "valid"),
    "openvino": ("same", "same_lower", "valid"),
    "paddle": ("same", "valid"),
    "tensorflow": ("same", "valid"),
    "tinygrad": ("same",),
    "torch": ("same", "valid"),
}
"""The named paddings that a dialect has, or that its users try."""

THINNED = {"tinygrad": 4}
"""Of how many questions about one axis one is asked, where every program takes long: tinygrad may interpret them."""

KERNELS = STRIDES = (1, 2, 3, 4)
DILATIONS = (1, 2)
KINDS: tuple[Kind, ...] = ("tconv", "conv")

Sides = tuple[tuple[int, int], ...]


class Asked(NamedTuple):
    """Arguments, and the input size per axis that they are tried on."""

    words: Words
    in_size: tuple[int, ...]


def small_grid(names: tuple[str, ...]) -> tuple[Asked, ...]:
    """Every question, each once, with the named paddings given; some 2,300 of them."""
    parts = (_even(), _extra(), _uneven(), _named(names), _grouped(), _empty(), _plane(names), _space(names))
    return tuple(dict.fromkeys(each for part in parts for each in part))


def thinned(dialect: str, grid: tuple[Asked, ...]) -> tuple[Asked, ...]:
    """The questions that a dialect is asked: every one, but for those named in THINNED."""
    every = THINNED.get(dialect, 1)
    lines = [each for each in grid if each.words.ndim == 1]
    return tuple(lines[::every]) + tuple(each for each in grid if each.words.ndim > 1)


def _even() -> Iterator[Asked]:
    """Both sides alike, from none to one more than the kernel."""
    for kind, kernel, stride, dilation in product(KINDS, KERNELS, STRIDES, DILATIONS):
        for side, in_ in product(range(kernel + 2), (1, 2, 5)):
            yield _line(kind, in_, kernel, stride, dilation, ((side, side),))


def _extra() -> Iterator[Asked]:
    """output_padding from 0 to the stride, one input size each."""
    for kernel, stride, dilation in product(KERNELS, STRIDES, DILATIONS):
        for side, extra in product(range(kernel + 2), range(stride + 1)):
            in_ = (1, 3)[(kernel + side + extra) % 2]
            yield _line("tconv", in_, kernel, stride, dilation, ((side, side),), extra)


def _uneven() -> Iterator[Asked]:
    for kind, kernel, stride, dilation in product(KINDS, KERNELS, STRIDES, DILATIONS):
        for number, sides in enumerate(((0, 1), (1, 0), (1, 2), (kernel + 1, 0))):
            in_ = (2, 5)[(kernel + stride + number) % 2]
            yield _line(kind, in_, kernel, stride, dilation, (sides,))


def _named(names: tuple[str, ...]) -> Iterator[Asked]:
    for name, kind, kernel, stride, dilation in product(names, KINDS, KERNELS, STRIDES, DILATIONS):
        for in_ in (1, 4, 5):
            yield _line(kind, in_, kernel, stride, dilation, name)
        if kind == "tconv":
            yield _line(kind, 3, kernel, stride, dilation, name, (kernel + stride) % 2)
    for name in names:  # a stride 4 above the kernel: onnxruntime's SAME_LOWER is right below that
        yield _line("conv", 5, 1, 5, 1, name)


def _grouped() -> Iterator[Asked]:
    """Groups, depthwise, with more outputs than inputs, and channels that differ."""
    channels = ((2, 2, 2), (2, 4, 4), (3, 3, 3), (2, 2, 4), (1, 3, 2))
    for kind, (groups, inputs, outputs), kernel, stride in product(KINDS, channels, (1, 3), (1, 2)):
        words = _words(kind, (kernel,), (stride,), (1,), ((kernel // 2,) * 2,))
        yield Asked(words._replace(groups=groups, in_channels=inputs, out_channels=outputs), (4,))
    for kind, ndim in product(KINDS, (2, 3)):
        words = _words(kind, (2,) * ndim, (2,) * ndim, (1,) * ndim, ((0, 0),) * ndim)
        yield Asked(words._replace(groups=2, in_channels=2, out_channels=4), (4,) * ndim)


def _empty() -> Iterator[Asked]:
    """An input without rows."""
    for kind, kernel, stride, side in product(KINDS, (1, 3), (1, 2), (0, 1)):
        yield _line(kind, 0, kernel, stride, 1, ((side, side),))


def _plane(names: tuple[str, ...]) -> Iterator[Asked]:
    """Two axes that differ."""
    kernels, strides = ((1, 2), (2, 2), (3, 3), (4, 2)), ((1, 1), (1, 3), (2, 2), (4, 4))
    none = ((0, 0), (0, 0))
    for kind, kernel, stride in product(KINDS, kernels, strides):
        for padding, in_size in (
            (none, (1, 1)),
            (none, (2, 2)),
            (none, (3, 2)),
            (((1, 1), (1, 1)), (1, 1)),
            (((2, 2), (2, 2)), (1, 1)),
            (((1, 0), (0, 1)), (3, 4)),
        ):
            yield Asked(_words(kind, kernel, stride, (1, 1), padding), in_size)
        for name, dilation in product(names, ((1, 1), (1, 2))):
            yield Asked(_words(kind, kernel, stride, dilation, name), (3, 4))
    for stride, extra in product(strides, ((0, 1), (1, 1))):
        yield Asked(_words("tconv", (3, 3), stride, (1, 1), ((1, 1), (1, 1)), extra), (2, 3))


def _space(names: tuple[str, ...]) -> Iterator[Asked]:
    """Three axes that differ."""
    kernels, strides = ((1, 1, 1), (3, 2, 1), (2, 2, 2)), ((1, 1, 3), (1, 2, 1), (3, 1, 1))
    for kind, kernel, stride in product(KINDS, kernels, strides):
        for padding, in_size in (
            (((0, 0), (0, 0), (0, 0)), (3, 3, 3)),
            (((1, 1), (1, 1), (0, 0)), (1, 3, 1)),
            (((1, 1), (0, 0), (0, 0)), (1, 3, 1)),
            (((0, 0), (0, 0), (0, 0)), (1, 1, 1)),
        ):
            yield Asked(_words(kind, kernel, stride, (1, 1, 1), padding), in_size)
        for name in names:
            yield Asked(_words(kind, kernel, stride, (1, 1, 1), name), (3, 3, 3))


def _line(
    kind: Kind, in_: int, kernel: int, stride: int, dilation: int, padding: str | Sides, extra: int | None = None
) -> Asked:
    one = None if extra is None else (extra,)
    return Asked(_words(kind, (kernel,), (stride,), (dilation,), padding, one), (in_,))


def _words(
    kind: Kind,
    kernel: tuple[int, ...],
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: str | Sides,
    extra: tuple[int, ...] | None = None,
) -> Words:
    return Words(kind, kernel, stride, dilation, padding, extra)
