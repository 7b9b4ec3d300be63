"""A layer as one of Keras's, or as a Sequential of it with ZeroPadding and Cropping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tconv_design.dialects.function import Idiom, definition, from_the_end, padded
from tconv_design.dialects.keras_words import LAYOUTS, named_rule, remarks
from tconv_design.dialects.tensorflow_names import holds_everywhere
from tconv_design.dialects.writing import Words, Written, given, short
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer

IDIOM = Idiom(
    pad="keras.ops.pad({array}, {rows})",
    take="keras.ops.take({array}, {rows}, axis={axis})",
    split="keras.ops.split({array}, {parts}, axis={axis})",
    concat="keras.ops.concatenate({arrays}, axis={axis})",
    bias="{y} + bias",
)
LAYERS: dict[Kind, str] = {"conv": "Conv{}D", "tconv": "Conv{}DTranspose"}


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One Keras layer, or a Sequential or a function with what it needs around it; every canonical layer has one."""
    is_refused = max(layer.stride) > 1 and max(layer.dilation) > 1
    if is_refused or (layer.kind == "tconv" and layer.groups > 1):
        return _function(layer, in_size)
    words = _native_words(layer, in_size)
    if words is None:
        return _sequential(layer)
    exact, notes = _exactness(layer, in_size, words.padding), remarks(words)
    if exact:
        notes = (f"{exact.lstrip(' #')}: at other input sizes this padding may not be the layer's",)
    return Written(f"import keras\n\nlayer = {_call(words)}{exact}\n", True, LAYOUTS[layer.kind], notes)


def spell(words: Words) -> str | None:
    """A layer with these arguments; Keras has only names for padding, and no groups or numbers where they matter."""
    if words.kind == "tconv" and words.groups > 1:
        return None
    if words.kind == "conv" and words.output_padding is not None:
        return None
    if not isinstance(words.padding, str):
        if any(map(any, words.padding)):
            return None
        none = (0,) * words.ndim if words.kind == "tconv" else None
        words = words._replace(padding="valid", output_padding=words.output_padding or none)
    return f"import keras\n\nlayer = {_call(words)}\n"


def _native_words(layer: Layer, in_size: tuple[int, ...]) -> Words | None:
    """The arguments with which one layer of Keras's is the layer, on whichever of its backends; None for none."""
    names = ("valid", "same", "causal") if (layer.kind, layer.ndim) == ("conv", 1) else ("valid", "same")
    nothing: tuple[int | None, ...] = (None,) * layer.ndim
    for name in names:
        if _is(layer, in_size, name, nothing):
            return _words(layer, name)
    for name in names if layer.kind == "tconv" else ():
        extra = tuple(_output_padding(axis, name) for axis in layer.axes)
        reachable = all(0 <= each < axis.stride for each, axis in zip(extra, layer.axes, strict=True))
        if reachable and _is(layer, in_size, name, extra):
            return _words(layer, name, extra)
    return None


def _is(layer: Layer, in_size: tuple[int, ...], name: str, extra: Sequence[int | None]) -> bool:
    """Whether a name means the layer: the same start and size. Words that tensorflow refuses mean nothing here."""
    try:
        found = [
            named_rule(layer.kind, name, layer.ndim, axis, each, "tensorflow")(size)
            for axis, each, size in zip(layer.axes, extra, in_size, strict=True)
        ]
    except Refused:
        return False
    named = [Axis(axis.kernel, axis.stride, *pads, axis.dilation) for axis, pads in zip(layer.axes, found, strict=True)]
    return _windows(layer.kind, named, in_size) == _windows(layer.kind, layer.axes, in_size)


def _windows(kind: Kind, axes: Sequence[Axis], in_size: tuple[int, ...]) -> list[tuple[int, int]]:
    return [(axis.pad_begin, axis.out(kind, size)) for axis, size in zip(axes, in_size, strict=True)]


def _output_padding(axis: Axis, name: str) -> int:
    """The one output_padding with which a name may crop as many rows as the axis does."""
    if name == "valid":
        return -axis.end
    return axis.effective_kernel - axis.effective_kernel % 2 - axis.pad_begin - axis.end


