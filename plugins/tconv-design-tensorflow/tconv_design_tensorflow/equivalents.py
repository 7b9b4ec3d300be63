"""A function that is exactly the layer: one tf.nn call, with what has to surround it where it is not enough alone."""

from __future__ import annotations

from tconv_design.layer import Axis, Layer
from tconv_design_tensorflow.nn_words import VALID, Call
from tconv_design_tensorflow.words import note

Surroundings = tuple[list[str], tuple[int, ...], str]


def definition(layer: Layer, in_size: tuple[int, ...]) -> str:
    """`def layer(x, kernel, bias)`, with x (N, *spatial, Cin) and kernel as tf.nn lays it out, (*kernel, ...)."""
    call = Call.accepted(layer)
    padding = call.padding(in_size)
    body, out, crop = ([], layer.output_size(in_size), "") if padding else _surroundings(layer, in_size)
    if not call.dilated:
        body += _zeros_between_taps(layer)
    result = call.text(padding or VALID, out)
    body += [f"y = {result}"] if layer.groups == 1 or call.grouped else _groups_apart(layer.groups, result)
    body.append(f"return tf.nn.bias_add(y{crop}, bias)")
    remark = note(layer, in_size, padding.strip('"').lower()) if padding in ('"VALID"', '"SAME"') else ""
    return remark + "def layer(x, kernel, bias):" + "".join(f"\n    {line}" for line in body)


def _surroundings(layer: Layer, in_size: tuple[int, ...]) -> Surroundings:
    """What is done before a VALID call, the size that is asked of it, and the crop after it."""
    if layer.kind == "conv":
        return _pad([(axis.pad_begin, axis.pad_end) for axis in layer.axes]), (), ""
    windows = [_window(axis, size) for axis, size in zip(layer.axes, in_size, strict=True)]
    sizes = tuple(size for _, size, _ in windows)
    crops = [crop for _, _, crop in windows]
    return _pad([(0, rows) for rows, _, _ in windows]), sizes, f"[:, {', '.join(crops)}]" if set(crops) != {":"} else ""


def _window(axis: Axis, size: int) -> tuple[int, int, str]:
    """(zero rows that the input needs at its end, size of the full result, crop of it).

    The output is the window [pad_begin, pad_begin + out) of the full result; beyond it there is only the bias. A VALID
    call fills in less than one stride of that, so longer stretches come from zeros after the input.
    """
    end = axis.pad_begin + axis.out("tconv", size)
    full = max(axis.full(size), end)
    rows = (full - axis.full(size)) // axis.stride
    return rows, full, ":" if (axis.pad_begin, end) == (0, full) else f"{axis.pad_begin}:{end}"


def _pad(pads: list[tuple[int, int]]) -> list[str]:
    if not any(map(any, pads)):
        return []
    return [f"x = tf.pad(x, {[[0, 0], *map(list, pads), [0, 0]]})"]


def _zeros_between_taps(layer: Layer) -> list[str]:
    """Dilate the kernel itself: a zero row after its last tap, taken wherever the dilated kernel has no tap."""
    dilated = [(i, axis) for i, axis in enumerate(layer.axes) if axis.dilation > 1 and axis.kernel > 1]
    if not dilated:
        return []
    rows = [[0, int(axis.dilation > 1 and axis.kernel > 1)] for axis in layer.axes]
    return [f"kernel = tf.pad(kernel, {[*rows, [0, 0], [0, 0]]})"] + [
        f"kernel = tf.gather(kernel, [i // {axis.dilation} if i % {axis.dilation} == 0 else {axis.kernel} "
        f"for i in range({axis.effective_kernel})], axis={i})"
        for i, axis in dilated
    ]


def _groups_apart(groups: int, result: str) -> list[str]:
    """The call once for each group: the input channels and the kernel's last axis are split alike."""
    return [
        f"pairs = zip(tf.split(x, {groups}, axis=-1), tf.split(kernel, {groups}, axis=-1))",
        f"parts = [{result} for x, kernel in pairs]",
        "y = tf.concat(parts, axis=-1)",
    ]
