"""What onnxruntime, onnx's reference evaluator and its shape inference get wrong, each with a program that shows it.

onnxruntime's does not touch the words that the onnx backend writes, for they name no padding; users' own words may,
which is what readings of them say. The reference evaluator's touch every ConvTranspose with groups.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

PRELUDE = """
import numpy as np
from onnx import TensorProto, helper, shape_inference
from onnx.reference import ReferenceEvaluator

def ramp(*shape):
    return np.arange(1, np.prod(shape) + 1, dtype="f4").reshape(shape)

def model(op, *arrays, **attributes):
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, a.shape) for n, a in zip("XWB", arrays)]
    node = helper.make_node(op, [each.name for each in inputs], ["Y"], **attributes)
    output = helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None] * arrays[0].ndim)
    graph = helper.make_graph([node], "layer", inputs, [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)

def evaluated(op, *arrays, **attributes):
    evaluator = ReferenceEvaluator(model(op, *arrays, **attributes))
    return evaluator.run(None, dict(zip("XWB", arrays)))[0].ravel().tolist()

def ran(op, *arrays, **attributes):
    import onnxruntime
    onnxruntime.set_default_logger_severity(4)
    session = onnxruntime.InferenceSession(model(op, *arrays, **attributes).SerializeToString())
    return session.run(None, dict(zip("XWB", arrays)))[0].ravel().tolist()

def inferred(op, *arrays, **attributes):
    output = shape_inference.infer_shapes(model(op, *arrays, **attributes)).graph.output[0]
    return [each.dim_value for each in output.type.tensor_type.shape.dim]
"""


@dataclass(frozen=True)
class Defect:
    """A wrong result: what is said of it and where it is known, an expression that shows it, and its right value."""

    reason: str
    link: str
    expression: str
    right: str

    def shows(self) -> bool:
        """Whether the installed onnx or onnxruntime gets the expression wrong, or raises; in a process of its own."""
        command = [sys.executable, "-c", f"{PRELUDE}\nprint({self.expression})"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode != 0 or done.stdout.strip() != self.right


SAME_BEYOND_THE_KERNEL = Defect(
    "onnxruntime starts a Conv with auto_pad SAME_UPPER at the wrong row where the stride leaves 3 rows or more over, "
    "with SAME_LOWER 4: it takes them for a negative padding",
    "https://github.com/microsoft/onnxruntime/issues/10086",
    'ran("Conv", ramp(1, 1, 4, 4), ramp(1, 1, 1, 1), strides=[4, 4], auto_pad="SAME_UPPER")',
    "[1.0]",
)
FIRST_BIAS = Defect(
    "onnx's reference evaluator adds the first bias to every channel of a ConvTranspose with groups",
    "https://github.com/onnx/onnx/blob/main/onnx/reference/ops/op_conv_transpose.py",
    'evaluated("ConvTranspose", 0 * ramp(1, 3, 1), ramp(3, 1, 1), ramp(3), group=3)',
    "[1.0, 2.0, 3.0]",
)
SEVERAL_CHANNELS = Defect(
    "onnx's reference evaluator raises ValueError for a ConvTranspose whose groups have several channels",
    "https://github.com/onnx/onnx/pull/8446",
    'evaluated("ConvTranspose", ramp(1, 2, 1), ramp(2, 2, 1), group=2)',
    "[1.0, 2.0, 6.0, 8.0]",
)
INFERRED_TWICE = Defect(
    "onnx's shape inference adds output_padding to what auto_pad SAME makes, and the runtimes fold it into the crop",
    "https://github.com/microsoft/onnxruntime/issues/11927",
    'inferred("ConvTranspose", ramp(1, 1, 3), ramp(1, 1, 3), strides=[2], auto_pad="SAME_UPPER", output_padding=[1])',
    "[1, 1, 6]",
)
KNOWN = (SAME_BEYOND_THE_KERNEL, FIRST_BIAS, SEVERAL_CHANNELS, INFERRED_TWICE)
