"""What could stand in a transposed convolution's place: resize and convolve, or convolve and shuffle (sub-pixel).

Both are transposed convolutions themselves, of a kernel that is bound (resize) or permuted (sub-pixel). On one axis,
with stride s, effective kernel K, `begin` rows cropped at the start and `end` = pad_end - output_padding at the end:

- nearest resize by s, then a conv of kernel k' = max(K - s + 1, 1) and padding k'-1-begin at the start: a tconv of
  kernel k'+s-1 whose taps are W[m] = sum of w[k'-1-m+r] over r = 0..s-1. Each of its phases sums to the sum of w.
- a conv of c = ceil(K / s) taps to s times the channels, then pixel_shuffle: a tconv of kernel c*s whose taps are
  W[(c-1-t)*s + r] = w[t] of phase r. It pads and crops whole periods only, unless rows are cropped after it.

Negative paddings are rows that are cropped at the very end. Sources: Odena et al., "Deconvolution and Checkerboard
Artifacts", Distill 2016; Shi et al., arXiv:1609.05158 and arXiv:1609.07009; Aitken et al., arXiv:1707.02937 (ICNR).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Literal, NamedTuple

from tconv_design.architecture.model import INPUT, Architecture, Block, Window
from tconv_design.architecture.walk import Row, Signal, walk
from tconv_design.cost import multiply_adds
from tconv_design.errors import InvalidLayer, InvalidQuestion
from tconv_design.layer import Axis, Layer
from tconv_design.overlap import overlap

Evenness = Literal["even", "uneven", "holes"]
Maps = Literal["all", "some", "shifted", "other"]
Name = Literal["tconv", "conv", "resize", "sub_pixel", "sub_pixel_cropped"]
Pair = tuple[int, int]


class Alternative(NamedTuple):
    """A small network from the tconv's input to its output size.

    `params` counts the biases. `activations`: elements of the largest input and output that one of its layers holds
    together, for one sample. `overlap`: whether a constant signal and a constant kernel give a constant inside; holes
    are rows that no input reaches. `same_as`: the tconv that it is (None where no single layer says it). `maps`:
    whether it computes all maps that the compared tconv can, some of them, all of them shifted, or other ones.
    """

    name: Name
    architecture: Architecture
    rows: tuple[Row, ...]
    params: int
    macs: int
    activations: int
    overlap: Evenness
    same_as: Layer | None
    maps: Maps


class Comparison(NamedTuple):
    """A tconv at one size, and what could stand in its place; the first alternative is the tconv itself.

    `left_out` says of each alternative that no network of layers can be why it is not there.
    """

    layer: Layer
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    alternatives: tuple[Alternative, ...]
    left_out: tuple[str, ...] = ()
    label: str = ""


class _Place(NamedTuple):
    """The tconv that alternatives are made for, at its size."""

    layer: Layer
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    bias: bool


class _Bent(NamedTuple):
    """One axis of an alternative: its conv's kernel and padding, rows cropped at the end of it all, and its tconv."""

    kernel: int
    padding: Pair
    crop: Pair
    same_as: Axis | None
    dilation: int = 1


def compare(layer: Layer, in_size: Sequence[int], bias: bool = True, label: str = "") -> Comparison:
    """Set a tconv with `in_size` rows per axis beside its alternatives of equal output size.

    Raises InvalidQuestion for a conv, InvalidLayer where nothing is left of the input.
    """
    if layer.kind != "tconv":
        raise InvalidQuestion("compare is about transposed convolutions, and this layer is a conv", "use --kind tconv")
    place = _Place(layer, tuple(in_size), layer.output_size(in_size), bias)
    found, left_out = [_itself(place)], []
    for name, make in (("convolution", _direct),) if set(layer.stride) == {1} else _SCALING:
        try:
            found += make(place)
        except InvalidLayer as error:
            left_out.append(f"{name}: {error.message}")
    return Comparison(layer, place.in_size, place.out_size, tuple(found), tuple(left_out), label)


def _itself(place: _Place) -> Alternative:
    cost = overlap(place.layer, place.out_size)
    assert cost is not None
    evenness: Evenness = "holes" if cost.holes else "even" if cost.uniform else "uneven"
    return _made("tconv", place, [_tconv_block(place)], evenness, place.layer, "all")


