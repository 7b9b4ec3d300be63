"""A block's spatial map on one axis, ready to be applied to any size."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from tconv_design.architecture.model import Architecture, Window, title
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind, remainder
from tconv_design.layer import Axis
from tconv_design.padding import POLICIES, Policy, policy
from tconv_design.values import parse_values, split_axes

LEAST = {"kernel": 1, "stride": 1, "padding": 0, "output_padding": 0, "dilation": 1}


class Template(NamedTuple):
    """One axis of a block. With a `policy` the padding depends on the size that comes in."""

    kind: Kind
    axis: Axis
    ceil_mode: bool = False
    policy: Policy | None = None
    given: int | None = None

    def at(self, in_: int) -> Axis:
        """The parameters for `in_` rows. Raises InvalidQuestion where the dialect refuses them."""
        if self.policy is None:
            return self.axis
        kernel, stride, dilation = self.axis.kernel, self.axis.stride, self.axis.dilation
        begin, end, extra = next(self.policy(in_, kernel, stride, dilation, self.given))
        return Axis(kernel, stride, begin, end, extra, dilation)

    def out(self, in_: int) -> int:
        """Output size for `in_` rows; less than 1 where nothing is left.

        With ceil_mode a last window may hang over the end, unless it would start in the padding (PyTorch's rule).
        """
        axis = self.at(in_)
        out = axis.out(self.kind, in_)
        if not self.ceil_mode or not self.dropped(in_):
            return out
        return out + 1 if out * axis.stride < in_ + axis.pad_begin else out

    def dropped(self, in_: int) -> int:
        """Rows of the padded input that no window of a conv or pool reaches without ceil_mode; negative: none fits."""
        axis = self.at(in_)
        out = axis.out(self.kind, in_)
        return remainder(in_, out, axis.kernel, axis.stride, axis.pad_begin + axis.pad_end, axis.dilation)


def require_numbers(architecture: Architecture) -> None:
    """Raises InvalidQuestion, with the line, for the first layer with an unknown."""
    for index, block in enumerate(architecture.blocks):
        try:
            if block.window is not None:
                templates(block.window, architecture.ndim)
        except InvalidQuestion as error:
            line = f"line {block.line}: " if block.line else ""
            raise InvalidQuestion(f"{line}{title(block, index)}: {error.message}", error.hint) from None


@lru_cache(maxsize=1024)
def templates(window: Window, ndim: int) -> tuple[Template, ...]:
    """One template per axis. Raises InvalidQuestion for an unknown, text of no known form, and broken rules."""
    named = window.padding if window.padding in POLICIES else ""
    rule = policy(window.kind, named, window.dialect, ndim) if named else None
    columns = {
        name: _per_axis(name, getattr(window, name), ndim)
        for name in ("kernel", "stride", "output_padding", "dilation")
    }
    pads = [("0", "0")] * ndim if named else [_sides(text) for text in _split("padding", window.padding, ndim)]
    found = []
    for position in range(ndim):
        kernel, stride, extra, dilation = (column[position] for column in columns.values())
        begin, end = (_number("padding", text) for text in pads[position])
        axis = Axis(kernel or 1, stride or 1, begin, end, extra or 0, dilation or 1)
        found.append(Template(window.kind, axis, window.ceil_mode, rule, extra))
    return tuple(found)


def _per_axis(name: str, text: str, ndim: int) -> list[int | None]:
    if not text:
        return [None] * ndim
    return [_number(name, part) for part in _split(name, text, ndim)]


def _split(name: str, text: str, ndim: int) -> list[str]:
    parts = split_axes(name, text)
    if len(parts) not in (1, ndim):
        raise InvalidQuestion(f"{name} {text} has {len(parts)} axes and the network {ndim}", "give one value, or all")
    return parts * ndim if len(parts) == 1 else parts


def _sides(text: str) -> tuple[str, str]:
    begin, colon, end = text.partition(":")
    return (begin, end) if colon else (begin, begin)


def _number(name: str, text: str) -> int:
    values = parse_values(name, text, LEAST[name])
    if values is None or values.size != 1:
        raise InvalidQuestion(f"{name} {text} is open", "tconv-design plan FILE fills it")
    return values.low
