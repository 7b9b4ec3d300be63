"""What PaddlePaddle says when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Extra,
    Finding,
    Join,
    Other,
    Unreadable,
    Wanted,
    by,
    differing,
    message,
    number,
    sizes,
    spatial_first,
)
from tconv_design.diagnosis.known import Known
from tconv_design.formula import Kind


def _extra(match: re.Match[str], text: str) -> Finding:
    extra, limit = number(match["extra"]), number(match["limit"])
    if extra < limit:
        raise Unreadable(match[0])
    what = f"output_padding {extra} must be less than max(stride, dilation) = {limit}"
    return Finding(what, Extra(), Known("tconv", output_padding=(extra,)))


def _inconsistent(match: re.Match[str], text: str) -> Finding:
    expected, got = number(match["expected"]), number(match["got"])
    what = (
        "output_padding must be less than the stride, whatever the dilation allows: paddle checks that a convolution "
        "of "
        f"the output gives the input back, which would be {expected} in place of {got}"
    )
    return Finding(what, Extra(), Known("tconv", in_=(got,)))


def _size(match: re.Match[str], text: str) -> Finding:
    wanted, least, stride = sizes(match["wanted"]), number(match["least"]), number(match["stride"])
    what = f"output_size {by(wanted)} is asked for, and the layer can give {least} to {least + stride - 1}"
    return Finding(what, Wanted(wanted), Known("tconv", stride=(stride,)))


def _least(match: re.Match[str], text: str) -> Finding:
    wanted, least = sizes(match["wanted"]), number(match["least"])
    what = f"output_size {by(wanted)} is asked for, and the layer gives {least} at least"
    return Finding(what, Wanted(wanted), Known("tconv"))


def _both(match: re.Match[str], text: str) -> Finding:
    what = "output_size and output_padding say the same thing twice, and paddle takes one of them"
    return Finding(what, Other(("drop output_padding",)))


def _channels(match: re.Match[str], text: str) -> Finding:
    got, expected, shape, weight = (
        number(match["got"]),
        number(match["each"]),
        sizes(match["shape"]),
        sizes(match["weight"]),
    )
    kind: Kind = "conv" if "groups" in match.groupdict() else "tconv"
    groups = number(match["groups"]) if "groups" in match.groupdict() else 1
    expected *= groups if kind == "conv" else 1
    if len(shape) != len(weight) or groups < 1:
        raise Unreadable(match[0])
    out_channels = weight[1] * groups if kind == "tconv" else weight[0]
    known = Known(kind, in_=spatial_first(shape), kernel=weight[2:], in_channels=expected, out_channels=out_channels)
    what = f"the weights are for {expected} input channels, and the input has {got}"
    return Finding(what, Channels(expected, got, shape[-1]), known._replace(groups=groups))


def _join(match: re.Match[str], text: str) -> Finding:
    a, b = (spatial_first(sizes(match[name])) for name in ("a", "b"))
    return Finding(
        f"maps of sizes {by(a)} and {by(b)} are joined or added, which must be equal", Join(a, b, differing(a, b))
    )


def _negative(match: re.Match[str], text: str) -> Finding:
    return Finding("padding must not be negative", Other(("crop the input in a step of its own",)))


_OP = "of Op(ConvTransposeOp) should"
MESSAGES = (
    message(
        "paddle",
        "output_padding should be less than either stride or dilation",
        _extra,
        f"output_padding {_OP} be less than either stride or dilation<more>output_padding[i]:<extra:int> >= "
        "std::max(strides[i], dilations_[i]):<limit:int>",
    ),
    message(
        "paddle",
        "Output_height and padding are inconsistent",
        _inconsistent,
        "Output_<side:word> and padding(<more>) are inconsistent<more>:<expected:int> != col_<same:word>:<got:int>",
    ),
    message(
        "paddle",
        "output_size should be less than inferred size + stride",
        _size,
        f"output_size {_OP} be less than inferred size + stride. But received output_size = [<wanted:shape>], whose "
        f"dim "
        "<d:int> is not less than the inferred output size (<least:int>) + stride (<stride:int>)",
    ),
    message(
        "paddle",
        "output_size should not be less than the inferred output size",
        _least,
        f"output_size {_OP} not be less than the inferred output size. But received output_size = [<wanted:shape>], "
        f"whose "
        "dim <d:int> is less than the inferred output size [<least:int>]",
    ),
    message(
        "paddle",
        "output_padding is mutually exclusive with output_size",
        _both,
        "output_padding option is mutually exclusive with output_size",
    ),
    message(
        "paddle",
        "The number of input channels should be equal to filter channels",
        _channels,
        "the input's channels is <got:int>, the input's shape is <shape:shape>; the filter's channels is <each:int>, "
        "the "
        "filter's shape is <weight:shape>; the groups is <groups:int>",
        "the input's channels is [<got:int>], the shape of input is <shape:shape>, the filter's channels is "
        "[<each:int>], "
        "the shape of filter is <weight:shape>",
    ),
    message(
        "paddle",
        "The dimension of input[0] and input[1] is expected to be equal",
        _join,
        "dimension of input[0] and input[1] is expected to be equal.<? >But received input[0]'s shape = <a:shape>, "
        "input[1]'s shape = <b:shape>",
    ),
    message(
        "paddle",
        "Broadcast dimension mismatch",
        _join,
        "Broadcast dimension mismatch. Operands could not be broadcast together with the shape of X = <a:shape> and "
        "the "
        "shape of Y = <b:shape>",
    ),
    message("paddle", "Invalid padding, all value should be larger than or equal to 0", _negative),
)
