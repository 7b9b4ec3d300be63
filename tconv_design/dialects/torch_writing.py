"""A layer in PyTorch's words: one module, or a Sequential of it with a pad before or a crop after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tconv_design.dialects.layout import CANONICAL
from tconv_design.dialects.writing import Words, Written, given, short
from tconv_design.layer import Axis, Layer

MODULES = {"conv": "Conv", "tconv": "ConvTranspose"}
SIDES = {1: "begin, end", 2: "left, right, top, bottom", 3: "left, right, top, bottom, front, back"}


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One torch module, or a Sequential of it with a pad or crop; every canonical layer has one."""
    words = _conv(layer, in_size) if layer.kind == "conv" else _tconv(layer)
    return Written(f"import torch\n\nlayer = {words}\n", "Sequential" not in words, CANONICAL[layer.kind])


def spell(words: Words) -> str | None:
    """A module with these arguments; torch has one number for both sides of an axis."""
    padding = words.padding
    if not isinstance(padding, str):
        if any(begin != end for begin, end in padding):
            return None
        padding = repr(short(begin for begin, _ in padding)).strip("'")
    else:
        padding = repr(padding)
    parts = [str(words.in_channels), str(words.out_channels), short(words.kernel), f"stride={short(words.stride)}"]
    parts += [f"padding={padding}", f"dilation={short(words.dilation)}", f"groups={words.groups}"]
    if words.output_padding is not None:
        if words.kind == "conv":
            return None
        parts.append(f"output_padding={short(words.output_padding)}")
    return f"import torch\n\nlayer = torch.nn.{MODULES[words.kind]}{words.ndim}d({', '.join(parts)})\n"


def _conv(layer: Layer, in_size: tuple[int, ...]) -> str:
    begin = tuple(axis.pad_begin for axis in layer.axes)
    if all(axis.pad_begin == axis.pad_end for axis in layer.axes):
        return _module(layer, padding=begin)
    if all(_is_same(axis) for axis in layer.axes):
        return _module(layer, padding="same")
    even = replace(layer, axes=tuple(replace(axis, pad_end=axis.pad_begin) for axis in layer.axes))
    if _sizes(even, in_size) == _sizes(layer, in_size):
        # The kernel starts at the same rows and stops at the same row, so it reads the same rows.
        return _module(layer, padding=begin) + f"  # for in = {short(in_size)}, where this reads the same rows"
    return _sequential(_constant_pad("pads", layer.padding), f"{_module(layer)},")


def _tconv(layer: Layer) -> str:
    padding, output_padding, crops = zip(*map(_native_words, layer.axes), strict=True)
    module = _module(layer, padding, output_padding)
    if not any(begin or end for begin, end in crops):
        return module
    return _sequential(f"{module},", _constant_pad("crops", [(-begin, -end) for begin, end in crops]))


def _native_words(axis: Axis) -> tuple[int, int, tuple[int, int]]:
    """The padding and output_padding that torch takes on this axis, and the rows still to crop at (begin, end).

    torch crops `padding` rows at the start and `padding - output_padding` at the end. Rows that no input reaches come
    from output_padding, never from padding the result, for they hold the bias. A canonical layer has fewer of them
    than max(stride, dilation), so torch takes that output_padding.
    """
    extra = axis.pad_begin - axis.end
    if 0 <= extra < max(axis.stride, axis.dilation):
        return axis.pad_begin, extra, (0, 0)
    padding = max(min(axis.pad_begin, axis.end), 0)
    output_padding = max(-axis.end, 0)
    return padding, output_padding, (axis.pad_begin - padding, max(axis.end - padding, 0))


def _is_same(axis: Axis) -> bool:
    """Whether torch's padding="same" means this axis: stride 1, out = in, an odd row at the end."""
    total = axis.effective_kernel - 1
    return axis.stride == 1 and (axis.pad_begin, axis.pad_end) == (total // 2, total - total // 2)


def _sizes(layer: Layer, in_size: tuple[int, ...]) -> list[int]:
    return [axis.out(layer.kind, size) for axis, size in zip(layer.axes, in_size, strict=True)]


def _module(layer: Layer, padding: Sequence[int] | str = (), output_padding: Sequence[int] = ()) -> str:
    """The constructor call, without the arguments that are torch's defaults."""
    sides = [f'padding="{padding}"'] if isinstance(padding, str) else given([("padding", padding, 0)])
    options = [
        *given([("stride", layer.stride, 1)]),
        *sides,
        *given([("output_padding", output_padding, 0), ("dilation", layer.dilation, 1), ("groups", [layer.groups], 1)]),
    ]
    arguments = ", ".join([str(layer.in_channels), str(layer.out_channels), short(layer.kernel), *options])
    return f"torch.nn.{MODULES[layer.kind]}{layer.ndim}d({arguments})"


def _constant_pad(verb: str, rows: Sequence[tuple[int, int]]) -> str:
    """The line that pads by `rows` (begin, end) per axis, or crops where they are negative."""
    last_axis_first = tuple(side for pair in reversed(rows) for side in pair)
    return f"torch.nn.ConstantPad{len(rows)}d({last_axis_first}, 0),  # {verb} {SIDES[len(rows)]}"


def _sequential(first: str, second: str) -> str:
    return f"torch.nn.Sequential(\n    {first}\n    {second}\n)"
