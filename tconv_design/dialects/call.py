"""Pasted code as data: parsed with `ast`, literals only, never executed."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from tconv_design.dialects.printed import as_python
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.wording import did_you_mean, shown

LONGEST = 100_000
DEEPEST = 100
"""Characters, and levels of nesting, of a text that is read at all."""

_SAME_THING = (
    ("kernel_size", "kernel", "kernel_shape", "filter_size"),
    ("stride", "strides", "window_strides", "subsample"),
    ("dilation", "dilations", "dilation_rate", "kernel_dilation", "rhs_dilation", "rate", "atrous_rate"),
    ("padding", "pads", "auto_pad", "pad", "border_mode", "pad_mode"),
    ("groups", "group", "feature_group_count", "num_groups"),
    (
        "out_channels",
        "filters",
        "out_features",
        "num_filters",
        "features",
        "nb_filter",
        "num_outputs",
        "output_channels",
    ),
    ("in_channels", "in_features", "input_channels"),
    ("output_padding", "out_padding", "output_pad", "adj", "adj_pad"),
    ("bias", "use_bias", "bias_attr"),
)


class Opaque(NamedTuple):
    """An argument that is no literal: a variable or a call, as it was written."""

    text: str


class Call(NamedTuple):
    """A call as it stands in code: its dotted name, with imported names in full, and its arguments.

    An argument is a literal (tuples for lists too), a Call, or Opaque. `text` is the call as written, `line` its line.
    """

    name: str
    args: tuple[Any, ...]
    keywords: dict[str, Any]
    text: str
    line: int = 1

    @property
    def last(self) -> str:
        """The name without what it is imported from."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Program:
    """A parsed text: every call in it, in the order of the text (an outer call before those in its arguments)."""

    text: str
    tree: ast.Module = field(repr=False)
    calls: tuple[Call, ...] = ()

    def named(self, *last: str) -> list[Call]:
        """The calls whose name ends in one of these."""
        return [call for call in self.calls if call.last in last]


class Signature(NamedTuple):
    """The parameters of a callable: those that may be given by position, in order, and those by keyword only."""

    positional: tuple[str, ...]
    keyword_only: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """All parameters."""
        return self.positional + self.keyword_only


def parse(text: str) -> Program:
    """The calls of a pasted expression, statement or program. Raises InvalidQuestion where it is no Python."""
    if len(text) > LONGEST:
        raise InvalidQuestion(
            f"the pasted text has {len(text)} characters; at most {LONGEST} are read", "paste one layer"
        )
    tree = _tree(text)
    imports = _imports(tree)
    return Program(text, tree, tuple(_call(node, imports) for node in _call_nodes(tree)))


def imports_of(tree: ast.Module) -> dict[str, str]:
    """What each imported name of a program stands for: {"nn": "torch.nn"}."""
    return _imports(tree)


def call_of(node: ast.Call, imports: dict[str, str]) -> Call:
    """A node of a parsed program as a Call. Raises RecursionError where it is nested very deeply."""
    return _call(node, imports)


def bind(call: Call, signature: Signature) -> dict[str, Any]:
    """The arguments that a call gives, by parameter. Raises InvalidQuestion for what the callable does not take."""
    if len(call.args) > len(signature.positional):
        raise InvalidQuestion(
            f"{call.last} takes {len(signature.positional)} positional arguments, got {len(call.args)}",
            f"they are {', '.join(signature.positional)}",
        )
    bound = dict(zip(signature.positional, call.args, strict=False))
    for name, value in call.keywords.items():
        if name == "**":
            what = f"{call.last} is given **{written(value)}, which does not say its arguments"
            raise InvalidQuestion(what, "write them, as in stride=2")
        if name not in signature.names:
            raise InvalidQuestion(f"{call.last} has no argument {shown(name)}", _nearest(name, signature.names))
        if name in bound:
            raise InvalidQuestion(f"{call.last} is given {name!r} twice", "give it once")
        bound[name] = value
    return bound


