"""The block that undoes another's sizes, with numbers for the size that came in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tconv_design.architecture.model import POOLS, Block, Window
from tconv_design.architecture.walk import Row
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import remainder
from tconv_design.layer import Axis
from tconv_design.padding import policy
from tconv_design.reasons import sides
from tconv_design.wording import per_axis


class KerasWords(NamedTuple):
    """Keras's padding string, and output_padding in Keras's own meaning per axis (None: to be left out)."""

    padding: str
    output_padding: tuple[int, ...] | None


class Inverse(NamedTuple):
    """A block that takes a row's output back to its input size (None: nothing has to be done).

    `dropped` are the rows per axis that the row's own floor dropped. `keras` are the words for a layer that Keras has
    in its own meaning.
    """

    block: Block | None
    dropped: tuple[int, ...] = ()
    keras: KerasWords | None = None


def inverse(row: Row, channels: int) -> Inverse:
    """What undoes a row, giving `channels`. Raises InvalidQuestion where no single layer does."""
    block = row.block
    if block.kind == "flatten":
        return Inverse(Block("unflatten", (), size=row.in_.size))
    if block.kind == "unflatten":
        return Inverse(Block("flatten", ()))
    if block.kind == "linear":
        return Inverse(Block("linear", (), channels=channels, bias=block.bias))
    if row.fits:
        return _uncropped(row)
    if block.kind in ("pad", "crop"):
        return Inverse(_cut(tuple((axis.pad_begin, axis.pad_end) for axis in row.axes), block.kind == "pad"))
    if block.kind in ("upsample", "pixel_shuffle"):
        stride = per_axis([str(axis.stride) for axis in row.axes])
        return Inverse(Block("conv", (), Window("conv", stride, stride), channels))
    if block.kind == "tconv":
        return Inverse(_conv(row, channels))
    return _transposed(row, channels)


def _uncropped(row: Row) -> Inverse:
    """The rows that a join, or a crop or pad by `like`, took from its main signal, put back."""
    rows = row.fits[0]
    if not any(map(any, rows)):
        return Inverse(None)
    padded = any(begin < 0 or end < 0 for begin, end in rows)
    return Inverse(_cut(tuple((abs(begin), abs(end)) for begin, end in rows), padded))


def _cut(rows: tuple[tuple[int, int], ...], padded: bool) -> Block:
    """A crop of rows that were padded, or a pad of rows that were cropped."""
    if padded:
        return Block("crop", (), Window("tconv", "1", "1", sides(rows)))
    return Block("pad", (), Window("conv", "1", "1", sides(rows)))


def _conv(row: Row, channels: int) -> Block:
    """The conv that undoes a tconv; where output_padding spans a stride, so much less padding."""
    axes = tuple(
        axis if axis.output_padding < axis.stride else _less_padded(axis, axis.output_padding // axis.stride)
        for axis in row.axes
    )
    return Block("conv", (), _window("conv", axes), channels, row.block.groups, row.block.bias)


def _less_padded(axis: Axis, steps: int) -> Axis:
    end = axis.pad_end - steps * axis.stride
    if end < 0:
        raise InvalidQuestion(
            f"output_padding {axis.output_padding} is {steps} strides of {axis.stride} or more, and padding "
            f"{axis.pad_end} at the end is too little to take them back in a conv",
            "crop first",
        )
    return Axis(axis.kernel, axis.stride, axis.pad_begin, end, axis.output_padding, axis.dilation)


def _transposed(row: Row, channels: int) -> Inverse:
    """The tconv of the same window with output_padding = the rows that the floor dropped; for plain pools a resize."""
    assert row.out is not None
    block = row.block
    rests = tuple(
        remainder(big, small, axis.kernel, axis.stride, axis.pad_begin + axis.pad_end, axis.dilation)
        for axis, big, small in zip(row.axes, row.in_.size, row.out.size, strict=True)
    )
    if block.kind in POOLS and not any(rests) and all(_is_plain(axis) for axis in row.axes):
        if all(axis.stride == 1 for axis in row.axes):
            return Inverse(None)
        stride = per_axis([str(axis.stride) for axis in row.axes])
        return Inverse(Block("upsample", (), Window("tconv", stride, stride)), rests)
    axes = tuple(_filled(axis, rest) for axis, rest in zip(row.axes, rests, strict=True))
    found = Block("tconv", (), _window("tconv", axes), channels, block.groups, block.bias)
    if block.window is None or block.window.dialect != "keras" or block.window.padding not in ("same", "valid"):
        return Inverse(found, rests)
    return _in_keras_words(row, axes, rests, found)


def _is_plain(axis: Axis) -> bool:
    return axis.kernel == axis.stride and axis.dilation == 1 and not axis.pad_begin and not axis.pad_end


def _filled(axis: Axis, rest: int) -> Axis:
    """Rows that were dropped come back as output_padding; rows that ceil_mode looked at beyond the end are cropped."""
    end, extra = (axis.pad_end, rest) if rest >= 0 else (axis.pad_end - rest, 0)
    return Axis(axis.kernel, axis.stride, axis.pad_begin, end, extra, axis.dilation)


def _window(kind: str, axes: Sequence[Axis]) -> Window:
    kernel, stride, dilation, extra = (
        per_axis([str(getattr(axis, name)) for axis in axes])
        for name in ("kernel", "stride", "dilation", "output_padding")
    )
    pads = sides([(axis.pad_begin, axis.pad_end) for axis in axes])
    if kind == "conv":
        return Window("conv", kernel, stride, pads, dilation=dilation)
    return Window("tconv", kernel, stride, pads, extra if any(axis.output_padding for axis in axes) else "", dilation)


def _in_keras_words(row: Row, axes: Sequence[Axis], rests: tuple[int, ...], block: Block) -> Inverse:
    """The same tconv as Keras says it, if it can: with `same`, out = (in-1)*stride + K%2 + output_padding there."""
    assert row.out is not None
    assert row.block.window is not None
    padding = row.block.window.padding
    sizes = list(zip(axes, row.in_.size, row.out.size, strict=True))
    extras = tuple(
        big - (small - 1) * axis.stride - (axis.effective_kernel % 2 if padding == "same" else axis.effective_kernel)
        for axis, big, small in sizes
    )
    choices = [extras] if all(0 <= e < axis.stride for e, axis in zip(extras, axes, strict=True)) else []
    for chosen in [*choices, None]:
        given = chosen or (None,) * len(axes)
        if all(
            _keras_axis(padding, axis, small, extra, len(axes)) == _cropped(axis)
            for (axis, _, small), extra in zip(sizes, given, strict=True)
        ):
            assert block.window is not None
            extra_text = "" if chosen is None else per_axis([str(extra) for extra in chosen])
            window = block.window._replace(padding=padding, output_padding=extra_text, dialect="keras")
            return Inverse(block._replace(window=window), rests, KerasWords(padding, chosen))
    return Inverse(block, rests)


def _cropped(axis: Axis) -> tuple[int, int]:
    return axis.pad_begin, axis.end


def _keras_axis(padding: str, axis: Axis, in_: int, extra: int | None, ndim: int) -> tuple[int, int]:
    """What Keras crops of an axis, net."""
    begin, end, more = next(
        policy("tconv", padding, "keras", ndim)(in_, axis.kernel, axis.stride, axis.dilation, extra)
    )
    return begin, end - more
