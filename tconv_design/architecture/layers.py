"""One table of a file as a layer: its keys checked and read, its spatial map built, not yet linked to the others."""

from __future__ import annotations

from typing import Any, NamedTuple

from tconv_design.architecture.entries import axes_of, entry, said
from tconv_design.architecture.fields import AXIS_KEYS, DEFAULTS, KEYS, NOT_BY_DEFAULT, REQUIRED
from tconv_design.architecture.model import JOINS, BlockKind, Window
from tconv_design.architecture.problems import Problems, UnknownWord, cut
from tconv_design.architecture.source import Path
from tconv_design.architecture.windows import window_of
from tconv_design.errors import InvalidQuestion


class Draft(NamedTuple):
    """A layer by itself: what its keys say (`out_channels` as `channels`, defaults included) and its spatial map.

    `window` is None also where a mistake was found. `axes`: the keys with entries per axis, and how many.
    """

    kind: BlockKind
    values: dict[str, Any]
    window: Window | None = None
    axes: tuple[tuple[str, int], ...] = ()


class Reader:
    """Reads the tables of one file, each distinct table once."""

    def __init__(self, defaults: dict[str, Any], paths: dict[str, Path], problems: Problems) -> None:
        self._defaults = defaults
        self._paths = paths
        self._problems = problems
        self._known: dict[str, Draft] = {}

    def where(self, table: Any, path: Path, key: str) -> Path:
        """The path of a layer's key: its own, that of the default it comes from, or the layer where it has none."""
        if key in table:
            return (*path, key)
        return self._paths.get(key, path)

    def read(self, table: Any, path: Path) -> Draft | None:
        """The layer of a table; None where it is no table. What is wrong goes to the problems."""
        if not isinstance(table, dict):
            error = InvalidQuestion(
                f"a layer must be a table, got {said(table)}", 'write { kind = "conv", kernel = 3 }'
            )
            self._problems.add(path, "layers", error)
            return None
        same = _identity(table)
        if same in self._known:
            return self._known[same]
        before = self._problems.count
        draft = self._draft(table, path)
        if same and self._problems.count == before:
            self._known[same] = draft
        return draft

    def _draft(self, table: dict[str, Any], path: Path) -> Draft:
        """The layer of a table; one whose kind is not known has a label still, which others may name."""
        kind = table.get("kind")
        if not isinstance(kind, str) or kind not in KEYS:
            error = InvalidQuestion("a layer needs a kind", f"one of {', '.join(KEYS)}")
            if "kind" in table:
                error = UnknownWord(f"unknown kind {said(kind)}", kind if isinstance(kind, str) else "", tuple(KEYS))
            self._problems.add((*path, "kind") if "kind" in table else path, "kind", error)
            return Draft("flatten", self._values("flatten", table, _links(table), path))
        self._check_keys(kind, table, path)
        given = self._given(kind, table)
        values = self._values(kind, table, given, path)
        complete = self._has_all(kind, given, path) and len(values) == len(given)
        self._check_groups(values, table, path)
        axes = ((key, axes_of(values[key])) for key in AXIS_KEYS if key in values)
        window = window_of(kind, values) if complete else None
        return Draft(kind, values, window, tuple(pair for pair in axes if pair[1] > 1))

    def _check_keys(self, kind: BlockKind, table: dict[str, Any], path: Path) -> None:
        for key in table:
            if key != "kind" and key not in KEYS[kind]:
                self._problems.add((*path, key), key, _unknown_key(kind, key))
        if "channels" in table and "out_channels" in table and "channels" in KEYS[kind]:
            error = InvalidQuestion("channels and out_channels are the same", "drop one of them")
            self._problems.add((*path, "out_channels"), "out_channels", error)
        if kind in JOINS and "crop" in table and "pad" in table:
            error = InvalidQuestion(f"{kind} has both crop and pad", "keep the one that brings the sizes together")
            self._problems.add((*path, "pad"), "pad", error)

    def _given(self, kind: BlockKind, table: dict[str, Any]) -> dict[str, Any]:
        """All that is said of a layer and that its kind takes: its own keys, and the defaults for the others."""
        own = {key: raw for key, raw in table.items() if key in KEYS[kind]}
        skipped = {*NOT_BY_DEFAULT.get(kind, ()), *(_CHANNELS if own.keys() & _CHANNELS else ())}
        defaults = {key: raw for key, raw in self._defaults.items() if key in KEYS[kind] and key not in skipped}
        return defaults | own

    def _values(self, kind: BlockKind, table: dict[str, Any], given: dict[str, Any], path: Path) -> dict[str, Any]:
        """The values that can be read."""
        values = {}
        for key, raw in given.items():
            form = "sides" if key == "padding" and "like" in table else KEYS[kind][key]
            try:
                values["channels" if key == "out_channels" else key] = entry(form, key, raw)
            except InvalidQuestion as error:
                place = self.where(table, path, key)
                if place[0] != "layers" and KEYS[kind][key] != DEFAULTS[key]:
                    error = InvalidQuestion(f"{error.message} (in a {kind})", error.hint)
                self._problems.add(place, key, error)
        return values

    def _check_groups(self, values: dict[str, Any], table: dict[str, Any], path: Path) -> None:
        groups = values.get("groups", 1)
        for key in ("in_channels", "channels"):
            channels = values.get(key, groups)
            if channels % groups:
                error = InvalidQuestion(
                    f"{key} {channels} must be a multiple of groups {groups}",
                    f"use {key} {-(-channels // groups) * groups}",
                )
                word = "out_channels" if key == "channels" and "out_channels" in table else key
                self._problems.add(self.where(table, path, word), word, error)

    def _has_all(self, kind: BlockKind, given: dict[str, Any], path: Path) -> bool:
        missing = [key for key in REQUIRED.get(kind, ()) if key not in given]
        for key in missing:
            self._problems.add(path, key, InvalidQuestion(f"{kind} needs {_article(key)}", _EXAMPLES[key]))
        if kind in ("pad", "crop") and "padding" not in given and "like" not in given:
            error = InvalidQuestion(f"{kind} needs a padding, or the label of an output as like", _EXAMPLES["padding"])
            self._problems.add(path, "padding", error)
            return False
        return not missing


_CHANNELS = {"channels", "out_channels"}
_EXAMPLES = {
    "kernel": "for example kernel = 3",
    "scale": "for example scale = 2",
    "labels": 'name the outputs it joins, as in labels = ["down1"]',
    "size": "for example size = [7, 7]",
    "padding": 'for example padding = "1:2"',
}


def _links(table: dict[str, Any]) -> dict[str, Any]:
    return {key: table[key] for key in ("label", "repeat") if key in table}


def _article(key: str) -> str:
    return key if key == "labels" else f"a {key}"


def _unknown_key(kind: BlockKind, key: str) -> InvalidQuestion:
    if key == "output_padding" and kind == "conv":
        return InvalidQuestion("a conv has no output_padding", "drop it, or use kind tconv")
    return UnknownWord(f"{kind} has no key {cut(key)!r}", key, ("kind", *KEYS[kind]))


def _identity(table: dict[str, Any]) -> str:
    """A text that only equal tables share; empty where there is none (nested too deep, numbers too long)."""
    try:
        return repr(table)
    except (RecursionError, ValueError):
        return ""
