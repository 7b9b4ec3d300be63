"""What tinygrad says when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Finding,
    Nothing,
    Unreadable,
    message,
    number,
    sizes,
)
from tconv_design.diagnosis.known import Known
from tconv_design.formula import Kind


def _small(match: re.Match[str], text: str) -> Finding:
    kind: Kind = "tconv" if "conv_transpose" in text.lower() or "convtranspose" in text.lower() else "conv"
    what = (
        "nothing is left of the input: padding crops everything"
        if kind == "tconv"
        else "the kernel does not fit its input, padding counted"
    )
    return Finding(what, Nothing(), Known(kind))


def _channels(match: re.Match[str], text: str) -> Finding:
    shape, weight = sizes(match["shape"]), sizes(match["weight"])
    got, expected = number(match["got"]), number(match["expected"])
    if len(shape) != len(weight) or len(shape) < 3:
        raise Unreadable(match[0])
    kind: Kind = "tconv" if "conv_transpose" in text.lower() or "convtranspose" in text.lower() else "conv"
    # a tconv is run as a conv: the message has its input with zeros between and around, and its weights turned
    in_ = None if kind == "tconv" else shape[2:]
    known = Known(kind, in_=in_, kernel=weight[2:], in_channels=expected, out_channels=weight[0])
    return Finding(
        f"the weights are for {expected} input channels, and the input has {got}", Channels(expected, got), known
    )


MESSAGES = (
    message("tinygrad", "kernel size cannot be greater than actual input size", _small),
    message(
        "tinygrad",
        "Input Tensor shape does not match the shape of the weights",
        _channels,
        "Input Tensor shape <shape:shape> does not match the shape of the weights <weight:shape>. (<expected:int> vs. "
        "<got:int>)",
    ),
)
