"""The layers around a Keras layer in its model: ZeroPadding before it, Cropping after it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from tconv_design.dialects.call import Call, Opaque, Program, Signature, bind, call_of, imports_of, numbers, written
from tconv_design.errors import Refused
from tconv_design.formula import Kind

Sides = list[tuple[int, int]]

_DEFAULTS = {"Cropping2D": 0}  # all others pad or crop by 1
_EVERY = ("data_format", "trainable", "dtype", "autocast", "name", "input_shape")


def surroundings(program: Program, call: Call, kind: Kind, ndim: int) -> tuple[Sides, Sides]:
    """Zero rows that stand directly before a layer, and rows cropped directly after it, per axis (begin, end).

    Raises Refused where rows are padded after it, or cropped before a transposed one.
    """
    earlier, later = _neighbours(program, call)
    before, after = _added(earlier, ndim), [(0, 0)] * ndim
    if not _is_before_another(later):
        after = _added(later, ndim)
    if any(side > 0 for pair in after for side in pair):
        raise Refused("rows that are padded after the convolution hold no bias, so this is no layer", "pad its input")
    if kind == "tconv" and any(side < 0 for pair in before for side in pair):
        raise Refused("the input of a transposed convolution is cropped, so this is no layer", "crop its output")
    return before, [(-begin, -end) for begin, end in after]


def _neighbours(program: Program, call: Call) -> tuple[list[Any], list[Any]]:
    """What stands before a layer in its model, the nearest first, and what stands after it."""
    for layers in _rows_of_layers(program):
        if call in layers:
            place = layers.index(call)
            return layers[:place][::-1], layers[place + 1 :]
    applied = _Applied(program).layers
    found = next((i for i, (layer, _) in enumerate(applied) if layer == call), None)
    return ([], []) if found is None else (list(_sources(applied, found)), list(_consumers(applied, found)))


class _Applied:
    """The layers that a program applies to tensors, `y = Conv2D(8, 3)(x)`, each with the place of the one that made x.

    The place is None where no layer made it.
    """

    def __init__(self, program: Program) -> None:
        self.layers: list[tuple[Call, int | None]] = []
        self._imports = imports_of(program.tree)
        self._names: dict[str, int | None] = {}
        self._run(program.tree)

    def _run(self, node: ast.AST) -> None:
        for each in ast.iter_child_nodes(node):
            match each:
                case ast.Assign(targets=[ast.Name(id=name)], value=value):
                    self._names[name] = self._made(value)
                case ast.expr():
                    self._made(each)
                case _:
                    self._run(each)

    def _made(self, node: ast.expr) -> int | None:
        """The place of the layer whose result an expression is."""
        match node:
            case ast.Name(id=name):
                return self._names.get(name)
            case ast.Call(func=ast.Call() as layer, args=[tensor, *_]):
                source = self._made(tensor)
                self.layers.append((call_of(layer, self._imports), source))
                return len(self.layers) - 1
        self._run(node)
        return None


def _sources(applied: Sequence[tuple[Call, int | None]], place: int) -> Iterator[Call]:
    source = applied[place][1]
    while source is not None:
        yield applied[source][0]
        source = applied[source][1]


def _consumers(applied: Sequence[tuple[Call, int | None]], place: int) -> Iterator[Call]:
    """The layers after one, as long as each result goes to one layer only."""
    while len(found := [i for i, (_, source) in enumerate(applied) if source == place]) == 1:
        place = found[0]
        yield applied[place][0]


def _rows_of_layers(program: Program) -> list[list[Any]]:
    """What stands in each `Sequential([...])`, and what is added to each model, in order."""
    models: dict[str, list[Any]] = {}
    stacks = program.named("Sequential")
    for place, call in enumerate((*stacks, *program.named("add"))):
        given = call.args[0] if call.args else call.keywords.get("layers", ())
        layers = given if isinstance(given, tuple) and not isinstance(given, Call | Opaque) else (given,)
        # What is added to the only model continues it; with several, names do not tell which stack is meant.
        key = "" if len(stacks) == 1 else f"{place}" if place < len(stacks) else call.name
        models.setdefault(key, []).extend(layers)
    return list(models.values())


def _is_before_another(layers: Sequence[Any]) -> bool:
    """Whether pads that follow a layer stand before the next convolution, and so are that one's."""
    beyond = layers[len(list(_next_to(layers))) :]
    return bool(beyond) and isinstance(beyond[0], Call) and "Conv" in beyond[0].last


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
