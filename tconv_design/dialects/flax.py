"""flax's words: Conv and ConvTranspose of nnx and of linen, which hand their numbers on to lax."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tconv_design.dialects.call import Call, Program, Signature, bind, count, written
from tconv_design.dialects.lax_padding import (
    Pairs,
    check_one_direction,
    conv_rules,
    defect,
    dilated_rules,
    holds_lists,
    settle,
    transposed_rules,
)
from tconv_design.dialects.lax_writing import (
    BY_DILATION,
    DILATED_INPUT,
    LAYOUTS,
    UNTURNED,
    remarks,
    said_padding,
)
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Fixed, Hints, Reading, Rule
from tconv_design.dialects.writing import Words, Written, given
from tconv_design.errors import InvalidQuestion, NotExpressible, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.padding import stretched
from tconv_design.wording import shown

_NNX = ("in_features", "out_features", "kernel_size", "strides")
_LINEN = ("features", "kernel_size", "strides", "padding")
_TYPES = ("use_bias", "mask", "dtype", "param_dtype", "precision", "kernel_init", "bias_init")
_CONV = ("input_dilation", "kernel_dilation", "feature_group_count")
_NNX_LAST = ("promote_dtype", "preferred_element_type", "rngs", "kernel_metadata", "bias_metadata")
_SIGNATURES: dict[tuple[str, Kind], Signature] = {
    ("nnx", "conv"): Signature(_NNX, ("padding", *_CONV, *_TYPES, "conv_general_dilated", *_NNX_LAST)),
    ("nnx", "tconv"): Signature(_NNX, ("padding", "kernel_dilation", *_TYPES, "transpose_kernel", *_NNX_LAST)),
    ("linen", "conv"): Signature(
        (*_LINEN, *_CONV, *_TYPES, "promote_dtype", "conv_general_dilated", "conv_general_dilated_cls"),
        ("parent", "name"),
    ),
    ("linen", "tconv"): Signature(
        (*_LINEN, "kernel_dilation", *_TYPES, "transpose_kernel", "promote_dtype", "preferred_element_type"),
        ("parent", "name"),
    ),
}
_PERIODIC = {
    "CIRCULAR": "padding 'CIRCULAR' wraps the input round",
    "REFLECT": "padding 'REFLECT' mirrors the input",
}


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A module of nnx (in_features, out_features, kernel_size) or of linen (features, kernel_size)."""
    if call.last not in ("Conv", "ConvTranspose"):
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of flax", "for example nnx.ConvTranspose")
    kind: Kind = "conv" if call.last == "Conv" else "tconv"
    found = bind(call, _SIGNATURES[_api(call), kind])
    kernel, notes = _kernel(call, found)
    ndim = len(kernel)
    strides, dilation, dilated = (
        _per_axis(call, name, found.get(name, 1), ndim) for name in ("strides", "kernel_dilation", "input_dilation")
    )
    check_one_direction(call, strides, dilated)
    if max(dilated) > 1:
        kind, strides, notes = "tconv", dilated, (*notes, BY_DILATION, DILATED_INPUT)
    padding = _padding(call, found.get("padding", "SAME"), ndim)
    axes = [Axis(k, s, dilation=d) for k, s, d in zip(kernel, strides, dilation, strict=True)]
    rules = (_conv_rules if call.last == "Conv" else _tconv_rules)(call, padding, axes, dilated)
    layout, more = _layout(call, kind, found, padding)
    groups = _groups(call, found.get("feature_group_count", 1))
    into, out = (count(call, name, found[name]) if name in found else None for name in _channels(call))
    channels = hints.in_channels or into, hints.out_channels or out
    return Reading(
        "flax",
        call.last,
        kind,
        kernel,
        strides,
        dilation,
        rules,
        layout,
        groups,
        *channels,
        settle=settle(kind, strides),
        notes=(*notes, *more),
        defect=defect(kind, groups, axes, rules),
        words=_words(call, kind, axes, padding, groups, channels),
        no_layer=_PERIODIC.get(padding, "") if isinstance(padding, str) else "",
    )


