"""Straight statements around one call, followed with `ast` and never executed: what becomes of its input and result.

Whatever is not known ends the layer there: what an activation or the next layer makes of the result is no part of it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tconv_design.dialects.call import Call, literal
from tconv_design.dialects.function import ALL, Window, spread_rows
from tconv_design.errors import Refused
from tconv_design.wording import shown

_WRAPPERS = ("Variable", "constant", "array", "asarray", "convert_to_tensor", "cast", "copy", "identity")
_SIGNAL = ("x", "input", "inputs", "lhs", "value")
_KERNEL = ("kernel", "filters", "filter", "weight", "rhs")


@dataclass(frozen=True)
class Array:
    """An input or a kernel: rows padded per axis, taps moved apart as (axis, distance), parts, shape where stated.

    `wrong`: why it is none of a layer's, raised only if the call turns out to be given it.
    """

    pads: tuple[tuple[int, int], ...] = ()
    taps: tuple[tuple[int, int], ...] = ()
    parts: int = 1
    shape: tuple[int | None, ...] | None = None
    wrong: Refused | None = None


@dataclass(frozen=True)
class Result:
    """What the convolution returned, and the slices and pads of that, per axis of the array."""

    signal: Array
    kernel: Array
    window: tuple[Window, ...] = ()
    is_padded: bool = False
    wrong: Refused | None = None


class Walk:
    """Follows the names of a straight program to and from one call; `result` is the last that is known of it."""

    def __init__(self, call: Call, arguments: tuple[int, int]) -> None:
        self.result: Result | None = None
        self._call = call
        self._places = arguments
        self._names: dict[str, Any] = {}

    def run(self, statements: Sequence[ast.stmt]) -> None:
        """Follow statements in their order; what loops and conditions hold is followed once."""
        for each in statements:
            match each:
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if each.value:
                    self._names[name] = self._kept(self._value(each.value))
                case ast.Assign(value=value) | ast.Return(value=ast.expr() as value):
                    self._kept(self._value(value))
                case ast.Expr(value=value):
                    known = self.result
                    self._kept(self._value(value))
                    self.result = known or self.result  # `print(y[:, 1:])` crops no layer
                case ast.Assert(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
                    self._stated(left, literal(right))
                case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                    pass
                case _:
                    self.run([part for part in ast.iter_child_nodes(each) if isinstance(part, ast.stmt)])

    def _kept(self, value: Any) -> Any:
        if isinstance(value, Result):
            self.result = value
        return value

    def _stated(self, left: ast.expr, right: Any) -> None:
        """`assert tuple(kernel.shape) == (3, 1, 1)` and `assert x.shape[-1] == 4`."""
        match left:
            case ast.Call(func=ast.Name(id="tuple" | "list"), args=[inner]):
                self._stated(inner, right)
            case ast.Attribute(value=ast.Name(id=name), attr="shape") if type(right) is tuple:  # not Opaque
                self._names[name] = replace(self._array(name), shape=right)
            case ast.Subscript(value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=place):
                at = literal(place)
                if isinstance(at, int) and isinstance(right, int) and -1 <= at <= 1:
                    self._names[name] = replace(
                        self._array(name), shape=(None, right) if at == 1 else (None, None, right)
                    )

    def _array(self, name: str) -> Array:
        found = self._names.get(name)
        return found if isinstance(found, Array) else Array()

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self._names.get(name, Array())
            case ast.Call() if node.lineno == self._call.line and ast.unparse(node) == self._call.text:
                signal, kernel = self._places
                return Result(self._argument(node, signal, _SIGNAL), self._argument(node, kernel, _KERNEL))
            case ast.Call():
                return self._called(node)
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return next(_results([self._value(left), self._value(right)]), Array())
            case ast.Subscript(value=inner, slice=index):
                return self._sliced(self._value(inner), index)
            case ast.ListComp(elt=element, generators=[ast.comprehension(target=target, iter=source)]):
                self._bind(target, self._value(source))
                return self._value(element)
            case ast.List(elts=elements) | ast.Tuple(elts=elements):
                return tuple(map(self._value, elements))
            case ast.Lambda(body=body):
                return self._value(body)
            case _:
                return self._ended(
                    [self._value(each) for each in ast.iter_child_nodes(node) if isinstance(each, ast.expr)]
                )

    def _ended(self, values: Sequence[Any]) -> Array:
        """Something unknown is made of values: no layer any more. Pads of a result may be those of the next layer."""
        for known in _results(values):
            self._kept(replace(known, is_padded=False))
        return Array()

    def _bind(self, target: ast.expr, value: Any) -> None:
        names = target.elts if isinstance(target, ast.Tuple) else [target]
        values = value if isinstance(value, tuple) else [value] * len(names)
        for name, each in zip(names, values, strict=False):
            if isinstance(name, ast.Name):
                self._names[name.id] = each

    def _argument(self, node: ast.Call, place: int, names: Sequence[str]) -> Array:
        given = [each.value for each in node.keywords if each.arg in names] or node.args[place : place + 1]
        value = self._value(given[0]) if given else Array()
        return value if isinstance(value, Array) else Array()

    def _called(self, node: ast.Call) -> Any:
        """What a call makes of what it is given."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        values = [self._value(each) for each in [*node.args, *(each.value for each in node.keywords)]]
        first = values[0] if values else Array()
        match name:
            case "pad" if isinstance(first, Result):
                return replace(first, is_padded=True)
            case "pad" | "split" | "take" | "gather" if isinstance(first, Array):
                return _changed(name, node, first)
            case "zip":
                return tuple(values)
            case "concat" | "concatenate" | "bias_add" | "add":
                return next(_results(values), first)
            case _ if name in _WRAPPERS and isinstance(first, Array):
                return first if first.shape else Array(shape=_made(node))
            case _:
                owner = [self._value(node.func.value)] if isinstance(node.func, ast.Attribute) else []
                return replace(self._ended([*owner, *values]), shape=_made(node))

    def _sliced(self, value: Any, index: ast.expr) -> Any:
        if isinstance(value, tuple):
            return next(_results(value), Array())
        if not isinstance(value, Result):
            return Array(wrong=_sliced_before(value))
        each = index.elts if isinstance(index, ast.Tuple) else [index]
        if not all(isinstance(part, ast.Slice) for part in each):
            self._kept(value)
            return Array()  # an element of it, or what a variable says
        try:
            return replace(value, window=_sliced_once(value, each))
        except Refused as refusal:
            return replace(value, wrong=refusal)


