"""What a block costs: parameters, multiply-adds, and the elements that it puts out."""

from __future__ import annotations

from math import prod

from tconv_design import cost
from tconv_design.architecture.walk import Row, Signal


def elements(signal: Signal) -> int:
    """Numbers in one sample of a signal."""
    return signal.channels * prod(signal.size)


def parameters(row: Row) -> int:
    """Weights and, where the block has a bias, one more per output channel; 0 for what learns nothing."""
    if row.out is None:
        return 0
    bias = row.out.channels if row.block.bias else 0
    if row.block.kind == "linear":
        return dense_weights(row.in_, row.out) + bias
    layer = row.layer
    return prod(layer.weight_shape) + bias if layer else 0


def multiply_adds(row: Row) -> int:
    """Multiply-adds for one sample: a tconv's over its input positions, a conv's over its output positions."""
    if row.out is None:
        return 0
    if row.block.kind == "linear":
        return dense_weights(row.in_, row.out)
    layer = row.layer
    return cost.multiply_adds(layer, row.in_.size, row.out.size) if layer else 0


def dense_weights(in_: Signal, out: Signal) -> int:
    """Weights of a fully connected layer from one signal to another."""
    return elements(in_) * elements(out)
