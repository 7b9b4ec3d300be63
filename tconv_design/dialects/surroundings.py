"""What surrounds a convolution in a pasted program: what `function` writes around a call, read back."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from tconv_design.dialects.call import Call, Program
from tconv_design.dialects.function import ALL, Around, Window
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Pads, Rule, surrounded
from tconv_design.dialects.statements import Walk
from tconv_design.errors import Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis


def around(program: Program, call: Call, layout: Layout, ndim: int, arguments: tuple[int, int] = (0, 1)) -> Around:
    """What surrounds `call`, by the statements of the function, or of the program, that it stands in.

    `arguments` are the places of the input and of the kernel among its arguments. Raises Refused where what surrounds
    it makes no layer of it: other values than zero, padded channels, a padded result.
    """
    walk = Walk(call, arguments)
    walk.run(_body(program.tree, call))
    found = walk.result
    if found is None:
        return Around.nothing(ndim)
    if found.signal.parts != found.kernel.parts:
        raise Refused(
            f"the input is split into {found.signal.parts} and the kernel into {found.kernel.parts}",
            "split both into as many parts as there are groups",
        )
    for each in (found.signal, found.kernel, found):
        if each.wrong is not None:
            raise each.wrong
    if found.is_padded:
        raise Refused("rows that are padded after the convolution hold no bias, so this is no layer", "pad its input")
    first = 1 if layout.channels_last else 2
    letters = layout.weight.replace("k", "k" * ndim)
    taps = dict(found.kernel.taps)
    shape = found.kernel.shape if _is_whole(found.kernel.shape, ndim + 2) else None
    channels = _entry(found.signal.shape, -1 if layout.channels_last else 1)
    return Around(
        _spatial(found.signal.pads, ndim, first),
        tuple(found.window[axis] if axis < len(found.window) else ALL for axis in range(first, first + ndim)),
        tuple(taps.get(letters.index("k") + axis, 1) for axis in range(ndim)),
        found.signal.parts,
        shape,  # type: ignore[arg-type]  # whole: no entry is None
        channels,
    )


def composed(around: Around, kind: Kind, axes: Sequence[Axis], rules: Sequence[Rule]) -> tuple[Rule, ...]:
    """The rules of a call's axes (kernel, stride and dilation count) with what surrounds it."""
    return tuple(map(_composed, [kind] * len(axes), axes, rules, around.before, around.window))


def _composed(kind: Kind, axis: Axis, rule: Rule, before: tuple[int, int], window: Window) -> Rule:
    start, stop = window
    if start >= 0 and (stop is None or stop < 0):
        return surrounded(kind, rule, before, (start, -(stop or 0)), axis.stride)

    def pads(in_: int) -> Pads:
        begin, end, extra = rule(in_ + sum(before))
        out = replace(axis, pad_begin=begin, pad_end=end, output_padding=extra).out(kind, in_ + sum(before))
        first, last, _ = slice(start, stop).indices(max(out, 0))
        return surrounded(kind, rule, before, (first, out - last), axis.stride)(in_)

    return pads


def _body(tree: ast.Module, call: Call) -> list[ast.stmt]:
    """The statements of the innermost function around the call, of the module where it is in none."""
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.lineno <= call.line <= (node.end_lineno or node.lineno)
    ]
    return max(functions, key=lambda node: node.lineno).body if functions else tree.body


def _spatial(pads: tuple[tuple[int, int], ...], ndim: int, first: int) -> tuple[tuple[int, int], ...]:
    if not pads:
        return ((0, 0),) * ndim
    if len(pads) != ndim + 2:
        raise Refused(f"a padding of {len(pads)} axes before a convolution that has {ndim + 2}", "pad every axis")
    if any(map(any, (*pads[:first], *pads[first + ndim :]))):
        raise Refused("a padding of samples or channels before the convolution is no layer", "pad the other axes only")
    return pads[first : first + ndim]


def _is_whole(shape: tuple[int | None, ...] | None, rank: int) -> bool:
    return shape is not None and len(shape) == rank and None not in shape


def _entry(shape: tuple[int | None, ...] | None, place: int) -> int | None:
    return shape[place] if shape and len(shape) > max(place, 1) else None
