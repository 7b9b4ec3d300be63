"""Everything that is given to `lint`, one after the other: pasted layers, architecture files, Python source."""

from __future__ import annotations

import os.path
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.document import name_of, tables_of, text_of
from tconv_design.architecture.fields import TOP
from tconv_design.architecture.spec import read
from tconv_design.dialects.call import Call, parse
from tconv_design.dialects.catalogue import dialect_of
from tconv_design.errors import InvalidArchitecture, InvalidQuestion, NoLayer, Refused
from tconv_design.linting.case import Case, RefusedCall, case_of
from tconv_design.linting.finding import Finding, Place
from tconv_design.linting.networks import of_network
from tconv_design.linting.rules import findings
from tconv_design.linting.source import Linted, names_a_variable, of_source, refused
from tconv_design.pasted import reading_of
from tconv_design.values import parse_values, split_axes
from tconv_design.wording import counted

Remarks = list[str]


class Lint(NamedTuple):
    """What was found, in the order of what was given; `layers` counts what was looked at, `remarks` what was not."""

    findings: list[Finding]
    layers: int
    remarks: Remarks


def lint_layer(asked: Mapping[str, Any], targets: Sequence[str]) -> Lint:
    """Lint a pasted layer: `layer` among the options, as `pasted` has them. Raises InvalidQuestion where it is none."""
    text, place = str(asked["layer"]), Place()
    call = _only_call(text, asked.get("dialect"))
    if call is None:
        linted = of_source(text, "", _size(asked), targets)
        return Lint(linted.findings, linted.calls, _passed([("the pasted text", linted)]))
    try:
        case = _case(call, asked, _size(asked))
    except NoLayer:
        return Lint([], 1, [])
    except (Refused, RefusedCall) as error:
        if names_a_variable(str(error), call):
            raise InvalidQuestion(str(error)) from None
        return Lint([refused(error, place)], 1, [])
    return Lint([] if case is None else list(findings(case, place, targets)), 1, [])


def _case(call: Call, asked: Mapping[str, Any], size: tuple[int, ...] | None) -> Case | None:
    """The case of a pasted layer with the pads around it; alone, where with them it is no layer."""
    options = {name: value for name, value in asked.items() if name != "in"}
    try:
        reading = reading_of(options)
    except Refused:
        reading = reading_of(options | {"layer": call.text})
    return case_of(reading, call, _fitting(size, reading.ndim))


def lint_files(paths: Sequence[str], asked: Mapping[str, Any], targets: Sequence[str]) -> Lint:
    """Lint files, `-` being stdin. TOML that is no architecture is passed over. Raises InvalidQuestion."""
    found: list[Finding] = []
    layers = 0
    remarks: Remarks = []
    sources: list[tuple[str, Linted]] = []
    for path in paths:
        _check_file(path)
        text, file = text_of(path), name_of(path)
        if _is_toml(path, text):
            part = _of_toml(text, file, asked, targets)
            found, layers, remarks = found + part.findings, layers + part.layers, remarks + part.remarks
            continue
        linted = of_source(text, file, _size(asked), targets)
        sources.append((file, linted))
        found, layers = found + linted.findings, layers + linted.calls - linted.passed
    return Lint(found, layers, remarks + _passed(sources))


def _check_file(path: str) -> None:
    """Raises InvalidQuestion for what is no source, but looks as if it could be linted."""
    name = name_of(path)
    if path.endswith(".ipynb"):
        raise InvalidQuestion(
            f"{name} is a notebook, and lint reads Python source",
            f"jupyter nbconvert --to script --stdout {name} | tconv-design lint -",
        )
    if path != "-" and os.path.isdir(path):
        raise InvalidQuestion(f"{name} is a directory", f"name the files in it, for example {name.rstrip('/')}/*.py")


def _only_call(text: str, dialect: Any) -> Call | None:
    """The convolution of a pasted text that has exactly one; None for several. Raises InvalidQuestion for none."""
    name = None if dialect is None else str(dialect).partition("-")[0]
    try:
        calls = [call for call in parse(text).calls if dialect_of(call, name)]
    except InvalidQuestion:  # no Python: onnx prints its nodes as text
        calls = []
    if len(calls) > 1:
        return None
    return calls[0] if calls else Call("", (), {}, text)


def _of_toml(text: str, file: str, asked: Mapping[str, Any], targets: Sequence[str]) -> Lint:
    tables = tables_of(text, file)
    if "layers" not in tables and not set(tables) <= set(TOP):
        return Lint([], 0, [f"{file} is no architecture file: passed over"])
    architecture = _named(text, file, asked)
    try:
        found, remark = of_network(architecture, text, file, _size(asked), targets)
    except InvalidQuestion as error:
        if "is open" not in error.message:
            raise
        return Lint([], 0, [f"{file}: {error}"])
    return Lint(found, len(architecture.blocks), [remark] if remark else [])


def _named(text: str, file: str, asked: Mapping[str, Any]) -> Any:
    try:
        return read(text, asked.get("in"))
    except InvalidArchitecture as error:
        raise InvalidArchitecture(error.problems, error.count, file) from None


def _is_toml(path: str, text: str) -> bool:
    if path != "-":
        return path.endswith(".toml")
    first = next((line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")), "")
    return first.lstrip().startswith("[") or first.partition("=")[0].strip() in TOP


def _size(asked: Mapping[str, Any]) -> tuple[int, ...] | None:
    if "in" not in asked:
        return None
    sizes = [parse_values("in", part, 1) for part in split_axes("in", str(asked["in"]))]
    if any(size is None or size.size != 1 for size in sizes):
        raise InvalidQuestion(f"in must be numbers, got {asked['in']}", "write for example --in 64x64")
    return tuple(size.low for size in sizes if size is not None)


def _fitting(size: tuple[int, ...] | None, ndim: int) -> tuple[int, ...] | None:
    if size is not None and len(size) not in (1, ndim):
        raise InvalidQuestion(f"in has {len(size)} axes and the layer has {ndim}", "give one value, or one per axis")
    return size


def _passed(sources: Sequence[tuple[str, Linted]]) -> Remarks:
    """One remark on all calls that were passed over."""
    passed = sum(linted.passed for _, linted in sources)
    if not passed:
        return []
    where = ", ".join(file for file, linted in sources if linted.passed)
    are = "it is" if passed == 1 else "they are"
    return [f"{counted(passed, 'convolution')} passed over in {where[:200]}: {are} not written in numbers alone"]
