"""Drafts into blocks: copies unrolled, labels resolved to the outputs that they name."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.layers import Draft, Reader
from tconv_design.architecture.model import INPUT, Block, Fit, Side
from tconv_design.architecture.problems import Problems, UnknownWord
from tconv_design.architecture.source import Path
from tconv_design.errors import InvalidQuestion

NEAR = 20
"""Labels among which the nearest to a wrong one is looked for."""


class Placed(NamedTuple):
    """A draft in its file: its table, the path to it, and the index of its last copy."""

    draft: Draft
    table: dict[str, Any]
    path: Path
    last: int

    @property
    def copies(self) -> int:
        """How often it repeats."""
        return int(self.draft.values.get("repeat", 1))


class Links(NamedTuple):
    """What the labels of a draft come to: the index of its main signal, of those it joins, and of `like`."""

    main: int
    joined: tuple[int, ...]
    like: int | None


def resolve(placed: Sequence[Placed], reader: Reader, problems: Problems) -> list[Links]:
    """The links of every draft; what is wrong with labels goes to the problems."""
    labels = _Labels(placed, reader, problems)
    return [labels.links(each) for each in placed]


class _Labels:
    """The labels of a file while its layers are linked in order: only those of earlier layers are known."""

    def __init__(self, placed: Sequence[Placed], reader: Reader, problems: Problems) -> None:
        named = (each for each in reversed(placed) if "label" in each.draft.values)
        self._all = {each.draft.values["label"]: each for each in named}
        self._known = {"input": INPUT}
        self._recent = deque(["input"], NEAR)
        self._reader = reader
        self._problems = problems

    def links(self, placed: Placed) -> Links:
        """What a layer's labels come to, the input for those that are wrong; then its own label is known too."""
        values = placed.draft.values
        main = self._index(placed, "from", values["from"]) if "from" in values else placed.last - placed.copies
        joined = [self._index(placed, "labels", label) for label in values.get("labels", ())]
        like = self._index(placed, "like", values["like"]) if "like" in values else None
        if joined == [main] and main is not None:
            message = f"{placed.draft.kind} joins {values['labels'][0]!r} with itself: that is the signal before"
            self._add(placed, "labels", InvalidQuestion(message, "name another label"))
        if main in joined:  # naming it once says what is so anyway; named twice, it is joined to itself
            joined.remove(main)
        self._define(placed, values.get("label"))
        return Links(INPUT if main is None else main, tuple(INPUT if each is None else each for each in joined), like)

    def _index(self, placed: Placed, key: str, label: str) -> int | None:
        """The output of a label; None for one that is wrong."""
        if label in self._known:
            return self._known[label]
        if label not in self._all:
            error: InvalidQuestion = UnknownWord(f"{key} {label!r} is the label of no layer", label, self._recent)
            self._add(placed, key, error)
            return None
        whose = self._all[label]
        what = "of this layer itself" if whose.path == placed.path else "of a later layer"
        error = InvalidQuestion(f"{key} {label!r} is the label {what}", "signals flow forwards: name an earlier one")
        self._add(placed, key, error, whose)
        return None

    def _define(self, placed: Placed, label: str | None) -> None:
        if label is None:
            return
        if label == "input":
            self._add(placed, "label", InvalidQuestion("label 'input' is the network's own input", "use another label"))
        elif label in self._known:
            error = InvalidQuestion(f"label {label!r} is taken", "labels are unique")
            self._add(placed, "label", error, self._all[label])
        else:
            self._known[label] = placed.last
            self._recent.append(label)

    def _add(self, placed: Placed, key: str, error: InvalidQuestion, other: Placed | None = None) -> None:
        path = self._reader.where(placed.table, placed.path, key)
        self._problems.add(path, key, error, (*other.path, "label") if other else None)


def blocks(placed: Sequence[Placed], links: Sequence[Links], lines: Sequence[int], ndim: int) -> Iterator[Block]:
    """Every copy of every draft as a block."""
    for each, link, line in zip(placed, links, lines, strict=True):
        whole = _block(each.draft, link, line, ndim)
        if each.copies == 1:
            yield whole
            continue
        first = each.last - each.copies + 1
        size = whole.size if whole.kind == "unflatten" else None
        bare = whole._replace(label="", in_channels=None, size=size)
        yield bare._replace(in_channels=whole.in_channels)
        for index in range(first + 1, each.last):
            yield bare._replace(sources=(index - 1, *link.joined))
        yield whole._replace(sources=(each.last - 1, *link.joined), in_channels=None)


def _block(draft: Draft, link: Links, line: int, ndim: int) -> Block:
    values = draft.values
    return Block(
        draft.kind,
        (link.main, *link.joined),
        draft.window,
        values.get("channels"),
        values.get("groups", 1),
        values.get("bias", True),
        _fit(draft, ndim),
        link.like,
        broadcast(values["size"], ndim) if "size" in values else None,
        values.get("in_channels"),
        values.get("label", ""),
        line,
    )


def _fit(draft: Draft, ndim: int) -> Fit | None:
    values = draft.values
    if "like" in values:
        return Fit("crop" if draft.kind == "crop" else "pad", broadcast(values.get("padding", (Side(),)), ndim))
    if "crop" in values:
        return Fit("crop", broadcast(values["crop"], ndim))
    return Fit("pad", broadcast(values["pad"], ndim)) if "pad" in values else None


def broadcast(entries: tuple[Any, ...], ndim: int) -> tuple[Any, ...]:
    """One entry per axis."""
    return entries * ndim if len(entries) == 1 else entries
