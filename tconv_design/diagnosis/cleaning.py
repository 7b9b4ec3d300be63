"""A pasted text as its framework printed it: without what terminals, logs, mails and web pages put into it."""

from __future__ import annotations

import html
import re

_TERMINAL = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\r(?=\n)|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TYPESET = str.maketrans({"\xa0": " ", "‘": "'", "’": "'", "“": '"', "”": '"', "\u200b": None, "\ufeff": None})
_PREFIX = re.compile(
    r"^(?:\s{0,3}>\s?"  # a quotation
    r"|E\s{3,12}"  # pytest
    r"|\[[\w.-]{1,30}\]:\s"  # torchrun: [rank0]:
    r"|\(\w{1,60} pid=\d{1,9}[^()\n]{0,40}\)\s"  # Ray: (train pid=7)
    r"|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d:[\d.,:+Z]{2,20}\]?\s"  # a time
    r"|\[?(?:DEBUG|INFO|WARNING|ERROR|CRITICAL|FATAL)\]?\b[ \w\[\].-]{0,40}:(?:[\w.]{1,40}:)?\s?"  # logging
    r"|[\w.-]{1,40} {1,20}\| )+",  # docker compose
    re.MULTILINE,
)
"""None of its parts is without bounds, so that no text takes long to search."""


def clean(text: str) -> str:
    """The text without what terminals, logs, mails and web pages put around and into it."""
    plain = _TERMINAL.sub("", text)
    if "\\n" in plain and "\n" not in plain.strip():  # a line of JSON, or Python's repr
        plain = plain.replace("\\n", "\n").replace("\\'", "'").replace('\\"', '"')
    if "&" in plain:
        plain = html.unescape(plain)
    return _PREFIX.sub("", plain.translate(_TYPESET))
