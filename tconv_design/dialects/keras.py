"""Keras's words: Conv and ConvTranspose layers and keras.ops, with what pads and crops around them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from tconv_design.dialects.call import Call, Opaque, Program, bind, count, numbers, written
from tconv_design.dialects.function import Around
from tconv_design.dialects.keras_call import (
    OPS,
    Found,
    check_steps,
    layer_signature,
    layout,
    output_padding,
    padding_name,
)
from tconv_design.dialects.keras_model import surroundings
from tconv_design.dialects.keras_words import LAYOUTS, defect, named_rule, remarks
from tconv_design.dialects.keras_writing import spell, write
from tconv_design.dialects.reading import Hints, Reading, Rule, array_shape, at_least_one, hinted_kernel, none_allowed
from tconv_design.dialects.surroundings import around, composed
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.wording import shown

__all__ = ["read", "spell", "write"]

RUNTIMES = ("tensorflow", "torch", "jax")
"""What Keras runs on; tensorflow alone refuses some calls that the others take. Without one: what most take."""

Channels = tuple[int, int | None, int | None]
"""Groups, input and output channels; None where nobody says them."""


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A layer, with the ZeroPadding before it and the Cropping after it in its model; or keras.ops, with its function.

    Raises Refused for what Keras refuses, on the backend that `hints.runtime` names or, without one, on most.
    """
    name = re.fullmatch(r"(?:Conv|Convolution)([123])D(Transpose)?|(conv)(_transpose)?", call.last)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of Keras", "for example keras.layers.Conv2D")
    kind: Kind = "tconv" if name[2] or name[4] else "conv"
    return _function(program, call, kind, hints) if name[3] else _layer(program, call, kind, int(name[1]), hints)


def _layer(program: Program, call: Call, kind: Kind, ndim: int, hints: Hints) -> Reading:
    if kind == "tconv" and "groups" in call.keywords:
        raise Refused(
            f"{call.last} has no argument 'groups': Keras has no groups for a transposed convolution",
            "split the channels, run keras.ops.conv_transpose on each part, and concatenate",
        )
    found = Found(call, kind, ndim, bind(call, layer_signature(kind, ndim)), is_layer=True)
    for name in ("filters", "kernel_size"):
        if name not in found.arguments:
            raise InvalidQuestion(f"{call.last} is not given its {name}", "write it, as in Conv2D(8, 3)")
    before, after = surroundings(program, call, kind, ndim)
    windows = tuple((begin, -end or None) for begin, end in after)
    outside = Around(tuple(before), windows, (1,) * ndim)
    groups = numbers(call, "groups", found.arguments.get("groups", 1), 1)[0]
    filters = count(call, "filters", found.arguments["filters"])
    for name, number in (("groups", groups), ("filters", filters)):
        if number is not None and number < 1:
            raise Refused(f"{name} of {call.last} is {number}, and Keras takes 1 or more")
    channels = (groups, hints.in_channels or _input_channels(found), hints.out_channels or filters)
    return _reading(found, found.amounts("kernel_size", 1, 1), channels, outside, hints.runtime)


def _function(program: Program, call: Call, kind: Kind, hints: Hints) -> Reading:
    arguments = bind(call, OPS[kind])
    found = Found(call, kind, _rank(program, call, kind, arguments, hints), arguments, is_layer=False)
    outside = around(program, call, layout(found), found.ndim)
    shape = outside.shape or array_shape(arguments.get("kernel"))
    if shape is None or hints.kernel is not None:
        kernel = hinted_kernel(call, arguments.get("kernel"), hints, found.ndim, first=0)
    else:
        kernel = shape[: found.ndim]
    return _reading(found, kernel, _function_channels(found, outside, shape, hints), outside, hints.runtime)


def _rank(program: Program, call: Call, kind: Kind, arguments: dict[str, Any], hints: Hints) -> int:
    """The number of axes of a call that takes any: from an array's shape, from a tuple, or from the user's kernel."""
    for ndim in (1, 2, 3):
        try:
            shape = around(program, call, LAYOUTS[kind], ndim).shape
        except Refused:  # pads of another number of axes
            continue
        if shape is not None:
            return ndim
    shapes = [array_shape(arguments.get(name)) for name in ("kernel", "inputs")]
    amounts = [arguments.get(name) for name in ("strides", "dilation_rate", "output_padding")]
    tuples = [
        each for each in (*amounts, hints.kernel) if isinstance(each, tuple) and not isinstance(each, Call | Opaque)
    ]
    ranks = [len(each) - 2 for each in shapes if each] + [len(each) for each in tuples]
    return min(max(ranks, default=1), 3)


def _function_channels(found: Found, outside: Around, shape: tuple[int, ...] | None, hints: Hints) -> Channels:
    """What the kernel's shape says, whole or for each part; a convolution's groups follow from its input's channels."""
    parts = outside.parts
    if shape is None:
        return parts, hints.in_channels, hints.out_channels
    if found.kind == "tconv":
        return parts, hints.in_channels or shape[-1], hints.out_channels or shape[-2] * parts
    inputs = array_shape(found.arguments.get("inputs"))
    stated = outside.channels or (inputs[-1 if layout(found).channels_last else 1] if inputs else None)
    whole = stated or hints.in_channels or shape[-2] * parts
    return max(whole // shape[-2], 1), whole, hints.out_channels or shape[-1]


def _reading(found: Found, kernel: tuple[int, ...], channels: Channels, outside: Around, runtime: str) -> Reading:
    kind, ndim, (groups, *others) = found.kind, found.ndim, channels
    stride, given = found.amounts("strides", 1, 1), found.amounts("dilation_rate", 1, 1)
    padding, extra = padding_name(found), output_padding(found, stride)
    check_steps(found, stride, given, runtime)
    dilation = tuple(one * other for one, other in zip(given, outside.taps, strict=True))
    axes = [Axis(k, s, dilation=d) for k, s, d in zip(kernel, stride, dilation, strict=True)]

    def rules(on: str) -> tuple[Rule, ...]:
        named = [named_rule(kind, padding, ndim, *each, on) for each in zip(axes, extra, strict=True)]
        return composed(outside, kind, axes, named)

    numbers_given = None if None in extra else tuple(each or 0 for each in extra)
    counts = [each or groups for each in others]
    words = Words(kind, kernel, stride, dilation, padding, numbers_given, groups, *counts)
    is_alone = found.is_layer and outside == Around.nothing(ndim)
    crops = found.is_layer and not is_alone
    return Reading(
        "keras",
        found.call.last,
        kind,
        kernel,
        stride,
        dilation,
        rules(runtime),
        layout(found),
        *channels,
        settle=at_least_one if kind == "conv" or crops else _settle_transposed,
        notes=(*remarks(words), *_activation(found)),
        defect=defect(kind, axes, rules(runtime or "tensorflow"), counts[0], runtime),
        words=words if is_alone else None,
    )


def _input_channels(found: Found) -> int | None:
    shape = found.arguments.get("input_shape")
    if not isinstance(shape, tuple) or len(shape) != found.ndim + 1:
        return None
    channels = shape[-1 if layout(found).channels_last else 0]
    return channels if isinstance(channels, int) else None


def _settle_transposed(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """A transposed convolution may crop all that there is, but needs an input; a convolution has to leave something."""
    return at_least_one(in_size, out) if min(in_size) < 1 else none_allowed(in_size, out)


def _activation(found: Found) -> list[str]:
    name = found.arguments.get("activation")
    return (
        [] if name in (None, "linear") else [f"activation {written(name)} comes after the layer, and is no part of it"]
    )
