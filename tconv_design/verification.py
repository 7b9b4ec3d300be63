"""Prove layers by running them: every backend in a process of its own, all side by side, kept warm over many layers.

Whatever a backend does (crash, hang, run out of memory, print, fail to import, answer wrongly) costs its own row.
Not called verify.py: a submodule of that name would take the place of the function `tconv_design.verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self, TypeVar

from tconv_design.check import Check
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.memory import chain_bytes_needed
from tconv_design.plugins import choose
from tconv_design.steps import Step
from tconv_design.trial import Outcome, Trial
from tconv_design.warm import DEFAULT_TIMEOUT, BackendStatus, WarmWorker

__all__ = ["DEFAULT_TIMEOUT", "BackendStatus", "Workers", "check_backends", "verify"]

Task = tuple[Layer, tuple[int, ...]]
T = TypeVar("T")

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
        self._workers = [WarmWorker(name) for name in self.names]

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

        def column(worker: WarmWorker) -> list[Check | None]:
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

    def _side_by_side(self, job: Callable[[WarmWorker], T]) -> list[T]:
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