def _results(values: Sequence[Any]) -> Iterator[Result]:
    for each in values:
        if isinstance(each, tuple):
            yield from _results(each)
        elif isinstance(each, Result):
            yield each


def _sliced_before(value: Any) -> Refused | None:
    """A part of an input or kernel is one like any other, but what was done to it before is not lost silently."""
    if not isinstance(value, Array) or not (value.pads or value.taps or value.wrong):
        return None
    return value.wrong or Refused("what is padded is sliced before the convolution", "pad by the rows that remain")


def _sliced_once(value: Result, parts: Sequence[ast.expr]) -> tuple[Window, ...]:
    if value.window:
        raise Refused("a result that is sliced twice is not read", "slice it once")
    return tuple(map(_window, parts))


def _window(part: ast.expr) -> Window:
    if not isinstance(part, ast.Slice):
        return ALL
    start, stop, step = (None if each is None else literal(each) for each in (part.lower, part.upper, part.step))
    if step not in (None, 1) or any(
        isinstance(each, bool) or not isinstance(each, int | None) for each in (start, stop)
    ):
        raise Refused(
            f"the slice {shown(ast.unparse(part))} of the result is no crop by whole numbers", "write the numbers"
        )
    return start or 0, stop


def _changed(name: str, node: ast.Call, value: Array) -> Array:
    """An array padded, split or with its kernel rows apart; where that is not read, it is wrong."""
    change = {"pad": _padded, "split": _split}.get(name, _spread)
    try:
        return change(node, value)
    except Refused as refusal:
        return replace(value, wrong=refusal)


def _padded(node: ast.Call, value: Array) -> Array:
    rest = [*node.args[2:], *(each.value for each in node.keywords if each.arg in ("mode", "constant_values"))]
    if any(literal(each) not in ("CONSTANT", "constant", 0, 0.0) for each in rest):
        raise Refused(f"{shown(ast.unparse(node))} pads with other values than 0", "only zero padding is a layer here")
    pads = _rows(node)
    old = value.pads or ((0, 0),) * len(pads)
    return replace(value, pads=tuple((a + b, c + d) for (a, c), (b, d) in zip(old, pads, strict=False)))


def _rows(node: ast.Call) -> tuple[tuple[int, int], ...]:
    """The rows that a pad call adds, per axis of the array."""
    given = node.args[1:2] or [each.value for each in node.keywords if each.arg in ("paddings", "pad_width")]
    rows = _unwrapped(given[0]) if given else None
    if type(rows) is not tuple or not all(map(_is_pair, rows)):
        raise Refused(
            f"{shown(ast.unparse(node))} pads by what is no number", "write the rows as [[0, 0], [1, 1], [0, 0]]"
        )
    return rows


def _is_pair(value: Any) -> bool:
    return type(value) is tuple and len(value) == 2 and all(type(each) is int and each >= 0 for each in value)


def _unwrapped(node: ast.expr) -> Any:
    """A literal, also one that is made an array of."""
    while isinstance(node, ast.Call) and node.args:
        node = node.args[0]
    return literal(node)


def _split(node: ast.Call, value: Array) -> Array:
    names = ("num_or_size_splits", "indices_or_sections")
    given = node.args[1:2] or [each.value for each in node.keywords if each.arg in names]
    parts = literal(given[0]) if given else None
    if type(parts) is not int or parts < 1:
        raise Refused(f"{shown(ast.unparse(node))} splits by what is no number of groups", "split into equal parts")
    return replace(value, parts=value.parts * parts)


def _spread(node: ast.Call, value: Array) -> Array:
    """A kernel whose rows are taken so that zeros come between its taps."""
    axis = next((literal(each.value) for each in node.keywords if each.arg == "axis"), None)
    rows = node.args[1] if len(node.args) > 1 else None
    while isinstance(rows, ast.Call) and rows.args:
        rows = rows.args[0]
    match rows:
        case ast.ListComp(elt=ast.IfExp(body=ast.BinOp(right=ast.Constant(tap)), orelse=ast.Constant(kernel))):
            if isinstance(axis, int) and type(tap) is int and type(kernel) is int:
                has_zeros = 0 <= axis < len(value.pads) and value.pads[axis] == (0, 1)
                if has_zeros and ast.unparse(rows) == ast.unparse(ast.parse(spread_rows(tap, kernel))):
                    return replace(value, taps=(*value.taps, (axis, tap)))
    raise Refused(
        f"{shown(ast.unparse(node))} rearranges the kernel in a way that is not read",
        "write the dilation as an argument",
    )


def _made(node: ast.Call) -> tuple[int, ...] | None:
    """The shape in `ones((3, 3, 1, 1))`, `normal(key, [3, 1, 1])`."""
    for each in node.args:
        shape = literal(each)
        if type(shape) is tuple and len(shape) > 2 and all(type(size) is int and size > 0 for size in shape):
            return shape
    return None
