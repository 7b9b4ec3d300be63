"""Where the numbers of the rule come from: every algorithm timed on every layer that it can compute.

The estimate is a sum of four counts, each times a cost; the costs are those that make the relative errors smallest, by
least squares, on one thread. Then: how much longer the rule's picks took than the fastest ones.
"""

import math
import os

for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

from statistics import median  # noqa: E402
from time import perf_counter  # noqa: E402
from typing import NamedTuple  # noqa: E402

import numpy as np  # noqa: E402
from layers import FORWARD, OTHER_FORWARD, OTHER_TRANSPOSED, TRANSPOSED, Case  # noqa: E402

from tconv_design.convolving.blocks import Work  # noqa: E402
from tconv_design.convolving.rule import NANOSECONDS, able, nanoseconds  # noqa: E402
from tconv_design.convolving.volume import solid, volume  # noqa: E402

ROUNDS = 9


class Timing(NamedTuple):
    """One algorithm on one layer: what it is estimated to do, and the nanoseconds that it took."""

    case: Case
    name: str
    work: Work
    taken: float


def timings(case: Case) -> list[Timing]:
    """Every algorithm that applies to the layer."""
    layer, size = volume(case.layer), solid(case.size, 1)
    rng = np.random.default_rng(0)
    shapes = ((case.batch, layer.in_channels, *size), layer.weight_shape, (layer.out_channels,))
    data = [rng.standard_normal(shape, np.float32) for shape in shapes]
    found = []
    for algorithm in able(layer):
        taken = []
        for _ in range(ROUNDS + 1):  # the first is not counted
            began = perf_counter()
            algorithm.compute(layer, *data)
            taken.append(perf_counter() - began)
        found.append(Timing(case, algorithm.name, algorithm.work(layer, size, case.batch), median(taken[1:]) * 1e9))
    return found


def fitted(measured: list[Timing]) -> np.ndarray:
    """The nanoseconds of a number multiplied, copied and scattered, and of a call."""
    counts = np.array([each.work[:4] for each in measured]) / [[each.taken] for each in measured]
    costs, *_ = np.linalg.lstsq(counts, np.ones(len(measured)), rcond=None)
    return costs


def main() -> None:
    cases = [*TRANSPOSED, *OTHER_TRANSPOSED, *FORWARD, *OTHER_FORWARD]
    measured = {case: timings(case) for case in cases}
    costs = fitted([each for some in measured.values() for each in some])
    print(f"{len(cases)} layers, {sum(map(len, measured.values()))} timings")
    print("fitted for a number multiplied, copied, scattered, and for a call:", end=" ")
    print(f"({', '.join(f'{cost:.2g}' for cost in costs)}), in the rule {NANOSECONDS}")
    losses = []
    for case, some in measured.items():
        picked = min(some, key=lambda each: nanoseconds(each.work))
        fastest = min(some, key=lambda each: each.taken)
        losses.append(picked.taken / fastest.taken)
        if losses[-1] > 1.1:
            print(f"{case.name:<42} {picked.name} took {losses[-1]:.2f} times as long as {fastest.name}")
    mean = math.exp(sum(map(math.log, losses)) / len(losses))
    print(f"the rule's picks took {mean:.3f} times as long as the fastest")


if __name__ == "__main__":
    main()
