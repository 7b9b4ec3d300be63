"""Prove layers by running them: every backend in a process of its own, all side by side, kept warm over many layers.

Whatever a backend does (crash, hang, run out of memory, print, fail to import, answer wrongly) costs its own row.
Not called verify.py: a submodule of that name would take the place of the function `tconv_design.verify`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal, Self, TypeVar

from tconv_design.check import Check
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.memory import available_bytes, bytes_needed, chain_bytes_needed, in_words
from tconv_design.plugins import choose
from tconv_design.process import Died, TimedOut, WorkerProcess
from tconv_design.samples import BATCH
from tconv_design.steps import Step
from tconv_design.trial import Outcome, Trial

Task = tuple[Layer, tuple[int, ...]]
T = TypeVar("T")

DEFAULT_TIMEOUT = 60.0
LONGEST_TIMEOUT = 86400.0


def verify(
    layer: Layer,
    in_size: int | Sequence[int],
    backends: Sequence[str] | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Run `layer` on inputs of `in_size` in each backend and compare shape, phase and values with the definition.

    `in_size` is one size per axis (an int for a 1-D layer), `backends` the names, None for all that are installed,
    `timeout` the seconds that each may take, its import included. Returns a Check per backend, in order. Raises
    InvalidLayer where nothing is left of the input, UnknownBackend for a name that nothing goes by.
    """
    sizes = (in_size,) if isinstance(in_size, int) else tuple(in_size)
    with Workers(backends) as workers:
        return workers.check_all([(layer, sizes)], timeout=timeout, seed=seed)[0]


@dataclass(frozen=True, slots=True)
class BackendStatus:
    """Whether a backend's framework imports; `framework_version` is what the framework says, None if it does not."""

    backend: str
    status: Literal["ok", "unavailable", "crashed", "timeout"]
    framework_version: str | None
    detail: str = ""


def check_backends(
    names: Sequence[str] | None = None, *, timeout: float = DEFAULT_TIMEOUT
) -> tuple[BackendStatus, ...]:
    """Import each backend in a process of its own, side by side. None for all that are installed.

    Raises UnknownBackend for a name that nothing goes by.
    """
    with Workers(names) as workers:
        return tuple(workers.start_all(timeout=timeout))


class Workers:
    """Warm worker processes, one per backend, started when first needed; a context manager that kills them.

    A worker that crashed or ran out of time is replaced at its next task.
    """

    def __init__(self, names: Sequence[str] | None = None) -> None:
        self.names = choose(names)
        self._workers = [_Worker(name) for name in self.names]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def check_all(
        self, tasks: Sequence[Task], *, timeout: float = DEFAULT_TIMEOUT, seed: int = 0
    ) -> list[tuple[Check, ...]]:
        """Check every (layer, in_size) in every backend; per task one Check per backend, in the order of `names`.

        Each check may take `timeout` seconds; `seed` draws the sample data.

        Raises InvalidLayer, before anything is run, where nothing is left of an input.
        """
        _check_limits(timeout, seed)
        for layer, in_size in tasks:
            layer.output_size(in_size)
        share = len(self._workers)
        columns = self._side_by_side(lambda worker: [worker.check(*task, share, timeout, seed) for task in tasks])
        return list(zip(*columns, strict=True))

    def check_codes(
        self,
        rows: Sequence[tuple[Layer, tuple[int, ...], Mapping[str, str]]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        seed: int = 0,
    ) -> list[tuple[Check, ...]]:
        """Check (layer, in_size, programs): each backend runs the program that `programs` has under its name.

        A program is a text of ours that defines `layer`, as `Backend.code` gives it. Per row one Check per backend
        that has a program in it, in the order of `names`; programs of other names are passed over.

        Raises InvalidLayer, before anything is run, where nothing is left of an input.
        """
        _check_limits(timeout, seed)
        for layer, in_size, _ in rows:
            layer.output_size(in_size)
        share = len(self._workers)

        def column(worker: _Worker) -> list[Check | None]:
            return [
                worker.check(layer, in_size, share, timeout, seed, codes[worker.name]) if worker.name in codes else None
                for layer, in_size, codes in rows
            ]

        columns = self._side_by_side(column)
        return [tuple(filter(None, row)) for row in zip(*columns, strict=True)]

    def check_chain(
        self, steps: tuple[Step, ...], in_shape: tuple[int, ...], *, timeout: float = DEFAULT_TIMEOUT, seed: int = 0
    ) -> tuple[Check, ...]:
        """Run a whole network on an input of `in_shape` (channels, *size) in every backend, within `timeout` seconds.

        Each conv and tconv gets what the layers before it made, folded to small whole numbers, and must give exactly
        what the definition says. Returns a Check per backend, whose shapes are those of the network's output for one
        sample; a layer that differs ends the run, and `detail` names it, `code` is its program.
        """
        _check_limits(timeout, seed)
        request = {"task": "chain", "steps": [step.to_list() for step in steps], "in": in_shape, "seed": seed}
        needed, share = chain_bytes_needed(steps, in_shape), len(self._workers)
        out = (1, *steps[-1].out)
        return tuple(self._side_by_side(lambda worker: worker.chain(request, out, needed, share, timeout)))

    def try_all(
        self,
        trials: Mapping[str, Sequence[Trial]],
        *,
        timeout: float = DEFAULT_TIMEOUT,
        told: Callable[[str, Outcome], None] = lambda backend, outcome: None,
    ) -> dict[str, list[Outcome]]:
        """Run programs on shapes alone, each backend those under its name, in order, `timeout` seconds each.

        `told` hears of each outcome as it comes, from several threads. A backend that is not there says so once: the
        list of its outcomes is then shorter than that of its trials.
        """
        _check_limits(timeout, 0)
        columns = self._side_by_side(lambda worker: worker.try_each(trials.get(worker.name, ()), timeout, told))
        return dict(zip(self.names, columns, strict=True))

    def start_all(self, *, timeout: float = DEFAULT_TIMEOUT) -> list[BackendStatus]:
        """Import every backend's framework and say how that went, in the order of `names`."""
        _check_limits(timeout, 0)
        return self._side_by_side(lambda worker: worker.start(timeout))

    def keep(self, names: Sequence[str]) -> None:
        """Kill the workers of all other names and forget them."""
        for worker in self._workers:
            if worker.name not in names:
                worker.close()
        self._workers = [worker for worker in self._workers if worker.name in names]
        self.names = tuple(worker.name for worker in self._workers)

    def close(self) -> None:
        """Kill every worker, whatever it is doing. What is still being asked ends with `crashed`."""
        for worker in self._workers:
            worker.close()

    def _side_by_side(self, job: Callable[[_Worker], T]) -> list[T]:
        if not self._workers:
            return []
        with ThreadPoolExecutor(len(self._workers)) as pool:
            futures = [pool.submit(job, worker) for worker in self._workers]
            try:
                while wait(futures, timeout=0.1).not_done:
                    pass  # a wait without a limit could not be interrupted on Windows
            except BaseException:  # Ctrl-C above all: the threads end as soon as their workers are dead
                self.close()
                raise
            return [future.result() for future in futures]


def _check_limits(timeout: float, seed: int) -> None:
    if not 0 < timeout <= LONGEST_TIMEOUT:
        raise InvalidQuestion(f"timeout {timeout:g} must be more than 0 and at most {LONGEST_TIMEOUT:.0f} seconds")
    if seed < 0:
        raise InvalidQuestion(f"seed {seed} must be 0 or more")


class _Worker:
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
