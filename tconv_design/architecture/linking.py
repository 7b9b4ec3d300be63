"""Drafts into blocks: copies unrolled, labels resolved to the outputs that they name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.layers import Draft, Reader
from tconv_design.architecture.model import INPUT, JOINS, Block, Fit, Side
from tconv_design.architecture.problems import Problems, UnknownWord
from tconv_design.architecture.source import Path
from tconv_design.errors import InvalidQuestion

NEAR = 50
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
    labelled = {each.draft.values["label"]: each for each in reversed(placed) if "label" in each.draft.values}
    known = {"input": INPUT}
    found = []
    for each in placed:
        names = _Names(each, known, labelled, reader, problems)
        before = each.last - each.copies
        main = names.index("from") if "from" in each.draft.values else before
        joined = tuple(names.of("labels", label) for label in each.draft.values.get("labels", ()))
        like = names.index("like") if "like" in each.draft.values else None
        found.append(Links(main, _undoubled(main, joined), like))
        names.check_join(found[-1])
        names.define()
    return found


def _undoubled(main: int, joined: tuple[int, ...]) -> tuple[int, ...]:
    """The joined signals without the main one, where it is named too; named twice, it is joined to itself."""
    if main not in joined:
        return joined
    place = joined.index(main)
    return joined[:place] + joined[place + 1 :]


class _Names:
    """The labels as one draft sees them: those of earlier layers."""

    def __init__(
        self, placed: Placed, known: dict[str, int], labelled: dict[str, Placed], reader: Reader, problems: Problems
    ) -> None:
        self._placed = placed
        self._known = known
        self._labelled = labelled
        self._reader = reader
        self._problems = problems

    def index(self, key: str) -> int:
        """The output that a key names."""
        return self.of(key, self._placed.draft.values[key])

    def of(self, key: str, label: str) -> int:
        """The output of a label; the input for one that is wrong."""
        if label in self._known:
            return self._known[label]
        if label in self._labelled:
            later = self._labelled[label]
            own = later.path == self._placed.path
            what = "of this layer itself" if own else "of a later layer"
            error = InvalidQuestion(
                f"{key} {label!r} is the label {what}", "signals flow forwards: name an earlier one"
            )
            other = (*later.path, "label")
            self._add(key, error, other)
        else:
            self._add(key, self._unknown(key, label))
        return INPUT

    def check_join(self, links: Links) -> None:
        """A join needs two signals."""
        values = self._placed.draft.values
        if self._placed.draft.kind in JOINS and "labels" in values and not links.joined:
            self._add(
                "labels",
                InvalidQuestion(
                    f"{self._placed.draft.kind} joins {values['labels'][0]!r} with itself: that is the signal before",
                    "name another label",
                ),
            )

    def define(self) -> None:
        """Make the draft's own label known to those behind it."""
        label = self._placed.draft.values.get("label")
        if label is None:
            return
        if label == "input":
            self._add("label", InvalidQuestion("label 'input' is the network's own input", "use another label"))
        elif label in self._known:
            error = InvalidQuestion(f"label {label!r} stands already", "labels are unique")
            self._add("label", error, (*self._labelled[label].path, "label"))
        else:
            self._known[label] = self._placed.last

    def _unknown(self, key: str, label: str) -> InvalidQuestion:
        near = tuple(self._known)[-NEAR:]
        return UnknownWord(f"{key} {label!r} is the label of no layer", label, near)

    def _add(self, key: str, error: InvalidQuestion, other: Path | None = None) -> None:
        self._problems.add(self._reader.where(self._placed.table, self._placed.path, key), key, error, other)


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
