"""All plans of a problem in the order of the criteria that add up, whichever search finds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.layer import Axis, Layer
from tconv_design.planning.blanks import filled
from tconv_design.planning.criteria import ADDITIVE, Numbers, layer_cost
from tconv_design.planning.joint import joint_chains
from tconv_design.planning.packing import PARTS, numbers_of, packing
from tconv_design.planning.places import Sizes, axis_places, ordered_by, sizes_between
from tconv_design.planning.problem import Plan, Problem, Stage, lengths
from tconv_design.planning.reach import reach_limit
from tconv_design.planning.search import Alive, Budget, Route, chains
from tconv_design.planning.togo import Shared, prices, togo


class Way(NamedTuple):
    """A chain as numbers: which of the problem's chains, its layers (given maps have none) per axis, all its sizes."""

    chain: int
    layers: tuple[tuple[Numbers, ...], ...]
    sizes: tuple[tuple[int, ...], ...]


def ways(problem: Problem, alive: Alive) -> Iterator[Way]:
    """All chains in order; where the axes are alike, first those that are equal on all axes.

    The problem's criteria must all add up. Of those that are equal on all axes come `problem.top`, and perhaps more.
    """
    ndim = len(problem.in_size)
    alike = are_alike(problem)
    if alike:
        for number, layers, sizes in _alike(problem, alive):
            yield Way(number, tuple((numbers,) * ndim for numbers in layers), tuple((size,) * ndim for size in sizes))
    if alike and ndim == 1:
        return
    for joined in joint_chains(problem, alive):
        if not (alike and all(len(set(layer)) == 1 for layer in joined.layers)):
            yield Way(*joined)


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
    pack = packing(numbers_of(problem.rank, lengths(problem)), ndim, [(places, sizes) for _, places, sizes in kept])
    routes = []
    shared: Shared = {}
    for number, places, sizes in kept:
        alive()
        priced = prices(places, pack)
        budgets = tuple(_budgets(problem, problem.chains[number], sizes))
        onward = togo(places, sizes, priced, pack, shared)
        limit = problem.limits.receptive_field
        reach = reach_limit(places, sizes, limit, onward) if limit else None
        routes.append(Route(places, sizes, priced, onward, budgets, reach))
    for found in chains(routes, pack, alive, problem.top):
        yield kept[found.route][0], found.layers, found.sizes


def _budgets(problem: Problem, chain: Sequence[Stage], sizes: Sequence[Sizes]) -> Iterator[Budget]:
    """The limits on what a chain may spend, each with the least that is to come."""
    for name, most in (("params", problem.limits.max_params), ("macs", problem.limits.max_macs)):
        if most is not None:
            places = ordered_by(name, problem, chain, 0)
            pack = packing((name,), len(problem.in_size), [(places, sizes)])
            yield Budget(pack, togo(places, sizes, prices(places, pack), pack), most)


def as_plan(problem: Problem, way: Way) -> Plan:
    """A chain as plain data."""
    chain = problem.chains[way.chain]
    built = [
        Layer(stage.kind, tuple(Axis(*each) for each in numbers), stage.groups, stage.in_channels, stage.out_channels)
        for stage, numbers, _, _ in _steps(chain, way)
    ]
    scores = way_scores(problem, way)
    for name, spent in zip(("params", "macs"), problem.spent, strict=True):
        scores[name] += spent
    shown = {name: scores[name] for name in problem.rank if name in scores}
    return Plan(tuple(built), way.sizes, scores["params"], scores["macs"], shown, filled(problem, built))


def way_scores(problem: Problem, way: Way) -> dict[str, Any]:
    """All criteria of a chain that add up: a whole number each, or a list of them."""
    totals: dict[str, list[int]] = {name: [0] * len(PARTS.get(name, (name,))) for name in ADDITIVE}
    for stage, numbers, in_, out in _steps(problem.chains[way.chain], way):
        weights = stage.in_channels * stage.out_channels // stage.groups
        bias = stage.out_channels if stage.bias else 0
        for name, values in layer_cost(stage.kind, numbers, in_, out, weights, bias).items():
            totals[name] = [one + other for one, other in zip(totals[name], values, strict=True)]
    return {name: values[0] if len(values) == 1 else values for name, values in totals.items()}


def _steps(
    chain: Sequence[Stage], way: Way
) -> Iterator[tuple[Stage, tuple[Numbers, ...], tuple[int, ...], tuple[int, ...]]]:
    """(stage, layer, input size, output size) of the stages that have boxes."""
    pending = iter(way.layers)
    for stage, in_, out in zip(chain, way.sizes, way.sizes[1:], strict=False):
        if stage.boxes:
            yield stage, next(pending), in_, out
