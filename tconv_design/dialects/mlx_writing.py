"""mlx's words, written: a module of mlx.nn where it has one, else a function of mlx.core in (x, kernel, bias)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tconv_design.dialects.function import ALL, Around, Idiom, Window, definition
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.mlx_sizes import Sizes
from tconv_design.dialects.reading import Fixed
from tconv_design.dialects.writing import Words, Written, given, short
from tconv_design.layer import Axis, Layer

LAYOUT = Layout(True, "Oki")
"""Of every convolution of mlx, with groups or without, transposed or not."""

CROPPED = (
    "mlx crops the wrong rows where padding exceeds dilation*(kernel-1) with stride > 1, or exceeds the input: "
    "here the full result is cropped instead"
)
NEGATIVE = "output_padding below 0 crops the end alone; torch takes none below 0"
NO_GROUPS = "mlx.nn.ConvTranspose{}d has no groups; the function of mlx.core has"
APART = "mlx has no groups in three axes: each group is a call of its own"

_IDIOM = Idiom(
    pad="mx.pad({array}, {rows})",
    take="mx.take({array}, mx.array({rows}), axis={axis})",
    split="mx.split({array}, {parts}, axis={axis})",
    concat="mx.concatenate({arrays}, axis={axis})",
    bias="{y} + bias",
)


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """A module or function; every canonical layer has one, and none in words that mlx gets wrong."""
    layer.output_size(in_size)
    apart = layer.groups > 1 and layer.ndim == 3
    notes = [APART] * apart
    if layer.kind == "conv":
        return _written(layer, _conv(layer, apart), apart, (), notes)
    window = () if all(map(_is_right, layer.axes, in_size)) else tuple(map(_crop, layer.axes))
    padding = [0 if window else axis.pad_begin for axis in layer.axes]
    extra = [max(-axis.end, 0) if window else axis.pad_begin - axis.end for axis in layer.axes]
    options = _tconv_options(layer.stride, padding, layer.dilation, extra)
    if layer.groups == 1 and not window:
        call = _module(layer, options)
    else:
        call = _call(f"conv_transpose{layer.ndim}d", [*options, *_groups(layer, apart)])
    notes += [CROPPED] * bool(window) + [NEGATIVE] * (min(extra) < 0)
    notes += [NO_GROUPS.format(layer.ndim)] * (layer.groups > 1 and not apart)
    return _written(layer, call, apart, window, notes)


def spell(words: Words) -> str | None:
    """A call with these arguments as they are; mlx has one number for both sides of an axis, but for conv_general."""
    if words.kind == "conv" and words.output_padding is not None:
        return None
    axes = tuple(Axis(k, s, dilation=d) for k, s, d in zip(words.kernel, words.stride, words.dilation, strict=True))
    layer = Layer(words.kind, axes, words.groups, words.in_channels, words.out_channels)
    padding = words.padding
    if isinstance(padding, str):
        return _spelled(words, layer, repr(padding))
    if all(begin == end for begin, end in padding):
        return _spelled(words, layer, short(begin for begin, _ in padding))
    if words.kind == "tconv":
        return None
    return _program(layer, _general(layer, padding, [f"groups={words.groups}"]))


def _spelled(words: Words, layer: Layer, padding: str) -> str:
    """A module where it has an argument for the groups, else a function."""
    options = [f"stride={short(words.stride)}", f"padding={padding}", f"dilation={short(words.dilation)}"]
    if words.output_padding is not None:
        options.append(f"output_padding={short(words.output_padding)}")
    if words.groups == 1 or (words.kind == "conv" and words.ndim < 3):
        return _program(layer, _module(layer, options + [f"groups={words.groups}"] * (words.groups > 1)))
    name = "conv_transpose" if words.kind == "tconv" else "conv"
    return _program(layer, _call(f"{name}{words.ndim}d", [*options, f"groups={words.groups}"]))


def _written(layer: Layer, call: str, apart: bool, window: tuple[Window, ...], notes: Sequence[str]) -> Written:
    native = not apart and not window
    return Written(_program(layer, call, layer.groups if apart else 1, window), native, LAYOUT, tuple(notes))


def _program(layer: Layer, call: str, parts: int = 1, window: tuple[Window, ...] = ()) -> str:
    if call.startswith("nn."):
        return f"import mlx.nn as nn\n\nlayer = {call}\n"
    around = replace(Around.nothing(layer.ndim), parts=parts)
    if window:
        around = replace(around, window=window)
    return f"import mlx.core as mx\n\n\n{definition(layer, LAYOUT, _IDIOM, around, call)}\n"


def _is_right(axis: Axis, size: int) -> bool:
    """Whether mlx computes the axis in its own words."""
    rule = Fixed(axis.pad_begin, axis.pad_end, axis.output_padding)
    return not Sizes("tconv", (axis,), (rule,)).defect((size,))


def _crop(axis: Axis) -> Window:
    """What is kept of the full result, at every input size."""
    window = axis.pad_begin, -axis.end if axis.end > 0 else None
    return window if window != (0, None) else ALL


def _conv(layer: Layer, apart: bool) -> str:
    if any(axis.pad_begin != axis.pad_end for axis in layer.axes):
        return _general(layer, layer.padding, _groups(layer, apart))
    begin = [axis.pad_begin for axis in layer.axes]
    options = given([("stride", layer.stride, 1), ("padding", begin, 0), ("dilation", layer.dilation, 1)])
    if apart:
        return _call(f"conv{layer.ndim}d", options)
    return _module(layer, options + _groups(layer, apart))


def _general(layer: Layer, padding: Sequence[tuple[int, int]], groups: Sequence[str]) -> str:
    low, high = (list(side) for side in zip(*padding, strict=True))
    options = [*given([("stride", layer.stride, 1)]), f"padding=({low}, {high})"]
    return _call("conv_general", [*options, *given([("kernel_dilation", layer.dilation, 1)]), *groups])


def _groups(layer: Layer, apart: bool) -> list[str]:
    return [] if apart else given([("groups", [layer.groups], 1)])


def _tconv_options(
    stride: Sequence[int], padding: Sequence[int], dilation: Sequence[int], extra: Sequence[int]
) -> list[str]:
    return given(
        [("stride", stride, 1), ("padding", padding, 0), ("dilation", dilation, 1), ("output_padding", extra, 0)]
    )


def _module(layer: Layer, options: Sequence[str]) -> str:
    name = "ConvTranspose" if layer.kind == "tconv" else "Conv"
    first = [str(layer.in_channels), str(layer.out_channels), short(layer.kernel)]
    return f"nn.{name}{layer.ndim}d({', '.join([*first, *options])})"


def _call(name: str, options: Sequence[str]) -> str:
    return f"mx.{name}({', '.join(['x', 'kernel', *options])})"
