"""What paddle, mlx and tinygrad share: arguments of exactly one number per axis, and sizes as C++ divides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tconv_design.dialects.call import Call, count, numbers
from tconv_design.dialects.reading import Rule
from tconv_design.errors import Refused
from tconv_design.formula import effective_kernel


def per_axis(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """An argument as one number per axis: a number for all, or exactly as many. Raises Refused for anything else."""
    if isinstance(value, tuple) and len(value) != ndim:
        raise Refused(
            f"{name} {value} of {call.last} has {len(value)} entries for {ndim} axes", "give one per axis, or a number"
        )
    return numbers(call, name, value, ndim)


def positive(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """As `per_axis`, and every number at least 1."""
    found = per_axis(call, name, value, ndim)
    if min(found) < 1:
        raise Refused(f"{name} {min(found)} of {call.last} must be at least 1", f"use {name}=1")
    return found


def given_channels(call: Call, found: dict[str, Any]) -> tuple[int | None, int | None]:
    """The channels that a call gives; None where it does not say them, or has a variable."""
    first, second = (count(call, name, found.get(name, call)) for name in ("in_channels", "out_channels"))
    return first, second


@dataclass(frozen=True, slots=True)
class Truncated:
    """The sizes of a convolution whose division rounds towards zero, as C++'s does.

    Where the kernel does not fit by less than the stride, that makes a row where the formula leaves none: it is
    computed from memory beyond the input.
    """

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    rules: tuple[Rule, ...]

    def sizes(self, in_size: Sequence[int]) -> tuple[int, ...]:
        """The output size per axis."""
        spans = zip(self._spans(in_size), self.stride, strict=True)
        return tuple(span // stride + 1 if span >= 0 else 1 - -span // stride for span, stride in spans)

    def defect(self, in_size: Sequence[int]) -> str:
        """What is wrong at this input size; empty where nothing is."""
        for span, stride in zip(self._spans(in_size), self.stride, strict=True):
            if -stride < span < 0:
                return (
                    f"the kernel spans {-span} more than the padded input, so nothing is left; a division that rounds "
                    f"{span}/{stride} towards zero makes one row of it, from memory beyond the input"
                )
        return ""

    def _spans(self, in_size: Sequence[int]) -> list[int]:
        axes = zip(self.rules, self.kernel, self.dilation, in_size, strict=True)
        return [size + sum(rule(size)[:2]) - effective_kernel(kernel, d) for rule, kernel, d, size in axes]
