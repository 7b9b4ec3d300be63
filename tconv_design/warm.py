"""One backend's process over its lives: started when first asked, replaced where it crashed or took too long."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from tconv_design.check import Check
from tconv_design.layer import Layer
from tconv_design.memory import available_bytes, bytes_needed, in_words
from tconv_design.process import Died, TimedOut, WorkerProcess
from tconv_design.samples import BATCH
from tconv_design.trial import Outcome, Trial

DEFAULT_TIMEOUT = 60.0
"""Seconds that a task may take, the import of the framework included."""


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """Whether a backend's framework imports; `framework_version` is what the framework says, None if it does not."""

    backend: str
    status: Literal["ok", "unavailable", "crashed", "timeout"]
    framework_version: str | None
    detail: str = ""


class WarmWorker:
    """One backend's process over its lives, and what is known of it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._version = ""
        self._process: WorkerProcess | None = None
        self._lock = threading.Lock()
        self._closed = False

    def check(
        self, layer: Layer, in_size: tuple[int, ...], share: int, timeout: float, seed: int, code: str | None = None
    ) -> Check:
        """Check one layer, if it fits into this worker's share (one in `share`) of the memory at hand.

        `code` is the program to run, the backend's own if None.
        """
        expected_shape = (BATCH, layer.out_channels, *layer.output_size(in_size))
        request = {"task": "check", "layer": layer.to_dict(), "in": in_size, "seed": seed, "code": code}
        return self._answer(request, expected_shape, bytes_needed(layer, in_size), share, timeout)

    def chain(self, request: dict[str, Any], out: tuple[int, ...], needed: int, share: int, timeout: float) -> Check:
        """Run a whole network whose output has shape `out`, if `needed` bytes are in this worker's share."""
        return self._answer(request, out, needed, share, timeout)

    def _answer(
        self, request: dict[str, Any], expected_shape: tuple[int, ...], needed: int, share: int, timeout: float
    ) -> Check:
        free = available_bytes() // share
        if needed > free:
            detail = f"not run: it needs about {in_words(needed)}, and {in_words(free)} are free for this backend"
            return Check(self.name, self._version, "unsupported", expected_shape, detail=detail)
        facts = self._ask(request, timeout)
        return Check(
            self.name,
            self._version,
            facts["status"],
            expected_shape,
            actual_shape=_tuple(facts.get("actual_shape")),
            max_abs_error=facts.get("max_abs_error"),
            phase_shift=_tuple(facts.get("phase_shift")),
            code=facts.get("code", ""),
            detail=_located(facts),
            seconds={name: facts.get(name, 0.0) for name in ("start", "run")},
        )

    def try_each(self, trials: Sequence[Trial], timeout: float, told: Callable[[str, Outcome], None]) -> list[Outcome]:
        """Run programs until the last, or until the backend turns out not to be there."""
        outcomes: list[Outcome] = []
        for trial in trials:
            outcomes.append(self._try(trial, timeout))
            told(self.name, outcomes[-1])
            if outcomes[-1].status == "unavailable" or self._closed:
                break
        return outcomes

    def _try(self, trial: Trial, timeout: float) -> Outcome:
        if self._process is None:  # its import shall not count as the program's time
            started = self.start(max(timeout, DEFAULT_TIMEOUT))
            if started.status != "ok":
                return Outcome(self.name, self._version, started.status, detail=started.detail, code=trial.code)
        facts = self._ask({"task": "try", "trial": trial.to_dict()}, timeout)
        return Outcome(
            self.name,
            self._version,
            facts["status"],
            _tuple(facts.get("actual_shape")),
            facts.get("digest", ""),
            tuple(facts.get("values", ())),
            facts.get("repeats", True),
            facts.get("detail", ""),
            trial.code,
        )

    def start(self, timeout: float) -> BackendStatus:
        """Import the framework."""
        facts = self._ask({"task": "import"}, timeout)
        return BackendStatus(self.name, facts["status"], self._version or None, facts.get("detail", ""))

    def close(self) -> None:
        """Kill the process, and start none again."""
        with self._lock:
            self._closed = True
            self._kill()

    def _ask(self, request: dict[str, Any], timeout: float) -> dict[str, Any]:
        """All the facts of an answer; a status of our own where the process gave none."""
        facts: dict[str, Any] = {}
        try:
            for more in self._running().ask(request, timeout):
                facts |= more
                self._version = facts.get("version", self._version)
        except TimedOut:
            detail = f"no answer within {timeout:g} s while {self._doing(facts)}; its process was ended"
            facts |= {"status": "timeout", "detail": detail}
        except Died as death:
            detail = f"its process {death.how} while {self._doing(facts)}"
            detail += f"; its last words: {death.last_words!r}" if death.last_words else ""
            facts |= {"status": "crashed", "detail": detail}
        if facts["status"] in ("timeout", "crashed"):
            with self._lock:
                self._kill()
        return facts

    def _running(self) -> WorkerProcess:
        with self._lock:
            if self._closed:
                raise Died("was stopped")
            if self._process is None:
                self._process = WorkerProcess(self.name)
            return self._process

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process = None

    def _doing(self, facts: dict[str, Any]) -> str:
        if "code" in facts:
            return f"running layer {facts['at'] + 1}" if "at" in facts else "running the layer"
        return "building the layer" if self._version else "importing the framework"


def _located(facts: dict[str, Any]) -> str:
    """The detail of an answer; in a network, what went wrong went wrong at a layer."""
    detail: str = facts.get("detail", "")
    is_at_layer = facts["status"] in ("differs", "unsupported") and "at" in facts
    return f"layer {facts['at'] + 1}: {detail}" if is_at_layer else detail


def _tuple(numbers: list[int] | None) -> tuple[int, ...] | None:
    return None if numbers is None else tuple(numbers)
