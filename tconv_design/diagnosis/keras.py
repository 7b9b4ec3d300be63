"""What Keras says, on whichever backend, when a layer or what joins its results goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Dense,
    Extra,
    Finding,
    Nothing,
    Other,
    Unreadable,
    Wanted,
    Word,
    by,
    message,
    number,
    sizes,
    spatial_last,
)
from tconv_design.diagnosis.known import Known
from tconv_design.diagnosis.tensorflow import joined
from tconv_design.diagnosis.torch import too_much
from tconv_design.formula import Kind


def _concatenate(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "Concatenate joins maps")


def _concatenated(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "maps are added or multiplied")


def _merge(match: re.Match[str], text: str) -> Finding:
    # these shapes have no batch
    return joined(f"0,{match['a'].strip('()')}", f"0,{match['b'].strip('()')}", "maps are added or multiplied")


def _extra(match: re.Match[str], text: str) -> Finding:
    extra, strides = sizes(match["extra"]), sizes(match["strides"])
    if len(extra) != len(strides):
        raise Unreadable(match[0])
    known = Known("tconv", output_padding=extra, stride=strides, dilation=(1,) * len(extra))
    return Finding(too_much(extra, strides, (1,) * len(extra)), Extra(), known)


def _stride_and_dilation(match: re.Match[str], text: str) -> Finding:
    strides, dilation = sizes(match["strides"]), sizes(match["dilation"])
    if len(strides) != len(dilation):
        raise Unreadable(match[0])
    what = (
        f"Keras takes no dilation beside a stride, not even on another axis, and here strides are {by(strides)} "
        f"and dilation_rate is {by(dilation)}"
    )
    advice = "a kernel with zeros between its taps is the same layer without dilation"
    return Finding(what, Dense(beside_stride=True), Known(stride=strides, dilation=dilation), (advice,))


def _nothing(match: re.Match[str], text: str) -> Finding:
    in_ = spatial_last(match["shape"])
    ndim = len(in_)
    kernel, dilation, strides = (sizes(match[name]) for name in ("kernel", "dilation", "strides"))
    if not len(kernel) == ndim + 2 or not len(dilation) == len(strides) == ndim or match["padding"] != "valid":
        raise Unreadable(match[0])
    what = f"the kernel {by(kernel[:ndim])} does not fit its input {by(in_)}, so nothing would be left"
    known = Known("conv", in_, None, kernel[:ndim], strides, ((0, 0),) * ndim, None, dilation)
    return Finding(what, Nothing(), known)


def _pool(match: re.Match[str], text: str) -> Finding:
    what = "a pooling window does not fit its input, so nothing would be left: the network has one level too many"
    return Finding(what, Other(("give the network a larger input, or one level less; see tconv-design sizes",)))


def _even_kernel(match: re.Match[str], text: str) -> Finding:
    shape = spatial_last(match["shape"])
    what = (
        "the TensorFlow backend cannot run this transposed layer on an input of "
        f"{by(shape)}: with padding 'same' and an output_padding, Keras crops K - K % 2 - output_padding rows, which "
        "the forward convolution of TensorFlow's 'SAME' does not bring back"
    )
    advice = "leave output_padding out (None) for in*stride, or use the torch or the jax backend"
    return Finding(what, Wanted(), Known("tconv", in_=shape), (advice,))


def _channels(match: re.Match[str], text: str) -> Finding:
    shape = match["shape"]
    expected, got = number(match["expected"]), sizes(shape)[-1]
    if "conv" not in match["layer"]:
        raise Unreadable(match[0])
    kind: Kind = "tconv" if "transpose" in match["layer"] else "conv"
    what = f"the layer was built for {expected} input channels, and its input has {got}"
    return Finding(what, Channels(expected, got), Known(kind, in_=spatial_last(shape), in_channels=expected))


def _argument(match: re.Match[str], text: str) -> Finding:
    name = match["argument"]
    if "Conv" not in match["layer"]:
        raise Unreadable(match[0])
    also = {"groups": "Keras has no groups for a transposed layer: split the channels, and concatenate the results"}
    known = {"stride": "strides", "dilation": "dilation_rate", "kernel": "kernel_size", "out_channels": "filters"}
    advice = also.get(name) or f"write {known[name]}" if name in also or name in known else "see the layer's signature"
    return Finding(f"{match['layer']} has no argument {name!r}", Other((advice,)))


def _ops_channels(match: re.Match[str], text: str) -> Finding:
    got, expected = number(match["got"]), number(match["expected"])
    what = f"the kernel is for {expected} input channels, and the input has {got}"
    advice = "the kernel of keras.ops.conv_transpose has the shape (*kernel, out_channels, in_channels)"
    return Finding(what, Channels(expected, got), Known("tconv", in_channels=expected), (advice,))


def _name(match: re.Match[str], text: str) -> Finding:
    what = f"Keras takes a padding of 'same' or 'valid' here, and {match['word']!r} is neither"
    advice = "causal is for Conv1D only: crop the end of a transposed layer with padding='valid'"
    return Finding(what, Other((advice if match["word"] == "causal" else "write 'same' or 'valid'",)))


def _padding(match: re.Match[str], text: str) -> Finding:
    what = "Keras takes a padding of 'same' or 'valid' only, and here it is a number"
    advice = "pad with ZeroPadding before the layer, or crop with Cropping after a transposed one"
    return Finding(what, Word(""), Known(), (advice,))


def _rank(match: re.Match[str], text: str) -> Finding:
    what = f"the layer takes {match['expected']} axes with the batch, and its input has {match['got']}"
    return Finding(what, Other(("add the batch or the channels: x[None] or x[..., None]",)))


_AXIS = "is incompatible with the layer: expected"
MESSAGES = (
    message(
        "keras",
        "could not create a primitive descriptor (Conv2DTranspose)",
        _even_kernel,
        "could not create a primitive descriptor for the convolution forward propagation primitive<more><more>"
        "Arguments received by <layer:word>Transpose.call():<more>shape=<shape:shape>",
    ),
    message(
        "keras",
        "A `Concatenate` layer requires inputs with matching shapes",
        _concatenate,
        "`Concatenate` layer requires inputs with matching shapes except for the <axis:word> axis<more>"
        "[<a:shape>, <b:shape>",
    ),
    message(
        "keras",
        "Inputs have incompatible shapes",
        _merge,
        "Inputs have incompatible shapes. Received shapes <a:shape> and <b:shape>",
        "Operands could not be broadcast together with shapes <a:shape> <b:shape>",
    ),
    message(
        "keras",
        "Cannot broadcast shape, the failure dim has value",
        _concatenated,
        "Cannot broadcast shape, the failure dim has value <x:int>, which cannot be broadcasted to <y:int>. Input "
        "shapes are: <a:shape> and <b:shape>",
    ),
    message(
        "keras",
        "The number of input channels must match the kernel's input channels",
        _ops_channels,
        "The number of input channels must match the kernel's input channels. Received: input channels=<got:int>, "
        "kernel input channels=<expected:int>",
    ),
    message(
        "keras",
        "The `padding` argument must be one of 'same', 'valid'",
        _name,
        "The `padding` argument must be a list/tuple or one of <more>Received: <word:word>",
    ),
    message(
        "keras",
        "`output_padding` must be strictly less than `strides`",
        _extra,
        "`output_padding` must be strictly less than `strides`<more>Received: output_padding=<extra:shape>, "
        "strides=<strides:shape>",
    ),
    message(
        "keras",
        "`strides > 1` not supported in conjunction with `dilation_rate > 1`",
        _stride_and_dilation,
        "strides > 1<?`> not supported in conjunction with <?`>dilation_rate > 1<?`>. Received: "
        "strides=<strides:shape> "
        "and dilation_rate=<dilation:shape>",
    ),
    message(
        "keras",
        "Computed output size would be zero or negative",
        _nothing,
        "Computed output size would be <?zero or >negative. Received<?:> `inputs shape=<shape:shape>`, `kernel "
        "shape=<kernel:shape>`, `dilation_rate=<dilation:shape>`, `strides=<strides:shape>`, `padding=<padding:word>`",
    ),
    message(
        "keras",
        "Computed output size would be zero or negative (pooling)",
        _pool,
        "Computed output size would be <?zero or >negative. Received<?:> `inputs.shape=",
    ),
    message(
        "keras",
        "expected axis of input shape to have value",
        _channels,
        f"layer '<layer:word>' {_AXIS} axis -1 of input shape to have value <expected:int>, but received input with "
        f"shape "
        "<shape:shape>",
        f"layer <layer:word> {_AXIS} axis -1 of input shape to have value <expected:int> but received input with shape "
        "<shape:shape>",
    ),
    message(
        "keras",
        "Unrecognized keyword arguments passed to a layer",
        _argument,
        "Unrecognized keyword arguments passed to <layer:word>: {'<argument:word>'",
    ),
    message(
        "keras",
        "'int' object has no attribute 'lower'",
        _padding,
        "'<type:word>' object has no attribute 'lower'",
        context=r"keras|standardize_padding|Conv[123]D",
    ),
    message("keras", "expected min_ndim", _rank, f"{_AXIS} min_ndim=<expected:int>, found ndim=<got:int>"),
)
