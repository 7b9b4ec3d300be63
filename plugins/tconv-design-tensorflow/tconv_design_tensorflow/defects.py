"""Layers that TensorFlow itself gets wrong, silently, each with a program that shows it.

The words stay TensorFlow's own: `verify` says `differs` for such a layer wherever the defect is there. It depends on
the processor and on the build, so nothing is assumed of a machine: `shows` runs the program. Two more defects are out
of reach, for a layer has an output: of a tf.nn.conv of an empty one oneDNN returns uninitialised memory, and a
conv_transpose whose output_shape is negative ends the whole process.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tconv_design.layer import Layer
from tconv_design_tensorflow.framework import tensorflow


@dataclass(frozen=True)
class Defect:
    """A wrong result: what is said of it, an expression that shows it, its right value, and the layers it can touch.

    `can_touch(layer, in_size, code)` holds for every layer that was ever seen wrong, in sweeps of about 30,000 calls.
    """

    reason: str
    expression: str
    right: tuple[float, ...]
    can_touch: Callable[[Layer, tuple[int, ...], str], bool]

    def shows(self) -> bool:
        """Whether the installed TensorFlow gets the expression wrong on this machine."""
        return tuple(eval(self.expression, {"tf": tensorflow()}).numpy().ravel().tolist()) != self.right


def _narrow_output(layer: Layer, in_size: tuple[int, ...], code: str) -> bool:
    # Keras runs grouped convolutions through XLA, which is right
    if layer.kind == "tconv" or layer.ndim == 1 or "groups=" in code:
        return False
    channels = layer.in_channels // (layer.groups if "tf.split" in code else 1)
    rows, columns = layer.output_size(in_size)[-2:]
    (*_, row, column) = layer.axes
    narrow = columns == 1 and rows > 1
    return channels == 1 and narrow and row.stride == 1 < column.stride and column.kernel > 1 == column.dilation


def _same_beyond_the_kernel(layer: Layer, in_size: tuple[int, ...], code: str) -> bool:
    conv_same = layer.kind == "conv" and layer.ndim == 3 and 'padding="same"' in code.lower()
    return conv_same and any(axis.stride - axis.effective_kernel >= 2 for axis in layer.axes)


NARROW_OUTPUT = Defect(
    "oneDNN on AVX-512 steps by the width stride from row to row where the output is one column wide: conv, one input "
    "channel to the call, row stride 1, width stride and kernel width > 1, no dilation of the width, in 2-D batch > 1",
    'tf.nn.conv2d(tf.reshape(tf.range(1., 13.), (2, 3, 2, 1)), tf.ones((1, 2, 1, 1)), (1, 3), "VALID")',
    (3, 7, 11, 15, 19, 23),
    _narrow_output,
)
SAME_BEYOND_THE_KERNEL = Defect(
    "without oneDNN, conv3d SAME starts at the wrong row where a stride exceeds its effective kernel by 2 or more",
    'tf.nn.conv3d(tf.reshape(tf.range(1., 4.), (1, 3, 1, 1, 1)), tf.ones((1, 1, 1, 1, 1)), [1, 3, 1, 1, 1], "SAME")',
    (1,),
    _same_beyond_the_kernel,
)
KNOWN = (NARROW_OUTPUT, SAME_BEYOND_THE_KERNEL)
