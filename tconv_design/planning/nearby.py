"""Where a problem has no plan: the nearest change that has one."""

from __future__ import annotations

from tconv_design.planning.plan import count, plan
from tconv_design.planning.problem import Limits, Problem
from tconv_design.wording import counted

SECONDS = 2.0
"""For each constraint that is tried without."""


def nearby(problem: Problem, chains: int) -> str:
    """What would have a plan: another number of layers where the box holds no chain, else one constraint less.

    Empty where no such change is found.
    """
    return _constraint_less(problem) if chains else _other_layers(problem)


def _constraint_less(problem: Problem) -> str:
    free = Limits()
    helping = []
    for name in free._fields:
        looser = problem.limits._replace(**{name: getattr(free, name)})
        if looser != problem.limits and plan(problem._replace(limits=looser, top=1), SECONDS).plans:
            helping.append(f"--{name.replace('_', '-')}")
    return f"there is one without {' or without '.join(helping)}" if helping else ""


def _other_layers(problem: Problem) -> str:
    """Only for chains whose places are all alike, and a file's are not."""
    stages = {stage._replace(in_channels=1, out_channels=1) for chain in problem.chains for stage in chain}
    shortest, longest = min(map(len, problem.chains)), max(map(len, problem.chains))
    for layers in (longest + 1, shortest - 1, longest + 2, shortest - 2) if len(stages) == 1 else ():
        if layers > 0 and count(problem._replace(chains=(tuple(stages) * layers,))):
            return f"{counted(layers, 'layer')} would do"
    return ""
