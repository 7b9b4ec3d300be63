"""The spatial map that a layer's keys mean, and the rules that it must keep whatever its input's size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from tconv_design.architecture.entries import numbers_of
from tconv_design.architecture.model import POOLS, BlockKind, Window
from tconv_design.architecture.templates import LEAST, templates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.padding import POLICIES, policy
from tconv_design.values import Values, parse_values

Read = Mapping[str, Any]

_CONV = ("kernel", "stride", "padding", "output_padding", "dilation", "dialect")
_POOL = ("kernel", "padding", "dilation", "ceil_mode", "dialect")


def window_of(kind: BlockKind, values: Read) -> Window | None:
    """The map of a layer whose values are complete; None for a kind, or a crop or pad by `like`, that has none."""
    build = _WINDOWS.get(kind)
    return build(values) if build and "like" not in values else None


@lru_cache(maxsize=1024)
def rules_broken(kind: BlockKind, window: Window, ndim: int) -> tuple[tuple[str, InvalidQuestion], ...]:
    """(the key, what is wrong) for each rule that a layer on `ndim` axes breaks, whatever its unknowns come to."""
    return tuple(_broken(kind, window, ndim))


def _broken(kind: BlockKind, window: Window, ndim: int) -> Iterator[tuple[str, InvalidQuestion]]:
    try:
        if window.padding in POLICIES:
            policy(window.kind, window.padding, window.dialect, ndim)
        if _is_open(window):
            yield from _open_rules(window, ndim)
            return
    except InvalidQuestion as error:
        yield "padding", error
        return
    try:
        axes = tuple(template.at(1) for template in templates(window, ndim))
        Layer(window.kind, axes)
    except InvalidQuestion as error:
        yield _key_of(error.message, window), error
        return
    if kind in POOLS and window.padding not in POLICIES:
        yield from _pool_rules(axes)


def _pool_rules(axes: Iterable[Axis]) -> Iterator[tuple[str, InvalidQuestion]]:
    """PyTorch's rule for equal sides (its pooling kernels refuse more); no framework pools a window of padding only."""
    for axis in axes:
        equal = axis.pad_begin == axis.pad_end
        most = axis.kernel // 2 if equal else (axis.kernel - 1) * axis.dilation
        if max(axis.pad_begin, axis.pad_end) <= most:
            continue
        padding = str(axis.pad_begin) if equal else f"{axis.pad_begin}:{axis.pad_end}"
        rule = f"half its kernel {axis.kernel}, {most}" if equal else f"{most}: one row of data a window"
        error = InvalidQuestion(f"padding {padding} of a pool must be at most {rule}", f"use padding {most}")
        yield "padding", error
        return


def _key_of(message: str, window: Window) -> str:
    if message.startswith("output_padding"):
        return "output_padding"
    return "padding" if window.padding in POLICIES else "kernel"


def _is_open(window: Window) -> bool:
    texts = (window.kernel, window.stride, window.output_padding, window.dilation, window.padding)
    return any(character in text for text in texts for character in "?,./")


def _open_rules(window: Window, ndim: int) -> Iterator[tuple[str, InvalidQuestion]]:
    """The one rule that can be broken whatever the unknowns come to."""
    for axis in range(ndim):
        stride, dilation = (_on_axis(name, getattr(window, name), axis) for name in ("stride", "dilation"))
        extra = _on_axis("output_padding", window.output_padding or "0", axis)
        if stride is None or dilation is None or extra is None or extra.low < max(stride.high, dilation.high):
            continue
        limit = max(stride.high, dilation.high)
        yield (
            "output_padding",
            InvalidQuestion(
                f"output_padding {extra} must be less than max(stride {stride}, dilation {dilation}) = {limit}",
                f"use output_padding {'0' if limit == 1 else f'0..{limit - 1}'}, or stride {extra.low + 1}",
            ),
        )
        return


def _on_axis(name: str, text: str, axis: int) -> Values | None:
    parts = text.split("x")
    return parse_values(name, parts[axis if len(parts) > 1 else 0], LEAST[name])


def _convolution(kind: Kind) -> Callable[[Read], Window]:
    def build(values: Read) -> Window:
        return Window(kind, **{name: values[name] for name in _CONV if name in values})

    return build


def _pool(values: Read) -> Window:
    stride = values.get("stride", values["kernel"])
    return Window("conv", stride=stride, **{name: values[name] for name in _POOL if name in values})


def _upsample(values: Read) -> Window:
    """Linear interpolation by s is a transposed convolution with a triangular kernel of 2s - s%2 rows."""
    if values.get("mode", "nearest") == "nearest":
        return _shuffle(values)
    scale = numbers_of("scale", values["scale"])
    kernel = "x".join(str(2 * s - s % 2) for s in scale)
    padding = "x".join(str((s - s % 2) // 2) for s in scale)
    return Window("tconv", kernel, values["scale"], padding)


def _shuffle(values: Read) -> Window:
    return Window("tconv", values["scale"], values["scale"])


_WINDOWS: dict[BlockKind, Callable[[Read], Window]] = {
    "conv": _convolution("conv"),
    "tconv": _convolution("tconv"),
    "max_pool": _pool,
    "avg_pool": _pool,
    "upsample": _upsample,
    "pixel_shuffle": _shuffle,
    "pad": lambda values: Window("conv", "1", padding=values["padding"]),
    "crop": lambda values: Window("tconv", "1", padding=values["padding"]),
}
