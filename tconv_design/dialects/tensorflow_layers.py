"""One Keras layer on TensorFlow, where Keras has a layer for it."""

from __future__ import annotations

from tconv_design.dialects.tensorflow_calls import Asked
from tconv_design.dialects.tensorflow_names import named_padding, note
from tconv_design.dialects.writing import short
from tconv_design.layer import Axis, Layer


def definition(layer: Layer, in_size: tuple[int, ...], refused: frozenset[Asked]) -> str | None:
    """`layer = tf.keras.layers...`, or None where Keras has no such layer or TensorFlow refuses it."""
    dilated = max(layer.dilation) > 1
    if dilated and (max(layer.stride) > 1 or Asked(layer.kind, layer.ndim, dilated=True) in refused):
        return None
    return _conv(layer, in_size) if layer.kind == "conv" else _transposed(layer)


def remarks(layer: Layer, definition: str) -> tuple[str, ...]:
    """What looks like another framework's argument and is not."""
    if layer.kind == "tconv" and 'padding="same", output_padding' in definition:
        return ("Keras's output_padding under same gives rows back at the begin first, unlike torch's",)
    return ()


def _conv(layer: Layer, in_size: tuple[int, ...]) -> str | None:
    names = ("valid", "same", "causal") if layer.ndim == 1 else ("valid", "same")
    padding = next((name for name in names if named_padding(layer, in_size, name)), None)
    if padding is None:
        return None
    groups = f"groups={layer.groups}" if layer.groups > 1 else ""
    return note(layer, in_size, padding) + _layer(layer, f"Conv{layer.ndim}D", padding, groups)


def _transposed(layer: Layer) -> str | None:
    if layer.groups > 1:
        return None
    for padding in ("valid", "same"):
        if all((axis.pad_begin, axis.end) == _default_crop(axis, padding) for axis in layer.axes):
            return _layer(layer, f"Conv{layer.ndim}DTranspose", padding)
    for padding in ("valid", "same"):
        rows = [_output_padding(axis, padding) for axis in layer.axes]
        known = [row for row in rows if row is not None]
        if len(known) == len(rows):
            return _layer(layer, f"Conv{layer.ndim}DTranspose", padding, f"output_padding={short(known)}")
    return None


def _default_crop(axis: Axis, padding: str) -> tuple[int, int]:
    """Rows that Keras crops at (begin, end) of the full result when it is given no output_padding."""
    beyond = axis.effective_kernel - axis.stride
    if padding == "valid":
        return 0, min(beyond, 0)
    begin = max(0, beyond // 2)
    return begin, beyond - begin


def _output_padding(axis: Axis, padding: str) -> int | None:
    """Keras's output_padding for the axis, or None. In `same` it gives rows back at the begin first, unlike torch's."""
    if padding == "valid":
        begin, rows = 0, -axis.end
    else:
        odd = axis.effective_kernel % 2
        rows = axis.effective_kernel - odd - axis.pad_begin - axis.end
        begin = max(0, (axis.effective_kernel - odd - rows) // 2)
        if not odd and rows == 0:  # TensorFlow raises: Keras asks it for (in-1)*s rows, and SAME needs one more
            return None
    return rows if begin == axis.pad_begin and 0 <= rows < axis.stride else None


def _layer(layer: Layer, name: str, padding: str, last: str = "") -> str:
    words = [f"{layer.out_channels}, {short(layer.kernel)}"]
    words += [f"strides={short(layer.stride)}"] * (max(layer.stride) > 1)
    words += [f'padding="{padding}"']
    words += [f"dilation_rate={short(layer.dilation)}"] * (max(layer.dilation) > 1)
    words += [last] * bool(last)
    return f"layer = tf.keras.layers.{name}({', '.join(words)})"
