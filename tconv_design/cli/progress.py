"""A sign of life on stderr while something takes long."""

from __future__ import annotations

import sys
import threading
import time
from types import TracebackType

from tconv_design.cli.output import remark

FIRST, EVERY = 2.0, 5.0


class Progress:
    """Within it, a line on stderr after two seconds and then every five: what was said last, or how long
    it takes already.

    On a terminal the line replaces the one before, and goes at the end.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._said = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._width = 0

    def say(self, text: str) -> None:
        """What the next line shall tell."""
        self._said = text

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join(1)
        if self._width:
            self._show("")

    def _watch(self) -> None:
        start, wait = time.monotonic(), FIRST
        while not self._done.wait(wait):
            wait = EVERY
            self._show(f"tconv-design: {self._what}: {self._said or f'{time.monotonic() - start:.0f} s'}")

    def _show(self, line: str) -> None:
        if not sys.stderr.isatty():
            remark(line)
            return
        try:
            sys.stderr.write(f"\r{line:<{self._width}}" if line else f"\r{'':<{self._width}}\r")
            sys.stderr.flush()
        except OSError:
            return
        self._width = len(line)
