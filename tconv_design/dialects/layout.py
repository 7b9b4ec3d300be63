"""How frameworks lay out signals and weights, and how one layout becomes another."""

from __future__ import annotations

from typing import Any, NamedTuple

from tconv_design.formula import Kind
from tconv_design.layer import Layer

Array = Any
"""A numpy array; this module only calls its methods, and needs no numpy itself."""


class Layout(NamedTuple):
    """Where channels stand.

    `weight` has a letter per axis of the weight: I and O for all input and output channels, i and o for those of one
    group, k for all the kernel's axes. `flipped`: the kernel is stored turned round on every spatial axis.
    """

    channels_last: bool
    weight: str
    flipped: bool = False

    def weight_shape(self, layer: Layer) -> tuple[int, ...]:
        """The weight's shape for a layer."""
        channels = {"I": layer.in_channels, "O": layer.out_channels}
        channels |= {letter.lower(): number // layer.groups for letter, number in channels.items()}
        return sum((layer.kernel if letter == "k" else (channels[letter],) for letter in self.weight), ())


CANONICAL: dict[Kind, Layout] = {"conv": Layout(False, "Oik"), "tconv": Layout(False, "Iok")}


def weight_from_canonical(weight: Array, layer: Layer, layout: Layout) -> Array:
    """A canonical weight as a framework has it: groups moved over, axes moved, the kernel turned round."""
    canonical = CANONICAL[layer.kind]
    spoken = canonical.weight
    if _needs_regrouping(layer, canonical, layout):
        apart, start, end, joined = _regrouping(layer, canonical)
        order = [axis for axis in range(len(apart)) if axis != start]
        order.insert(end, start)
        weight = weight.reshape(apart).transpose(order).reshape(joined)
        spoken = _regrouped(spoken)
    moved = weight.transpose(_axes_order(spoken, layout.weight, layer.ndim))
    return moved[_turned(layout.weight, layer.ndim)] if layout.flipped else moved


def weight_steps(layer: Layer, source: Layout, target: Layout, name: str = "weight") -> list[str]:
    """Lines of numpy that turn the source's weight into the target's; none where they are alike."""
    spoken = source.weight
    lines = []
    if _needs_regrouping(layer, source, target):
        lines += _regroup_lines(layer, source, name)
        spoken = _regrouped(spoken)
    order = _axes_order(spoken, target.weight, layer.ndim)
    if order != tuple(range(len(order))):
        lines.append(f"{name} = {name}.transpose{order}")
    if source.flipped != target.flipped and max(layer.kernel) > 1:
        turned = ", ".join("::-1" if step is _BACK else ":" for step in _turned(target.weight, layer.ndim))
        lines.append(f"{name} = {name}[{turned}]  # the kernel turned round")
    return lines


_BACK = slice(None, None, -1)


def _turned(letters: str, ndim: int) -> tuple[slice, ...]:
    return tuple(_BACK if letter == "k" else slice(None) for letter in letters.replace("k", "k" * ndim))


def _axes_order(source: str, target: str, ndim: int) -> tuple[int, ...]:
    """The source's axis for each of the target's; letters are alike in any case."""
    places: dict[str, list[int]] = {}
    for place, letter in enumerate(source.replace("k", "k" * ndim)):
        places.setdefault(letter.lower(), []).append(place)
    return tuple(places[letter.lower()].pop(0) for letter in target.replace("k", "k" * ndim))


def _needs_regrouping(layer: Layer, source: Layout, target: Layout) -> bool:
    return layer.groups > 1 and _grouped_by(source) != _grouped_by(target)


def _grouped_by(layout: Layout) -> str:
    """Which channels are all there: input (I) or output (O)."""
    return "I" if "I" in layout.weight else "O"


def _regrouped(letters: str) -> str:
    return letters.swapcase().replace("K", "k")


def _regrouping(layer: Layer, source: Layout) -> tuple[list[int], int, int, list[int]]:
    """Take the whole channels apart by group and join the groups to the other channels.

    Returns the shape with the groups apart, the axis of the groups in it, the axis that they move to, the last shape.
    """
    whole = _grouped_by(source)
    letters = source.weight.replace("k", "k" * layer.ndim)
    start, end = letters.index(whole), letters.index("o" if whole == "I" else "i")
    shape = list(source.weight_shape(layer))
    apart = [*shape[:start], layer.groups, shape[start] // layer.groups, *shape[start + 1 :]]
    shape[start] //= layer.groups
    shape[end] *= layer.groups
    return apart, start, end, shape


def _regroup_lines(layer: Layer, source: Layout, name: str) -> list[str]:
    apart, start, end, joined = _regrouping(layer, source)
    return [
        f"{name} = {name}.reshape({', '.join(map(str, apart))})  # the groups apart",
        f"{name} = np.moveaxis({name}, {start}, {end}).reshape({', '.join(map(str, joined))})  # and side by side",
    ]
