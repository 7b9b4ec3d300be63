"""One answer of the matrix: a layer or a program, a backend, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from tconv_design.dialects.writing import Words
from tconv_design.layer import Layer

Status = Literal["native", "workaround", "refuses", "wrong", "crashed", "timeout", "unavailable"]
STATUSES: tuple[Status, ...] = ("native", "workaround", "refuses", "wrong", "crashed", "timeout")
BROKEN: tuple[Status, ...] = ("wrong", "crashed", "timeout")


@dataclass(frozen=True, slots=True)
class Row:
    """What a backend made of one question.

    `layer` is the canonical layer, None where the words mean none; `words` the arguments in the framework's own
    words, None where `code` is our program for the layer. `claim` says in a few words what is broken, alike for all
    that is broken alike; `as_predicted`: whether it accepted or refused as its dialect's reading says.
    """

    backend: str
    status: Status
    in_size: tuple[int, ...]
    code: str
    layer: Layer | None = None
    words: Words | None = None
    detail: str = ""
    claim: str = ""
    kind: str = ""
    as_predicted: bool = True
    known: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The row as the public JSON document has it."""
        return {
            "layer": None if self.layer is None else self.layer.to_dict(),
            "words": None if self.words is None else words_to_dict(self.words),
            "in": list(self.in_size),
            "backend": self.backend,
            "status": self.status,
            "class": self.kind,
            "as_predicted": self.as_predicted,
            "code": self.code,
            "detail": self.detail,
        }


@dataclass(frozen=True)
class Matrix:
    """Rows, in the order of backends.

    `versions`: of the frameworks that ran. `gaps`: why a backend was not asked in its own words, by name.
    """

    rows: tuple[Row, ...]
    versions: dict[str, str] = field(default_factory=dict)
    gaps: dict[str, str] = field(default_factory=dict)


def words_to_dict(words: Words) -> dict[str, Any]:
    """The arguments as JSON has them."""
    padding = words.padding if isinstance(words.padding, str) else [list(pair) for pair in words.padding]
    return {
        "kind": words.kind,
        "kernel": list(words.kernel),
        "stride": list(words.stride),
        "padding": padding,
        "output_padding": None if words.output_padding is None else list(words.output_padding),
        "dilation": list(words.dilation),
        "groups": words.groups,
        "in_channels": words.in_channels,
        "out_channels": words.out_channels,
    }
