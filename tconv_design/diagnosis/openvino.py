"""What OpenVINO says when it validates a convolution, or what joins its results; it names the node with its shapes."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import Channels, Finding, Join, Nothing, Unreadable, by, message, number, sizes
from tconv_design.diagnosis.known import Known
from tconv_design.formula import Kind

_NODE = "opset1::<op:word> <more>f32<shape:shape><more>f32<weight:shape><more>"


def _kernel(match: re.Match[str], text: str) -> Finding:
    in_, kernel = sizes(match["shape"])[2:], sizes(match["weight"])[2:]
    what = (
        f"the kernel spans {match['span']} rows with its dilation, and the input {by(in_)} has {match['padded']} with "
        f"its padding on axis {int(match['axis']) + 1}"
    )
    return Finding(what, Nothing(), Known("conv", in_=in_, kernel=kernel))


def _channels(match: re.Match[str], text: str) -> Finding:
    got, expected = number(match["got"]), number(match["expected"])
    kind: Kind = "tconv" if "backprop" in match["op"].lower() else "conv"
    in_, kernel = sizes(match["shape"])[2:], sizes(match["weight"])[2:]
    what = f"the weights are for {expected} input channels, and the input has {got}"
    return Finding(what, Channels(expected, got), Known(kind, in_=in_, kernel=kernel, in_channels=expected))


def _join(match: re.Match[str], text: str) -> Finding:
    a, b = sizes(match["shape"])[2:], sizes(match["weight"])[2:]
    if len(a) != len(b) or a == b:
        raise Unreadable(match[0])
    verb = "joined" if match["op"].lower() == "concat" else "added"
    return Finding(f"maps of sizes {by(a)} and {by(b)} are {verb}, and they must be equal", Join(a, b))


MESSAGES = (
    message(
        "openvino",
        "Kernel after dilation has size (dim: ...) larger than the data shape after padding",
        _kernel,
        f"{_NODE}Kernel after dilation has size (dim: <span:int>) larger than the data shape after padding "
        "(dim: <padded:int>) at axis <axis:int>",
    ),
    message(
        "openvino",
        "Data batch channel count does not match filter input channel count",
        _channels,
        f"{_NODE}Data batch channel count (<got:int>) does not match filter input channel count (<expected:int>)",
    ),
    message("openvino", "Argument shapes are inconsistent", _join, f"{_NODE}Argument shapes are inconsistent"),
)
