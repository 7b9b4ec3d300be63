"""The TensorFlow backend of tconv-design: it says a layer in TensorFlow's own words, and runs what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tconv_design.dialects.tensorflow import write
from tconv_design.hookspecs import hookimpl
from tconv_design.layer import Layer
from tconv_design_tensorflow import accepted
from tconv_design_tensorflow.framework import tensorflow

if TYPE_CHECKING:
    import numpy as np


class TensorflowBackend:
    """Layers as Keras layers where Keras has them, else as functions of tf.nn calls."""

    name = "tensorflow"
    api_version = 1

    def version(self) -> str:
        """The version of the installed TensorFlow. Raises ImportError where it does not import."""
        return str(tensorflow().__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer`: a Keras layer, or a function of (x, kernel, bias) that calls tf.nn.

        What it says follows the installed TensorFlow, which it imports, quietly, before the program does. Raises
        NotExpressible for the one kind of layer that TensorFlow has no words for: sizes beyond 32 bits.
        """
        layer.output_size(in_size)  # raises InvalidLayer where nothing is left
        tensorflow()
        return write(layer, in_size, accepted.refused()).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run the Keras layer or function on canonical arrays, in the signal's type; layouts are converted, both ways.

        A CPU's float64 has no dilated or grouped transposed call and no dilated conv3d (InvalidArgumentError).
        """
        tf = tensorflow()
        x = tf.constant(signal.transpose(0, *range(2, signal.ndim), 1))
        # (Cin, Cout/g, *kernel) of a tconv and (Cout, Cin/g, *kernel) of a conv both end in these two, turned round
        kernel = weight.transpose(*range(2, weight.ndim), 1, 0)
        if isinstance(layer_object, tf.keras.layers.Layer):
            if not layer_object.built:
                layer_object.dtype_policy = signal.dtype.name
                layer_object.build(x.shape)
            layer_object.set_weights([kernel, bias])
            y = layer_object(x)
        else:
            y = layer_object(x, tf.constant(kernel), tf.constant(bias))
        return y.numpy().transpose(0, -1, *range(1, signal.ndim - 1))  # type: ignore[no-any-return]


@hookimpl
def tconv_backend() -> TensorflowBackend:
    """Bring the TensorFlow backend."""
    return TensorflowBackend()
