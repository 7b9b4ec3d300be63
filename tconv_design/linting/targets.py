"""What is known of export targets, as data: each rule with the page or issue that says so, and no rule without one."""

from __future__ import annotations

from typing import NamedTuple

from tconv_design.linting.finding import Severity


class PortRule(NamedTuple):
    """On `target`, a layer for which `when` holds, a predicate of `portability`, meets what `source` says."""

    target: str
    when: str
    severity: Severity
    message: str
    source: str


COREMLTOOLS = "https://github.com/apple/coremltools/blob/main/coremltools/converters/mil/frontend/torch/ops.py"

RULES = (
    PortRule(
        "tensorrt",
        "3-D tconv with a net crop that differs at begin and end",
        "warning",
        "TensorRT before 8.4 refuses asymmetric padding of a 3-D deconvolution, which output_padding comes to",
        "https://github.com/NVIDIA/TensorRT/issues/1744",
    ),
    PortRule(
        "tensorrt",
        "3-D tconv with a net crop that differs at begin and end",
        "note",
        "TensorRT 8.4 refuses 3-D asymmetric padding on GPUs before compute capability 7.0",
        "https://github.com/NVIDIA/TensorRT/issues/2095",
    ),
    PortRule(
        "tensorrt",
        "tconv with output_padding",
        "warning",
        "TensorRT's deconvolution has no output_padding: it must become an uneven crop, and Torch-TensorRT refused it "
        "up to January 2025",
        "https://github.com/pytorch/TensorRT/issues/3344",
    ),
    PortRule(
        "coreml",
        "tconv with output_padding and no padding",
        "error",
        "coremltools refuses a ConvTranspose with padding 0 and output_padding above 0",
        "https://github.com/pytorch/executorch/issues/11705",
    ),
    PortRule(
        "coreml",
        "3-D tconv with output_padding",
        "error",
        "coremltools takes output_padding of a ConvTranspose1d or 2d only",
        COREMLTOOLS,
    ),
    PortRule(
        "coreml",
        "tconv with output_padding",
        "warning",
        "Core ML's conv_transpose has no output_padding: coremltools says it with a crop of its own",
        COREMLTOOLS,
    ),
    PortRule(
        "coreml",
        "tconv with output_padding beyond padding",
        "warning",
        "coremltools pads the input where output_padding exceeds padding, and a row of input is stride rows of output",
        COREMLTOOLS,
    ),
    PortRule(
        "coreai",
        "tconv with output_padding",
        "warning",
        "coreai-torch lowered output_padding by padding the input, which made output_padding*(stride-1) rows too many",
        "https://github.com/apple/coreai-torch/issues/57",
    ),
    PortRule(
        "coreai",
        "depthwise tconv with output_padding beyond padding",
        "error",
        "the process aborts in MPSGraph for one channel per group and output_padding above padding",
        "https://github.com/apple/coreai-torch/issues/58",
    ),
    PortRule(
        "tflite",
        "dilated tconv of 1 or 2 axes",
        "error",
        "TensorFlow Lite's TRANSPOSE_CONV has no dilation",
        "https://github.com/tensorflow/tensorflow/issues/70031",
    ),
    PortRule(
        "tflite",
        "tconv with groups",
        "error",
        "TensorFlow Lite's transposed convolution has no groups",
        "https://github.com/google-ai-edge/LiteRT/issues/105",
    ),
    PortRule(
        "tflite",
        "tconv that neither SAME nor VALID says",
        "warning",
        "TensorFlow Lite takes padding SAME or VALID only, so a converter must crop or pad in an operator of its own",
        "https://github.com/MegEngine/mgeconvert/pull/24",
    ),
    PortRule(
        "tflite",
        "3-D tconv",
        "note",
        "TensorFlow Lite's optimized 3-D kernel is reported to give other values than torch's",
        "https://github.com/tensorflow/tensorflow/issues/68319",
    ),
    PortRule(
        "onnx",
        "tconv with padding that differs at begin and end",
        "warning",
        "onnxruntime's CUDA provider is reported to take no asymmetric padding of a ConvTranspose",
        "https://github.com/microsoft/onnxruntime/issues/11312",
    ),
    PortRule(
        "onnx",
        "ONNX node with auto_pad SAME and output_padding",
        "warning",
        "shape inference and onnxruntime disagree on auto_pad with output_padding; write pads",
        "https://github.com/onnx/onnx/issues/4299",
    ),
    PortRule(
        "onnxruntime-web",
        "3-D tconv",
        "error",
        "onnxruntime-web's WebGPU provider takes a 1-D or 2-D ConvTranspose only",
        "https://github.com/microsoft/onnxruntime/issues/28356",
    ),
    PortRule(
        "webnn",
        "dilated tconv",
        "warning",
        "WebNN on TensorFlow Lite takes only the default dilations of a ConvTranspose",
        "https://github.com/microsoft/onnxruntime/pull/21291",
    ),
    PortRule(
        "webnn",
        "tconv with groups",
        "warning",
        "WebNN on TensorFlow Lite takes only the default group of a ConvTranspose",
        "https://github.com/microsoft/onnxruntime/pull/21291",
    ),
    PortRule(
        "executorch",
        "tconv with output_padding",
        "note",
        "ExecuTorch's XNNPACK backend took no output_padding until March 2026",
        "https://github.com/pytorch/executorch/pull/18185",
    ),
    PortRule(
        "executorch",
        "dilated tconv",
        "note",
        "ExecuTorch's Arm backend leaves a dilated transposed convolution to others",
        "https://github.com/pytorch/executorch/pull/20763",
    ),
    PortRule(
        "openvino",
        "ONNX node with auto_pad SAME",
        "warning",
        "OpenVINO up to October 2025 made wrong sizes of auto_pad in a ConvTranspose without output_shape; write pads",
        "https://github.com/openvinotoolkit/openvino/pull/32608",
    ),
    PortRule(
        "migraphx",
        "ONNX node with auto_pad SAME",
        "warning",
        "MIGraphX's parser refused auto_pad of a ConvTranspose until February 2026; write pads",
        "https://github.com/ROCm/AMDMIGraphX/pull/4638",
    ),
)
