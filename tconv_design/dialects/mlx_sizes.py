"""The sizes that mlx makes, right or wrong: it crops before it dilates, slices as Python does, divides as C++ does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tconv_design.dialects.reading import Rule
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis

UNDILATED = "stride > 1 and padding > dilation*(kernel-1)"


@dataclass(frozen=True, slots=True)
class Sizes:
    """One call's axes, and the rules of their padding as the canonical layer has it."""

    kind: Kind
    axes: tuple[Axis, ...]
    rules: tuple[Rule, ...]

    def settle(self, in_size: Sequence[int]) -> tuple[int, ...]:
        """The output size per axis. Raises Refused where mlx makes none."""
        made = tuple(self._size(axis, rule, size) for axis, rule, size in self._each(in_size))
        if min(made) < 1:
            raise Refused(
                "spatial dimensions of input after padding cannot be smaller than weight spatial dimensions: mlx "
                f"comes to an output size of {'x'.join(map(str, made))}",
                "crop less, or give a larger input",
            )
        return made

    def defect(self, in_size: Sequence[int]) -> str:
        """What mlx gets wrong at an input size; empty where nothing is known."""
        return next(filter(None, (self._wrong(axis, rule, size) for axis, rule, size in self._each(in_size))), "")

    def _each(self, in_size: Sequence[int]) -> list[tuple[Axis, Rule, int]]:
        return list(zip(self.axes, self.rules, in_size, strict=True))

    def _sides(self, axis: Axis, rule: Rule, size: int) -> tuple[int, int]:
        """The rows that mlx pads at (begin, end): of a tconv, those of the convolution that it runs instead."""
        begin, end, extra = rule(size)
        if self.kind == "conv":
            return begin, end
        return axis.effective_kernel - 1 - begin, axis.effective_kernel - 1 - end + extra

    def _span(self, axis: Axis, rule: Rule, size: int) -> int:
        low, high = self._sides(axis, rule, size)
        rows = _rows(size, low, high)
        dilated = (rows - 1) * axis.stride + 1 if self.kind == "tconv" else rows
        return dilated + max(low, 0) + max(high, 0) - axis.effective_kernel

    def _size(self, axis: Axis, rule: Rule, size: int) -> int:
        span, stride = self._span(axis, rule, size), axis.stride if self.kind == "conv" else 1
        return span // stride + 1 if span >= 0 else 1 - -span // stride

    def _wrong(self, axis: Axis, rule: Rule, size: int) -> str:
        low, high = self._sides(axis, rule, size)
        crop = min(low, 0) + min(high, 0)
        if crop and self.kind == "tconv" and axis.stride > 1:
            return (
                f"{UNDILATED}: mlx crops {-crop} rows of the input itself, where it should crop as many of the input "
                f"with its {axis.stride - 1} zeros between rows"
            )
        if _rows(size, low, high) != size + crop:
            return f"mlx crops {-crop} rows of an input that has {size}, and makes rows of what is not there"
        span = self._span(axis, rule, size)
        if span < 0 and self._size(axis, rule, size) > 0:
            return (
                f"the kernel spans {-span} more than the padded input, so nothing is left; a division that rounds "
                f"{span}/{axis.stride} towards zero makes one row of it, from memory beyond the input"
            )
        return ""


def _rows(size: int, low: int, high: int) -> int:
    """Rows left of an input that is cropped by a slice."""
    return len(range(size)[max(-low, 0) : size + high if high < 0 else size])


def expected(kind: Kind, axis: Axis, rule: Rule, size: int) -> int:
    """The output size of one axis by the formula."""
    begin, end, extra = rule(size)
    return replace(axis, pad_begin=begin, pad_end=end, output_padding=extra).out(kind, size)
