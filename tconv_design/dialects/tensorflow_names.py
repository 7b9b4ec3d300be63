"""The named paddings of TensorFlow: where a name is a layer's padding, and at which sizes."""

from __future__ import annotations

from dataclasses import replace

from tconv_design.dialects.reading import named
from tconv_design.layer import Axis, Layer
from tconv_design.padding import policy

NOTE = "# exact for in {sizes}; at other sizes this padding may not be the layer's\n"


def note(layer: Layer, in_size: tuple[int, ...], padding: str) -> str:
    """A comment where the named padding of a conv is this layer at this input size only, else nothing."""
    if layer.kind == "tconv" or holds_everywhere(layer, padding):
        return ""
    return NOTE.format(sizes="x".join(map(str, in_size)))


def holds_everywhere(layer: Layer, padding: object) -> bool:
    """Whether a named padding that is this conv at one input size is it at every other."""
    return all(_holds_everywhere(axis, padding) for axis in layer.axes)


def _holds_everywhere(axis: Axis, padding: object) -> bool:
    total = axis.effective_kernel - 1
    if padding != "same":
        return axis.pad_end == 0
    # 'same' pads max((ceil(in/s)-1)*s + K - in, 0) rows in all: K - 1 for every in only at stride 1, or where K <= 2
    return (axis.pad_begin, axis.pad_end) == (total // 2, total - total // 2) and (axis.stride == 1 or total <= 1)


def named_padding(layer: Layer, in_size: tuple[int, ...], padding: str) -> bool:
    """Whether a named padding is this conv at this input size: the same begin padding and the same output size."""
    return all(
        (axis.pad_begin, axis.out("conv", size)) == _named(axis, size, padding)
        for axis, size in zip(layer.axes, in_size, strict=True)
    )


def _named(axis: Axis, size: int, padding: str) -> tuple[int, int]:
    """(pad_begin, out) of a conv with the named padding."""
    begin, end, _ = named(policy("conv", padding, "jax", 1), axis)(size)  # alike in TensorFlow, which has no causal
    return begin, replace(axis, pad_begin=begin, pad_end=end).out("conv", size)


def crops(axis: Axis, size: int, padding: str) -> bool:
    """Whether TensorFlow, told this output size, crops the full result of a tconv as the axis does."""
    if padding == "valid":
        return axis.pad_begin == 0 and 0 <= -axis.end < axis.stride
    out = axis.out("tconv", size)
    return axis.pad_begin == max(axis.full(size) - out, 0) // 2 and -(-out // axis.stride) == size
