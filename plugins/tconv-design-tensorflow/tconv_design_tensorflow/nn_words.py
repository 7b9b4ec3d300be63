"""One tf.nn call, and what the installed TensorFlow says to it."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design_tensorflow.framework import tensorflow
from tconv_design_tensorflow.words import named_padding, per_axis

VALID, SAME = '"VALID"', '"SAME"'


@functools.cache
def accepts(kind: Kind, ndim: int, *, dilated: bool = False, grouped: bool = False, explicit: bool = False) -> bool:
    """Whether the installed TensorFlow runs such a call on this machine, found by running a tiny one.

    On a CPU it hangs on oneDNN: without it there is no dilated and no grouped transposed convolution and no dilated
    conv3d. Explicit padding is asked for in 2-D only, where tf.nn has it.
    """
    if not (dilated or grouped or explicit):
        return True
    groups = 2 if grouped else 1
    axis = Axis(kernel=2, pad_begin=int(explicit), dilation=2 if dilated else 1)
    layer = Layer(kind, (axis,) * ndim, groups, in_channels=groups, out_channels=groups)
    padding = explicit_padding(layer) if explicit else VALID
    text = Call(layer, dilated, grouped).text(padding, layer.output_size((3,) * ndim))
    tf = tensorflow()
    tensors = {"x": tf.ones([1, *[3] * ndim, groups]), "kernel": tf.ones([2] * ndim + [1, groups])}
    try:
        eval(text, {"tf": tf, **tensors})
    except tf.errors.OpError:
        return False
    return True


@dataclass(frozen=True)
class Call:
    """A tf.nn call on `x` and `kernel`. What it is not asked for (dilation, groups) is done around it."""

    layer: Layer
    dilated: bool
    grouped: bool

    @classmethod
    def accepted(cls, layer: Layer) -> Call:
        """The call that asks for as much of the layer as TensorFlow accepts."""
        dilated = max(layer.dilation) > 1 and accepts(layer.kind, layer.ndim, dilated=True)
        return cls(layer, dilated, layer.groups > 1 and accepts(layer.kind, layer.ndim, dilated=dilated, grouped=True))

    def padding(self, in_size: tuple[int, ...]) -> str | None:
        """The padding with which the call needs neither padding before nor cropping after, or None."""
        names = [name for name in (VALID, SAME) if _is_named(self.layer, in_size, name)]
        if names:
            return names[0]
        kind, ndim = self.layer.kind, self.layer.ndim
        # beyond the cropped result, output_shape reaches less than one stride
        if ndim != 2 or (kind == "tconv" and any(-axis.end >= axis.stride for axis in self.layer.axes)):
            return None
        accepted = accepts(kind, ndim, dilated=self.dilated, grouped=self.grouped, explicit=True)
        return explicit_padding(self.layer) if accepted else None

    def text(self, padding: str, out: tuple[int, ...]) -> str:
        """The call as it is written; `out` is the size that a transposed one is told to return."""
        transposed = self.layer.kind == "tconv"
        name = f"conv{self.layer.ndim}d" + ("_transpose" if transposed else "")
        words = ["x", "kernel"]
        if transposed:
            channels = self.layer.out_channels // (1 if self.grouped else self.layer.groups)
            words.append(f"[tf.shape(x)[0], {', '.join(map(str, out))}, {channels}]")
        words.append(f"{'stride' if name == 'conv1d' else 'strides'}={_steps(self.layer.stride, name)}")
        words.append(f"padding={padding}")
        if self.dilated:
            words.append(f"dilations={_steps(self.layer.dilation, name)}")
        return f"tf.nn.{name}({', '.join(words)})"


def explicit_padding(layer: Layer) -> str:
    """`[[0, 0], [1, 1], [1, 1], [0, 0]]`; a net end padding below 0 is left to the output_shape."""
    return str([[0, 0], *([axis.pad_begin, max(axis.end, 0)] for axis in layer.axes), [0, 0]])


def _is_named(layer: Layer, in_size: tuple[int, ...], name: str) -> bool:
    if layer.kind == "conv":
        return named_padding(layer, in_size, name.strip('"').lower())
    return all(_crops(axis, size, name) for axis, size in zip(layer.axes, in_size, strict=True))


def _crops(axis: Axis, size: int, name: str) -> bool:
    """Whether TensorFlow, told this output size, crops the full result as the axis does."""
    if name == VALID:
        return axis.pad_begin == 0 and 0 <= -axis.end < axis.stride
    out = axis.out("tconv", size)
    return axis.pad_begin == max(axis.full(size) - out, 0) // 2 and -(-out // axis.stride) == size


def _steps(values: tuple[int, ...], name: str) -> str:
    """The same in every axis, or one per axis; conv3d alone wants batch and channels too."""
    return str([1, *values, 1]) if name == "conv3d" else per_axis(values)
