"""What `lint` prints: a line per finding with its rule, or the commands that GitHub shows beside the code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from tconv_design.render.lines import Line, Tone
from tconv_design.wording import counted

if TYPE_CHECKING:
    from tconv_design.linting.finding import Finding
    from tconv_design.linting.lint import Lint

_MARKS: dict[str, tuple[str, Tone]] = {"error": ("✗", "bad"), "warning": ("✗", "bad"), "note": ("·", "")}
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def lint_lines(lint: Lint) -> Iterator[Line]:
    """What `lint` prints."""
    for finding in lint.findings:
        mark, tone = _MARKS[finding.severity]
        label = f"{finding.place.label}: " if finding.place.file and finding.place.label else ""
        yield Line(f"{mark} {finding.place}: {finding.severity}: {label}{finding.message} [{finding.rule}]", tone)
    yield _sum(lint)


def _sum(lint: Lint) -> Line:
    looked = f"{counted(lint.layers, 'layer')} looked at"
    severities = [finding.severity for finding in lint.findings]
    counts = [counted(severities.count(each), each) for each in ("error", "warning", "note") if each in severities]
    if not counts:
        return Line(f"✓ {looked}, nothing found", "good")
    return Line(f"{looked}: {', '.join(counts)}", "quiet")


def github_lines(findings: Iterable[Finding]) -> Iterator[str]:
    """Workflow commands, one a line: `::warning file=net.py,line=12,title=holes::message`."""
    for finding in findings:
        place = finding.place
        given = {"file": place.file, "line": str(place.line or ""), "title": finding.rule}
        properties = ",".join(f"{name}={_property(value)}" for name, value in given.items() if value)
        label = f"{place.label}: " if place.label else ""
        yield f"::{_COMMANDS[finding.severity]} {properties}::{_escaped(label + finding.message)}\n"


def _escaped(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
