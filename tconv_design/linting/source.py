"""Python source as cases: every convolution that is imported from a framework and whose sizes are literals."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Opaque, Program, call_of, imports_of, written
from tconv_design.dialects.catalogue import ENTRIES, dialect, origin_dialect
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, Mistake, NoLayer, Refused
from tconv_design.linting.case import RefusedCall, case_of
from tconv_design.linting.finding import Finding, Place
from tconv_design.linting.rules import REFUSED, findings
from tconv_design.linting.silence import silenced

SIGN = "onv"
"""Stands in every source that has a convolution; others are not even parsed."""

_NAMES = frozenset(name for entry in ENTRIES.values() for name in entry.names)


class _Spoken(NamedTuple):
    """A call of a framework in a source: its dialect, and the lines that it spans."""

    call: Call
    dialect: str
    lines: Sequence[str]


class Linted(NamedTuple):
    """The findings of a source, how many convolutions it has, and how many were passed over: no numbers."""

    findings: list[Finding]
    calls: int
    passed: int


def of_source(text: str, file: str, in_size: Sequence[int] | None, targets: Sequence[str]) -> Linted:
    """The findings of a Python source. Raises InvalidQuestion where it is none."""
    found: list[Finding] = []
    calls = passed = 0
    for spoken in _spoken(text, file) if SIGN in text else ():
        calls += 1
        said = _of_call(spoken, Place(file, spoken.call.line), in_size, targets)
        passed += said is None
        found += [each for each in said or () if not silenced(spoken.lines, each.rule)]
    return Linted(found, calls, passed)


def _of_call(
    spoken: _Spoken, place: Place, in_size: Sequence[int] | None, targets: Sequence[str]
) -> list[Finding] | None:
    """The findings of one call; None where it is passed over: it has variables, or what its framework does not know."""
    call = spoken.call
    try:
        reading = dialect(spoken.dialect).read(_alone(call), call, Hints())
        asked = in_size if in_size is not None and len(in_size) in (1, reading.ndim) else None
        case = case_of(reading, call, asked)
        return None if case is None else list(findings(case, place, targets))
    except NoLayer:
        return []
    except (Refused, RefusedCall) as error:
        return None if names_a_variable(str(error), call) else [refused(error, place)]
    except InvalidQuestion:
        return None


def refused(error: Exception, place: Place) -> Finding:
    """The finding that a framework refuses a call."""
    return Finding(REFUSED, "error", str(error), place)


def names_a_variable(message: str, call: Call) -> bool:
    """Whether what is refused is an argument that is no literal: then nothing is known of it."""
    return "Opaque(" in message or any(written(value) in message for value in _variables(call))


def _variables(call: Call) -> Iterator[Opaque | Call]:
    waiting: list[Any] = [*call.args, *call.keywords.values()]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Opaque | Call):
            yield value
        elif isinstance(value, tuple):
            waiting += value


def _alone(call: Call) -> Program:
    """A program of one call and those within it: in a source, other calls are about other layers."""
    within: list[Call] = []
    waiting: list[Any] = [*call.args, *call.keywords.values()]
    while waiting:
        value = waiting.pop(0)
        if isinstance(value, Call):
            within.append(value)
            waiting += [*value.args, *value.keywords.values()]
        elif isinstance(value, tuple) and not isinstance(value, Opaque):
            waiting += value
    return Program(call.text, ast.Module([], []), (call, *within))


def _spoken(text: str, file: str) -> Iterator[_Spoken]:
    """The convolutions of a source in the order of its lines, each by the framework it is imported from."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidQuestion(*_no_python(error, file)) from None
    imports, own = imports_of(tree), _own_names(tree)
    starred = [module.removesuffix(".*") for module in imports.values() if module.endswith(".*")]
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and _last(node.func, imports) in _NAMES]
    lines = text.splitlines()
    for node in sorted(nodes, key=lambda node: (node.lineno, node.col_offset)):
        if _first(node.func) in own:
            continue
        try:
            call = call_of(node, imports)
        except RecursionError:
            continue
        name = _origin(call, starred)
        if name is not None:
            yield _Spoken(call, name, lines[node.lineno - 1 : node.end_lineno])


def _origin(call: Call, starred: Sequence[str]) -> str | None:
    """The framework that a call is imported from, also by `from torch.nn import *`."""
    if "." in call.name or not starred:
        return origin_dialect(call)
    found = (origin_dialect(call._replace(name=f"{module}.{call.name}")) for module in starred)
    return next(filter(None, found), None)


def _no_python(error: Exception, file: str) -> tuple[str, str]:
    line = getattr(error, "lineno", None) or 0
    mistake = Mistake(line, "", f"this is no Python that can be read: {getattr(error, 'msg', None) or error}")
    return f"{file}, {mistake}" if line else f"{file}: {mistake}", "only Python 3 source is linted"


def _last(node: ast.expr, imports: Mapping[str, str]) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return imports.get(node.id, node.id).rpartition(".")[2] if isinstance(node, ast.Name) else ""


def _first(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _own_names(tree: ast.Module) -> set[str]:
    """Names that come from the project itself, whatever they look like: relative imports, classes, functions."""
    own: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            own |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            own.add(node.name)
    return own
