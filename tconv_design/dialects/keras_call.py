"""The arguments of a Keras layer or of keras.ops, as Keras checks them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tconv_design.dialects.call import Call, Signature, numbers, written
from tconv_design.dialects.keras_words import LAYOUTS
from tconv_design.dialects.layout import Layout
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.wording import did_you_mean, shown

_FIRST = ("filters", "kernel_size", "strides", "padding")
_LAST = (
    *("activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer", "bias_regularizer"),
    *("activity_regularizer", "kernel_constraint", "bias_constraint"),
)
_EVERY_LAYER = ("trainable", "dtype", "autocast", "name", "input_dim", "input_shape")


def layer_signature(kind: Kind, ndim: int) -> Signature:
    """What a layer's constructor takes; Conv3DTranspose alone has data_format before output_padding."""
    if kind == "conv":
        middle = ("data_format", "dilation_rate", "groups")
        return Signature((*_FIRST, *middle, *_LAST), ("lora_rank", "lora_alpha", *_EVERY_LAYER))
    crop = ("output_padding", "data_format") if ndim < 3 else ("data_format", "output_padding")
    return Signature((*_FIRST, *crop, "dilation_rate", *_LAST), _EVERY_LAYER)


OPS: dict[Kind, Signature] = {
    "conv": Signature(("inputs", "kernel", "strides", "padding", "data_format", "dilation_rate")),
    "tconv": Signature(("inputs", "kernel", "strides", "padding", "output_padding", "data_format", "dilation_rate")),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A call with its arguments by name; `is_layer` tells a layer from a function of keras.ops."""

    call: Call
    kind: Kind
    ndim: int
    arguments: dict[str, Any]
    is_layer: bool

    def amounts(self, name: str, default: int, least: int) -> tuple[int, ...]:
        """An argument as a number per axis, none below `least`. Raises Refused."""
        value = self.arguments.get(name, default)
        amounts = numbers(self.call, name, value, self.ndim)
        if isinstance(value, tuple) and len(value) != self.ndim:
            raise Refused(
                f"{name} of {self.call.last} must be a tuple of {self.ndim} integers, got {written(value)}",
                "give one per axis, or one number",
            )
        if min(amounts) < least:
            raise Refused(f"{name} of {self.call.last} is {min(amounts)}, and Keras takes {least} or more")
        return amounts


def output_padding(found: Found, stride: Sequence[int]) -> tuple[int | None, ...]:
    """The output_padding per axis; None, which is not 0, where none is given. keras.ops checks nothing."""
    if found.arguments.get("output_padding") is None:
        return (None,) * found.ndim
    if not found.is_layer:
        return numbers(found.call, "output_padding", found.arguments["output_padding"], found.ndim)
    extras = found.amounts("output_padding", 0, 0)
    for extra, step in zip(extras, stride, strict=True):
        if extra >= step:
            raise Refused(
                f"output_padding {extra} must be strictly less than strides {step} in {found.call.last}",
                f"use output_padding {step - 1} or less, or strides {extra + 1}",
            )
    return extras


def padding_name(found: Found) -> str:
    """The name in lower case. Raises Refused for anything but a name that Keras has for the call."""
    padding, call = found.arguments.get("padding", "valid"), found.call
    if not isinstance(padding, str):
        raise Refused(
            f"padding of {call.last} is {written(padding)}, and Keras takes a name only: 'valid' or 'same'",
            f"pad with keras.layers.ZeroPadding{found.ndim}D before a Conv, "
            f"crop with Cropping{found.ndim}D after a ConvTranspose",
        )
    names = ["valid", "same"] + ["causal"] * (found.is_layer and (found.kind, found.ndim) == ("conv", 1))
    if padding.lower() not in names:
        rule = "only Conv1D has 'causal'" if padding.lower() == "causal" else f"it is one of {', '.join(names)}"
        raise Refused(f"{call.last} has no padding {shown(padding)}: {rule}", did_you_mean(padding, names))
    return padding.lower()


def check_steps(found: Found, strides: Sequence[int], dilations: Sequence[int], runtime: str) -> None:
    """Strides and dilation together are refused by the layers, on any axes, and in keras.ops.conv by tensorflow."""
    refuses = found.is_layer or (found.kind == "conv" and runtime == "tensorflow")
    if refuses and max(strides) > 1 and max(dilations) > 1:
        where = "" if found.is_layer else " on tensorflow"
        raise Refused(
            f"strides > 1 is not supported in conjunction with dilation_rate > 1 in {found.call.last}{where}, on "
            f"whichever axes: strides {tuple(strides)}, dilation_rate {tuple(dilations)}",
            "use strides 1 or dilation_rate 1, or a kernel with zeros between its taps",
        )


def layout(found: Found) -> Layout:
    """Where the call has channels. Raises Refused for an unknown data_format."""
    name = found.arguments.get("data_format")
    if name not in (None, "channels_last", "channels_first"):
        raise Refused(f"data_format of {found.call.last} is {written(name)}", "channels_last or channels_first")
    return LAYOUTS[found.kind]._replace(channels_last=name != "channels_first")
