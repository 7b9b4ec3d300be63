"""The layers around a Keras layer in its model: ZeroPadding before it, Cropping after it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from tconv_design.dialects.call import Call, Opaque, Program, Signature, bind, numbers, written
from tconv_design.errors import Refused
from tconv_design.formula import Kind

Sides = list[tuple[int, int]]

_DEFAULTS = {"Cropping2D": 0}  # all others pad or crop by 1
_EVERY = ("data_format", "trainable", "dtype", "autocast", "name", "input_shape")


def surroundings(program: Program, call: Call, kind: Kind, ndim: int) -> tuple[Sides, Sides]:
    """Zero rows that stand directly before a layer, and rows cropped directly after it, per axis (begin, end).

    Raises Refused where rows are padded after it, or cropped before a transposed one.
    """
    layers = _layers(program)
    if call not in layers:
        return [(0, 0)] * ndim, [(0, 0)] * ndim
    place = layers.index(call)
    before = _added(layers[:place][::-1], ndim)
    after = _added(layers[place + 1 :], ndim)
    if any(side > 0 for pair in after for side in pair):
        raise Refused("rows that are padded after the convolution hold no bias, so this is no layer", "pad its input")
    if kind == "tconv" and any(side < 0 for pair in before for side in pair):
        raise Refused("the input of a transposed convolution is cropped, so this is no layer", "crop its output")
    return before, [(-begin, -end) for begin, end in after]


def _layers(program: Program) -> list[Any]:
    """What stands in `Sequential([...])`, and what is added to a model, in order."""
    layers: list[Any] = []
    for call in program.named("Sequential", "add"):
        given = call.args[0] if call.args else call.keywords.get("layers", ())
        layers += given if isinstance(given, tuple) and not isinstance(given, Call | Opaque) else [given]
    return layers


def _added(layers: Iterable[Any], ndim: int) -> Sides:
    """The rows that all padding layers up to the first other layer add; those that they crop are negative."""
    total = [(0, 0)] * ndim
    for layer in _next_to(layers):
        sign = -1 if layer.last.startswith("Cropping") else 1
        rows = _rows(layer, ndim)
        total = [(a + sign * begin, b + sign * end) for (a, b), (begin, end) in zip(total, rows, strict=True)]
    return total


def _next_to(layers: Iterable[Any]) -> Iterator[Call]:
    for layer in layers:
        if not isinstance(layer, Call) or not re.fullmatch(r"(ZeroPadding|Cropping)[123]D", layer.last):
            return
        yield layer


def _rows(call: Call, ndim: int) -> Sides:
    """(begin, end) per axis: one number, one number per axis, or pairs; 1-D has one pair. Raises Refused."""
    if call.last[-2:] != f"{ndim}D":
        raise Refused(f"{call.last} stands beside a layer of {ndim} axes", f"use {call.last[:-2]}{ndim}D")
    name = "cropping" if call.last.startswith("Cropping") else "padding"
    value = bind(call, Signature((name, *_EVERY[:1]), _EVERY[1:])).get(name, _DEFAULTS.get(call.last, 1))
    if ndim == 1 or isinstance(value, int):
        entries: tuple[Any, ...] = (value,) * ndim
    elif isinstance(value, tuple) and len(value) == ndim:
        entries = value
    else:
        raise Refused(f"{name} of {call.last} is {written(value)}", f"give a number, or {ndim} pairs (begin, end)")
    pairs = [numbers(call, name, each, 2) for each in entries]
    if any(side < 0 for pair in pairs for side in pair):
        raise Refused(f"{name} of {call.last} cannot be negative, got {written(value)}")
    return [(begin, end) for begin, end in pairs]
