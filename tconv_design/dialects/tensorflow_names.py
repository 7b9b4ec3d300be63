"""The named paddings of a conv in TensorFlow: where a name is a layer's padding, and at which sizes."""

from __future__ import annotations

from tconv_design.layer import Axis, Layer

NOTE = "# exact for in {sizes}; at other sizes this padding may not be the layer's\n"


def note(layer: Layer, in_size: tuple[int, ...], padding: str) -> str:
    """A comment where the named padding of a conv is this layer at this input size only, else nothing."""
    if layer.kind == "tconv" or all(_named_for_every_size(axis, padding) for axis in layer.axes):
        return ""
    return NOTE.format(sizes="x".join(map(str, in_size)))


def _named_for_every_size(axis: Axis, padding: str) -> bool:
    total = axis.effective_kernel - 1
    if padding in ("valid", "causal"):
        return axis.pad_end == 0
    # TensorFlow's same puts max((ceil(in/s)-1)*s + K - in, 0) rows around the input: K - 1 for every in only at s = 1
    return (axis.pad_begin, axis.pad_end) == (total // 2, total - total // 2) and (axis.stride == 1 or total <= 1)


def named_padding(layer: Layer, in_size: tuple[int, ...], padding: str) -> bool:
    """Whether a named padding is this conv at this input size: the same begin padding and the same output size."""
    return all(
        (axis.pad_begin, axis.out("conv", size)) == _named(axis, size, padding)
        for axis, size in zip(layer.axes, in_size, strict=True)
    )


def _named(axis: Axis, size: int, padding: str) -> tuple[int, int]:
    """(pad_begin, out) of a conv with the named padding."""
    effective = axis.effective_kernel
    if padding == "valid":
        return 0, (size - effective) // axis.stride + 1
    if padding == "causal":
        return effective - 1, (size - 1) // axis.stride + 1
    out = -(-size // axis.stride)
    return max((out - 1) * axis.stride + effective - size, 0) // 2, out
