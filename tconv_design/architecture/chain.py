"""Layers in a row as an architecture."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.architecture.model import Architecture, Block, Size, Window
from tconv_design.layer import Layer
from tconv_design.reasons import sides
from tconv_design.wording import per_axis


def chain(layers: Sequence[Layer], size: Size, name: str = "", bias: bool = True) -> Architecture:
    """The network of one or more layers, each of which takes the output of the one before."""
    blocks = tuple(block_of(layer, bias)._replace(sources=(place - 1,)) for place, layer in enumerate(layers))
    return Architecture(blocks, layers[0].ndim, layers[0].in_channels, size, name=name)


def block_of(layer: Layer, bias: bool = True) -> Block:
    """The block of a conv or tconv that takes the network's input."""
    kernel, stride, extra, dilation = (
        per_axis([str(value) for value in values])
        for values in (layer.kernel, layer.stride, layer.output_padding, layer.dilation)
    )
    window = Window(
        layer.kind, kernel, stride, sides(layer.padding), extra if any(layer.output_padding) else "", dilation
    )
    return Block(layer.kind, (-1,), window, layer.out_channels, layer.groups, bias)
