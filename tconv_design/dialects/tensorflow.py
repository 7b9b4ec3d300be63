"""TensorFlow's words: the tf.nn convolutions, alone or in a function with what surrounds them.

A program with tf.keras layers is read by the keras dialect. `Hints.runtime` "no-onednn" stands for a TensorFlow without
oneDNN, as under TF_ENABLE_ONEDNN_OPTS=0, and for float64; only Python can ask for it.
"""

from __future__ import annotations

from typing import NamedTuple

from tconv_design.dialects.call import Call, Program
from tconv_design.dialects.function import Around, definition
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Hints, Reading, array_shape, hinted_kernel
from tconv_design.dialects.surroundings import around, composed
from tconv_design.dialects.tensorflow_arguments import (
    NO_ONEDNN_RUNTIME,
    Asking,
    asking,
    check_accepted,
    check_format,
    output_sizes,
    padding,
    steps,
)
from tconv_design.dialects.tensorflow_calls import LAYOUTS, VALID, Asked, spelled
from tconv_design.dialects.tensorflow_rules import Facts, conv_rules, defect, settle, tconv_rules
from tconv_design.dialects.tensorflow_writing import IDIOM, write
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.layer import Axis, Layer

__all__ = ["read", "spell", "write"]


class Channels(NamedTuple):
    """Channels in and out, None where nothing says them; groups; the input channels of one call."""

    ins: int | None
    outs: int | None
    groups: int
    of_a_call: int | None


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A tf.nn call, with the pads, slices, splits and kernel zeros that stand around it."""
    asked = asking(call)
    layout = LAYOUTS[asked.kind]._replace(channels_last=asked.channels_last)
    ndim = _ndim(program, asked, layout, hints)
    check_format(asked, ndim)
    outside = around(program, call, layout, ndim, asked.places)
    axes, own_dilation = _axes(asked, outside, hints, ndim)
    rows = padding(asked, ndim)
    sizes, outs = output_sizes(asked, ndim) if asked.kind == "tconv" else ((), None)
    channels = _channels(asked, outside, hints, ndim, outs)
    has_onednn = hints.runtime != NO_ONEDNN_RUNTIME
    is_grouped = channels.groups > outside.parts
    special = Asked(asked.kind, ndim, max(own_dilation) > 1, is_grouped, not isinstance(rows, str))
    check_accepted(asked, special, hints.runtime)
    rules = conv_rules(axes, rows) if asked.kind == "conv" else tconv_rules(axes, rows, sizes)
    facts = Facts(asked.kind, axes, rules, rows, outside, channels.of_a_call, has_onednn, tuple(sizes))
    return Reading(
        "tensorflow",
        call.last,
        asked.kind,
        *_numbers(axes),
        composed(outside, asked.kind, axes, rules),
        layout,
        channels.groups,
        channels.ins,
        channels.outs,
        settle=settle(facts),
        defect=defect(facts),
        words=_words(facts, channels),
    )


def _ndim(program: Program, asked: Asking, layout: Layout, hints: Hints) -> int:
    """The number of axes, which the names `convolution` and `conv_transpose` do not tell."""
    if asked.ndim is not None:
        return asked.ndim
    shape = asked.found.get("output_shape") if asked.kind == "tconv" else array_shape(asked.found.get("filters"))
    if type(shape) is tuple and 3 <= len(shape) <= 5:  # a Call is no shape
        return len(shape) - 2
    for ndim in (1, 2, 3):
        if around(program, asked.call, layout, ndim).shape is not None:
            return ndim
    strides = asked.found.get("strides")
    if hints.kernel is not None:
        return max(len(hints.kernel), min(len(strides), 3) if type(strides) is tuple else 1)
    raise InvalidQuestion(
        f"{asked.call.last} takes its axes from its kernel, so the pasted call does not say them",
        "give --kernel with one number per axis, for example --kernel 3x3",
    )


def _axes(asked: Asking, outside: Around, hints: Hints, ndim: int) -> tuple[tuple[Axis, ...], tuple[int, ...]]:
    """The axes with the dilation that they come to, and the dilations that the call is given."""
    if outside.shape is None:
        kernel = hinted_kernel(asked.call, asked.found.get("filters"), hints, ndim, 0)
    else:
        kernel = outside.shape[:ndim]
    stride, own = steps(asked, asked.stride, ndim), steps(asked, "dilations", ndim)
    if asked.call.last == "convolution" and max(stride) > 1 and max(own) > 1:
        raise Refused(
            f"tf.nn.convolution refuses strides {stride} together with dilations {own}", f"use tf.nn.conv{ndim}d"
        )
    dilation = [one * tap for one, tap in zip(own, outside.taps, strict=True)]
    return tuple(Axis(k, s, dilation=d) for k, s, d in zip(kernel, stride, dilation, strict=True)), own


def _channels(asked: Asking, outside: Around, hints: Hints, ndim: int, outs: int | None) -> Channels:
    """Groups are never an argument: TensorFlow finds them by dividing channels by the kernel's."""
    shape = outside.shape or array_shape(asked.found.get("filters"))
    of_group, whole = shape[-2:] if shape is not None and len(shape) == ndim + 2 else (None, None)
    if asked.kind == "conv":
        ins = outside.channels or hints.in_channels
        own = _ratio(asked, "input", (ins or 0) // outside.parts, of_group)
        ins = ins or (of_group and of_group * outside.parts * own)
        return Channels(ins, whole or hints.out_channels, own * outside.parts, ins and ins // outside.parts)
    own = _ratio(asked, "output_shape", outs or 0, of_group)
    groups = own * outside.parts
    ins = whole or hints.in_channels or outside.channels
    outs = of_group * groups if of_group else (outs and outs * outside.parts) or hints.out_channels
    return Channels(ins, outs, groups, ins and ins // outside.parts)


def _ratio(asked: Asking, what: str, channels: int, of_group: int | None) -> int:
    if not channels or of_group is None:
        return 1
    if channels % of_group:
        raise Refused(
            f"{asked.call.last} divides the {channels} channels of its {what} into groups of the kernel's {of_group}, "
            f"and they do not divide evenly",
            f"a kernel of this group size goes with {-(-channels // of_group) * of_group} channels",
        )
    return channels // of_group


def _words(facts: Facts, channels: Channels) -> Words | None:
    """The call's own arguments; a transposed call has its size among them, which `Words` have not."""
    if facts.kind == "tconv" or not facts.around.is_nothing:
        return None
    rows = facts.padding.lower() if isinstance(facts.padding, str) else facts.padding
    ins, outs = channels.ins or channels.groups, channels.outs or channels.groups
    return Words(facts.kind, *_numbers(facts.axes), rows, None, channels.groups, ins, outs)


def _numbers(axes: tuple[Axis, ...]) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel, stride and dilation per axis."""
    return tuple(a.kernel for a in axes), tuple(a.stride for a in axes), tuple(a.dilation for a in axes)


def spell(words: Words) -> str | None:
    """A function with one tf.nn call of these arguments; an output_padding goes into its output_shape."""
    if words.output_padding is not None and (words.kind == "conv" or words.padding == "same"):
        return None
    axes = tuple(Axis(k, s, dilation=d) for k, s, d in zip(words.kernel, words.stride, words.dilation, strict=True))
    layer = Layer(words.kind, axes, words.groups, words.in_channels, words.out_channels)
    asked = Asked(words.kind, words.ndim, max(words.dilation) > 1, words.groups > 1)
    call = spelled(asked, layer, _padding_text(words), _output_shape(words, axes))
    text = definition(layer, LAYOUTS[words.kind], IDIOM, Around.nothing(words.ndim), call)
    return f"import tensorflow as tf\n\n{text}\n"


def _padding_text(words: Words) -> str:
    if isinstance(words.padding, str):
        return f'"{words.padding.upper()}"'
    return str([[0, 0], *map(list, words.padding), [0, 0]]) if any(map(any, words.padding)) else VALID


def _output_shape(words: Words, axes: tuple[Axis, ...]) -> str:
    """The size that the formula gives, of whatever input comes."""
    extras = words.output_padding or (0,) * words.ndim
    pads = ((0, 0),) * words.ndim if isinstance(words.padding, str) else words.padding
    sizes = []
    for place, (axis, (begin, end), extra) in enumerate(zip(axes, pads, extras, strict=True), start=1):
        beyond = axis.effective_kernel - axis.stride - begin - end + extra
        size = f"x.shape[{place}]" if axis.stride == 1 else f"x.shape[{place}] * {axis.stride}"
        sizes.append(size if words.padding == "same" or not beyond else f"{size} {'-+'[beyond > 0]} {abs(beyond)}")
    return f"[tf.shape(x)[0], {', '.join(sizes)}, {words.out_channels}]"
