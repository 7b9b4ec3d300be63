"""What OpenVINO gets wrong, each with a program that shows it, where it is known, and the layers it can touch.

Only `NARROW_OUTPUT` touches the words that this backend writes: `verify` says `differs` for such a layer, on processors
that have the defect. The others are what users' own words, or a program without the precision hint, may meet.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tconv_design.dialects.onnx_remarks import narrow_output
from tconv_design.layer import Layer

PRELUDE = """
import numpy as np
import openvino
from onnx import TensorProto, helper

F32 = {"INFERENCE_PRECISION_HINT": "f32"}

def ramp(*shape):
    return np.arange(1, np.prod(shape) + 1, dtype="f4").reshape(shape)

def ran(op, *arrays, settings=F32, signal=None, **attributes):
    shapes = signal or arrays[0].shape, arrays[1].shape
    inputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, shape) for n, shape in zip("XW", shapes)]
    node = helper.make_node(op, ["X", "W"], ["Y"], **attributes)
    output = helper.make_tensor_value_info("Y", TensorProto.FLOAT, [None] * arrays[0].ndim)
    graph = helper.make_graph([node], "layer", inputs, [output])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    core = openvino.Core()
    compiled = core.compile_model(core.read_model(model.SerializeToString()), "CPU", settings)
    return compiled(dict(zip("XW", arrays)))[0].ravel().tolist()

def refused(*arguments, **attributes):
    try:
        ran(*arguments, **attributes)
    except RuntimeError:
        return True
    return False
"""


@dataclass(frozen=True)
class Defect:
    """A wrong result: what is said of it and where it is known, an expression that shows it, and its right value.

    `processor` is the feature, as Linux names it, without which a processor does not have the defect (empty: all do).
    """

    reason: str
    link: str
    expression: str
    right: str
    processor: str = ""

    def shows(self) -> bool:
        """Whether the installed OpenVINO gets the expression wrong, or raises; in a process of its own."""
        command = [sys.executable, "-c", f"{PRELUDE}\nprint({self.expression})"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        return done.returncode != 0 or done.stdout.strip() != self.right

    def is_possible(self) -> bool:
        """Whether this machine's processor is one that can have the defect; only Linux says."""
        features = Path("/proc/cpuinfo")
        return self.processor in features.read_text() if features.exists() else not self.processor


def may_be_wrong(layer: Layer, in_size: tuple[int, ...]) -> bool:
    """Whether `NARROW_OUTPUT` can touch a layer; no other was ever seen wrong, in 10,000 drawn convolutions."""
    return layer.kind == "conv" and narrow_output(
        layer.axes, layer.output_size(in_size), layer.in_channels // layer.groups
    )


NARROW_OUTPUT = Defect(
    "oneDNN on AVX-512 steps by the width stride from row to row where a Conv of one input channel makes one column: "
    "row stride 1, width stride and kernel width > 1, no dilation of the width, mostly a kernel of 6 elements",
    "https://github.com/uxlfoundation/oneDNN/blob/main/src/cpu/x64/jit_brgemm_conv.cpp",
    'ran("Conv", ramp(1, 1, 2, 1), ramp(1, 1, 3, 3), strides=[1, 3], pads=[1, 1, 2, 1])',
    "[21.0, 12.0, 4.0]",
    "avx512f",
)
BFLOAT16 = Defect(
    "without INFERENCE_PRECISION_HINT f32 a Conv of float32 is computed in bfloat16 where the processor has it",
    "https://docs.openvino.ai/2026/openvino-workflow/running-inference/optimize-inference/precision-control.html",
    'ran("Conv", ramp(1, 1, 257)[..., -1:], ramp(1, 1, 1), settings={})',
    "[257.0]",
    "avx512_bf16",
)
KERNEL_SHAPE = Defect(
    "a kernel_shape that is not the weight's is ignored, where the specification calls for an error",
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/frontend/src/op/conv_transpose.cpp",
    'refused("ConvTranspose", ramp(1, 1, 3), ramp(1, 1, 3), kernel_shape=[2])',
    "True",
)
AUTO_PAD_AND_PADS = Defect(
    "auto_pad beside pads is taken, and pads are ignored, where the specification lets only one be given",
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/frontend/src/utils/convpool.cpp",
    'refused("Conv", ramp(1, 1, 3), ramp(1, 1, 3), auto_pad="VALID", pads=[1, 1])',
    "True",
)
ODD_CROP = Defect(
    "output_shape with auto_pad SAME_UPPER crops the odd row at the begin, where the specification has it at the end",
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/frontend/src/op/conv_transpose.cpp",
    'ran("ConvTranspose", ramp(1, 1, 3), ramp(1, 1, 3), strides=[2], auto_pad="SAME_UPPER", output_shape=[6])',
    "[1.0, 2.0, 5.0, 4.0, 9.0, 6.0]",
)
OPEN_SIZES = Defect(
    "auto_pad SAME_UPPER or SAME_LOWER of a ConvTranspose is ignored, and nothing is cropped, where the model leaves "
    "its input's sizes open",
    "https://github.com/openvinotoolkit/openvino/blob/master/src/frontends/onnx/frontend/src/op/conv_transpose.cpp",
    'ran("ConvTranspose", ramp(1, 1, 3), ramp(1, 1, 3), signal=("N", 1, "L"), strides=[2], auto_pad="SAME_UPPER")',
    "[1.0, 2.0, 5.0, 4.0, 9.0, 6.0]",
)
NOTHING_LEFT = Defect(
    "a Conv of stride 1 of which nothing is left makes an empty result where the model leaves its input's sizes open, "
    "and is refused where it does not",
    "https://github.com/openvinotoolkit/openvino/blob/master/src/core/shape_inference/include/convolution_shape_inference_util.hpp",
    'refused("Conv", ramp(1, 1, 1), ramp(1, 1, 2), signal=("N", 1, "L"))',
    "True",
)
KNOWN = (NARROW_OUTPUT, BFLOAT16, KERNEL_SHAPE, AUTO_PAD_AND_PADS, ODD_CROP, OPEN_SIZES, NOTHING_LEFT)
