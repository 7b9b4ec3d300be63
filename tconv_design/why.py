"""Why a question has no solution, in its own numbers."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.candidates import candidates
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, effective_kernel, full_size
from tconv_design.law import fraction
from tconv_design.layer import Axis, Layer
from tconv_design.question import SIZES, PolicyQuestion, Question
from tconv_design.solver import FACTORS, runs
from tconv_design.unknowns import AxisQuestion, remainder_line
from tconv_design.values import Values, clip


def why_none(question: Question, failing: Sequence[int]) -> str:
    """One sentence per reason, with its axes. Raises InvalidLayer where a known layer leaves nothing of its input."""
    failing_with: dict[str, list[int]] = {}
    for axis in failing:
        asked = question.axes[axis]
        if asked.unknown == ("out",) and asked.numbers.out == SIZES:
            _refuse(question, axis)
        reason = _policy_reason(asked.numbers) if isinstance(asked.numbers, PolicyQuestion) else _reason(asked.numbers)
        failing_with.setdefault(reason, []).append(axis)
    return "; ".join(f"{_axes(question, axes)}{reason}" for reason, axes in failing_with.items())


def _axes(question: Question, axes: Sequence[int]) -> str:
    """`axis 2: `, `every axis: `, or nothing where there is one only; axes count from 1."""
    if question.ndim == 1:
        return ""
    if len(axes) == question.ndim:
        return "every axis: "
    return f"axis {' and '.join(str(axis + 1) for axis in axes)}: "


def _refuse(question: Question, axis: int) -> None:
    q = question.axes[axis].numbers
    in_, kernel, stride, dilation = q.in_.low, q.kernel.low, q.stride.low, q.dilation.low
    if isinstance(q, PolicyQuestion):
        given = q.output_padding.low if q.output_padding else None
        begin, end, op = next(q.policy(in_, kernel, stride, dilation, given))
    else:
        begin, op = q.pad_begin.low, q.output_padding.low
        end = begin if q.symmetric else q.pad_end.low
    Layer(question.kind, (Axis(kernel, stride, begin, end, op, dilation),)).output_size((in_,))


def _reason(q: AxisQuestion) -> str:
    if all(q.values(name).size == 1 for name in q.symbols):
        return _known_reason(q)
    unknown = [name for name in q.symbols if q.values(name).size > 1]
    if unknown == ["stride"] and q.kind == "conv" and q.out.low > 1:
        return _conv_stride_reason(q)
    if len(unknown) == 1 and unknown[0] in FACTORS and q.kind == "tconv":
        return _factor_reason(q, unknown[0])
    if len(unknown) == 1 and unknown != ["out"] and (q.kind, unknown) != ("conv", ["stride"]):
        return _single_reason(q, unknown[0])
    asked = f"in {q.in_} to out {q.out}"
    outs = _reachable_outs(q)
    if outs is None:
        names = " and ".join(dict.fromkeys("padding" if name.startswith("pad_") else name for name in unknown))
        return f"{asked}: no {names} fits with the rest as it is given"
    if not outs:
        return f"in {q.in_}: no layer of the box has any output: the kernel does not fit, or padding crops everything"
    low, high = min(part[0] for part in outs), max(part[-1] for part in outs)
    if q.out.low > high:
        return f"{asked} is out of reach: the largest out in the box is {high}"
    if q.out.high < low:
        return f"{asked} is out of reach: the smallest out in the box is {low}"
    if q.out.size > 1:
        return f"{asked}: the box reaches outs from {low} to {high}, but none of these"
    below = max(found[-1] for part in outs if (found := clip(part, 1, q.out.low - 1)))
    above = min(found[0] for part in outs if (found := clip(part, q.out.high + 1, MAX_SIZE)))
    return f"{asked}: the box reaches out {below} and out {above}, and nothing between"


def _single_reason(q: AxisQuestion, name: str) -> str:
    """One unknown: the remainder is a line in it, and no whole number brings it into the legal interval."""
    start, slope = remainder_line(q, name)
    if q.kind == "conv":
        low, high = 0, q.stride.low - 1
    else:
        low, high = q.output_padding.low, min(q.output_padding.high, max(q.stride.high, q.dilation.high) - 1)
    word = "padding" if name.startswith("pad_") else name
    needed = f"out {q.out} needs in" if name == "in" else f"in {q.in_} to out {q.out} needs {word}"
    if slope == 0:
        return f"out does not depend on {word} here, and in {q.in_} never gives out {q.out}"
    ends = sorted(((low - start, slope), (high - start, slope)), key=lambda end: end[0] * (1 if slope > 0 else -1))
    first, last = (fraction(top if bottom > 0 else -top, abs(bottom)) for top, bottom in ends)
    if first == last:
        return f"{needed} = {first}, which is not in {_allowed(q, name)}"
    return f"{needed} from {first} to {last}, and no value of {_allowed(q, name)} lies there"


def _factor_reason(q: AxisQuestion, name: str) -> str:
    """A tconv's stride or dilation: any that brings the remainder into 0..max(stride, dilation)-1 would do."""
    asked = f"in {q.in_} to out {q.out}"
    free = q.with_values(name, Values.between(1, MAX_SIZE))
    found = [run.values for run in runs(free)]
    if found:
        needed = ", ".join(str(Values((values,))) for values in found[:3])
        return f"{asked} needs {name} {needed}, and not {q.values(name)}"
    start, slope = remainder_line(q, name)
    if slope == 0:
        return f"out does not depend on {name} here, and in {q.in_} never gives out {q.out}"
    exact = fraction(start - q.output_padding.low, -slope)
    rule = f"{name} must be whole and output_padding below max(stride, dilation)"
    return f"{asked} needs {name} = {exact} with output_padding {q.output_padding.low}; {rule}"


