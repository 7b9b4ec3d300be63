"""The best chains of a problem, and how many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from math import prod
from time import monotonic

from tconv_design.cost import multiply_adds
from tconv_design.layer import Axis, Layer
from tconv_design.planning.criteria import Numbers, layer_cost
from tconv_design.planning.joint import joint_chains
from tconv_design.planning.packing import packing
from tconv_design.planning.places import Sizes, axis_places, open_places, ordered_by, sizes_between
from tconv_design.planning.problem import Plan, Plans, Problem, Stage
from tconv_design.planning.search import Alive, Budget, Route, chains
from tconv_design.planning.tally import count_chains
from tconv_design.planning.togo import prices, togo

Remark = Callable[[str], object]


class OutOfTime(Exception):
    """The time for the whole search is over."""


def plan(problem: Problem, timeout: float | None = None, progress: Remark | None = None) -> Plans:
    """The best `problem.top` chains, proven best, and the exact number of chains in the box (limits not counted).

    On a timeout (seconds, for the whole search) or an interruption the best so far come back, not proven.
    Raises InvalidQuestion where the box is too wide or a criterion is unknown.
    """
    alive = _clock(timeout)
    total = count(problem)
    found: list[Plan] = []
    try:
        found.extend(islice(_plans(problem, alive), problem.top))
    except (OutOfTime, KeyboardInterrupt) as stopped:
        return Plans(total, False, tuple(found), _stopped(stopped, timeout))
    return Plans(total, True, tuple(found))


def count(problem: Problem) -> int:
    """How many chains there are in the box, whatever the limits: per number of layers the product over the axes."""
    total = 0
    for chain in problem.chains:
        found = 1
        for axis, (in_, out) in enumerate(zip(problem.in_size, problem.out_size, strict=True)):
            places = open_places(chain, axis)
            found *= count_chains(places, sizes_between(places, in_, out)) if found else 0
        total += found
    return total


def _clock(timeout: float | None) -> Alive:
    end = None if timeout is None else monotonic() + timeout

    def alive() -> None:
        if end is not None and monotonic() > end:
            raise OutOfTime

    return alive


def _stopped(reason: BaseException, timeout: float | None) -> str:
    if isinstance(reason, OutOfTime):
        return f"the search was stopped after {timeout:g} s: these are the best so far, not proven best"
    return "the search was interrupted: these are the best so far, not proven best"


def _plans(problem: Problem, alive: Alive) -> Iterator[Plan]:
    """All plans in order; where the axes are alike, first those that are equal on all axes."""
    ndim = len(problem.in_size)
    if are_alike(problem):
        for number, layers, sizes in _alike(problem, alive):
            chain = problem.chains[number]
            yield as_plan(problem, chain, [(numbers,) * ndim for numbers in layers], [(size,) * ndim for size in sizes])
        if ndim == 1:
            return
    for joined in joint_chains(problem, alive):
        if not (are_alike(problem) and all(len(set(layer)) == 1 for layer in joined.layers)):
            yield as_plan(problem, problem.chains[joined.chain], joined.layers, joined.sizes)


def are_alike(problem: Problem) -> bool:
    """Whether all axes have equal sizes, boxes, maps and claims."""
    stages = [stage for chain in problem.chains for stage in chain]
    rows = [problem.in_size, problem.out_size]
    rows += [row for stage in stages for row in (stage.boxes, stage.given, stage.size)]  # type: ignore[misc]
    return all(len(set(row)) <= 1 for row in rows)


def _alike(problem: Problem, alive: Alive) -> Iterator[tuple[int, tuple[Numbers, ...], tuple[int, ...]]]:
    """(number of the chain, layers, sizes) of chains that are equal on all axes, in order."""
    ndim = len(problem.in_size)
    kept = []
    for number, chain in enumerate(problem.chains):
        places = axis_places(problem, chain, 0)
        sizes = sizes_between(places, problem.in_size[0], problem.out_size[0])
        if sizes:
            kept.append((number, places, sizes))
    pack = packing(problem.rank, ndim, [(places, sizes) for _, places, sizes in kept])
    routes = []
    for number, places, sizes in kept:
        alive()
        priced = prices(places, pack)
        budgets = tuple(_budgets(problem, problem.chains[number], sizes))
        routes.append(Route(places, sizes, priced, togo(places, sizes, priced, pack), budgets))
    for found in chains(routes, pack, alive):
        yield kept[found.route][0], found.layers, found.sizes


def _budgets(problem: Problem, chain: Sequence[Stage], sizes: Sequence[Sizes]) -> Iterator[Budget]:
    """The limits on what a chain may spend, each with the least that is to come."""
    for name, most in (("params", problem.limits.max_params), ("macs", problem.limits.max_macs)):
        if most is not None:
            places = ordered_by(name, problem, chain, 0)
            pack = packing((name,), len(problem.in_size), [(places, sizes)])
            yield Budget(pack, togo(places, sizes, prices(places, pack), pack), most)


def as_plan(
    problem: Problem, chain: Sequence[Stage], layers: Sequence[tuple[Numbers, ...]], sizes: Sequence[tuple[int, ...]]
) -> Plan:
    """A chain as plain data; `layers` are those of the stages that have boxes."""
    built, params, macs = [], 0, 0
    scores: dict[str, list[int]] = {}
    pending = iter(layers)
    for stage, in_, out in zip(chain, sizes, sizes[1:], strict=False):
        if not stage.boxes:
            continue
        numbers = next(pending)
        layer = Layer(
            stage.kind, tuple(Axis(*each) for each in numbers), stage.groups, stage.in_channels, stage.out_channels
        )
        weights, bias = stage.in_channels * stage.out_channels // stage.groups, stage.out_channels if stage.bias else 0
        built.append(layer)
        params += prod(layer.kernel) * weights + bias
        macs += multiply_adds(layer, in_, out)
        for name, values in layer_cost(stage.kind, numbers, in_, out, weights, bias).items():
            scores[name] = [a + b for a, b in zip(scores.get(name, [0] * len(values)), values, strict=True)]
    shown = {name: values[0] if len(values) == 1 else values for name, values in scores.items() if name in problem.rank}
    return Plan(tuple(built), tuple(sizes), params, macs, {name: shown[name] for name in problem.rank if name in shown})
