"""The whole small grid: every framework in its own words and in ours, each in its warm worker, side by side."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from tconv_design.grid import GRID, Case
from tconv_design.matrix.prediction import Prediction, predict, spoken
from tconv_design.matrix.row import Matrix, Row
from tconv_design.matrix.single import row_of_check
from tconv_design.matrix.verdict import row_of
from tconv_design.matrix.words import NAMES, THINNED, small_grid, thinned
from tconv_design.verification import BackendStatus, Workers

Told = Callable[[str], None]
Questions = Mapping[str, Sequence[Prediction]]
DEFAULT_NAMES = ("same", "valid")
DEFAULT_TIMEOUT = 10.0


def sweep(
    names: Sequence[str] | None = None,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    seed: int = 0,
    told: Told = lambda text: None,
    cases: Sequence[Case] = GRID,
) -> Matrix:
    """Ask every backend (None for all installed) the small grid. `told` hears how far it is, from several threads.

    Raises UnknownBackend for a name that nothing goes by.
    """
    with Workers(names) as workers:
        started = workers.start_all(timeout=max(timeout, 60.0))  # an import takes longer than a layer
        workers.keep([each.backend for each in started if each.status == "ok"])
        ready = workers.names
        versions = {each.backend: each.framework_version for each in started if each.framework_version}
        questions, gaps = _questions(ready, versions)
        own = _in_their_words(workers, questions, timeout, seed, told)
        told(f"{len(cases)} layers in our words")
        tasks = [(case.layer, case.in_size) for case in cases]
        checks = workers.check_all(tasks, timeout=timeout, seed=seed)
    rows = [*map(_absent, (each for each in started if each.status != "ok"))]
    for index, name in enumerate(ready):
        rows += own[name]
        rows += [row_of_check(*task, row[index]) for task, row in zip(tasks, checks, strict=True)]
    return Matrix(tuple(rows), versions, gaps)


def _questions(backends: Sequence[str], versions: Mapping[str, str]) -> tuple[Questions, dict[str, str]]:
    """Each backend's questions in its dialect, each program once at a size; and why a backend has none."""
    found: dict[str, list[Prediction]] = {}
    gaps: dict[str, str] = {}
    for name in backends:
        said = spoken(name, versions.get(name, ""))
        if said is None:
            gaps[name] = "no dialect is known for it, so it was asked in our words only"
            continue
        grid = thinned(said[0], small_grid(NAMES.get(said[0], DEFAULT_NAMES)))
        if said[0] in THINNED:
            gaps[name] = f"asked one in {THINNED[said[0]]} of the questions about one axis, for it may be slow"
        try:
            asked = filter(None, (predict(*said, each) for each in grid))
            found[name] = list({(each.code, each.asked.in_size): each for each in asked}.values())
        except Exception as error:  # a dialect with a gap costs its own rows
            gaps[name] = f"its dialect has a gap: {type(error).__name__}: {error}"
    return found, gaps


def _in_their_words(
    workers: Workers, questions: Questions, timeout: float, seed: int, told: Told
) -> dict[str, list[Row]]:
    total, done, lock = sum(map(len, questions.values())), 0, threading.Lock()

    def step(name: str, outcome: object) -> None:
        nonlocal done
        with lock:
            done += 1
            told(f"{done} of {total} programs")

    trials = {name: [each.trial(seed=seed) for each in asked] for name, asked in questions.items()}
    outcomes = workers.try_all(trials, timeout=timeout, told=step)
    return {
        name: list(map(row_of, questions.get(name, ()), trials.get(name, ()), outcomes[name])) for name in workers.names
    }


def _absent(status: BackendStatus) -> Row:
    """The one row of a backend that does not import."""
    if status.status in ("crashed", "timeout"):
        return Row(status.backend, status.status, (), "", detail=status.detail, claim="does not import")
    return Row(status.backend, "unavailable", (), "", detail=status.detail)
