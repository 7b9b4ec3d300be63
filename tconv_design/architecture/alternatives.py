"""What could stand in a transposed convolution's place: resize and convolve, or convolve and shuffle (sub-pixel).

Both are transposed convolutions themselves, of a kernel that is bound (resize) or permuted (sub-pixel); `replacements`
says which. Sources: Odena et al., "Deconvolution and Checkerboard Artifacts", Distill 2016; Shi et al.,
arXiv:1609.05158 and arXiv:1609.07009; Aitken et al., arXiv:1707.02937 (ICNR).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod
from typing import Any, Literal, NamedTuple

from tconv_design.architecture.chain import block_of
from tconv_design.architecture.costs import elements, multiply_adds, parameters
from tconv_design.architecture.model import INPUT, Architecture, Block, Size, Window, title
from tconv_design.architecture.replacements import Pair, Replacement, resized, shuffled, shuffled_and_cropped, unscaled
from tconv_design.architecture.templates import require_numbers
from tconv_design.architecture.walk import Problem, Row, walk
from tconv_design.errors import InvalidLayer, InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.overlap import overlap

Evenness = Literal["even", "uneven", "holes"]
Maps = Literal["all", "some", "shifted", "other"]
Name = Literal["tconv", "conv", "resize", "sub_pixel", "sub_pixel_cropped"]


class Alternative(NamedTuple):
    """A small network from the tconv's input to its output size.

    `params` counts the biases. `peak_activations`: elements of the largest input and output that one of its layers
    holds together, for one sample. `overlap`: whether a constant signal and a constant kernel give a constant inside;
    holes are rows that no input reaches. `same_as`: the tconv that it is (None where no single layer says it).
    `maps`: whether it computes all maps that the compared tconv can, some of them, all of them shifted, or other
    ones; `shift`: the rows per axis by which its output is ahead, its row o being the tconv's row o + shift. `why`:
    what makes it end in a crop; empty where it does not.
    """

    name: Name
    architecture: Architecture
    rows: tuple[Row, ...]
    params: int
    macs: int
    peak_activations: int
    overlap: Evenness
    same_as: Layer | None
    maps: Maps
    shift: tuple[int, ...]
    why: str

    def to_dict(self) -> dict[str, Any]:
        """The alternative as the public JSON document has it."""
        return {
            "name": self.name,
            "layers": [_step(row) for row in self.rows],
            "params": self.params,
            "macs": self.macs,
            "peak_activations": self.peak_activations,
            "overlap": self.overlap,
            "same_as": self.same_as.to_dict() if self.same_as else None,
            "maps": self.maps,
            "shift": list(self.shift),
            "why": self.why,
        }


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

    def to_dict(self) -> dict[str, Any]:
        """The comparison as the public JSON document has it."""
        return {
            "label": self.label,
            "layer": self.layer.to_dict(),
            "in": list(self.in_size),
            "out": list(self.out_size),
            "alternatives": [each.to_dict() for each in self.alternatives],
            "left_out": list(self.left_out),
        }


def _step(row: Row) -> dict[str, Any]:
    """One layer of an alternative: what it is, and the numbers that it has of its own."""
    assert row.out is not None
    own: dict[str, Any] = {}
    if row.layer:
        own["layer"] = row.layer.to_dict()
    elif row.block.kind == "crop":
        own["padding"] = [[axis.pad_begin, axis.pad_end] for axis in row.axes]
    else:
        own["scale"] = [axis.stride for axis in row.axes]
    ends = {"in": list(row.in_.size), "out": list(row.out.size)}
    return {"kind": row.block.kind, **own, **ends, "in_channels": row.in_.channels, "out_channels": row.out.channels}


class _Place(NamedTuple):
    """The tconv that alternatives are made for, at its size."""

    layer: Layer
    in_size: tuple[int, ...]
    out_size: tuple[int, ...]
    bias: bool


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


def comparisons(architecture: Architecture, size: Sequence[int]) -> tuple[list[Comparison], Problem | None]:
    """Each distinct tconv of an architecture compared, and why the way through it ends early, if it does.

    Of tconvs that are alike the first is compared; its label says how many there are.
    """
    require_numbers(architecture)
    found: dict[tuple[Layer, Size, bool], list[str]] = {}
    ended = None
    for row in walk(architecture, size):
        if row.block.kind == "tconv" and row.layer:
            alike = found.setdefault((row.layer, row.in_.size, row.block.bias), [])
            alike.append(title(row.block, row.number))
        if row.out is None and row.problems:
            problem = row.problems[0]
            ended = Problem(f"{title(row.block, row.number)}: {problem.message}", problem.hint)
    return [compare(*place, _of(labels)) for place, labels in found.items()], ended


def _of(labels: Sequence[str]) -> str:
    return labels[0] if len(labels) == 1 else f"{labels[0]} and {len(labels) - 1} more like it"


def _itself(place: _Place) -> Alternative:
    cost = overlap(place.layer, place.out_size)
    assert cost is not None
    evenness: Evenness = "holes" if cost.holes else "even" if cost.uniform else "uneven"
    return _made("tconv", place, [block_of(place.layer, place.bias)], evenness, place.layer, "all")


def _direct(place: _Place) -> list[Alternative]:
    """At stride 1 a tconv is a conv with the kernel flipped."""
    axes = [unscaled(axis) for axis in place.layer.axes]
    blocks = [_conv_block(place, axes, place.layer.out_channels), *_crop_blocks(axes)]
    return [_made("conv", place, blocks, "even", place.layer, "all")]


def _resized(place: _Place) -> list[Alternative]:
    """Nearest resize by the stride, then a conv, aligned as the tconv is."""
    axes = [resized(axis) for axis in place.layer.axes]
    scales = "x".join(str(axis.stride) for axis in place.layer.axes)
    resize = Block("upsample", (INPUT,), Window("tconv", scales, scales))
    blocks = [resize, _conv_block(place, axes, place.layer.out_channels), *_crop_blocks(axes)]
    reaches_all = all(axis.effective_kernel >= axis.stride for axis in place.layer.axes)
    dense = all(axis.dilation == 1 or axis.kernel == 1 for axis in place.layer.axes)
    maps: Maps = "some" if reaches_all and dense else "other"
    return [_made("resize", place, blocks, "even", _same_as(place, axes), maps)]


def _shuffling(place: _Place) -> list[Alternative]:
    """A conv and pixel_shuffle: without a crop where that gives the size, and as the tconv itself."""
    plain = [shuffled(*each) for each in zip(place.layer.axes, place.in_size, place.out_size, strict=True)]
    cropped = [shuffled_and_cropped(axis) for axis in place.layer.axes]
    if not any(any(axis.crop) for axis in cropped):
        return [_sub_pixel("sub_pixel", place, cropped)]
    whole = [_sub_pixel("sub_pixel", place, [axis for axis in plain if axis])] if all(plain) else []
    return [*whole, _sub_pixel("sub_pixel_cropped", place, cropped)]


def _sub_pixel(name: Name, place: _Place, axes: Sequence[Replacement]) -> Alternative:
    strides = place.layer.stride
    scales = "x".join(map(str, strides))
    shuffle = Block("pixel_shuffle", (INPUT,), Window("tconv", scales, scales))
    blocks = [_conv_block(place, axes, place.layer.out_channels * prod(strides)), shuffle, *_crop_blocks(axes)]
    if name == "sub_pixel_cropped":
        return _made(name, place, blocks, "even", place.layer, "all")
    begins = [(axis.kernel - 1 - axis.padding[0]) * stride for axis, stride in zip(axes, strides, strict=True)]
    shift = tuple(begin - axis.pad_begin for begin, axis in zip(begins, place.layer.axes, strict=True))
    return _made(name, place, blocks, "even", _same_as(place, axes), "shifted" if any(shift) else "all", shift)


def _same_as(place: _Place, axes: Sequence[Replacement]) -> Layer | None:
    found = [axis.same_as for axis in axes if axis.same_as]
    if len(found) < len(axes):
        return None
    layer = place.layer
    return Layer("tconv", tuple(found), layer.groups, layer.in_channels, layer.out_channels)


def _conv_block(place: _Place, axes: Sequence[Replacement], channels: int) -> Block:
    kernel, dilation = ("x".join(str(getattr(axis, name)) for axis in axes) for name in ("kernel", "dilation"))
    window = Window("conv", kernel, padding=_sides([axis.padding for axis in axes]), dilation=dilation)
    return Block("conv", (INPUT,), window, channels, place.layer.groups, place.bias)


def _crop_blocks(axes: Sequence[Replacement]) -> list[Block]:
    crops = [axis.crop for axis in axes]
    return [Block("crop", (INPUT,), Window("tconv", "1", padding=_sides(crops)))] if any(map(any, crops)) else []


def _sides(pairs: Iterable[Pair]) -> str:
    return "x".join(f"{begin}:{end}" for begin, end in pairs)


def _made(
    name: Name,
    place: _Place,
    blocks: Sequence[Block],
    evenness: Evenness,
    same_as: Layer | None,
    maps: Maps,
    shift: tuple[int, ...] = (),
) -> Alternative:
    chained = tuple(block._replace(sources=(index - 1,)) for index, block in enumerate(blocks))
    architecture = Architecture(chained, place.layer.ndim, place.layer.in_channels, place.in_size, name=name)
    rows = tuple(walk(architecture, place.in_size))
    if rows[-1].out is None:
        raise InvalidLayer(rows[-1].problems[0].message)
    params, macs = sum(map(parameters, rows)), sum(map(multiply_adds, rows))
    peak = max(elements(row.in_) + elements(row.out) for row in rows if row.out)
    shift = shift or (0,) * place.layer.ndim
    why = _why_cropped(name, place) if blocks[-1].kind == "crop" else ""
    return Alternative(name, architecture, rows, params, macs, peak, evenness, same_as, maps, shift, why)


def _why_cropped(name: Name, place: _Place) -> str:
    if name == "sub_pixel_cropped":
        for stride, out in zip(place.layer.stride, place.out_size, strict=True):
            if out % stride:
                return f"cropped, as pixel_shuffle {stride} gives multiples of {stride}, and {out} is none"
        return "cropped to the rows of the tconv, whose padding is no whole number of strides"
    return "cropped, as even without padding the conv leaves more rows than the tconv"


_SCALING = (("resize + convolution", _resized), ("sub-pixel", _shuffling))