def _direct(place: _Place) -> list[Alternative]:
    """At stride 1 a tconv is a conv with the kernel flipped."""
    axes = [_unscaled(axis) for axis in place.layer.axes]
    blocks = [_conv_block(place, axes, place.layer.out_channels), *_crop_blocks(axes)]
    return [_made("conv", place, blocks, "even", place.layer, "all")]


def _unscaled(axis: Axis) -> _Bent:
    span = axis.effective_kernel - 1
    return _bent(axis.kernel, (span - axis.pad_begin, span - axis.end), axis, axis.dilation)


def _resized(place: _Place) -> list[Alternative]:
    """Nearest resize by the stride, then a conv, aligned as the tconv is."""
    axes = [_resized_axis(axis) for axis in place.layer.axes]
    scales = "x".join(str(axis.stride) for axis in place.layer.axes)
    resize = Block("upsample", (INPUT,), Window("tconv", scales, scales))
    blocks = [resize, _conv_block(place, axes, place.layer.out_channels), *_crop_blocks(axes)]
    reaches_all = all(axis.effective_kernel >= axis.stride for axis in place.layer.axes)
    dense = all(axis.dilation == 1 or axis.kernel == 1 for axis in place.layer.axes)
    maps: Maps = "some" if reaches_all and dense else "other"
    return [_made("resize", place, blocks, "even", _same_as(place, axes), maps)]


def _resized_axis(axis: Axis) -> _Bent:
    K, s = axis.effective_kernel, axis.stride
    kernel = max(K - s + 1, 1)
    end = axis.end + kernel + s - 1 - K
    same_as = _tconv_axis(kernel + s - 1, s, axis.pad_begin, end)
    if end == axis.end and axis.output_padding < s:
        same_as = Axis(K, s, axis.pad_begin, axis.pad_end, axis.output_padding)
    return _bent(kernel, (kernel - 1 - axis.pad_begin, kernel - 1 - end), same_as)


def _shuffling(place: _Place) -> list[Alternative]:
    """A conv and pixel_shuffle: without a crop where that gives the size, and as the tconv itself."""
    plain = [_shuffled(*each) for each in zip(place.layer.axes, place.in_size, place.out_size, strict=True)]
    cropped = [_shuffled_and_cropped(axis) for axis in place.layer.axes]
    if not any(any(axis.crop) for axis in cropped):
        return [_sub_pixel("sub_pixel", place, cropped)]
    whole = [_sub_pixel("sub_pixel", place, [axis for axis in plain if axis])] if all(plain) else []
    return [*whole, _sub_pixel("sub_pixel_cropped", place, cropped)]


def _sub_pixel(name: Name, place: _Place, axes: Sequence[_Bent]) -> Alternative:
    strides = place.layer.stride
    scales = "x".join(map(str, strides))
    shuffle = Block("pixel_shuffle", (INPUT,), Window("tconv", scales, scales))
    blocks = [_conv_block(place, axes, place.layer.out_channels * prod(strides)), shuffle, *_crop_blocks(axes)]
    if name == "sub_pixel_cropped":
        return _made(name, place, blocks, "even", place.layer, "all")
    same_as = _same_as(place, axes)
    begins = [axis.same_as.pad_begin if axis.same_as else -1 for axis in axes]
    aligned = begins == [axis.pad_begin for axis in place.layer.axes]
    return _made(name, place, blocks, "even", same_as, "all" if aligned else "shifted")


