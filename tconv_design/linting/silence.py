"""Comments that silence findings: `# tconv-design: ignore[uneven-overlap]`, or `ignore` for all rules."""

from __future__ import annotations

import re
from collections.abc import Sequence

_COMMENT = re.compile(r"#\s*tconv-design:\s*ignore(?:\[([^\]\n]*)\])?")


def silenced(lines: Sequence[str], rule: str) -> bool:
    """Whether a comment on one of the lines silences a rule."""
    for found in (found for line in lines for found in _COMMENT.finditer(line)):
        if found[1] is None or rule in (name.strip() for name in found[1].split(",")):
            return True
    return False
