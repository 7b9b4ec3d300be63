"""Prove a checked network in every backend: each distinct layer once, or the whole chain on small whole numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.program import distinct_layers, program
from tconv_design.architecture.report import Report
from tconv_design.check import Check
from tconv_design.verification import DEFAULT_TIMEOUT, Workers

INCOMPLETE = "not run: the network does not fit together"


class LayerProof(NamedTuple):
    """A backend's check of a layer, and the numbers (from 0) of the blocks that are this layer; all of them: the chain.

    `chain`: whether the whole network was run.
    """

    check: Check
    numbers: tuple[int, ...]
    chain: bool = False

    def to_dict(self) -> dict[str, Any]:
        """The check as the public JSON document has it, with the layers that it holds for, counted from 1."""
        return {"layers": [number + 1 for number in self.numbers], "chain": self.chain, **self.check.to_dict()}


def prove_network(
    report: Report,
    backends: Sequence[str] | None = None,
    *,
    layers: bool = True,
    chain: bool = False,
    timeout: float = DEFAULT_TIMEOUT,
    seed: int = 0,
) -> list[LayerProof]:
    """Run a network's distinct layers, and the whole of it, in each backend (None: all that are installed).

    Each layer, and the chain as a whole, may take `timeout` seconds in each backend. Raises UnknownBackend for a name
    that nothing goes by.
    """
    proofs = []
    with Workers(backends) as workers:
        if layers:
            tasks = distinct_layers([layer.row for layer in report.layers])
            rows = workers.check_all(list(tasks), timeout=timeout, seed=seed)
            for numbers, checks in zip(tasks.values(), rows, strict=True):
                proofs += [LayerProof(check, tuple(numbers)) for check in checks]
        if chain:
            proofs += _proved_chain(report, workers, timeout, seed)
    return proofs


def _proved_chain(report: Report, workers: Workers, timeout: float, seed: int) -> list[LayerProof]:
    rows = [layer.row for layer in report.layers]
    numbers = tuple(row.number for row in rows if row.block.kind in ("conv", "tconv"))
    if report.dense is None or any(row.problems for row in rows):
        checks = [Check(name, "", "unsupported", detail=INCOMPLETE) for name in workers.names]
    else:
        in_shape = (report.architecture.channels, *report.size)
        checks = list(workers.check_chain(program(rows), in_shape, timeout=timeout, seed=seed))
    return [LayerProof(check, numbers, chain=True) for check in checks]
