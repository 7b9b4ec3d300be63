"""The last unknown is a factor: stride or dilation multiplies another symbol, and it also bounds the remainder."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.formula import MAX_SIZE
from tconv_design.unknowns import SLOT, SYMBOLS, AxisQuestion, Env, Interval, Run, environments, interval, line, meet


def runs_over_a_factor(question: AxisQuestion, last: str) -> Iterator[Run]:
    """The last unknown is stride or dilation, which also bounds the remainder; all others are walked."""
    for env in environments(question, last):
        if last == "stride" and env["dilation"] < _least_dilation(question, env):
            continue
        start, slope = line(question, env, last)
        for low, high in _factor_intervals(question, env, last, start, slope):
            least = max(low, _least_dilation(question, env)) if last == "dilation" else low
            for found in question.values(last).within(least, high):
                yield _factor_run(question, env, last, found, start, slope)


def _factor_intervals(question: AxisQuestion, env: Env, last: str, start: int, slope: int) -> Iterator[Interval]:
    """Where start + slope*x is a legal remainder for x = stride or dilation."""
    if question.kind == "conv":
        ceiling = slope - 1 if last == "stride" else slope  # remainder <= stride - 1
        top = -1 - start if last == "stride" else env["stride"] - 1 - start
        yield meet(interval(slope, -start, MAX_SIZE**2), interval(ceiling, -(MAX_SIZE**2), top))
        return
    other = env["dilation" if last == "stride" else "stride"]
    least = min(_above(slope - 1, start), _above(slope, start - other))
    for part in question.output_padding.ranges:
        steps = [(part.start, part.stop - 1)] if part.step == 1 else [(v, v) for v in part]
        for low, high in steps:
            yield meet(interval(slope, low - start, high - start), (least, MAX_SIZE))


def _above(slope: int, start: int) -> int:
    """The smallest x >= 1 with start + slope*x < 0, for slope <= 0."""
    if slope == 0:
        return 1 if start < 0 else MAX_SIZE + 1
    return max(1, start // -slope + 1)


def _least_dilation(question: AxisQuestion, env: Env) -> int:
    """The smallest dilation for which padding <= K-1, where that is asked for."""
    if not question.below_kernel:
        return 1
    largest = max(env[name] for name in question.below_kernel)
    if env["kernel"] == 1:
        return 1 if largest == 0 else MAX_SIZE + 1
    return -(-largest // (env["kernel"] - 1))


def _factor_run(question: AxisQuestion, env: Env, last: str, found: range, start: int, slope: int) -> Run:
    fixed = [env.get(name, 0) for name in SYMBOLS]
    if question.symmetric:
        fixed[-1] = fixed[-2]
    base, step = (0, 0) if question.kind == "conv" else (start, slope)
    return Run(tuple(fixed), SLOT[last], question.symmetric, found, base, step)
