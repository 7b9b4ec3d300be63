"""The Keras backend of tconv-design: a layer in Keras 3's words, and what Keras makes of it on its own backend.

keras is imported when it is first needed, not with this module.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tconv_design.dialects.keras import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer
from tconv_design_keras.framework import keras

if TYPE_CHECKING:
    import numpy as np


class KerasBackend:
    """Keras layers, in a Sequential with padding and cropping where their arguments do not reach, or keras.ops."""

    name = "keras"
    api_version = 1

    def version(self) -> str:
        """The version of the installed Keras and what it runs on: `3.15.1 (torch)`. Raises ImportError without it."""
        return f"{keras().__version__} ({keras().config.backend()})"

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer`: a Keras layer, a Sequential, or a function of (x, kernel, bias).

        It is the same on every backend of Keras. Keras is imported, quietly, before the program does. Raises
        InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        keras()
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run what `code` defined on canonical arrays, in float32; layouts are converted, both ways."""
        import numpy as np

        x = np.array(np.moveaxis(signal, 1, -1), np.float32, order="C")
        # (Cin, Cout/g, *kernel) of a tconv and (Cout, Cin/g, *kernel) of a conv both end in these two, turned round
        kernel = np.array(weight.transpose(*range(2, weight.ndim), 1, 0), np.float32, order="C")
        if isinstance(layer_object, keras().layers.Layer):
            if not layer_object.built:
                layer_object.build((None, *x.shape[1:]))
            layer_object.set_weights([kernel, bias])
            y = layer_object(x)
        else:
            y = layer_object(*map(keras().ops.convert_to_tensor, (x, kernel, np.array(bias, np.float32))))
        return np.array(np.moveaxis(keras().ops.convert_to_numpy(y), -1, 1), order="C")


@hookimpl
def tconv_backend() -> Backend:
    """Bring Keras to tconv-design."""
    return KerasBackend()
