"""Programs of the form `def layer(x, kernel, bias): ...`: one convolution call and what has to surround it, written.

Around the call stand zero rows of the input, zeros between the kernel's taps, groups apart, and a crop of the result;
the bias comes last. Frameworks with numpy-like functions differ in how they spell these; `Idiom` has the spellings.
`surroundings` reads such programs back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

from tconv_design.dialects.layout import Layout
from tconv_design.layer import Axis, Layer

Window = tuple[int, int | None]
"""Where a slice of one axis starts and stops, as Python has it."""

ALL: Window = (0, None)

_COMMENTS = {
    "I": "in_channels",
    "O": "out_channels",
    "i": "in_channels/groups",
    "o": "out_channels/groups",
    "k": "*kernel",
}


class Idiom(NamedTuple):
    """How a framework spells what surrounds a call: format strings, and what their fields are.

    `pad`: array, rows (a list of [begin, end] for every axis). `take`: array, rows (a list of indices), axis. `split`:
    array, parts, axis. `concat`: arrays (a list), axis. `bias`: y, and `ones` (", 1" for every spatial axis).
    """

    pad: str
    take: str
    split: str
    concat: str
    bias: str


@dataclass(frozen=True, slots=True)
class Around:
    """What surrounds a call, per spatial axis.

    `before`: zero rows that its input gets at (begin, end). `window`: what is kept of its result. `taps`: how far
    apart the kernel's taps are moved before the call (1: not at all). `parts`: how many groups are called apart.
    `shape` is the kernel's as it comes in, `channels` the input's, each None where the program does not say it.
    """

    before: tuple[tuple[int, int], ...]
    window: tuple[Window, ...]
    taps: tuple[int, ...]
    parts: int = 1
    shape: tuple[int, ...] | None = None
    channels: int | None = None

    @classmethod
    def nothing(cls, ndim: int) -> Around:
        """A call that stands alone."""
        return cls(((0, 0),) * ndim, (ALL,) * ndim, (1,) * ndim)

    @property
    def is_nothing(self) -> bool:
        """Whether the call stands alone, whatever is stated of its arguments."""
        return replace(self, shape=None, channels=None) == Around.nothing(len(self.taps))


def padded(layer: Layer, in_size: tuple[int, ...]) -> tuple[Around, tuple[int, ...]]:
    """What surrounds a call without padding that makes it the layer, and the size per axis that the call then returns.

    For a tconv that size exceeds the full result of its input by less than one stride: an output_padding of the call.
    """
    plain = Around.nothing(layer.ndim)
    if layer.kind == "conv":
        return replace(plain, before=layer.padding), layer.output_size(in_size)
    found = [_window(axis, size) for axis, size in zip(layer.axes, in_size, strict=True)]
    before = tuple((0, rows) for rows, _, _ in found)
    return replace(plain, before=before, window=tuple(each for _, _, each in found)), tuple(
        full for _, full, _ in found
    )


def _window(axis: Axis, size: int) -> tuple[int, int, Window]:
    """(zero rows that the input needs at its end, size of the full result, crop of it).

    The output is the window [pad_begin, pad_begin + out) of the full result; beyond it there is only the bias. A call
    fills in less than one stride of that, so longer stretches come from zeros after the input.
    """
    end = axis.pad_begin + axis.out("tconv", size)
    full = max(axis.full(size), end)
    rows = (full - axis.full(size)) // axis.stride
    return rows, full, ALL if (axis.pad_begin, end) == (0, full) else (axis.pad_begin, end)


def from_the_end(around: Around, out: tuple[int, ...]) -> Around:
    """The same crop of a result of `out` rows with its stops counted from the end, so that it holds at every size."""
    windows = zip(around.window, out, strict=True)
    window = tuple((start, None if stop is None else stop - rows or None) for (start, stop), rows in windows)
    return replace(around, window=window)


def definition(layer: Layer, layout: Layout, idiom: Idiom, around: Around, call: str) -> str:
    """`def layer(x, kernel, bias)` with `call`, an expression of x and kernel, in it; the kernel is as `layout` says.

    With `parts`, the call is one group's. Where a conv has groups and no parts, the input's channels are stated too,
    for neither the kernel's shape nor every call tells them.
    """
    lines = [_stated_shape(layer, layout)]
    if layer.kind == "conv" and layer.groups > 1 and around.parts == 1:
        lines.append(f"assert x.shape[{_channel_axis(layout)}] == {layer.in_channels}  # in_channels")
    if any(map(any, around.before)):
        lines.append("x = " + idiom.pad.format(array="x", rows=_pad_rows(layout, around)))
    lines += _zeros_between_taps(layer, layout, idiom, around)
    lines += [f"y = {call}"] if around.parts == 1 else _groups_apart(layer, layout, idiom, around, call)
    y = f"y{_slices(layout, around)}"
    lines.append("return " + idiom.bias.format(y=y, ones=", 1" * layer.ndim))
    return "def layer(x, kernel, bias):" + "".join(f"\n    {line}" for line in lines)


def _stated_shape(layer: Layer, layout: Layout) -> str:
    """The line by which whoever reads the program knows the kernel, and from which its layer is recovered."""
    letters = layout.weight if layer.groups > 1 else layout.weight.replace("i", "I").replace("o", "O")
    comment = ", ".join(_COMMENTS[letter] for letter in letters)
    return f"assert tuple(kernel.shape) == {layout.weight_shape(layer)}  # ({comment})"


def _channel_axis(layout: Layout) -> int:
    return -1 if layout.channels_last else 1


def _pad_rows(layout: Layout, around: Around) -> str:
    rows = list(map(list, around.before))
    return str([[0, 0], *rows, [0, 0]] if layout.channels_last else [[0, 0], [0, 0], *rows])


def _slices(layout: Layout, around: Around) -> str:
    if set(around.window) == {ALL}:
        return ""
    texts = [":" if each == ALL else f"{each[0]}:{'' if each[1] is None else each[1]}" for each in around.window]
    return f"[{', '.join([':'] * (1 if layout.channels_last else 2) + texts)}]"


def _zeros_between_taps(layer: Layer, layout: Layout, idiom: Idiom, around: Around) -> list[str]:
    """Dilate the kernel itself: a zero row after its last tap, taken wherever the dilated kernel has no tap."""
    first = layout.weight.index("k")
    apart = [(i, tap, kernel) for i, (tap, kernel) in enumerate(zip(around.taps, layer.kernel, strict=True)) if tap > 1]
    if not apart:
        return []
    rows = [[0, 0] for _ in range(layer.ndim + 2)]
    for i, _, _ in apart:
        rows[first + i] = [0, 1]
    return ["kernel = " + idiom.pad.format(array="kernel", rows=rows)] + [
        "kernel = " + idiom.take.format(array="kernel", rows=spread_rows(tap, kernel), axis=first + i)
        for i, tap, kernel in apart
    ]


def spread_rows(tap: int, kernel: int) -> str:
    """The rows of a kernel with a zero row at its end that put its taps `tap` rows apart."""
    return f"[i // {tap} if i % {tap} == 0 else {kernel} for i in range({tap * (kernel - 1) + 1})]"


def _groups_apart(layer: Layer, layout: Layout, idiom: Idiom, around: Around, call: str) -> list[str]:
    """The call once for each group: the input's channels and those of the kernel that has them all are split alike."""
    channels = _channel_axis(layout)
    letters = layout.weight.replace("k", "k" * layer.ndim)
    whole = next(axis for axis, letter in enumerate(letters) if letter.isupper())
    splits = (("x", channels), ("kernel", -1 if whole == len(letters) - 1 else whole))
    x, kernel = (idiom.split.format(array=array, parts=around.parts, axis=axis) for array, axis in splits)
    return [
        f"pairs = zip({x}, {kernel})",
        f"parts = [{call} for x, kernel in pairs]",
        "y = " + idiom.concat.format(arrays="parts", axis=channels),
    ]
