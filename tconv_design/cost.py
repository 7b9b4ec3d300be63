"""What a layer costs: parameters and multiply-adds."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from tconv_design.layer import Layer


def parameters(layer: Layer) -> int:
    """Weights and one bias per output channel."""
    return prod(layer.weight_shape) + layer.out_channels


def multiply_adds(layer: Layer, in_size: Sequence[int], out_size: Sequence[int]) -> int:
    """Multiply-adds for one sample: every position of the smaller side meets every tap.

    That side is the input of a tconv (counting its output's positions instead is stride**ndim too many) and the output
    of a conv.
    """
    positions = prod(in_size if layer.kind == "tconv" else out_size)
    return positions * prod(layer.kernel) * layer.in_channels * layer.out_channels // layer.groups
