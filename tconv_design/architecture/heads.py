"""What a file says besides its layers: its name, both ends of the network, and what holds for every layer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tconv_design.architecture.entries import axes_of, entry, said
from tconv_design.architecture.fields import AXIS_KEYS, DEFAULTS, ENDS, OWN, TOP, Form
from tconv_design.architecture.problems import Problems, UnknownWord, cut
from tconv_design.architecture.source import Path
from tconv_design.errors import InvalidQuestion

_EXAMPLES = {
    "input": "for example input = { channels = 3, size = [64, 64] }",
    "output": 'write output = { channels = 3, size = [64, 64] }, or output = "input"',
    "defaults": "write [defaults], and below it for example kernel = 3",
}


class AxesSaid(NamedTuple):
    """How many axes a value has entries for, and where."""

    axes: int
    path: Path
    key: str


class Head(NamedTuple):
    """A file without its layers. `defaults` are raw values by key, `paths` says where each of them stands."""

    name: str
    input: dict[str, Any]
    output: dict[str, Any]
    defaults: dict[str, Any]
    paths: dict[str, Path]
    axes: tuple[AxesSaid, ...]


def read_head(tables: dict[str, Any], problems: Problems) -> Head:
    """Everything but the layers; what is wrong goes to the problems."""
    for key in tables:
        if key not in TOP:
            problems.add((key,), key, UnknownWord(f"an architecture file has no key {cut(key)!r}", key, TOP))
    if "input" not in tables:
        problems.add((), "input", InvalidQuestion("a file needs an input", _EXAMPLES["input"]))
    if tables.get("output") == "input":
        tables = tables | {"output": {"size": "input"}}
    ends = {key: _end(key, _table(key, tables, problems), problems) for key in ENDS}
    defaults, paths = _defaults(tables, problems)
    sizes = ((key, ends[key].get("size")) for key in ends)
    axes = [AxesSaid(axes_of(size), (key, "size"), f"{key}.size") for key, size in sizes if size not in (None, "input")]
    name = _read(problems, ("name",), "label", "name", tables["name"]) if "name" in tables else None
    return Head(name or "", ends["input"], ends["output"], defaults, paths, (*axes, *_axes(defaults, paths)))


def _table(key: str, tables: dict[str, Any], problems: Problems) -> dict[str, Any]:
    table = tables.get(key, {})
    if isinstance(table, dict):
        return table
    problems.add((key,), key, InvalidQuestion(f"{key} must be a table, got {said(table)}", _EXAMPLES[key]))
    return {}


def _end(key: str, table: dict[str, Any], problems: Problems) -> dict[str, Any]:
    """The channels and the size of an end, where they are said and can be read."""
    values = {}
    for word, raw in table.items():
        if word not in ENDS[key]:
            problems.add((key, word), word, UnknownWord(f"{key} has no key {cut(word)!r}", word, tuple(ENDS[key])))
        else:
            values[word] = _read(problems, (key, word), ENDS[key][word], word, raw)
    return {word: value for word, value in values.items() if value is not None}


def _defaults(tables: dict[str, Any], problems: Problems) -> tuple[dict[str, Any], dict[str, Path]]:
    table = _table("defaults", tables, problems)
    defaults: dict[str, Any] = {}
    paths: dict[str, Path] = {}
    for key, raw in table.items():
        if key in OWN:
            error = InvalidQuestion(f"{key} is each layer's own, and has no default", "write it in the layer")
            problems.add(("defaults", key), key, error)
        elif key not in DEFAULTS:
            problems.add(("defaults", key), key, UnknownWord(f"defaults has no key {cut(key)!r}", key, tuple(DEFAULTS)))
        else:
            defaults[key], paths[key] = raw, ("defaults", key)
            _read(problems, paths[key], DEFAULTS[key], key, raw)
    if "channels" in defaults and "out_channels" in defaults:
        error = InvalidQuestion("channels and out_channels are the same", "drop one of them")
        problems.add(("defaults", "out_channels"), "out_channels", error)
    if "dialect" in tables:
        _read(problems, ("dialect",), "dialect", "dialect", tables["dialect"])
        defaults.setdefault("dialect", tables["dialect"])
        paths.setdefault("dialect", ("dialect",))
    return defaults, paths


def _axes(defaults: dict[str, Any], paths: dict[str, Path]) -> Iterator[AxesSaid]:
    for key in AXIS_KEYS:
        if key in defaults:
            value = _read(Problems(), paths[key], DEFAULTS[key], key, defaults[key])
            if value is not None:
                yield AxesSaid(axes_of(value), paths[key], key)


def _read(problems: Problems, path: Path, form: Form, key: str, raw: Any) -> Any:
    """The value, or None where it cannot be read."""
    try:
        return entry(form, key, raw)
    except InvalidQuestion as error:
        problems.add(path, key, error)
        return None
