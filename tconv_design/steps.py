"""A network as a program that a worker can run: its blocks with all numbers in them, as plain data."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from tconv_design.layer import Layer

Op = Literal[
    "layer", "max", "sum", "repeat", "interpolate", "pixel_shuffle", "trim", "concat", "add", "reshape", "linear"
]
Sides = tuple[tuple[int, int], ...]


class Pooling(NamedTuple):
    """The window of a pool along one axis."""

    kernel: int
    stride: int
    begin: int
    dilation: int


class Step(NamedTuple):
    """One block of a network: what it does with the outputs of its sources (-1: the network's input).

    `out`: (channels, *size). `layer` for a conv or tconv; `pooling` for max and sum, per axis; `scale` for what
    repeats, interpolates or shuffles; `sides`: the rows that a trim or a join takes off each source at (begin, end) of
    each axis, negative where it adds zeros.
    """

    op: Op
    sources: tuple[int, ...]
    out: tuple[int, ...]
    layer: Layer | None = None
    pooling: tuple[Pooling, ...] = ()
    scale: tuple[int, ...] = ()
    sides: tuple[Sides, ...] = ()

    def to_list(self) -> list[Any]:
        """The step as JSON can carry it."""
        return [*self._replace(layer=None), self.layer and self.layer.to_dict()]

    @classmethod
    def from_list(cls, parts: list[Any]) -> Step:
        """The step of a list; the reverse of `to_list`."""
        op, sources, out, _, pooling, scale, sides, layer = parts
        return cls(
            op,
            tuple(sources),
            tuple(out),
            layer and Layer.from_dict(layer),
            tuple(Pooling(*axis) for axis in pooling),
            tuple(scale),
            tuple(tuple((begin, end) for begin, end in each) for each in sides),
        )


def last_readers(steps: tuple[Step, ...]) -> dict[int, int]:
    """For each output (-1: the network's input) the last step that reads it."""
    return {source: at for at, step in enumerate(steps) for source in step.sources}
