"""What Keras's padding names mean on one axis, and what is different about them although it looks equal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Fixed, Pads, Rule
from tconv_design.dialects.writing import Words, short
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis
from tconv_design.padding import policy

NARROW = (
    "oneDNN on AVX-512, on which Keras runs with tensorflow and torch, gets a convolution of one input channel wrong "
    "where its output is one column wide and the width's stride is more than 1"
)
LAYOUTS: dict[Kind, Layout] = {"conv": Layout(True, "kiO"), "tconv": Layout(True, "koI")}


def named_rule(kind: Kind, name: str, ndim: int, axis: Axis, extra: int | None, runtime: str = "") -> Rule:
    """The rule of a named padding with an output_padding, or without one (None).

    Whether Keras allows the stride with the dilation, and the output_padding with the stride, is for the caller to
    say: the layers refuse more than keras.ops. Only what tensorflow refuses of all that raises Refused here.
    """
    rule = policy(kind, name, "keras", ndim)
    # With an output_padding the crop hangs on the effective kernel alone.
    stride = axis.stride if extra is None else max(axis.stride, extra + 1)

    def pads(in_: int) -> Pads:
        if runtime == "tensorflow" and extra is not None:
            _check_tensorflow(name, axis, extra, in_)
        return next(rule(in_, axis.effective_kernel, stride, 1, extra))

    if (kind, name) == ("conv", "same") or (runtime == "tensorflow" and extra is not None):
        return pads
    return Fixed(*pads(1))


def _check_tensorflow(name: str, axis: Axis, extra: int, in_: int) -> None:
    """tensorflow makes the sizes of one stride's range; Keras asks it for others too. Raises Refused for those."""
    effective, base = axis.effective_kernel, (in_ - 1) * axis.stride
    asked, least = (base + effective + extra, base + effective) if name == "valid" else (base + extra, base + 1)
    if name == "same":
        asked += effective % 2
    if asked and not least <= asked < least + axis.stride:
        raise Refused(
            f"Keras on tensorflow raises at the call: padding {name!r}, output_padding {extra} and effective kernel "
            f"{effective} ask for {asked} rows, and tensorflow makes {least} to {least + axis.stride - 1}",
            "crop the result of padding='valid', or run Keras on torch or jax",
        )


def remarks(words: Words) -> tuple[str, ...]:
    """What a reader of these words, who knows another framework's, would get wrong."""
    if words.kind == "conv":
        strided = words.padding == "same" and max(words.stride) > 1
        return ("padding 'same' with a stride pads by the input size: other sizes, other pads",) * strided
    return _transposed_remarks(words)


def _transposed_remarks(words: Words) -> tuple[str, ...]:
    axes = [Axis(k, s, dilation=d) for k, s, d in zip(words.kernel, words.stride, words.dilation, strict=True)]
    is_short = [axis.stride > axis.effective_kernel for axis in axes]
    given = words.output_padding
    if given is not None and words.padding == "same":
        return (
            f"Keras's output_padding {short(given)} in 'same' gives rows back at the beginning first, "
            f"torch's only at the end: it is not torch's output_padding",
        )
    if given is not None and any(not extra and is_less for extra, is_less in zip(given, is_short, strict=True)):
        return ("output_padding 0 is not Keras's default, which adds rows where strides exceed the kernel",)
    if given is None and words.padding == "valid" and any(is_short):
        return ("without output_padding, 'valid' makes (in-1)*strides + max(kernel, strides) rows, torch fewer",)
    if given is None and words.padding == "same" and any((axis.effective_kernel - axis.stride) % 2 for axis in axes):
        return ("'same' crops the odd row at the end; torch's padding with output_padding crops it at the beginning",)
    return ()


def defect(
    kind: Kind, axes: Sequence[Axis], rules: Sequence[Rule], channels: int, runtime: str
) -> Callable[[tuple[int, ...]], str]:
    """What is known to go wrong at an input size, for a number of input channels; empty for nothing.

    `rules` are tensorflow's where no runtime is named: what they refuse, Keras's other backends take.
    """

    def said(in_size: tuple[int, ...]) -> str:
        try:
            pads = [rule(size) for rule, size in zip(rules, in_size, strict=True)]
        except Refused as refusal:
            return refusal.message
        if kind == "tconv" or channels > 1 or runtime == "jax":
            return ""
        padded = [replace(a, pad_begin=begin, pad_end=end) for a, (begin, end, _) in zip(axes, pads, strict=True)]
        out = [axis.out(kind, size) for axis, size in zip(padded, in_size, strict=True)]
        return NARROW if is_narrow(axes, out) else ""

    return said


def is_narrow(axes: Sequence[Axis], out: Sequence[int]) -> bool:
    """Whether oneDNN's defect may touch a convolution of one input channel, and of this output size."""
    if len(axes) < 2:
        return False
    row, column = axes[-2:]
    is_strided = row.stride == 1 < column.stride and column.effective_kernel > 1
    return is_strided and out[-1] == 1 < out[-2]
