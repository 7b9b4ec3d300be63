"""`plan` against the optimum that OR-tools CP-SAT proves, on problems too large to be listed."""

import pytest

from tconv_design.planning.build import chain_problem
from tconv_design.planning.plan import plan

cp_model = pytest.importorskip("ortools.sat.python.cp_model")

KERNEL, STRIDE = 6, 4


def optimum(kind, first, last, number, criteria):
    """The least score, as CP-SAT has it: one criterion after the other, those before it held."""
    model = cp_model.CpModel()
    most = 4 * max(first, last)
    sizes = [model.new_int_var(1, most, f"size{place}") for place in range(number + 1)]
    model.add(sizes[0] == first)
    model.add(sizes[-1] == last)
    rows = [layer(model, kind, sizes[place], sizes[place + 1], most) for place in range(number)]
    best = []
    for name in criteria:
        total = sum(row[name] for row in rows)
        model.minimize(total)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 1
        assert solver.solve(model) == cp_model.OPTIMAL
        best.append(round(solver.objective_value))
        model.add(total == best[-1])
    return best


def layer(model, kind, before, after, most):
    kernel, stride = model.new_int_var(1, KERNEL, "kernel"), model.new_int_var(1, STRIDE, "stride")
    padding, extra = model.new_int_var(0, KERNEL - 1, "padding"), model.new_int_var(0, STRIDE - 1, "rest")
    small, big = (before, after) if kind == "tconv" else (after, before)
    product, macs = model.new_int_var(0, most * STRIDE, "product"), model.new_int_var(1, most * KERNEL, "macs")
    inexact, uneven, unplain = (model.new_bool_var(name) for name in ("inexact", "uneven", "unplain"))
    spread = model.new_int_var(1, most * STRIDE, "spread")
    times, multiple = model.new_int_var(1, KERNEL, "times"), model.new_int_var(1, KERNEL * STRIDE, "multiple")
    model.add(padding < kernel)
    model.add(extra < stride)
    model.add_multiplication_equality(product, [small, stride])
    model.add(big + 2 * padding == product - stride + kernel + extra)  # a conv drops the rest, a tconv puts it back
    model.add(spread == product)
    model.add(big == spread).only_enforce_if(inexact.negated())
    model.add_multiplication_equality(multiple, [stride, times])
    model.add(kernel == multiple).only_enforce_if(uneven.negated())
    model.add_multiplication_equality(macs, [small, kernel])
    if kind == "tconv":
        model.add(extra == 0).only_enforce_if(unplain.negated())
    return {
        "exact": inexact,
        "even": uneven,
        "plain": unplain,
        "steady": stride,
        "macs": macs,
        "kernel": kernel,
        "pads": 2 * padding,
    }


@pytest.mark.parametrize(
    ("kind", "first", "last", "number"),
    [
        ("tconv", 1, 48, 3),
        ("tconv", 3, 50, 3),
        ("tconv", 7, 40, 4),
        ("tconv", 2, 61, 3),
        ("conv", 60, 5, 3),
        ("conv", 47, 3, 3),
        ("conv", 32, 4, 4),
    ],
)
@pytest.mark.parametrize(
    "rank",
    [
        ("exact", "even", "plain", "steady", "macs", "kernel", "pads"),
        ("even", "macs", "exact", "kernel", "plain", "steady", "pads"),
    ],
)
def test_the_best_is_the_optimum_of_cp_sat(kind, first, last, number, rank):
    asked = tuple(name if name != "pads" else "small" for name in rank)
    box = {"kernel": f"1..{KERNEL}", "stride": f"1..{STRIDE}", "padding": "?"}
    found = plan(chain_problem(first, last, number, kind=kind, rank=asked, top=1, **box))
    scores = dict(found.plans[0].scores)
    scores["pads"] = scores["small"][2]
    assert [scores[name] for name in rank] == optimum(kind, first, last, number, rank)
