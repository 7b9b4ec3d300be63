"""A layer's size, explained: the formula with its numbers, step by step, and the equivalent direct convolution.

The steps are not told beside the computation, they are the computation: `formula`'s own functions run on traced
numbers, which write down what is done to them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tconv_design.formula import Kind, conv_out, tconv_out
from tconv_design.layer import Axis, Layer

GUIDE = "Dumoulin & Visin, A guide to convolution arithmetic for deep learning, arXiv:1603.07285"


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the walk: a named value, its formula in symbols, the same in numbers, and what it comes to."""

    name: str
    symbols: str
    numbers: str
    value: int
    axis: int | None = None

    @property
    def text(self) -> str:
        """`K = dilation*(kernel - 1) + 1 = 1*(3 - 1) + 1`."""
        return f"{self.name} = {self.symbols} = {self.numbers}"

    def to_dict(self) -> dict[str, Any]:
        """The step as the public JSON document has it; `axis` counts from 1, null means every axis."""
        axis = None if self.axis is None else self.axis + 1
        return {"text": self.text, "value": self.value, "name": self.name, "axis": axis}


@dataclass(frozen=True, slots=True)
class Direct:
    """The direct convolution that computes the same: stride 1 over the input with zeros between and around.

    `padding` may be negative, which crops; `upsampled` is the input's size with the zeros inserted.
    """

    zeros_inserted: tuple[int, ...]
    upsampled: tuple[int, ...]
    padding: tuple[tuple[int, int], ...]
    kernel_flipped: bool
    stride: tuple[int, ...]

    def to_dict(self) -> dict[str, Any]:
        """The direct convolution as the public JSON document has it."""
        return {
            "zeros_inserted": list(self.zeros_inserted),
            "upsampled": list(self.upsampled),
            "padding": [list(pair) for pair in self.padding],
            "kernel_flipped": self.kernel_flipped,
            "stride": list(self.stride),
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """What `explain` says of a layer at one input size."""

    layer: Layer
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    steps: tuple[Step, ...]
    source: str
    direct: Direct

    def to_dict(self) -> dict[str, Any]:
        """The explanation as the public JSON document has it."""
        return {
            "layer": self.layer.to_dict(),
            "in": list(self.in_size),
            "out": list(self.out_size),
            "steps": [step.to_dict() for step in self.steps],
            "source": self.source,
            "direct": self.direct.to_dict(),
        }


@dataclass(frozen=True, slots=True)
class Traced:
    """A number that remembers, in symbols and in numbers, how it was computed from its operands."""

    value: int
    symbols: str
    numbers: str
    binding: int = 3  # 1 for + and -, 2 for * and //, 3 for a single symbol

    def __add__(self, other: Traced | int) -> Traced:
        return self._joined("+", other, 1)

    def __sub__(self, other: Traced | int) -> Traced:
        return self._joined("-", other, 1)

    def __mul__(self, other: Traced | int) -> Traced:
        return self._joined("*", other, 2)

    def __floordiv__(self, other: Traced | int) -> Traced:
        return self._joined("//", other, 2)

    def _joined(self, sign: str, other: Traced | int, binding: int) -> Traced:
        right = other if isinstance(other, Traced) else Traced(other, str(other), str(other))
        spaced = f" {sign} " if binding == 1 else sign
        symbols, numbers = (
            _wrapped(self, mine, binding) + spaced + _wrapped(right, theirs, binding + (sign != "+"))
            for mine, theirs in ((self.symbols, right.symbols), (self.numbers, right.numbers))
        )
        return Traced(_OPERATIONS[sign](self.value, right.value), symbols, numbers, binding)


_OPERATIONS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "//": lambda a, b: a // b,
}


def _wrapped(operand: Traced, text: str, binding: int) -> str:
    return f"({text})" if operand.binding < binding else text


def explain_layer(layer: Layer, in_size: Sequence[int]) -> Explanation:
    """Explain a layer at an input size per axis. Raises InvalidLayer where nothing of the input is left."""
    sizes = tuple(in_size)
    out = layer.output_size(sizes)
    same = len(set(zip(layer.axes, sizes, strict=True))) == 1
    steps = [
        step
        for number, (axis, size) in enumerate(zip(layer.axes, sizes, strict=True))
        if number == 0 or not same
        for step in _steps(layer.kind, axis, size, None if same else number)
    ]
    sources = dict.fromkeys(source(layer.kind, axis, size) for axis, size in zip(layer.axes, sizes, strict=True))
    return Explanation(layer, sizes, out, tuple(steps), f"{GUIDE}, {'; '.join(sources)}", _direct(layer, sizes))


def _steps(kind: Kind, axis: Axis, in_: int, number: int | None) -> list[Step]:
    steps: list[Step] = []

    def note(name: str, value: Traced) -> Traced:
        steps.append(Step(name, value.symbols, value.numbers, value.value, number))
        return Traced(value.value, name, str(value.value))

    def symbol(name: str, value: int) -> Any:
        return Traced(value, name, str(value))

    front = (symbol("in", in_), symbol("kernel", axis.kernel), symbol("stride", axis.stride))
    pads = (symbol("pad_begin", axis.pad_begin), symbol("pad_end", axis.pad_end))
    dilation = symbol("dilation", axis.dilation)
    if kind == "conv":
        conv_out(*front, *pads, dilation, note)
    else:
        tconv_out(*front, *pads, symbol("output_padding", axis.output_padding), dilation, note)
    return steps


def source(kind: Kind, axis: Axis, in_: int) -> str:
    """The relationship of the guide that an axis is a case of, and what it is generalised by."""
    number, uneven = _relationship(kind, axis, in_), axis.pad_begin != axis.pad_end
    beyond = []
    if axis.dilation > 1 and kind == "tconv":
        beyond.append("relationship 15's dilation")
    if uneven:
        beyond.append("begin and end padding apart")
    return f"relationship {number}" + (f", with {' and '.join(beyond)}" if beyond else "")


def _relationship(kind: Kind, axis: Axis, in_: int) -> int:
    total, effective = axis.pad_begin + axis.pad_end, axis.effective_kernel
    if kind == "conv" and axis.dilation > 1:
        return 15
    if axis.stride > 1:
        if kind == "conv":
            return 6 if total else 5
        return 14 if axis.output_padding else 13 if total else 12
    if axis.output_padding:
        return 14
    named = (
        0 if not total else 2 if total == effective - 1 and effective % 2 else 3 if total == 2 * (effective - 1) else 1
    )
    return (1 if kind == "conv" else 8) + named


def _direct(layer: Layer, in_size: tuple[int, ...]) -> Direct:
    if layer.kind == "conv":
        return Direct((0,) * layer.ndim, in_size, layer.padding, False, layer.stride)
    return Direct(
        zeros_inserted=tuple(axis.stride - 1 for axis in layer.axes),
        upsampled=tuple((size - 1) * axis.stride + 1 for axis, size in zip(layer.axes, in_size, strict=True)),
        padding=tuple(
            (axis.effective_kernel - 1 - axis.pad_begin, axis.effective_kernel - 1 - axis.end) for axis in layer.axes
        ),
        kernel_flipped=True,
        stride=(1,) * layer.ndim,
    )
