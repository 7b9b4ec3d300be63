"""A layer in a framework's words, and words as plain data before they are spelled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from tconv_design.dialects.layout import Layout
from tconv_design.formula import Kind


class Written(NamedTuple):
    """A program that defines `layer`, and what a user must know of it.

    `native`: one call with arguments; otherwise the call with padding, cropping or splitting around it. `layout` is
    what its signal and weight look like. `notes` say what is different although it looks equal.
    """

    code: str
    native: bool
    layout: Layout
    notes: tuple[str, ...] = ()


class Words(NamedTuple):
    """The arguments of one call, as a framework's own, whether it takes them or not.

    `padding` is a name (`same`, `valid`, ...) or (begin, end) per axis; `output_padding` is None where none is given.
    """

    kind: Kind
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: str | tuple[tuple[int, int], ...]
    output_padding: tuple[int, ...] | None = None
    groups: int = 1
    in_channels: int = 1
    out_channels: int = 1

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.kernel)


def short(values: Iterable[int]) -> str:
    """One int where every axis has the same, else a tuple."""
    values = tuple(values)
    return str(values[0]) if len(set(values)) == 1 else str(values)


def given(options: Sequence[tuple[str, Sequence[int], int]]) -> list[str]:
    """`stride=2` for every (name, value per axis, default) that is not the default."""
    return [f"{name}={short(value)}" for name, value, default in options if set(value) - {default}]
