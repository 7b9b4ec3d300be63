"""A layer in TensorFlow's words: a Keras layer where Keras has it, else tf.nn calls with what has to surround them."""

from __future__ import annotations

from dataclasses import replace

from tconv_design.dialects import tensorflow_layers
from tconv_design.dialects.function import Around, Idiom, definition, padded
from tconv_design.dialects.tensorflow_calls import LAYOUTS, ONEDNN, SAME, VALID, Asked, call_text, explicit_padding
from tconv_design.dialects.tensorflow_names import crops, named_padding, note
from tconv_design.dialects.writing import Written
from tconv_design.errors import NotExpressible
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer

LARGEST = 2**31 - 1
IDIOM = Idiom(
    pad="tf.pad({array}, {rows})",
    take="tf.gather({array}, {rows}, axis={axis})",
    split="tf.split({array}, {parts}, axis={axis})",
    concat="tf.concat({arrays}, axis={axis})",
    bias="tf.nn.bias_add({y}, bias)",
)
_ON_A_CPU = "on a CPU it takes oneDNN and float32: without, TensorFlow refuses {what} in a transposed call"


def write(layer: Layer, in_size: tuple[int, ...], refused: frozenset[Asked] = ONEDNN) -> Written:
    """A Keras layer, or a function of (x, kernel, bias), with x (N, *spatial, Cin) and kernel as tf.nn lays it out.

    `refused` is what the TensorFlow that runs it says no to; the default is a CPU with oneDNN. Raises NotExpressible
    for the one kind of layer that TensorFlow has no words for: sizes beyond 32 bits.
    """
    _check_sizes(layer, in_size)
    keras = tensorflow_layers.definition(layer, in_size, refused)
    if keras is not None:
        return _written(keras, True, layer, tensorflow_layers.remarks(layer, keras))
    asked = _asked(layer, refused)
    padding = _padding(asked, layer, in_size, refused)
    if padding is None:
        around, out = padded(layer, in_size)
    else:
        around, out = Around.nothing(layer.ndim), layer.output_size(in_size)
    if not asked.dilated:
        around = replace(around, taps=tuple(map(_taps, layer.axes)))
    if not asked.grouped:
        around = replace(around, parts=layer.groups)
    text = definition(layer, LAYOUTS[layer.kind], IDIOM, around, call_text(asked, layer, padding or VALID, out))
    remark = note(layer, in_size, padding.strip('"').lower()) if padding in (VALID, SAME) else ""
    is_alone = around == Around.nothing(layer.ndim)
    return _written(remark + text, is_alone, layer, _remarks(asked, layer, in_size))


def _check_sizes(layer: Layer, in_size: tuple[int, ...]) -> None:
    largest = max(layer.in_channels, layer.out_channels, *map(_rows, [layer.kind] * layer.ndim, layer.axes, in_size))
    if largest > LARGEST:
        raise NotExpressible(
            f"TensorFlow counts the rows, channels and strides of a convolution in 32 bits, and {largest} does not fit",
            f"the same layer with no number above {LARGEST}",
        )


def _rows(kind: Kind, axis: Axis, size: int) -> int:
    """The largest number that a call for this axis may have to hold."""
    if kind == "conv":
        return max(axis.stride, size + axis.pad_begin + axis.pad_end)
    return max(axis.stride, size, axis.full(size), axis.pad_begin + axis.out(kind, size))


def _written(definition: str, is_native: bool, layer: Layer, notes: tuple[str, ...]) -> Written:
    return Written(f"import tensorflow as tf\n\n{definition}\n", is_native, LAYOUTS[layer.kind], notes)


def _asked(layer: Layer, refused: frozenset[Asked]) -> Asked:
    """As much of the layer as TensorFlow accepts in one call; the rest is done around it."""
    dilated = max(layer.dilation) > 1 and Asked(layer.kind, layer.ndim, True) not in refused
    grouped = layer.groups > 1 and Asked(layer.kind, layer.ndim, dilated, True) not in refused
    return Asked(layer.kind, layer.ndim, dilated, grouped)


def _taps(axis: Axis) -> int:
    """How far the taps are moved apart; a single tap only where its dilation allows rows that the stride does not."""
    return axis.dilation if axis.kernel > 1 or -axis.end >= axis.stride else 1


def _padding(asked: Asked, layer: Layer, in_size: tuple[int, ...], refused: frozenset[Asked]) -> str | None:
    """The padding with which the call needs neither padding before nor cropping after, or None."""
    for name in (VALID, SAME):
        if _is_named(layer, in_size, name):
            return name
    # beyond the cropped result, output_shape reaches less than one stride
    if layer.ndim != 2 or (layer.kind == "tconv" and any(-axis.end >= axis.stride for axis in layer.axes)):
        return None
    return None if asked._replace(explicit=True) in refused else explicit_padding(layer)


def _is_named(layer: Layer, in_size: tuple[int, ...], name: str) -> bool:
    padding = name.strip('"').lower()
    if layer.kind == "conv":
        return named_padding(layer, in_size, padding)
    return all(crops(axis, size, padding) for axis, size in zip(layer.axes, in_size, strict=True))


def _remarks(asked: Asked, layer: Layer, in_size: tuple[int, ...]) -> tuple[str, ...]:
    if layer.kind == "conv":
        return ()
    sizes = "x".join(map(str, in_size))
    notes = [f"output_shape tells the call its size, so it holds for in {sizes} only"]
    special = [what for what, is_asked in (("dilations", asked.dilated), ("groups", asked.grouped)) if is_asked]
    return tuple(notes + [_ON_A_CPU.format(what=" and ".join(special))] * bool(special))