def _words(layer: Layer, name: str, output_padding: tuple[int, ...] | None = None) -> Words:
    channels = (layer.groups, layer.in_channels, layer.out_channels)
    return Words(layer.kind, layer.kernel, layer.stride, layer.dilation, name, output_padding, *channels)


def _exactness(layer: Layer, in_size: tuple[int, ...], padding: object) -> str:
    """A comment where a padding name is this layer at this input size, but not at every other; else nothing."""
    if layer.kind == "tconv" or holds_everywhere(layer, padding):
        return ""
    return f"  # exact for in = {short(in_size)}"


def _call(words: Words) -> str:
    """The constructor call, without the arguments that are Keras's defaults."""
    options = given([("strides", words.stride, 1)])
    options += [f'padding="{words.padding}"'] * (words.padding != "valid")
    if words.output_padding is not None:
        options.append(f"output_padding={short(words.output_padding)}")
    options += given([("dilation_rate", words.dilation, 1), ("groups", [words.groups], 1)])
    name = LAYERS[words.kind].format(words.ndim)
    return f"keras.layers.{name}({', '.join([str(words.out_channels), short(words.kernel), *options])})"


def _sequential(layer: Layer) -> Written:
    """A convolution with zeros around its input; a transposed one with zero rows after its input, and a crop."""
    if layer.kind == "conv":
        words, before, after = _words(layer, "valid"), layer.padding, ((0, 0),)
    else:
        beyond, extras, after = zip(*map(_full, layer.axes), strict=True)
        words = _words(layer, "valid", None if extras == _default_extras(layer) else extras)
        before = tuple((0, rows) for rows in beyond)
    lines = [_around("ZeroPadding", before), f"{_call(words)},", _around("Cropping", after)]
    body = "".join(f"    {line}\n" for line in lines if line)
    code = f"import keras\n\nlayer = keras.Sequential([\n{body}])\n"
    return Written(code, False, LAYOUTS[layer.kind], remarks(words))


def _default_extras(layer: Layer) -> tuple[int, ...]:
    """What Keras takes for output_padding with 'valid' where none is given."""
    return tuple(max(axis.stride - axis.effective_kernel, 0) for axis in layer.axes)


def _full(axis: Axis) -> tuple[int, int, tuple[int, int]]:
    """Zero rows after the input, output_padding, and the crop (begin, end) of the result.

    Rows that no input reaches come from those two, never from padding the result, for they hold the bias.
    """
    rows, extra = divmod(max(-axis.end, 0), axis.stride)
    return rows, extra, (axis.pad_begin, max(axis.end, 0))


def _around(name: str, rows: Sequence[tuple[int, int]]) -> str:
    """The line of a layer that pads or crops `rows` (begin, end) per axis; empty for none."""
    if not any(map(any, rows)):
        return ""
    ends = rows[0] if len(rows) == 1 else tuple(rows)
    return f"keras.layers.{name}{len(rows)}D({ends}),"


def _function(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """A function around keras.ops, for what no layer has: strides with dilation, and groups of a transposed one."""
    layout = LAYOUTS[layer.kind]
    around, full = padded(layer, in_size)
    options = given([("strides", layer.stride, 1)])
    if layer.kind == "conv":
        # tensorflow refuses strides with dilation here too
        around = replace(around, taps=layer.dilation)
        call = f"keras.ops.conv({', '.join(['x', 'kernel', *options])})"
    else:
        around = replace(from_the_end(around, full), parts=layer.groups)
        extras = tuple(_full(axis)[1] for axis in layer.axes)
        if extras != _default_extras(layer):
            options.append(f"output_padding={short(extras)}")
        options += given([("dilation_rate", layer.dilation, 1)])
        call = f"keras.ops.conv_transpose({', '.join(['x', 'kernel', *options])})"
    return Written(f"import keras\n\n{definition(layer, layout, IDIOM, around, call)}\n", False, layout)
