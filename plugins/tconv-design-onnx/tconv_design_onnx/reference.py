"""The onnx-reference backend of tconv-design: an ONNX node as onnx's own reference evaluator computes it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from tconv_design.dialects.onnx import write
from tconv_design.errors import NotExpressible
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer
from tconv_design_onnx import inputs


class OnnxReferenceBackend:
    """The onnx backend's models, in the evaluator that stands for the specification."""

    name = "onnx-reference"
    api_version = 1

    def version(self) -> str:
        """The version of the installed onnx. Raises ModuleNotFoundError where there is none."""
        import onnx

        return str(onnx.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as a model of one node.

        Raises NotExpressible for groups of several channels where the installed evaluator raises ValueError for them,
        and InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        if (
            layer.kind == "tconv"
            and layer.groups > 1
            and not _takes(layer.groups, layer.in_channels, layer.out_channels)
        ):
            raise NotExpressible(
                f"onnx's reference evaluator raises ValueError for a ConvTranspose whose groups have several channels, "
                f"and {layer.groups} groups share {layer.in_channels} input and {layer.out_channels} output channels",
                f"{layer.groups} input and output channels, or the same layer in onnxruntime",
            )
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Evaluate the model that `code` defined. Takes and returns (N, C, *spatial) in float32."""
        from onnx.reference import ReferenceEvaluator

        outputs: Any = ReferenceEvaluator(layer_object).run(None, inputs(signal, weight, bias))
        return np.array(outputs[0], order="C")


def _takes(groups: int, in_channels: int, out_channels: int) -> bool:
    """Whether the installed evaluator takes a ConvTranspose with groups; groups of one channel it always took."""
    return in_channels == out_channels == groups or _takes_several_channels()


@cache
def _takes_several_channels() -> bool:
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    node = helper.make_node("ConvTranspose", ["X", "W"], ["Y"], group=2)
    tensors = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None] * 3) for name in "XWY"]
    model = helper.make_model(helper.make_graph([node], "layer", tensors[:2], tensors[2:]))
    shapes = {"X": (1, 4, 1), "W": (4, 2, 1)}
    try:
        ReferenceEvaluator(model).run(None, {name: np.ones(shape, np.float32) for name, shape in shapes.items()})
    except ValueError:
        return False
    return True


@hookimpl
def tconv_backend() -> Backend:
    """Bring the reference evaluator to tconv-design."""
    return OnnxReferenceBackend()