def _api(call: Call) -> str:
    """Which of flax's two interfaces a call is in: by its origin, or else by the arguments that only one has."""
    origin = call.name.split(".")
    if "nnx" in origin:
        return "nnx"
    if "linen" in origin:
        return "linen"
    return "nnx" if call.keywords.keys() & {"in_features", "out_features", "rngs"} else "linen"


def _channels(call: Call) -> tuple[str, str]:
    return ("in_features", "out_features") if _api(call) == "nnx" else ("in_features", "features")


def _kernel(call: Call, found: dict[str, Any]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The kernel per axis, and a remark where it is one number: that is one axis, whatever the input."""
    value = found.get("kernel_size")
    if value is None:
        raise InvalidQuestion(f"{call.last} is not given its kernel_size", "write it, as in kernel_size=(3, 3)")
    sizes = value if isinstance(value, tuple) else (value,)
    if not 1 <= len(sizes) <= 3 or not all(isinstance(each, int) for each in sizes):
        raise Refused(f"kernel_size of {call.last} is {written(value)}, and a layer has 1 to 3 numbers", "write (3, 3)")
    if min(sizes) < 1:
        raise Refused(f"kernel_size {min(sizes)} of {call.last} leaves no kernel", "use 1 or more")
    note = f"kernel_size={value} is one axis: the rows of an image would be samples; an image takes ({value}, {value})"
    return sizes, () if isinstance(value, tuple) else (note,)


def _per_axis(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """One number for all axes, or exactly one for each; None means 1."""
    if value is None:
        return (1,) * ndim
    values = value if isinstance(value, tuple) else (value,) * ndim
    if not all(isinstance(each, int) for each in values):
        raise Refused(f"{name} of {call.last} is {written(value)}, which is no number", f"write the number of {name}")
    if len(values) != ndim:
        raise Refused(
            f"{name} {value} of {call.last} has {len(values)} entries, and its kernel_size has {ndim}",
            "give one per axis, or a number",
        )
    if min(values) < 1:
        raise Refused(f"{name} {min(values)} of {call.last} must be positive", f"use {name}=1")
    return values


def _groups(call: Call, value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise Refused(
            f"feature_group_count of {call.last} is {written(value)}, which is no number above 0",
            "write feature_group_count=1",
        )
    return value


def _padding(call: Call, value: Any, ndim: int) -> str | Pairs:
    """A name, or (low, high) per axis from a number, or from a number or tuple for each axis."""
    if isinstance(value, str):
        return value
    sides = (value,) * ndim if isinstance(value, int) else value
    is_sequence = isinstance(sides, tuple) and len(sides) == ndim
    if not is_sequence or not all(map(_is_side, sides)) or holds_lists(call, "padding", 3):
        raise Refused(
            f"padding of {call.last} is {written(value)}, and flax takes a name, a number, or for each of the {ndim} "
            f"axes of kernel_size a number or a (low, high) tuple",
            f"write padding={[(1, 1)] * ndim}",
        )
    return tuple(side if isinstance(side, tuple) else (side, side) for side in sides)


def _is_side(value: Any) -> bool:
    is_pair = isinstance(value, tuple) and len(value) == 2 and all(isinstance(each, int) for each in value)
    return is_pair or isinstance(value, int)


def _conv_rules(call: Call, padding: str | Pairs, axes: Sequence[Axis], dilated: Sequence[int]) -> tuple[Rule, ...]:
    """nnx.Conv pads by itself for CIRCULAR, REFLECT and CAUSAL, before a convolution that is then VALID."""
    if max(dilated) > 1:
        return dilated_rules(call, padding, axes)
    reaches = [axis.effective_kernel - 1 for axis in axes]
    if padding in _PERIODIC:
        return tuple(Fixed(reach // 2, reach - reach // 2) for reach in reaches)
    if padding == "CAUSAL":
        if len(axes) > 1:
            raise Refused(
                f"CAUSAL padding is only for 1 axis, and {call.last} has {len(axes)}",
                "write it as pairs: (kernel - 1, 0) on the axis of time",
            )
        return (Fixed(reaches[0], 0),)
    return conv_rules(call, padding, axes)


def _tconv_rules(call: Call, padding: str | Pairs, axes: Sequence[Axis], dilated: Sequence[int]) -> tuple[Rule, ...]:
    """nnx.ConvTranspose hands padding on to lax.conv_transpose; of CIRCULAR it makes in*strides rows."""
    if padding == "CIRCULAR":
        return tuple(Fixed(*stretched(0, axis.effective_kernel - axis.stride)) for axis in axes)
    return transposed_rules(call, padding, axes)


def _layout(call: Call, kind: Kind, found: dict[str, Any], padding: str | Pairs) -> tuple[Layout, tuple[str, ...]]:
    """Where the kernel's channels are, whether it is turned round, and what is to be said of that."""
    if call.last == "Conv":
        return LAYOUTS["conv" if kind == "conv" else "grouped tconv"], ()
    turns = found.get("transpose_kernel", False)
    if not isinstance(turns, bool):
        raise Refused(
            f"transpose_kernel of {call.last} is {written(turns)}, and the layer hangs on it",
            "write transpose_kernel=True",
        )
    notes = () if isinstance(padding, str) else (DILATED_INPUT,)
    return (LAYOUTS["tconv"], notes) if turns else (Layout(True, "kIo", flipped=True), (UNTURNED, *notes))


def _words(
    call: Call,
    kind: Kind,
    axes: Sequence[Axis],
    padding: str | Pairs,
    groups: int,
    channels: tuple[int | None, int | None],
) -> Words | None:
    is_own = not isinstance(padding, str) or padding in ("SAME", "VALID", "SAME_LOWER", "CAUSAL", *_PERIODIC)
    if not is_own or (kind == "tconv") != (call.last == "ConvTranspose"):
        return None
    kernel, stride, dilation = ([getattr(a, name) for a in axes] for name in ("kernel", "stride", "dilation"))
    into, out = (each or groups for each in channels)
    said = padding.lower() if isinstance(padding, str) else padding
    return Words(kind, tuple(kernel), tuple(stride), tuple(dilation), said, None, groups, into, out)


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One nnx module. Raises NotExpressible for a transposed convolution with groups."""
    layer.output_size(in_size)
    if layer.kind == "tconv" and layer.groups > 1:
        raise NotExpressible(
            f"flax's ConvTranspose has no groups, and the layer has {layer.groups}",
            f"jax.lax.conv_general_dilated with feature_group_count={layer.groups}, as jax says it, or groups 1",
        )
    channels = layer.in_channels, layer.out_channels
    words = Words(
        layer.kind, layer.kernel, layer.stride, layer.dilation, said_padding(layer), None, layer.groups, *channels
    )
    return Written(_program(words), True, LAYOUTS[layer.kind], remarks(layer, in_size))


def spell(words: Words) -> str | None:
    """An nnx module with these arguments; flax has no output_padding, and no groups in a transposed convolution."""
    if words.output_padding is not None or (words.kind == "tconv" and words.groups > 1):
        return None
    return _program(words)


def _program(words: Words) -> str:
    name = "Conv" if words.kind == "conv" else "ConvTranspose"
    options = [
        *given([("strides", words.stride, 1)]),
        f"padding={_said(words.padding)}",
        *given([("kernel_dilation", words.dilation, 1), ("feature_group_count", [words.groups], 1)]),
        *(["transpose_kernel=True"] if words.kind == "tconv" else []),
        "rngs=nnx.Rngs(0)",
    ]
    arguments = ", ".join([str(words.in_channels), str(words.out_channels), str(words.kernel), *options])
    return f"from flax import nnx\n\nlayer = nnx.{name}({arguments})\n"


def _said(padding: str | Pairs) -> str:
    """A name in capitals, one number where all sides are alike, else pairs."""
    if isinstance(padding, str):
        return f'"{padding.upper()}"'
    sides = {side for pair in padding for side in pair}
    return str(sides.pop()) if len(sides) == 1 else str(list(padding))
