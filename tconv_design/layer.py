"""A layer in the canonical vocabulary: frozen, validated, per axis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from tconv_design.errors import InvalidLayer
from tconv_design.formula import MAX_SIZE, Kind, conv_out, effective_kernel, full_size, tconv_out
from tconv_design.wording import counted

PerAxis = int | Sequence[int]
Padding = int | Sequence[int | Sequence[int]]


@dataclass(frozen=True, slots=True)
class Axis:
    """The parameters of a layer along one spatial axis, in elements."""

    kernel: int
    stride: int = 1
    pad_begin: int = 0
    pad_end: int = 0
    output_padding: int = 0
    dilation: int = 1

    @property
    def effective_kernel(self) -> int:
        """Rows that the dilated kernel spans, K = dilation*(kernel - 1) + 1."""
        return effective_kernel(self.kernel, self.dilation)

    @property
    def end(self) -> int:
        """Rows of the full transposed result cropped at the end, net: pad_end - output_padding (may be negative)."""
        return self.pad_end - self.output_padding

    def full(self, in_: int) -> int:
        """Rows that a transposed convolution lays down for `in_` input rows, before cropping."""
        return full_size(in_, self.effective_kernel, self.stride)

    def out(self, kind: Kind, in_: int) -> int:
        """Output size for `in_` input rows; less than 1 means that nothing is left."""
        if kind == "conv":
            return conv_out(in_, self.kernel, self.stride, self.pad_begin, self.pad_end, self.dilation)
        return tconv_out(
            in_, self.kernel, self.stride, self.pad_begin, self.pad_end, self.output_padding, self.dilation
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """A convolution or transposed convolution with 1 to 3 spatial axes.

    conv is cross-correlation with zero padding; tconv is its gradient with respect to the input: each input element
    scatters element*kernel into the output at `stride`, overlaps add, `pad_begin` rows are cropped at the start and
    `pad_end - output_padding` at the end. Raises InvalidLayer where a rule is broken.
    """

    kind: Kind
    axes: tuple[Axis, ...]
    groups: int = 1
    in_channels: int = 1
    out_channels: int = 1

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise InvalidLayer(f"kind {self.kind!r} is neither 'conv' nor 'tconv'")
        if not 1 <= len(self.axes) <= 3:
            raise InvalidLayer(f"a layer has 1 to 3 spatial axes, got {len(self.axes)}")
        for axis in self.axes:
            _check_axis(self.kind, axis)
        for name in ("groups", "in_channels", "out_channels"):
            _check_number(name, getattr(self, name), 1)
        for name in ("in_channels", "out_channels"):
            channels = getattr(self, name)
            if channels % self.groups:
                raise InvalidLayer(
                    f"{name} {channels} must be a multiple of groups {self.groups}",
                    f"use {name} {-(-channels // self.groups) * self.groups}",
                )

    @classmethod
    def conv(
        cls,
        ndim: int,
        *,
        kernel: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
        in_channels: int = 1,
        out_channels: int = 1,
    ) -> Layer:
        """A convolution over `ndim` axes. An int means every axis; padding takes ints or (begin, end) pairs."""
        axes = _axes(ndim, kernel, stride, padding, 0, dilation)
        return cls("conv", axes, groups, in_channels, out_channels)

    @classmethod
    def tconv(
        cls,
        ndim: int,
        *,
        kernel: PerAxis,
        stride: PerAxis = 1,
        padding: Padding = 0,
        output_padding: PerAxis = 0,
        dilation: PerAxis = 1,
        groups: int = 1,
        in_channels: int = 1,
        out_channels: int = 1,
    ) -> Layer:
        """A transposed convolution over `ndim` axes, as `conv`; output_padding < max(stride, dilation)."""
        axes = _axes(ndim, kernel, stride, padding, output_padding, dilation)
        return cls("tconv", axes, groups, in_channels, out_channels)

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.axes)

    @property
    def kernel(self) -> tuple[int, ...]:
        """Kernel size per axis."""
        return tuple(axis.kernel for axis in self.axes)

    @property
    def stride(self) -> tuple[int, ...]:
        """Stride per axis."""
        return tuple(axis.stride for axis in self.axes)

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """(begin, end) padding per axis."""
        return tuple((axis.pad_begin, axis.pad_end) for axis in self.axes)

    @property
    def output_padding(self) -> tuple[int, ...]:
        """Output padding per axis; zeros for a conv."""
        return tuple(axis.output_padding for axis in self.axes)

    @property
    def dilation(self) -> tuple[int, ...]:
        """Dilation per axis."""
        return tuple(axis.dilation for axis in self.axes)

    @property
    def weight_shape(self) -> tuple[int, ...]:
        """Canonical weight: (Cin, Cout/groups, *kernel) for a tconv, (Cout, Cin/groups, *kernel) for a conv."""
        if self.kind == "tconv":
            return (self.in_channels, self.out_channels // self.groups, *self.kernel)
        return (self.out_channels, self.in_channels // self.groups, *self.kernel)

    def output_size(self, in_size: Sequence[int]) -> tuple[int, ...]:
        """Output size per axis for `in_size` per axis. Raises InvalidLayer where an axis has no output left."""
        if len(in_size) != self.ndim:
            raise InvalidLayer(
                f"the layer has {'1 axis' if self.ndim == 1 else f'{self.ndim} axes'}, but in has {len(in_size)}"
            )
        return tuple(_checked_out(self.kind, axis, size) for axis, size in zip(self.axes, in_size, strict=True))

    def to_dict(self) -> dict[str, Any]:
        """The layer as the public JSON document has it."""
        return {
            "kind": self.kind,
            "kernel": list(self.kernel),
            "stride": list(self.stride),
            "padding": [list(pair) for pair in self.padding],
            "output_padding": list(self.output_padding),
            "dilation": list(self.dilation),
            "groups": self.groups,
            "in_channels": self.in_channels,
            "out_channels": self.out_channels,
        }

    @classmethod
    def from_dict(cls, document: dict[str, Any]) -> Layer:
        """The layer of a JSON document; the reverse of `to_dict`."""
        names = ("kernel", "stride", "padding", "output_padding", "dilation")
        axes = _axes(len(document["kernel"]), *(document[name] for name in names))
        return cls(document["kind"], axes, document["groups"], document["in_channels"], document["out_channels"])


def _axes(
    ndim: int, kernel: PerAxis, stride: PerAxis, padding: Padding, output_padding: PerAxis, dilation: PerAxis
) -> tuple[Axis, ...]:
    if ndim not in (1, 2, 3):
        raise InvalidLayer(f"a layer has 1 to 3 spatial axes, got {ndim}")
    pads = [pad if isinstance(pad, Sequence) else (pad, pad) for pad in _per_axis("padding", padding, ndim)]
    for pad in pads:
        if len(pad) != 2:
            raise InvalidLayer(f"padding of one axis is an int or a (begin, end) pair, got {tuple(pad)}")
    return tuple(
        Axis(k, s, begin, end, op, d)
        for k, s, (begin, end), op, d in zip(
            _per_axis("kernel", kernel, ndim),
            _per_axis("stride", stride, ndim),
            pads,
            _per_axis("output_padding", output_padding, ndim),
            _per_axis("dilation", dilation, ndim),
            strict=True,
        )
    )


def _per_axis(name: str, value: Any, ndim: int) -> list[Any]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        return [value] * ndim
    if len(value) != ndim:
        raise InvalidLayer(f"{name} {tuple(value)} has {len(value)} entries for {ndim} axes", "give one entry per axis")
    return list(value)


def _check_axis(kind: Kind, axis: Axis) -> None:
    for name, least in (("kernel", 1), ("stride", 1), ("dilation", 1)):
        _check_number(name, getattr(axis, name), least)
    for name in ("pad_begin", "pad_end", "output_padding"):
        _check_number(name.replace("pad_", "padding "), getattr(axis, name), 0)
    if kind == "conv" and axis.output_padding:
        raise InvalidLayer(f"a conv has no output_padding, got {axis.output_padding}", "drop it, or use kind tconv")
    limit = max(axis.stride, axis.dilation)
    if axis.output_padding >= limit and kind == "tconv":
        raise InvalidLayer(
            f"output_padding {axis.output_padding} must be less than max(stride {axis.stride}, "
            f"dilation {axis.dilation}) = {limit}",
            f"use output_padding {'0' if limit == 1 else f'0..{limit - 1}'}, or stride {axis.output_padding + 1}",
        )


def _check_number(name: str, value: Any, least: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InvalidLayer(f"{name} must be a whole number, got {value!r}")
    if not least <= value <= MAX_SIZE:
        raise InvalidLayer(f"{name} must be from {least} to 10**18, got {value if abs(value) < 10**30 else 'more'}")


def _checked_out(kind: Kind, axis: Axis, in_: int) -> int:
    _check_number("in", in_, 1)
    out = axis.out(kind, in_)
    if out >= 1:
        return out
    K = axis.effective_kernel
    if kind == "conv":
        padded = in_ + axis.pad_begin + axis.pad_end
        raise InvalidLayer(
            f"the kernel spans {K} rows (dilation*(kernel-1)+1), but the padded input has only {padded} "
            f"({in_} + {axis.pad_begin} + {axis.pad_end})",
            f"the smallest in is {K - axis.pad_begin - axis.pad_end}, or add {counted(K - padded, 'row')} of padding",
        )
    full = axis.full(in_)
    raise InvalidLayer(
        f"padding {axis.pad_begin}:{axis.pad_end} crops everything: out = {full} - {axis.pad_begin} - {axis.pad_end} "
        f"+ {axis.output_padding} = {out}, and out must be at least 1",
        f"crop at most {counted(full + axis.output_padding - 1, 'row')} in all, begin and end together",
    )
