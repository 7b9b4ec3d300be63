"""Prove the solutions of an answer: run those that are shown in every backend, with the workers kept warm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from tconv_design.answer import Answer
from tconv_design.verification import DEFAULT_TIMEOUT, Workers


def prove(
    answer: Answer, backends: Sequence[str] | None = None, *, timeout: float = DEFAULT_TIMEOUT, seed: int = 0
) -> Answer:
    """The answer with a Check per backend (None means all installed) on each of its solutions."""
    with Provers() as provers:
        return provers.prove(answer, backends, timeout=timeout, seed=seed)


class Provers:
    """Warm workers for many answers, one set per choice of backends; a context manager."""

    def __init__(self) -> None:
        self._sets: dict[tuple[str, ...] | None, Workers] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for workers in self._sets.values():
            workers.close()

    def prove(self, answer: Answer, backends: Sequence[str] | None, *, timeout: float, seed: int) -> Answer:
        """The answer with its solutions checked. Raises UnknownBackend for a name that nothing goes by."""
        choice = None if backends is None else tuple(backends)
        if choice not in self._sets:
            self._sets[choice] = Workers(backends)
        tasks = [(solution.layer, solution.in_size) for solution in answer.solutions]
        rows = self._sets[choice].check_all(tasks, timeout=timeout, seed=seed)
        proved = (solution._replace(checks=checks) for solution, checks in zip(answer.solutions, rows, strict=True))
        return replace(answer, solutions=tuple(proved))
