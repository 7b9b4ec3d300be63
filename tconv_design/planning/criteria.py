"""What plans are ranked by: small named scores that add up along a chain, compared one after the other.

No weights: of two chains the better is the one with the smaller score in the first criterion in which they differ. Per
layer, an axis that breaks a promise breaks it for the layer. Chains that are equal in all that is asked are ordered by
the sequence of their layers, each as its axes' (kernel, stride, pad begin, pad end, output_padding, dilation); so there
is one answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind, effective_kernel
from tconv_design.overlap import is_even
from tconv_design.wording import did_you_mean

DEFAULT = ("exact", "even", "plain", "steady", "layers", "macs", "small")
ADDITIVE = (*DEFAULT, "params", "kernel")
WHOLE = ("field", "stack")
CRITERIA = (*DEFAULT, "params", "kernel", *WHOLE)

MEANING = {
    "exact": "layers whose output is not exactly input * stride (tconv) or input / stride (conv)",
    "even": "layers whose taps overlap unevenly or leave holes (a conv's in its input: rows read more often, or never)",
    "plain": "layers with output_padding or with unequal begin and end padding",
    "steady": "sum of the strides: growth in even steps",
    "layers": "number of layers",
    "macs": "multiply-adds",
    "params": "parameters",
    "kernel": "sum of the kernels",
    "small": "sums of the kernels, the strides, the paddings",
    "field": "receptive field, the larger first",
    "stack": "unevenness of the whole stack: most over fewest paths to an output row",
}

Numbers = tuple[int, int, int, int, int, int]
"""One axis of a layer, in the order of `layer.Axis`: kernel, stride, pad begin, pad end, output_padding, dilation."""


def plan_rank(text: str) -> tuple[str, ...]:
    """The criteria of a `--rank` text, followed by what it leaves out of the default order. Raises InvalidQuestion."""
    if not isinstance(text, str):
        raise InvalidQuestion(f"rank must be text, got {text!r}", f"known: {', '.join(CRITERIA)}")
    names = tuple(name.strip().lower() for name in text.split(","))
    for name in names:
        if name not in CRITERIA:
            raise InvalidQuestion(f"unknown rank criterion {name!r}", did_you_mean(name, CRITERIA))
    if len(set(names)) < len(names):
        raise InvalidQuestion(f"rank {text!r} names a criterion twice", f"known: {', '.join(CRITERIA)}")
    return names + tuple(name for name in DEFAULT if name not in names)


def is_uneven(numbers: Numbers) -> bool:
    """Whether taps overlap unevenly, or leave holes: in a tconv's output, in a conv's input (and its gradient)."""
    return not is_even(numbers[0], numbers[1], numbers[5])


def is_unplain(numbers: Numbers) -> bool:
    """Whether an axis has output_padding or paddings that differ."""
    return numbers[4] > 0 or numbers[2] != numbers[3]


def is_inexact(kind: Kind, stride: int, in_: int, out: int) -> bool:
    """Whether a layer does not multiply, or divide, its size by exactly the stride."""
    return out != in_ * stride if kind == "tconv" else out * stride != in_


def net_offset(kind: Kind, numbers: Numbers) -> int:
    """What is added to a size: tconv: out = (in-1)*stride + offset; conv: out = (in + offset)//stride + 1."""
    span = effective_kernel(numbers[0], numbers[5]) - numbers[2] - numbers[3]
    return span + numbers[4] if kind == "tconv" else -span


def out_size(kind: Kind, numbers: Numbers, in_: int) -> int:
    """Output size of an axis; less than 1 where nothing is left."""
    offset = net_offset(kind, numbers)
    return (in_ - 1) * numbers[1] + offset if kind == "tconv" else (in_ + offset) // numbers[1] + 1


def layer_cost(
    kind: Kind, axes: Sequence[Numbers], in_: Sequence[int], out: Sequence[int], weights: int, bias: int
) -> dict[str, tuple[int, ...]]:
    """What one layer adds to each criterion; `weights` is its weights per tap, `bias` its biases."""
    taps = prod(numbers[0] for numbers in axes)
    positions = prod(in_ if kind == "tconv" else out)
    kernels, strides = sum(numbers[0] for numbers in axes), sum(numbers[1] for numbers in axes)
    pads = sum(numbers[2] + numbers[3] for numbers in axes)
    inexact = any(is_inexact(kind, n[1], i, o) for n, i, o in zip(axes, in_, out, strict=True))
    return {
        "exact": (int(inexact),),
        "even": (int(any(is_uneven(numbers) for numbers in axes)),),
        "plain": (int(any(is_unplain(numbers) for numbers in axes)),),
        "steady": (strides,),
        "layers": (1,),
        "macs": (positions * taps * weights,),
        "params": (taps * weights + bias,),
        "kernel": (kernels,),
        "small": (kernels, strides, pads),
    }
