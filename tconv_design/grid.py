"""The layers by which a backend is proved: a fixed grid of every parameter, alone and together, and drawn ones."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from tconv_design.formula import Kind, effective_kernel
from tconv_design.layer import Axis, Layer


@dataclass(frozen=True, slots=True)
class Case:
    """A layer and its input size per axis; `id` names both and stays the same over releases."""

    layer: Layer
    in_size: tuple[int, ...]

    @property
    def id(self) -> str:
        """Such as 'tconv-in5-k3-s2-p0.1-op1', values of several axes joined by x; defaults are left out."""
        layer = self.layer
        words = [layer.kind, f"in{_joined(self.in_size)}", f"k{_joined(layer.kernel)}"]
        pads = "x".join(f"{begin}.{end}" if begin != end else str(begin) for begin, end in layer.padding)
        words += [f"s{_joined(layer.stride)}"] * (set(layer.stride) != {1})
        words += [f"p{pads}"] * any(map(sum, layer.padding))
        words += [f"op{_joined(layer.output_padding)}"] * any(layer.output_padding)
        words += [f"d{_joined(layer.dilation)}"] * (set(layer.dilation) != {1})
        words += [f"c{layer.in_channels}.{layer.out_channels}"] * (layer.in_channels * layer.out_channels != 1)
        words += [f"g{layer.groups}"] * (layer.groups != 1)
        return "-".join(words)


def _joined(values: tuple[int, ...]) -> str:
    return "x".join(map(str, values))


def _tconv(*in_size: int, **parameters: Any) -> Case:
    return Case(Layer.tconv(len(in_size), **parameters), in_size)


def _conv(*in_size: int, **parameters: Any) -> Case:
    return Case(Layer.conv(len(in_size), **parameters), in_size)


def _channels(in_channels: int, out_channels: int, groups: int = 1) -> dict[str, int]:
    return {"in_channels": in_channels, "out_channels": out_channels, "groups": groups}


TRANSPOSED = (
    _tconv(5, kernel=3),
    _tconv(5, kernel=4),
    _tconv(5, kernel=1),
    _tconv(5, kernel=3, padding=1),
    _tconv(5, kernel=5, padding=4),
    _tconv(5, kernel=2, stride=2),
    _tconv(5, kernel=4, stride=2, padding=1),
    _tconv(5, kernel=3, stride=2, padding=1),
    _tconv(5, kernel=3, stride=2, padding=1, output_padding=1),
    _tconv(5, kernel=5, stride=2, padding=2, output_padding=1),
    _tconv(5, kernel=4, stride=4),
    _tconv(5, kernel=3, stride=2, padding=((0, 1),)),
    _tconv(5, kernel=3, stride=2, padding=((1, 0),)),
    _tconv(5, kernel=6, stride=3, padding=((2, 1),)),
    _tconv(5, kernel=4, stride=3, padding=((2, 1),), output_padding=1),
    _tconv(5, kernel=4, padding=((1, 2),)),
    _tconv(5, kernel=3, padding=((2, 0),)),  # causal
    _tconv(5, kernel=3, stride=2, output_padding=1),  # beyond the padding: a row that nothing reaches
    _tconv(5, kernel=2, stride=3, padding=1, output_padding=2),
    _tconv(5, kernel=1, stride=3),  # kernel < stride: rows between that nothing reaches
    _tconv(5, kernel=1, stride=3, padding=1),
    _tconv(5, kernel=2, stride=4, output_padding=2),
    _tconv(5, kernel=3, stride=2, padding=3),  # more than K - 1
    _tconv(5, kernel=3, dilation=2),
    _tconv(5, kernel=3, dilation=2, padding=2),
    _tconv(5, kernel=2, dilation=3, padding=((1, 2),)),
    _tconv(5, kernel=3, stride=2, dilation=2, padding=2),
    _tconv(5, kernel=3, stride=2, dilation=3, padding=3, output_padding=2),
    _tconv(1, kernel=3),
    _tconv(1, kernel=4, stride=2, padding=1),
    _tconv(1, kernel=1),
    _tconv(5, kernel=3, padding=1, **_channels(3, 2)),
    _tconv(5, kernel=4, stride=2, padding=1, **_channels(4, 6, 2)),
    _tconv(5, kernel=3, stride=2, padding=1, output_padding=1, **_channels(3, 3, 3)),
    _tconv(5, kernel=2, stride=2, **_channels(2, 4, 2)),
    _tconv(4, 5, kernel=4, stride=2, padding=1, **_channels(3, 2)),
    _tconv(4, 3, kernel=3, stride=2, padding=1, output_padding=1, **_channels(2, 3)),
    _tconv(4, 3, kernel=(3, 2), stride=(2, 3), padding=((1, 0), (0, 1)), output_padding=(1, 0)),
    _tconv(4, 3, kernel=2, stride=2, **_channels(4, 4, 2)),
    _tconv(4, 3, kernel=3, stride=2, padding=((0, 1), (0, 1)), **_channels(2, 2)),
    _tconv(4, 3, kernel=3, dilation=2, padding=2),
    _tconv(4, 3, kernel=(3, 2), stride=2, dilation=(1, 2), padding=1),
    _tconv(1, 3, kernel=4, stride=2, padding=1),
    _tconv(4, 3, kernel=3, stride=2, padding=1, **_channels(3, 3, 3)),
    _tconv(3, 2, 4, kernel=2, stride=2, **_channels(2, 3)),
    _tconv(3, 2, 4, kernel=4, stride=2, padding=1),
    _tconv(3, 2, 4, kernel=3, stride=2, padding=1, output_padding=1),
    _tconv(3, 2, 4, kernel=(2, 3, 1), stride=(1, 2, 2), padding=((0, 1), (1, 1), (0, 0))),
    _tconv(3, 2, 4, kernel=(1, 2, 2), dilation=(1, 1, 2), **_channels(2, 4, 2)),
    _tconv(1, 1, 1, kernel=4),
)

DIRECT = (
    _conv(8, kernel=3),
    _conv(8, kernel=4),
    _conv(8, kernel=1),
    _conv(8, kernel=3, padding=1),
    _conv(8, kernel=4, stride=2, padding=1),
    _conv(8, kernel=3, stride=2, padding=1),
    _conv(8, kernel=3, stride=2, padding=((0, 1),)),
    _conv(8, kernel=3, stride=2, padding=((1, 0),)),
    _conv(8, kernel=4, padding=((1, 2),)),
    _conv(8, kernel=3, padding=((2, 0),)),  # causal
    _conv(9, kernel=3, stride=4),  # the floor drops rows
    _conv(8, kernel=2, stride=3),
    _conv(8, kernel=1, stride=2, padding=1),
    _conv(8, kernel=3, padding=4),
    _conv(8, kernel=3, dilation=2, padding=2),
    _conv(8, kernel=3, stride=2, dilation=2),
    _conv(3, kernel=3),
    _conv(1, kernel=3, padding=1),
    _conv(8, kernel=3, padding=1, **_channels(3, 2)),
    _conv(8, kernel=4, stride=2, padding=1, **_channels(4, 6, 2)),
    _conv(8, kernel=3, **_channels(3, 3, 3)),
    _conv(8, kernel=2, **_channels(2, 4, 2)),
    _conv(7, 8, kernel=3, padding=1, **_channels(3, 2)),
    _conv(7, 8, kernel=4, stride=2, padding=1, **_channels(2, 3)),
    _conv(7, 8, kernel=(3, 2), stride=(2, 3), padding=((1, 0), (0, 1))),
    _conv(7, 8, kernel=3, dilation=2, padding=2),
    _conv(7, 8, kernel=2, stride=2, **_channels(4, 4, 2)),
    _conv(7, 8, kernel=3, stride=2, **_channels(3, 3, 3)),
    _conv(1, 8, kernel=(1, 3)),
    _conv(5, 4, 6, kernel=2, stride=2, **_channels(2, 3)),
    _conv(5, 4, 6, kernel=3, padding=1),
    _conv(5, 4, 6, kernel=(2, 3, 1), stride=(1, 2, 2), padding=((0, 1), (1, 1), (0, 0))),
    _conv(5, 4, 6, kernel=(1, 2, 2), dilation=(1, 1, 2), **_channels(2, 4, 2)),
)

GRID = TRANSPOSED + DIRECT


def drawn(seed: int) -> Case:
    """A small layer drawn from a seed: 1 to 3 axes, groups, every parameter; half of the axes padded as "same" is."""
    draw = random.Random(seed)
    kind: Kind = draw.choice(["conv", "tconv"])
    pairs = [_drawn_axis(draw, kind) for _ in range(draw.randint(1, 3))]
    groups = draw.choice([1, 1, 2, 3])
    in_channels, out_channels = (groups * draw.randint(1, 3) for _ in range(2))
    layer = Layer(kind, tuple(axis for axis, _ in pairs), groups, in_channels, out_channels)
    return Case(layer, tuple(size for _, size in pairs))


def _drawn_axis(draw: random.Random, kind: Kind) -> tuple[Axis, int]:
    """An axis and an input size, drawn until something is left of the input."""
    while True:
        kernel, stride, dilation = draw.randint(1, 4), draw.randint(1, 4), draw.choice([1, 1, 1, 2, 3])
        extra = draw.choice([0, draw.randrange(max(stride, dilation))]) if kind == "tconv" else 0
        total = max(effective_kernel(kernel, dilation) - (stride if kind == "tconv" else 1), 0)
        one, other = draw.randint(0, 6), draw.randint(0, 6)
        begin, end = draw.choice([(0, 0), (total // 2, total - total // 2), (one, one), (one, other)])
        axis, size = Axis(kernel, stride, begin, end, extra, dilation), draw.randint(1, 6)
        if axis.out(kind, size) >= 1:
            return axis, size
