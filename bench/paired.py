"""Both sides measured in turn, many times: what disturbs the machine disturbs both."""

from collections.abc import Callable, Mapping
from statistics import median

Measure = Callable[[], float]


def medians(sides: Mapping[str, Measure], rounds: int) -> dict[str, float]:
    """The median of each side's measure over `rounds` rounds; in every round each side runs once."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds):
        for name, measure in sides.items():
            taken[name].append(measure())
    return {name: median(values) for name, values in taken.items()}


def verdict(what: str, value: float, bar: str, met: bool) -> str:
    """One line: what was measured, its value, the bar and whether it is met."""
    return f"{what:<44} {value:>9.2f}   bar {bar:<12} {'met' if met else 'MISSED'}"
