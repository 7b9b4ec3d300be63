"""Layers that a backend of Keras gets wrong, silently, with a program that shows it.

The words stay Keras's own: `verify` says `differs` for such a layer wherever the defect is there. It depends on the
processor and on the build, so nothing is assumed of a machine: `shows` runs the program.
"""

from __future__ import annotations

from tconv_design.dialects.keras_words import is_narrow
from tconv_design.layer import Layer
from tconv_design_keras.framework import keras

RIGHT = [60.0, 84.0, 132.0, 156.0]


def can_touch(layer: Layer, in_size: tuple[int, ...]) -> bool:
    """Whether oneDNN's defect with outputs of one column may touch a layer; jax does not use oneDNN.

    It holds for every layer that was ever seen wrong, in sweeps of about 6,000.
    """
    if layer.kind == "tconv" or layer.in_channels > 1 or keras().config.backend() == "jax":
        return False
    return is_narrow(layer.axes, layer.output_size(in_size))


def shows() -> bool:
    """Whether the installed backend of Keras gets such a layer wrong on this machine."""
    ops = keras().ops
    x = ops.reshape(ops.arange(1.0, 55.0), (2, 3, 3, 3, 1))
    y = ops.conv(x, ops.ones((2, 2, 2, 1, 1)), strides=(1, 1, 3))
    return [float(each) for each in ops.convert_to_numpy(y)[0].ravel()] != RIGHT
