"""What MLX says when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Finding,
    Nothing,
    Other,
    by,
    message,
    sizes,
    spatial_last,
)
from tconv_design.diagnosis.known import Known
from tconv_design.diagnosis.tensorflow import joined
from tconv_design.formula import Kind


def _nothing(match: re.Match[str], text: str) -> Finding:
    shape, weight = match["shape"], sizes(match["weight"])
    kernel, sides = weight[1:-1], [sizes(match[name]) for name in ("low", "high")]
    if "conv_transpose" in text.lower() or "convtranspose" in text.lower():
        what = (
            "nothing is left of the input, or padding is more than K - 1, which MLX crops from the input and not the "
            "output"
        )
        return Finding(what, Nothing(), Known("tconv", kernel=kernel))
    what = f"the kernel {by(kernel)} does not fit its input {shape}, padding counted"
    known = Known("conv", in_=spatial_last(shape), kernel=kernel, padding=tuple(zip(*sides, strict=True)))
    return Finding(what, Nothing(), known)


def _channels(match: re.Match[str], text: str) -> Finding:
    shape, weight = sizes(match["shape"]), sizes(match["weight"])
    what = f"the weights are for {weight[-1]} input channels, and the input has {shape[-1]}"
    if shape[1] == weight[-1] != shape[2] and len(set(shape[2:])) == 1:  # a square, if channels stand first
        order = ", ".join(map(str, (0, *range(2, len(shape)), 1)))
        return Finding(what, Other((f"MLX takes channels last, and here they stand first: x.transpose({order})",)))
    kind: Kind = "tconv" if "transpose" in text.lower() else "conv"
    known = Known(
        kind, in_=spatial_last(match["shape"]), kernel=weight[1:-1], in_channels=weight[-1], out_channels=weight[0]
    )
    return Finding(what, Channels(weight[-1], shape[-1]), known)


def _join(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "maps are joined or added")


def _groups(match: re.Match[str], text: str) -> Finding:
    return Finding("MLX has groups in 1-D and 2-D only", Other(("split the channels, and concatenate the results",)))


MESSAGES = (
    message(
        "mlx",
        "Spatial dimensions of input after padding cannot be smaller",
        _nothing,
        "[conv] Spatial dimensions of input after padding cannot be smaller than weight spatial dimensions. Got error "
        "at "
        "axis <axis:int> for input with shape <shape:shape>, padding low <low:shape>, padding high <high:shape>, and "
        "weight of shape <weight:shape>",
    ),
    message(
        "mlx",
        "Expect the input channels in the input and weight array to match",
        _channels,
        "Expect the input channels in the input and weight array to match but got shapes - input: <shape:shape> and "
        "weight: <weight:shape>",
    ),
    message(
        "mlx",
        "[concatenate] All the input array dimensions must match",
        _join,
        "[concatenate] All the input array dimensions must match exactly except for the concatenation axis. However, "
        "the "
        "provided shapes are <a:shape>, <b:shape>",
    ),
    message(
        "mlx",
        "[broadcast_shapes] Shapes cannot be broadcast",
        _join,
        "[broadcast_shapes] Shapes <a:shape> and <b:shape> cannot be broadcast",
    ),
    message(
        "mlx", "Can only handle groups != 1 in 1D or 2D", _groups, "[conv] Can only handle groups != 1 in 1D or 2D"
    ),
)
