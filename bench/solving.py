"""Counting and listing 29,980 layers: this package's solver against OR-tools CP-SAT enumerating the same box.

Both run in this process, on one core, from the question to plain tuples; first the two answers are compared.
"""

from collections.abc import Callable
from statistics import median
from time import perf_counter

from ortools.sat.python import cp_model
from paired import medians, verdict

from tconv_design.solver import count_solutions, plain_tuples
from tconv_design.unknowns import AxisQuestion
from tconv_design.values import Values

IN, OUT = 14, 224
KERNEL, STRIDE, DILATION, PADDING, OUTPUT_PADDING = (1, 64), (1, 32), (1, 8), (0, 64), (0, 31)
ROUNDS = 5
IN_A_ROW = 9  # of our own runs in each round: one alone is too short beside seconds of CP-SAT

Row = tuple[int, ...]


def ours() -> tuple[int, list[Row]]:
    """The number of layers, counted without listing, and all of them, listed."""
    box = [Values.between(*each) for each in (KERNEL, STRIDE, DILATION, PADDING)]
    question = AxisQuestion(
        "tconv", Values.one(IN), Values.one(OUT), *box, Values.one(0), Values.between(*OUTPUT_PADDING)
    )
    return count_solutions(question), plain_tuples(question)


class Listed(cp_model.CpSolverSolutionCallback):
    def __init__(self, variables: list[cp_model.IntVar]) -> None:
        super().__init__()
        self.variables = variables
        self.rows: list[Row] = []

    def on_solution_callback(self) -> None:
        self.rows.append(tuple(self.value(each) for each in self.variables))


def theirs() -> list[Row]:
    """All layers as (kernel, stride, dilation, padding, output_padding), enumerated by CP-SAT."""
    model = cp_model.CpModel()
    kernel, stride, dilation, padding, output_padding = variables = [
        model.new_int_var(*each, name)
        for name, each in zip("ksdpo", (KERNEL, STRIDE, DILATION, PADDING, OUTPUT_PADDING), strict=True)
    ]
    span = model.new_int_var(0, DILATION[1] * (KERNEL[1] - 1), "span")
    model.add_multiplication_equality(span, [dilation, kernel - 1])
    limit = model.new_int_var(1, STRIDE[1], "limit")
    model.add_max_equality(limit, [stride, dilation])
    model.add(output_padding < limit)
    model.add((IN - 1) * stride + span + 1 - 2 * padding + output_padding == OUT)
    solver, listed = cp_model.CpSolver(), Listed(variables)
    solver.parameters.enumerate_all_solutions = True
    solver.parameters.num_workers = 1
    solver.solve(model, listed)
    return listed.rows


def check_equal() -> int:
    """How many layers there are; the run ends here if the two do not agree."""
    count, rows = ours()
    mine = sorted((k, s, d, begin, op) for _, _, k, s, d, begin, _, op in rows)
    if not count == len(rows) == len(set(rows)) or mine != sorted(theirs()):
        raise SystemExit("the two answers differ")
    return count


def timed(job: Callable[[], object], times: int = 1) -> float:
    """Seconds of one run: the median of `times` in a row."""
    taken = []
    for _ in range(times):
        began = perf_counter()
        job()
        taken.append(perf_counter() - began)
    return median(taken)


def main() -> None:
    print(f"{IN} -> {OUT}: {check_equal()} layers, equal in both")
    taken = medians({"ours": lambda: timed(ours, IN_A_ROW), "CP-SAT": lambda: timed(theirs)}, ROUNDS)
    print(f"medians of {ROUNDS} paired runs: counted and listed in {taken['ours'] * 1e3:.1f} ms, ", end="")
    print(f"CP-SAT {taken['CP-SAT'] * 1e3:.0f} ms")
    ratio = taken["CP-SAT"] / taken["ours"]
    print(verdict("CP-SAT / ours", ratio, ">= 500", ratio >= 500))


if __name__ == "__main__":
    main()