def _conv_stride_reason(q: AxisQuestion) -> str:
    """out = floor(span/stride) + 1 jumps past what was asked, or is too small even for stride 1."""
    begin = q.pad_begin.low
    end = begin if q.symmetric else q.pad_end.low
    span = q.in_.low + begin + end - effective_kernel(q.kernel.low, q.dilation.low)
    asked = f"in {q.in_} to out {q.out}"
    if span < q.out.low - 1:
        return f"{asked}: even stride 1 gives only out {max(span + 1, 0)}"
    stride = span // (q.out.low - 1)
    gives = [f"stride {each} gives out {span // each + 1}" for each in (stride, stride + 1)]
    return f"{asked}: {' and '.join(gives)}, and out = floor({span}/stride) + 1"


def _allowed(q: AxisQuestion, name: str) -> str:
    values = q.values(name)
    if name in q.below_kernel:
        return "0..K-1"
    return f"the whole numbers from {values.low} on" if values.high == MAX_SIZE else str(values)


def _known_reason(q: AxisQuestion) -> str:
    """Everything but a tconv's output_padding is one number."""
    in_, out, kernel, stride, dilation = q.in_.low, q.out.low, q.kernel.low, q.stride.low, q.dilation.low
    begin = q.pad_begin.low
    end = begin if q.symmetric else q.pad_end.low
    effective = effective_kernel(kernel, dilation)
    if q.kind == "conv":
        real = Axis(kernel, stride, begin, end, 0, dilation).out("conv", in_)
        return f"out = floor(({in_} + {begin} + {end} - {effective})/{stride}) + 1 = {max(real, 0)}, not {out}"
    base = full_size(in_, effective, stride) - begin - end
    line = f"out = ({in_} - 1)*{stride} + {effective} - {begin} - {end} + output_padding = {base} + output_padding"
    options = [op for part in q.output_padding.within(0, max(stride, dilation) - 1) for op in (part[0], part[-1])]
    if not options:
        return f"{line}, and output_padding must be less than max(stride, dilation) = {max(stride, dilation)}"
    low, high = min(options), max(options)
    may = f"is {low}" if low == high else f"may be {low} to {high}, below max(stride, dilation)"
    made = f"out is {base + low}" if low == high else f"out is {base + low} to {base + high}"
    return f"{line}; output_padding {may}, so {made} and never {out}"


def _reachable_outs(q: AxisQuestion) -> list[range] | None:
    """The outs that the box can make, as ranges; None where in is unknown too, so that any out may be reached."""
    if q.in_.size > 1:
        return None
    try:
        return [run.values for run in runs(q.with_values("out", Values.between(1, MAX_SIZE)))]
    except InvalidQuestion:  # the known unknowns alone are too many to walk
        return None


def _policy_reason(q: PolicyQuestion) -> str:
    """A named padding fixes the pads, so the reachable sizes are few: name them."""
    free = q._replace(out=Values.between(1, MAX_SIZE))
    if q.in_.size > 1:
        return f"no in gives out {q.out} with this padding"
    outs = sorted({n.out for n in candidates(free, 1)})
    shown = ", ".join(map(str, outs[:12])) + (", ..." if len(outs) > 12 else "")
    return f"with this padding in {q.in_} gives out {shown or 'nothing'}, not {q.out}"
