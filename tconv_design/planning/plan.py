"""The best chains of a problem, and how many there are."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

from tconv_design.errors import InvalidQuestion
from tconv_design.planning.criteria import CRITERIA
from tconv_design.planning.lacking import why_none
from tconv_design.planning.makeshift import makeshift
from tconv_design.planning.places import open_places, sizes_between
from tconv_design.planning.problem import Plan, Plans, Problem
from tconv_design.planning.search import Alive
from tconv_design.planning.tally import count_chains
from tconv_design.planning.togo import Shared
from tconv_design.planning.whole import ranked
from tconv_design.wording import did_you_mean

Remark = Callable[[str], object]
REMARK_EVERY = 1.0  # seconds


class OutOfTime(Exception):
    """The time for the whole search is over."""


def plan(problem: Problem, timeout: float | None = None, progress: Remark | None = None) -> Plans:
    """The best `problem.top` chains, proven best, and the exact number of chains in the box (limits not counted).

    On a timeout (seconds, for the whole search) or an interruption the best so far come back, not proven. `progress`
    is called with a remark about every second. Raises InvalidQuestion where the box is too wide or a criterion unknown.
    """
    for name in problem.rank:
        if name not in CRITERIA:
            raise InvalidQuestion(f"unknown rank criterion {name!r}", did_you_mean(name, CRITERIA))
    found: list[Plan] = []
    alive = _clock(timeout, progress, found)
    total = count(problem)
    if not total:
        return Plans(0, True, (), why_none(problem, total))
    try:
        doubt = ranked(problem, alive, found)
    except (OutOfTime, KeyboardInterrupt) as stopped:
        shown = found or makeshift(problem)
        return Plans(total, False, tuple(shown), _stopped(stopped, timeout, bool(shown)))
    return Plans(total, not doubt, tuple(found), doubt or ("" if found else why_none(problem, total)))


def count(problem: Problem) -> int:
    """How many chains there are in the box, whatever the limits: per number of layers the product over the axes."""
    total = 0
    shared: Shared = {}
    for chain in problem.chains:
        found = 1
        for axis, (in_, out) in enumerate(zip(problem.in_size, problem.out_size, strict=True)):
            places = open_places(chain, axis, problem.rank)
            found *= count_chains(places, sizes_between(places, in_, out), shared) if found else 0
        total += found
    return total


def _clock(timeout: float | None, progress: Remark | None, found: list[Plan]) -> Alive:
    """What is called in every step: it watches the time and makes remarks."""
    began = told = monotonic()
    steps = 0

    def alive() -> None:
        nonlocal told, steps
        steps += 1
        now = monotonic()
        if timeout is not None and now - began > timeout:
            raise OutOfTime
        if progress is not None and now - told > REMARK_EVERY:
            told = now
            progress(f"{now - began:.0f} s: {steps} beginnings looked at, {len(found)} plans so far")

    return alive


def _stopped(reason: BaseException, timeout: float | None, any_: bool) -> str:
    how = f"was stopped after {timeout:g} s" if isinstance(reason, OutOfTime) else "was interrupted"
    return f"the search {how}: {'these are the best so far, not proven best' if any_ else 'no plan was found so far'}"
