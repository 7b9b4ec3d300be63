"""Reading an architecture file: TOML text in, an Architecture out, or all mistakes of the file at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tconv_design.architecture.document import name_of, tables_of, text_of
from tconv_design.architecture.entries import entry, said
from tconv_design.architecture.heads import AxesSaid, Head, read_head
from tconv_design.architecture.layers import Reader
from tconv_design.architecture.linking import Placed, blocks, broadcast, resolve
from tconv_design.architecture.model import Architecture, Output, Size
from tconv_design.architecture.problems import Problems, first_lines
from tconv_design.architecture.source import Path
from tconv_design.architecture.windows import rules_broken
from tconv_design.errors import InvalidQuestion
from tconv_design.wording import counted

MAX_LAYERS = 100_000


def read_file(path: str, in_size: str | None = None) -> Architecture:
    """The architecture in a file, `-` being stdin, as `read` has it. Raises InvalidQuestion also for no such file."""
    return _read(text_of(path), in_size, name_of(path))


def read(text: str, in_size: str | None = None) -> Architecture:
    """The architecture that a text holds.

    `in_size` ("64x64") stands for the size of its input, one number for all its axes.

    Raises InvalidArchitecture with all mistakes, each with its line; InvalidQuestion for a wrong `in_size`.
    """
    return _read(text, in_size, "the text")


def _read(text: str, in_size: str | None, origin: str) -> Architecture:
    size: Size | None = entry("size", "in", in_size) if in_size is not None else None
    tables = tables_of(text, origin)
    problems = Problems()
    head = read_head(tables, problems)
    reader = Reader(head.defaults, head.paths, problems)
    placed = _placed(tables, reader, problems)
    links = resolve(placed, reader, problems)
    ndim = _checked_axes(size, head, placed, reader, problems)
    _check_rules(placed, ndim, reader, problems)
    if problems.count:
        raise problems.error(text, origin)
    lines = first_lines(text, [("output",), *(each.path for each in placed)])
    network = tuple(blocks(placed, links, [lines[each.path] for each in placed], ndim))
    return Architecture(
        network,
        ndim,
        head.input.get("channels", 1),
        _sized(size or head.input.get("size"), ndim),
        _output(head.output, lines.get(("output",), 0), ndim),
        head.name,
    )


def _output(values: dict[str, Any], line: int, ndim: int) -> Output:
    same = values.get("size") == "input"
    return Output(values.get("channels"), None if same else _sized(values.get("size"), ndim), same, line)


def _sized(size: Any, ndim: int) -> Size | None:
    """A size on every axis; None where it is left open."""
    return None if size is None or isinstance(size, str) else broadcast(size, ndim)


def _placed(tables: dict[str, Any], reader: Reader, problems: Problems) -> list[Placed]:
    """The file's layers, each with the index of its last copy; those that cannot be read are left out."""
    layers = tables.get("layers")
    if not isinstance(layers, list) or not layers:
        what = "a file needs layers" if layers is None else f"layers must be a list of tables, got {said(layers)}"
        problems.add(("layers",) if "layers" in tables else (), "layers", InvalidQuestion(what, "write [[layers]]"))
        return []
    placed, last = [], -1
    for number, table in enumerate(layers[: MAX_LAYERS + 1]):
        path: Path = ("layers", number)
        draft = reader.read(table, path)
        last += draft.values.get("repeat", 1) if draft else 1
        if last >= MAX_LAYERS:
            problems.add(path, "repeat" if draft and "repeat" in draft.values else "layers", _too_many(last + 1))
            return []
        if draft:
            placed.append(Placed(draft, table, path, last))
    return placed


def _too_many(count: int) -> InvalidQuestion:
    return InvalidQuestion(f"up to here there are {count} layers, and at most {MAX_LAYERS} are read", "repeat less")


def _checked_axes(size: Size | None, head: Head, placed: Sequence[Placed], reader: Reader, problems: Problems) -> int:
    """The number of axes: that of the longest value. Values with another number, but for one, are mistakes."""
    longest = AxesSaid(1, (), "")
    for said_ in _axes_said(size, head, placed, reader):
        longest = said_ if said_.axes > longest.axes else longest
    for said_ in _axes_said(size, head, placed, reader):
        if said_.axes not in (1, longest.axes):
            error = InvalidQuestion(
                f"{said_.key} has {counted(said_.axes, 'axis').replace('axiss', 'axes')} and {longest.key} has "
                f"{longest.axes}",
                "give one value, or one per axis, to each",
            )
            problems.add(said_.path, said_.key, error, longest.path or None)
    return longest.axes


def _axes_said(size: Size | None, head: Head, placed: Sequence[Placed], reader: Reader) -> Iterator[AxesSaid]:
    if size is not None:
        yield AxesSaid(len(size), (), "the given in")
    for each in head.axes:
        if each.key != "input.size" or size is None or len(size) == 1:
            yield each
    for place in placed:
        for key, count in place.draft.axes:
            yield AxesSaid(count, reader.where(place.table, place.path, key), key)


def _check_rules(placed: Sequence[Placed], ndim: int, reader: Reader, problems: Problems) -> None:
    """What no layer may break, whatever comes in."""
    for place in placed:
        window = place.draft.window
        if window is None or any(count not in (1, ndim) for _, count in place.draft.axes):
            continue
        for key, error in rules_broken(place.draft.kind, window, ndim):
            problems.add(reader.where(place.table, place.path, key), key, error)
