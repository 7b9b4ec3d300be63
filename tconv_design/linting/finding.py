"""What a rule found, how grave it is, and where."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
"""From the gravest on."""

Said = tuple[Severity, str]
"""What one rule says of one layer: how grave it is, and the sentence."""


class Place(NamedTuple):
    """Where a layer stands: a file and a line (0: in none), and what it is called there (may be empty)."""

    file: str = ""
    line: int = 0
    label: str = ""

    def __str__(self) -> str:
        if self.file:
            return f"{self.file}:{self.line}" if self.line else self.file
        return self.label or "layer"


class Finding(NamedTuple):
    """One thing that a rule found at one layer."""

    rule: str
    severity: Severity
    message: str
    place: Place

    def to_dict(self) -> dict[str, Any]:
        """The finding as the public JSON document has it."""
        file, line, label = self.place
        return {
            "rule": self.rule,
            "severity": self.severity,
            "message": self.message,
            "where": str(self.place),
            "file": file or None,
            "line": line or None,
            "label": label or None,
        }


def reaches(severity: Severity, bar: Severity) -> bool:
    """Whether a finding is as grave as the bar, or graver."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(bar)
