"""The nearest layers of the same stride that give the same size for every input, proved by their arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tconv_design.errors import InvalidLayer
from tconv_design.layer import Axis, Layer
from tconv_design.overlap import is_even
from tconv_design.reasons import sides, sizes

LONGEST_STRIDE = 1024
"""Beyond it no nearest kernel is looked for."""


def even_layer(layer: Layer, in_size: Sequence[int]) -> Layer | None:
    """The nearest layer without holes whose taps fall evenly; None where there is none near."""
    return _like(layer, in_size, lambda axis, other: _falls_evenly(other))


def plain_layer(layer: Layer, in_size: Sequence[int]) -> Layer | None:
    """The nearest layer without output_padding that is as even, its kernel less than a stride longer or shorter."""
    return _like(layer, in_size, _is_plainer)


def said(layer: Layer) -> str:
    """`kernel 4, stride 2, padding 1`, and the rest where it is no default."""
    words = [f"kernel {sizes(layer.kernel)}", f"stride {sizes(layer.stride)}", f"padding {sides(layer.padding)}"]
    words += [f"output_padding {sizes(layer.output_padding)}"] * any(layer.output_padding)
    words += [f"dilation {sizes(layer.dilation)}"] * any(dilation > 1 for dilation in layer.dilation)
    return ", ".join(words)


def _like(layer: Layer, in_size: Sequence[int], is_wanted: Callable[[Axis, Axis], bool]) -> Layer | None:
    axes = []
    for axis in layer.axes:
        found = axis if is_wanted(axis, axis) else next((o for o in _others(axis) if is_wanted(axis, o)), None)
        if found is None:
            return None
        axes.append(found)
    try:
        other = replace(layer, axes=tuple(axes))
        return other if other.output_size(in_size) == layer.output_size(in_size) else None
    except InvalidLayer:
        return None


def _others(axis: Axis) -> Iterator[Axis]:
    """Axes of the same stride and the same out = stride*in + offset: the nearest kernel first, of two the longer."""
    if axis.stride > LONGEST_STRIDE or axis.kernel > 16 * LONGEST_STRIDE:
        return
    span = axis.effective_kernel - axis.pad_begin - axis.end
    kernels = range(max(1, axis.kernel - axis.stride), axis.kernel + axis.stride + 1)
    for kernel in sorted(kernels, key=lambda each: (abs(each - axis.kernel), -each)):
        for dilation in dict.fromkeys((axis.dilation, 1)):
            padded = _padded(kernel, axis.stride, dilation, span)
            if padded is not None:
                yield padded


def _padded(kernel: int, stride: int, dilation: int, span: int) -> Axis | None:
    """The axis that crops its full result by what leaves `span` rows beside the stride's, less than a kernel a side."""
    bare = Axis(kernel, stride, dilation=dilation)
    cropped = bare.effective_kernel - span
    if cropped < 0 or (cropped + 1) // 2 >= bare.effective_kernel:
        return None
    if cropped % 2 == 0:
        return replace(bare, pad_begin=cropped // 2, pad_end=cropped // 2)
    if max(stride, dilation) > 1:
        half = cropped // 2 + 1
        return replace(bare, pad_begin=half, pad_end=half, output_padding=1)
    return replace(bare, pad_begin=cropped // 2, pad_end=cropped // 2 + 1)


def _falls_evenly(axis: Axis) -> bool:
    return is_even(axis.kernel, axis.stride, axis.dilation)


def _is_plainer(axis: Axis, other: Axis) -> bool:
    near = abs(other.kernel - axis.kernel) < axis.stride
    return near and not other.output_padding and (_falls_evenly(other) or not _falls_evenly(axis))