def _shuffled(axis: Axis, in_: int, out: int) -> _Bent | None:
    """Whole periods only, as near to the tconv's own alignment as they come; None where the size is no whole number."""
    s, taps = axis.stride, -(-axis.effective_kernel // axis.stride)
    total = out // s - in_ + taps - 1
    if out % s or total < 0:
        return None
    begin = min(max(taps - 1 - (2 * axis.pad_begin + s - 1) // (2 * s), 0), total)
    same_as = _tconv_axis(taps * s, s, (taps - 1 - begin) * s, (taps - 1 - total + begin) * s)
    return _Bent(taps, (begin, total - begin), (0, 0), same_as)


def _shuffled_and_cropped(axis: Axis) -> _Bent:
    """The tconv itself: its kernel filled up to whole periods, and the rows that are left over cropped."""
    s, taps = axis.stride, -(-axis.effective_kernel // axis.stride)
    pads, crops = [], []
    for rows in (axis.pad_begin, axis.end + taps * s - axis.effective_kernel):
        pads.append(max(taps - 1 - rows // s, 0))
        crops.append(rows - (taps - 1 - pads[-1]) * s)
    same_as = _tconv_axis(taps * s, s, axis.pad_begin, axis.end + taps * s - axis.effective_kernel)
    return _Bent(taps, (pads[0], pads[1]), (crops[0], crops[1]), same_as)


def _bent(kernel: int, padding: Pair, same_as: Axis | None, dilation: int = 1) -> _Bent:
    begin, end = padding
    return _Bent(kernel, (max(begin, 0), max(end, 0)), (max(-begin, 0), max(-end, 0)), same_as, dilation)


def _tconv_axis(kernel: int, stride: int, begin: int, end: int) -> Axis | None:
    """The axis that crops `begin` and `end` rows; None where no layer may."""
    if begin < 0 or -end >= stride:
        return None
    return Axis(kernel, stride, begin, max(end, 0), max(-end, 0))


def _same_as(place: _Place, axes: Sequence[_Bent]) -> Layer | None:
    found = [axis.same_as for axis in axes if axis.same_as]
    if len(found) < len(axes):
        return None
    layer = place.layer
    return Layer("tconv", tuple(found), layer.groups, layer.in_channels, layer.out_channels)


def _tconv_block(place: _Place) -> Block:
    layer = place.layer
    kernel, stride, extra, dilation = (
        "x".join(map(str, values)) for values in (layer.kernel, layer.stride, layer.output_padding, layer.dilation)
    )
    window = Window("tconv", kernel, stride, _sides(layer.padding), extra, dilation)
    return Block("tconv", (INPUT,), window, layer.out_channels, layer.groups, place.bias)


def _conv_block(place: _Place, axes: Sequence[_Bent], channels: int) -> Block:
    kernel, dilation = ("x".join(str(getattr(axis, name)) for axis in axes) for name in ("kernel", "dilation"))
    window = Window("conv", kernel, padding=_sides([axis.padding for axis in axes]), dilation=dilation)
    return Block("conv", (INPUT,), window, channels, place.layer.groups, place.bias)


def _crop_blocks(axes: Sequence[_Bent]) -> list[Block]:
    crops = [axis.crop for axis in axes]
    return [Block("crop", (INPUT,), Window("tconv", "1", padding=_sides(crops)))] if any(map(any, crops)) else []


def _sides(pairs: Iterable[Pair]) -> str:
    return "x".join(f"{begin}:{end}" for begin, end in pairs)


def _made(
    name: Name, place: _Place, blocks: Sequence[Block], evenness: Evenness, same_as: Layer | None, maps: Maps
) -> Alternative:
    chained = tuple(block._replace(sources=(index - 1,)) for index, block in enumerate(blocks))
    architecture = Architecture(chained, place.layer.ndim, place.layer.in_channels, place.in_size, name=name)
    rows = tuple(walk(architecture, place.in_size))
    if rows[-1].out is None:
        raise InvalidLayer(rows[-1].problems[0].message)
    params = sum(_params(row, place.bias) for row in rows)
    macs = sum(_macs(row) for row in rows)
    peak = max(_elements(row.in_) + _elements(row.out) for row in rows if row.out)
    return Alternative(name, architecture, rows, params, macs, peak, evenness, same_as, maps)


def _params(row: Row, bias: bool) -> int:
    layer = row.layer
    return prod(layer.weight_shape) + bias * layer.out_channels if layer else 0


def _macs(row: Row) -> int:
    layer = row.layer
    return multiply_adds(layer, row.in_.size, row.out.size) if layer and row.out else 0


def _elements(signal: Signal) -> int:
    return signal.channels * prod(signal.size)


_SCALING = (("resize + convolution", _resized), ("sub-pixel", _shuffling))