def numbers(call: Call, name: str, value: Any, ndim: int) -> tuple[int, ...]:
    """An argument as one whole number per axis. Raises Refused where it is none."""
    if _is_number(value):
        return (value,) * ndim
    if not isinstance(value, tuple) or not all(map(_is_number, value)):
        kind = "whole number" if isinstance(value, float | bool) else "number"
        raise Refused(f"{name} of {call.last} is {written(value)}, which is no {kind}", f"write the number of {name}")
    if len(value) not in (1, ndim):
        raise Refused(f"{name} {value} of {call.last} has {len(value)} entries for {ndim} axes", "give one per axis")
    return value * ndim if len(value) == 1 else value


def count(call: Call, name: str, value: Any) -> int | None:
    """An argument that counts channels: a number, or None where the code has a variable."""
    if isinstance(value, Opaque | Call):
        return None
    if _is_number(value):
        return int(value)
    raise InvalidQuestion(
        f"{name} of {call.last} is {written(value)}, which is no number", f"write the number of {name}"
    )


def written(value: Any) -> str:
    """An argument as it was written, shortened."""
    text = value.text if isinstance(value, Opaque | Call) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def literal(node: ast.expr) -> Any:
    """The literal that an expression is, with tuples for lists; where it is none, a Call or Opaque."""
    return _value(node, {})


def _nearest(name: str, known: Sequence[str]) -> str:
    """The argument that means the same in this framework, or else the one spelled most alike."""
    for alike in _SAME_THING:
        if name in alike:
            for other in known:
                if other in alike:
                    return f"did you mean {other}?"
    return did_you_mean(name, known)


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _tree(text: str) -> ast.Module:
    cleaned = textwrap.dedent(text).strip().rstrip(",")
    if not cleaned:
        raise InvalidQuestion("the pasted text is empty", 'paste a layer, for example "nn.ConvTranspose2d(8, 4, 3)"')
    try:
        tree = _parsed(cleaned)
        _check_depth(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = getattr(error, "lineno", None)
        where = f" (line {line})" if line and "\n" in cleaned else ""
        raise InvalidQuestion(
            f"{shown(cleaned)} is no layer as code{where}",
            'paste a call such as "nn.ConvTranspose2d(8, 4, 3, stride=2)"',
        ) from None
    return tree


def _parsed(text: str) -> ast.Module:
    try:
        return ast.parse(text)
    except SyntaxError:
        return ast.parse(as_python(text))


def _check_depth(tree: ast.AST) -> None:
    level = [tree]
    for _ in range(DEEPEST):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
    if level:
        raise ValueError("nested too deeply")


def _imports(tree: ast.Module) -> dict[str, str]:
    """What each imported name stands for: {"nn": "torch.nn"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.asname: each.name for each in node.names if each.asname}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return names


def _call_nodes(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node
        yield from _call_nodes(node)


def _call(node: ast.Call, imports: dict[str, str]) -> Call:
    args = tuple(_value(each, imports) for each in node.args)
    keywords = {each.arg or "**": _value(each.value, imports) for each in node.keywords}
    return Call(_dotted(node.func, imports), args, keywords, ast.unparse(node), node.lineno)


def _dotted(node: ast.expr, imports: dict[str, str]) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(imports.get(node.id, node.id))
    return ".".join(reversed(parts))


def _value(node: ast.expr, imports: dict[str, str]) -> Any:
    """The literal that an expression is, a Call, or Opaque. A little arithmetic of whole numbers is computed."""
    match node:
        case ast.Constant(value=value) if value is None or isinstance(value, bool | int | float | str):
            return value
        case ast.Tuple() | ast.List():
            return tuple(_value(each, imports) for each in node.elts)
        case ast.UnaryOp(op=ast.USub()):
            value = _value(node.operand, imports)
            return -value if isinstance(value, int | float) else Opaque(ast.unparse(node))
        case ast.BinOp():
            return _arithmetic(node, _value(node.left, imports), _value(node.right, imports))
        case ast.Call():
            return _call(node, imports)
        case _:
            return Opaque(ast.unparse(node))


def _arithmetic(node: ast.BinOp, left: Any, right: Any) -> Any:
    """`64 * 8` as people write channels; numbers only, so that nothing grows."""
    if _is_number(left) and _is_number(right) and max(abs(left), abs(right)) < 10**9:
        match node.op:
            case ast.Mult():
                return left * right
            case ast.Add():
                return left + right
            case ast.Sub():
                return left - right
            case ast.FloorDiv() if right:
                return left // right
    return Opaque(ast.unparse(node))
