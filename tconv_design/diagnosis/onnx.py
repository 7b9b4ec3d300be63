"""What ONNX's shape inference and ONNX Runtime say when a node, or what joins results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Extra,
    Finding,
    Join,
    Nothing,
    Other,
    Unreadable,
    Wanted,
    Word,
    by,
    message,
    number,
    sizes,
)
from tconv_design.diagnosis.known import Known
from tconv_design.formula import effective_kernel

_RUNTIME = "ONNXRuntimeError|onnxruntime"


def _extra(match: re.Match[str], text: str) -> Finding:
    extra, limit, axis = (number(match[name]) for name in ("extra", "limit", "axis"))
    if extra < limit:
        raise Unreadable(match[0])
    what = (
        f"output_padding {extra} on axis {axis + 1} must be less than max(stride, dilation) = {limit}: it chooses "
        "among the output sizes that a stride makes ambiguous"
    )
    return Finding(what, Extra(), Known("tconv", output_padding=(extra,)))


def _beyond_stride(match: re.Match[str], text: str) -> Finding:
    extra, stride, expected, got = (number(match[name]) for name in ("extra", "stride", "expected", "got"))
    what = (
        f"output_padding {extra} is not less than stride {stride}: ONNX Runtime checks that a convolution of the "
        f"output gives the input back, which would be {expected} in place of {got}, whatever the dilation allows"
    )
    return Finding(what, Extra(), Known("tconv", in_=(got,), output_padding=(extra,), stride=(stride,)))


def _output_shape(match: re.Match[str], text: str) -> Finding:
    out, kernel, stride, dilation, extra, got = (
        number(match[name]) for name in ("out", "kernel", "stride", "dilation", "extra", "got")
    )
    if min(kernel, stride, dilation, got) < 1:
        raise Unreadable(match[0])
    what = (
        f"output_shape {out} does not fit in {got}: a convolution of kernel {kernel} and stride {stride} would need an "
        f"input of {match['expected']}"
    )
    crop = max((got - 1) * stride + effective_kernel(kernel, dilation) + extra - out, 0)
    sides = ((crop - crop // 2, crop // 2),)
    known = Known("tconv", (got,), None, (kernel,), (stride,), sides, (extra,), (dilation,))
    return Finding(what, Wanted((out,)), known)


def _nothing(match: re.Match[str], text: str) -> Finding:
    shape = sizes(match["shape"])
    what = f"nothing is left of the input: in {by(shape)} gives an output of 0 or less on axis {int(match['axis']) + 1}"
    return Finding(what, Nothing(), Known("tconv", in_=shape))


def _input_shape(match: re.Match[str], text: str) -> Finding:
    shape = sizes(match["shape"])
    return Finding(f"the kernel does not fit its input {by(shape)}", Nothing(), Known("conv", in_=shape))


def _dilated_same(match: re.Match[str], text: str) -> Finding:
    what = (
        "ONNX Runtime takes no dilation beside auto_pad SAME_UPPER or SAME_LOWER for a Conv: write the pads as numbers"
    )
    return Finding(what, Word("onnx"), Known("conv", word="same"))


def _both(match: re.Match[str], text: str) -> Finding:
    what = "auto_pad and pads are both given, and a node takes one of them: which would count is not defined"
    advice = "drop auto_pad, which leaves the pads as they are, or drop pads for what auto_pad means"
    return Finding(what, Word("onnx"), Known(word="same"), (advice,))


def _negative(match: re.Match[str], text: str) -> Finding:
    what = f"{match['name']} must not be negative"
    return Finding(what, Other(("crop or pad in a step of its own: Slice before the node, Pad after it",)))


def _negative_extra(match: re.Match[str], text: str) -> Finding:
    return Finding("output_padding must not be negative", Other(("crop with pads instead",)))


def _conv_channels(match: re.Match[str], text: str) -> Finding:
    got, each, groups = (number(match[name]) for name in ("got", "each", "groups"))
    what = f"the weights are for {each} input channels in each of {groups} groups, and the input has {got}"
    known = Known("conv", groups=groups, in_channels=each * groups) if groups else Known("conv")
    return Finding(what, Channels(each * groups, got), known)


def _tconv_channels(match: re.Match[str], text: str) -> Finding:
    got, expected = number(match["got"]), number(match["expected"])
    what = f"the weights are for {expected} input channels, and the input has {got}"
    return Finding(what, Channels(expected, got), Known("tconv", in_channels=expected))


def _concat(match: re.Match[str], text: str) -> Finding:
    a, b, axis = (number(match[name]) for name in ("a", "b", "axis"))
    if a == b:
        raise Unreadable(match[0])
    return Finding(
        f"Concat joins maps whose dimension {axis} is {a} and {b}, and they must be equal",
        Join((a,), (b,), axis - 2 if 2 <= axis <= 4 else None),
    )


def _broadcast(match: re.Match[str], text: str) -> Finding:
    a, b = number(match["a"]), number(match["b"])
    if a == b:
        raise Unreadable(match[0])
    return Finding(f"maps of sizes {a} and {b} are added or multiplied, which must be equal", Join((a,), (b,)))


def _shape(match: re.Match[str], text: str) -> Finding:
    what = (
        "two maps are added or multiplied, and their sizes are not equal; shape inference does not say which they are"
    )
    return Finding(what, Other(("give the layer with --in and --out, or print the shapes",)))


def _kernel_shape(match: re.Match[str], text: str) -> Finding:
    said, weight = sizes(match["said"]), sizes(match["weight"])
    what = f"kernel_shape is {by(said)}, and the weight has the shape {by(weight)}"
    return Finding(what, Other((f"write kernel_shape = {list(weight[2:])}, or leave it out",)))


def _incorrect(match: re.Match[str], text: str) -> Finding:
    what = f"{match['name']} has the wrong number of entries"
    rule = "begin of every axis, then end of every axis" if match["name"] == "pads" else "one per axis"
    return Finding(what, Other((f"give {match['name']} as {rule}",)))


def _reference(match: re.Match[str], text: str) -> Finding:
    shape, kernel = sizes(match["shape"]), sizes(match["kernel"])
    wanted, stride, dilation = (sizes(match[name]) for name in ("out", "strides", "dilations"))
    ndim = len(kernel)
    if not len(wanted) == len(stride) == ndim:
        raise Unreadable(match[0])
    what = (
        f"the reference evaluator does not crop what output_shape {by(wanted)} leaves out: it only takes the size that "
        "the pads make"
    )
    in_ = (shape[0],) if ndim == 1 else None  # of more axes the message has the product
    known = Known("tconv", in_, None, kernel, stride, ((0, 0),) * ndim, None, dilation)
    return Finding(what, Wanted(wanted), known, ("write the crop as pads, and leave output_shape out",))


_BOTH = "pads attribute cannot be used simultaneously with auto_pad"
_NEGATIVE = "must not contain negative values"
MESSAGES = (
    message(
        "onnxruntime",
        "output_padding must be less than max(stride, dilation)",
        _extra,
        "output_padding[<i:int>] (<extra:int>) must be less than max(stride, dilation) (<limit:int>) for spatial "
        "dimension "
        "<axis:int>",
    ),
    message(
        "onnxruntime",
        "Computed output shape is inconsistent",
        _beyond_stride,
        "Computed output shape is inconsistent with input spatial dimensions. output_padding (<extra:int>) may be too "
        "large "
        "for stride (<stride:int>). Expected input size <expected:int> but got <got:int>",
    ),
    message(
        "onnxruntime",
        "Explicit output_shape is inconsistent",
        _output_shape,
        "Explicit output_shape is inconsistent with input spatial dimensions and convolution parameters. Expected "
        "input "
        "size <expected:int> but got <got:int> (output_size=<out:int>, kernel=<kernel:int>, stride=<stride:int>, "
        "dilation=<dilation:int>, output_padding=<extra:int>)",
    ),
    message(
        "onnxruntime",
        "Computed output dimension is <= 0",
        _nothing,
        "Computed output dimension is <= 0 for dim <axis:int>. Input shape: <shape:shape>",
    ),
    message("onnxruntime", "Invalid input shape", _input_shape, "Invalid input shape: <shape:shape>", context=_RUNTIME),
    message("onnxruntime", "Dilation not supported for AutoPadType::SAME_UPPER", _dilated_same),
    message(
        "onnxruntime",
        "pads cannot be used simultaneously with auto_pad",
        _both,
        _BOTH,
        "has both 'auto_pad' and 'pads' attributes",
        context=_RUNTIME,
    ),
    message("onnx", "pads cannot be used simultaneously with auto_pad", _both, _BOTH),
    message("onnxruntime", _NEGATIVE, _negative, f"Attribute <name:word> {_NEGATIVE}", context=_RUNTIME),
    message("onnx", _NEGATIVE, _negative, f"Attribute <name:word> {_NEGATIVE}"),
    message("onnxruntime", "Output padding must be non-negative", _negative_extra),
    message(
        "onnxruntime",
        "Input channels C is not equal to kernel channels * group",
        _conv_channels,
        "Input channels C is not equal to kernel channels * group. C: <got:int> kernel channels: <each:int> group: "
        "<groups:int>",
    ),
    message(
        "onnxruntime",
        "filter number not equal to input channel number",
        _tconv_channels,
        "filter number not equal to input channel number. filter_number: <expected:int> num_input_channels: <got:int>",
    ),
    message(
        "onnxruntime",
        "Non concat axis dimensions must match",
        _concat,
        "Non concat axis dimensions must match: Axis <axis:int> has mismatched dimensions of <a:int> and <b:int>",
    ),
    message(
        "onnx",
        "Can't merge shape info",
        _concat,
        "(Concat)<more>Inferred=<a:int> Declared=<b:int> Dimension=<axis:int>",
        "(op_type:Concat)<more>Inferred=<a:int> Declared=<b:int> Dimension=<axis:int>",
    ),
    message(
        "onnxruntime",
        "Attempting to broadcast an axis by a dimension other than 1",
        _broadcast,
        "Attempting to broadcast an axis by a dimension other than 1. <a:int> by <b:int>",
    ),
    message(
        "onnx",
        "Incompatible dimensions",
        _shape,
        "(Add) [ShapeInferenceError] Incompatible dimensions",
        "(op_type:Add): [ShapeInferenceError] Incompatible dimensions",
    ),
    message(
        "onnxruntime",
        "kernel_shape is not compatible with W shape",
        _kernel_shape,
        "kernel_shape is not compatible with W shape. kernel_shape: <said:shape> W: <weight:shape>",
    ),
    message("onnx", "has incorrect size", _incorrect, "Attribute <name:word> has incorrect size"),
    message(
        "onnx",
        "to match the calculated number of sliding blocks",
        _reference,
        "X.shape=<shape:shape>, output_shape=<out:shape>, kernel_shape=<kernel:shape>, dilations=<dilations:shape>, "
        "pads=<more>, strides=<strides:shape>, expected size of input's dimension 2 to match",
    ),
)
