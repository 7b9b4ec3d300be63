"""`backends`: what is installed, from metadata; `--check` imports each in a process of its own."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.cli.options import AsJson, NoColor, Timeout, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.plugins import installed
from tconv_design.render.lines import backends_lines

EXAMPLES = """Examples:

  tconv-design backends

  tconv-design backends --check --timeout 20"""


def backends(
    check: Annotated[bool, typer.Option("--check", help="Import each framework in a process of its own.")] = False,
    timeout: Timeout = 60.0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """List the installed backends without importing any framework."""
    rows: list[dict[str, Any]] = [
        {
            "name": each.name,
            "distribution": each.distribution,
            "version": each.version,
            "framework_version": each.framework_version,
            "status": "installed",
            "detail": each.detail,
        }
        for each in installed()
    ]
    if check:
        from tconv_design.verification import check_backends

        for row, status in zip(rows, check_backends([row["name"] for row in rows], timeout=timeout), strict=True):
            row["status"] = status.status
            row["framework_version"] = status.framework_version or row["framework_version"]
            row["detail"] = "; ".join(filter(None, (row["detail"], status.detail)))
    if as_json:
        emit_json(document("backends", {"backends": rows}))
    else:
        emit_text(backends_lines(rows), no_color)
    return 0


app = command("backends", EXAMPLES)(backends)
