"""The numpy backend against torch's own convolutions, on the CPU, with as many threads: one, or as many as are given.

Time: both sides in turn, medians. Memory: each side in a process of its own, how far the second run's peak lies above
what the process held before it, the result included (Linux only). Before anything is measured both results are checked
to be equal: the data are small whole numbers, on which every sum is exact.
"""

import ctypes
import gc
import math
import os
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from time import perf_counter

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1].isdigit() else 1
for library in ("OPENBLAS", "OMP", "MKL"):
    os.environ[f"{library}_NUM_THREADS"] = str(THREADS)

import numpy as np  # noqa: E402
from layers import FORWARD, OTHER_FORWARD, OTHER_TRANSPOSED, TRANSPOSED, Case  # noqa: E402
from paired import medians, verdict  # noqa: E402
from threadpoolctl import threadpool_info  # noqa: E402

from tconv_design.backends.numpy import conv, conv_transpose  # noqa: E402
from tconv_design.convolving.rule import ranked  # noqa: E402
from tconv_design.convolving.volume import solid, volume  # noqa: E402

PAGES = 0.1  # MB by which a peak differs from run to run
SECONDS = 0.4  # how long each side of a layer is measured, at least; but never less than ROUNDS times
ROUNDS = 11


def arrays(case: Case) -> list[np.ndarray]:
    """x, weight and bias: small whole numbers."""
    rng = np.random.default_rng(0)
    layer = case.layer
    shapes = ((case.batch, layer.in_channels, *case.size), layer.weight_shape, (layer.out_channels,))
    return [rng.integers(-4, 5, shape).astype("f4") for shape in shapes]


def ours(case: Case) -> Callable[[], np.ndarray]:
    """The numpy backend's run."""
    data = arrays(case)
    compute = conv if case.layer.kind == "conv" else conv_transpose
    return lambda: compute(case.layer, *data)


def torchs(case: Case) -> Callable[[], np.ndarray]:
    """Torch's run of the same layer on the same data."""
    import torch

    torch.set_num_threads(THREADS)
    torch.set_grad_enabled(False)
    layer, data = case.layer, [torch.from_numpy(each) for each in arrays(case)]
    words = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups}
    words["padding"] = tuple(begin for begin, _ in layer.padding)
    if layer.kind == "tconv":
        words["output_padding"] = layer.output_padding
    name = ("conv" if layer.kind == "conv" else "conv_transpose") + f"{layer.ndim}d"
    function = getattr(torch.nn.functional, name)
    return lambda: function(*data, **words).numpy()


SIDES = {"ours": ours, "torch": torchs}


def seconds(run: Callable[[], np.ndarray]) -> float:
    """How long one run takes."""
    began = perf_counter()
    run()
    return perf_counter() - began


def timed(case: Case) -> dict[str, float]:
    """Median seconds of both sides, whose results are equal."""
    sides = {name: side(case) for name, side in SIDES.items()}
    if not np.array_equal(sides["ours"](), sides["torch"]()):
        raise SystemExit(f"{case.name}: the results differ")
    rounds = max(ROUNDS, min(201, int(SECONDS / seconds(sides["torch"]))))
    return medians({name: lambda run=run: seconds(run) for name, run in sides.items()}, rounds)


def peak(case: Case, side: str) -> float:
    """MB that a run takes at its peak, in a process that has run once."""
    run = SIDES[side](case)
    run()
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # forget the peak so far
    before = _kilobytes("VmRSS")
    run()
    return (_kilobytes("VmHWM") - before) / 1024


def _kilobytes(field: str) -> int:
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(field))


def alone(case: Case, side: str) -> float:
    """`peak` in a new process."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(peak, case, side).result()


def table(title: str, cases: list[Case]) -> tuple[list[float], list[float]]:
    """Print a line for each; returns the ratios of time, and the MB that ours takes beyond torch's."""
    print(f"\n{title:<42} batch  by          torch ms  ours ms  ratio   torch MB  ours MB")
    ratios, beyond = [], []
    for case in cases:
        taken, memory = timed(case), {side: alone(case, side) for side in SIDES}
        (algorithm, _), *_ = ranked(volume(case.layer), solid(case.size, 1), case.batch)
        ratios.append(taken["ours"] / taken["torch"])
        beyond.append(memory["ours"] - memory["torch"])
        times = f"{taken['torch'] * 1e3:>9.2f} {taken['ours'] * 1e3:>8.2f} {ratios[-1]:>6.2f}"
        peaks = f"{memory['torch']:>9.1f} {memory['ours']:>8.1f}"
        print(f"{case.name:<42} {case.batch:>5}  {algorithm.name:<10} {times}  {peaks}", flush=True)
    return ratios, beyond


def mean(ratios: list[float]) -> float:
    """The geometric mean."""
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def product_speed() -> str:
    """Both sides' matrix products in one run, and the kernel that numpy's library picked."""
    import torch

    torch.set_num_threads(THREADS)
    a, b = (np.ones((1024, 1024), "f4") for _ in range(2))
    c, d = torch.from_numpy(a), torch.from_numpy(b)
    taken = medians({"ours": lambda: seconds(lambda: a @ b), "torch": lambda: seconds(lambda: c @ d)}, ROUNDS)
    speeds = {name: 2 * 1024**3 / 1e9 / each for name, each in taken.items()}
    kernels = {each["architecture"] for each in threadpool_info() if each["internal_api"] == "openblas"}
    kernel = ", ".join(sorted(kernels)) or "unknown"
    return f"numpy {speeds['ours']:.0f} GFLOP/s ({kernel} kernels), torch {speeds['torch']:.0f} GFLOP/s"


def main() -> None:
    print(f"threads {THREADS}; a matrix product of 1024: {product_speed()}")
    ten, ten_memory = table("transposed, the ten", TRANSPOSED)
    others, others_memory = table("transposed, others", OTHER_TRANSPOSED)
    forward, forward_memory = table("forward", FORWARD)
    rest, rest_memory = table("forward, others", OTHER_FORWARD)
    print()
    print(verdict("the ten: geometric mean", mean(ten), "<= 0.70", mean(ten) <= 0.70))
    print(verdict("the ten: slowest", max(ten), "<= 1.3", max(ten) <= 1.3))
    print(verdict("other transposed: geometric mean", mean(others), "<= 0.90", mean(others) <= 0.90))
    print(verdict("forward: geometric mean", mean(forward), "<= 1.1", mean(forward) <= 1.1))
    print(f"{'other forward: geometric mean':<44} {mean(rest):>9.2f}")
    barred = max(ten_memory + forward_memory)
    print(verdict("the ten and forward: MB beyond torch's peak", barred, f"<= {PAGES}", barred <= PAGES))
    print(f"{'others: MB beyond the peak of torch':<44} {max(others_memory + rest_memory):>9.2f}")


if __name__ == "__main__":
    main()
