"""The parent's end of one worker process: start it, ask it within a time limit, kill it.

Plain `subprocess`, not `multiprocessing`: the user's script is never imported again, so it needs no guard.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from typing import IO, Any

# The worker's own search path comes first, so that a torch.py beside the user's script hides nothing; what only the
# parent can find (a plugin on a path of its own, this package in a checkout) is appended.
BOOTSTRAP = """\
import json, sys
sys.path += [each for each in json.loads(sys.argv.pop(1)) if each not in sys.path]
from tconv_design.worker import main
main()"""

LAST_WORDS = 4096  # bytes kept of what a worker writes to stderr


class Died(Exception):
    """The process ended without an answer; `how` is the predicate of a sentence, `last_words` its last line, if any."""

    def __init__(self, how: str, last_words: str = "") -> None:
        super().__init__(how)
        self.how = how
        self.last_words = last_words


class TimedOut(Exception):
    """The answer did not come in time."""


class WorkerProcess:
    """A running worker of one backend. Its output goes nowhere but here, and it ends when the parent does."""

    def __init__(self, backend: str) -> None:
        path = json.dumps([os.path.abspath(each) for each in sys.path])  # '' is the working directory
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", BOOTSTRAP, path, backend],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._last_words = b""
        assert self._process.stdout
        assert self._process.stderr
        threading.Thread(target=self._listen, args=(self._process.stdout,), daemon=True).start()
        self._drain = threading.Thread(target=self._keep_last_words, args=(self._process.stderr,), daemon=True)
        self._drain.start()

    def ask(self, request: dict[str, Any], timeout: float) -> Iterator[dict[str, Any]]:
        """Send a request and yield the facts of its answer as they come, until one has a "status".

        Raises Died if the process ends first and TimedOut after `timeout` seconds; kill it then.
        """
        deadline = time.monotonic() + timeout
        self._send({**request, "timeout": timeout})
        while True:
            try:
                line = self._answers.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise TimedOut from None
            if line is None:
                raise self._death()
            try:
                facts: dict[str, Any] = json.loads(line)
            except ValueError:  # foreign code went through the open files, and found ours
                raise Died("wrote into the pipe of its answers") from None
            yield facts
            if "status" in facts:
                return

    def kill(self) -> None:
        """End the process at once; it has nothing to save."""
        self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        with suppress(OSError):
            if self._process.stdin:
                self._process.stdin.close()

    def _send(self, request: dict[str, Any]) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except (OSError, ValueError):  # it is dead already, or was killed from here
            raise self._death() from None

    def _listen(self, pipe: IO[bytes]) -> None:
        with pipe:
            for line in pipe:
                self._answers.put(line)
        self._answers.put(None)

    def _keep_last_words(self, pipe: IO[bytes]) -> None:
        with pipe:
            while chunk := os.read(pipe.fileno(), LAST_WORDS):
                self._last_words = (self._last_words + chunk)[-LAST_WORDS:]

    def _death(self) -> Died:
        """How the process ended, and the last line that it wrote."""
        try:
            code = self._process.wait(10)
        except subprocess.TimeoutExpired:
            return Died("closed its pipe without an answer")
        self._drain.join(1)
        lines = self._last_words.decode(errors="replace").strip().splitlines()
        return Died(_ending(code), lines[-1].strip()[:300] if lines else "")


def _ending(code: int) -> str:
    if code >= 0:
        return f"ended with exit code {code}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    return f"was ended by {name}" + (" (often a lack of memory)" if name == "SIGKILL" else "")
