"""What verifying costs beyond the framework itself: beyond importing it and running the layer.

A backend's own seconds are those that its process reports: `start` is the import, `run` building and running the layer.
One backend at a time. Cold is a whole `verify` of one layer; warm are ten more layers in a process that has run one.
"""

from statistics import median
from time import perf_counter

from tconv_design import Check, Layer, verify
from tconv_design.plugins import installed
from tconv_design.verification import Workers

ROUNDS = 5
LAYER = Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=16, out_channels=8)
IN = (16, 16)
TEN = [(Layer.tconv(2, kernel=k, stride=2, padding=1, in_channels=16, out_channels=8), IN) for k in range(3, 13)]


def cold(backend: str) -> tuple[float, float]:
    """(all seconds, the framework's own) of one layer in a new process."""
    began = perf_counter()
    (check,) = verify(LAYER, IN, [backend], timeout=300)
    taken = perf_counter() - began
    _check(check)
    return taken, check.seconds["start"] + check.seconds["run"]


def warm(backend: str) -> tuple[float, float]:
    """(all seconds, the framework's own) of ten layers in a process that has run one."""
    with Workers([backend]) as workers:
        workers.check_all([(LAYER, IN)], timeout=300)
        began = perf_counter()
        checks = [row[0] for row in workers.check_all(TEN)]
        taken = perf_counter() - began
    for check in checks:
        _check(check)
    return taken, sum(check.seconds["run"] for check in checks)


def _check(check: Check) -> None:
    if check.status != "agrees":
        raise SystemExit(f"{check.backend} {check.status}: {check.detail}")


def main() -> None:
    print(f"medians of {ROUNDS} runs; ratio = all / (the framework's own import and run)")
    for backend in (each.name for each in installed()):
        for what, measure in (("1 layer, cold", cold), ("10 layers, warm", warm)):
            rounds = [measure(backend) for _ in range(ROUNDS)]
            beyond = median(taken - own for taken, own in rounds)
            ratio = median(taken / own for taken, own in rounds)
            own = median(own for _, own in rounds)
            print(f"{backend:<12} {what:<16} own {own:7.3f} s   beyond {beyond:6.3f} s   ratio {ratio:5.2f}")


if __name__ == "__main__":
    main()
