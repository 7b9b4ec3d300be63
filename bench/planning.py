"""The ten best of 10**28 chains, 1 -> 1080 in ten layers, against OR-tools CP-SAT finding and proving the best one.

Both run in this process, on one core, over the same box and the same order of criteria; first the two optima are
compared. CP-SAT's model is the fastest of those that were tried: strides and kernels as literals that switch linear
relations on (with products of variables instead it proves nothing within a minute), and one criterion after the other.
"""

import sys
from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter

import numpy  # noqa: F401 - loaded before anything is measured
from ortools.sat.python import cp_model
from paired import medians, verdict

from tconv_design.planning import members, places, togo
from tconv_design.planning.build import chain_problem
from tconv_design.planning.plan import count, plan

IN, OUT, LAYERS, BEST = 1, 1080, 10, 10
KERNEL, STRIDE, LONGEST = 16, 8, 1300
ROUNDS = 3
IN_A_ROW = 5  # of our own runs in each round
LENGTHS = (4, 8, 16, 32)
CRITERIA = ("exact", "even", "plain", "steady", "macs", "kernels", "paddings")


def ours() -> list[int]:
    """The scores of the best chain; ten are found and all are counted. Nothing is kept from the run before."""
    members.moves.cache_clear()
    places.sizes_between.cache_clear()
    found = plan(chain_problem(IN, OUT, LAYERS, top=BEST))
    if not found.proven or len(found.plans) != BEST or found.count < 10**18:
        raise SystemExit("the ten best were not proven")
    scores = found.plans[0].scores
    kernels, _, paddings = scores["small"]
    return [*(scores[name] for name in CRITERIA[:5]), kernels, paddings]


def pure() -> list[int]:
    """The same without numpy."""
    pays, togo.pays = togo.pays, lambda *_: False
    try:
        return ours()
    finally:
        togo.pays = pays


def theirs() -> list[int]:
    """The least of each criterion in turn, those before it held."""
    model, sums = modelled()
    best = []
    for total in sums:
        model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        if solver.solve(model) != cp_model.OPTIMAL:
            raise SystemExit("CP-SAT proved no optimum")
        best.append(round(solver.objective_value))
        model.add(total == best[-1])
    return best


def modelled() -> tuple[cp_model.CpModel, list[cp_model.LinearExpr]]:
    """The chains as CP-SAT sees them, and the criteria as sums over the layers."""
    model = cp_model.CpModel()
    sizes = [model.new_int_var(1, LONGEST, f"size{place}") for place in range(LAYERS + 1)]
    model.add(sizes[0] == IN)
    model.add(sizes[-1] == OUT)
    rows = [layer(model, before, after) for before, after in pairwise(sizes)]
    return model, [sum(column) for column in zip(*rows, strict=True)]


def layer(model: cp_model.CpModel, before: cp_model.IntVar, after: cp_model.IntVar) -> list[cp_model.LinearExpr]:
    """One layer between two sizes, and what it adds to each criterion."""
    kernel, stride = model.new_int_var(1, KERNEL, "kernel"), model.new_int_var(1, STRIDE, "stride")
    padding, extra = model.new_int_var(0, KERNEL - 1, "padding"), model.new_int_var(0, STRIDE - 1, "output_padding")
    offset = model.new_int_var(2 - KERNEL, KERNEL + STRIDE - 1, "offset")
    macs = model.new_int_var(1, LONGEST * KERNEL, "macs")
    inexact, uneven, unplain = (model.new_bool_var(name) for name in ("inexact", "uneven", "unplain"))
    strides = [model.new_bool_var(f"stride{value}") for value in range(1, STRIDE + 1)]
    kernels = [model.new_bool_var(f"kernel{value}") for value in range(1, KERNEL + 1)]
    model.add_exactly_one(strides)
    model.add_exactly_one(kernels)
    model.add(offset == kernel - 2 * padding + extra)
    model.add(padding < kernel)
    model.add(extra < stride)
    for value, chosen in enumerate(strides, 1):
        model.add(stride == value).only_enforce_if(chosen)
        model.add(after == value * (before - 1) + offset).only_enforce_if(chosen)
        model.add_bool_or([chosen.negated(), uneven, *kernels[value - 1 :: value]])
    for value, chosen in enumerate(kernels, 1):
        model.add(kernel == value).only_enforce_if(chosen)
        model.add(macs == value * before).only_enforce_if(chosen)
    model.add(offset == stride).only_enforce_if(inexact.negated())
    model.add(extra == 0).only_enforce_if(unplain.negated())
    return [inexact, uneven, unplain, stride, macs, kernel, 2 * padding]


def timed(job: Callable[[], object], times: int = 1) -> float:
    """Seconds of one run: the median of `times` in a row."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        job()
        taken.append(perf_counter() - began)
    return median(taken)


def main() -> None:
    chains = count(chain_problem(IN, OUT, LAYERS))
    if not ours() == pure() == theirs():
        raise SystemExit("the optima differ")
    print(f"{IN} -> {OUT} in {LAYERS} layers: {chains:.1e} chains, the same optimum in both")
    sides = {
        "ours": lambda: timed(ours, IN_A_ROW),
        "pure": lambda: timed(pure, IN_A_ROW),
        "CP-SAT": lambda: timed(theirs),
    }
    taken = medians(sides, ROUNDS)
    print(
        f"medians of {ROUNDS} paired runs: all counted and the {BEST} best found in {taken['ours'] * 1e3:.0f} ms, ",
        end="",
    )
    print(f"without numpy {taken['pure'] * 1e3:.0f} ms; one found by CP-SAT in {taken['CP-SAT'] * 1e3:.0f} ms")
    for side, bar in (("ours", 15), ("pure", 5)):
        ratio = taken["CP-SAT"] / taken[side]
        print(verdict(f"CP-SAT / {side}", ratio, f">= {bar}", ratio >= bar))
    lengths()


def lengths() -> None:
    """How the time grows with the number of layers, all in one go."""
    problems = {number: chain_problem(IN, OUT, number, top=BEST) for number in LENGTHS}
    jobs = {str(number): lambda each=each: timed(lambda: plan(each), 3) for number, each in problems.items()}
    taken = medians(jobs, ROUNDS)
    for number in LENGTHS:
        chains = count(problems[number])
        print(f"{number:>3} layers: {chains:.0e} chains, {taken[str(number)] * 1e3:.0f} ms")
    first, last = (taken[str(number)] / number for number in (LENGTHS[1], LENGTHS[-1]))
    print(verdict(f"per layer, {LENGTHS[-1]} layers / {LENGTHS[1]}", last / first, "<= 1.5", last / first <= 1.5))


if __name__ == "__main__":
    sys.exit(main())
