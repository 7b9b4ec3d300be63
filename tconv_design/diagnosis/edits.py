"""The edits that would work: solutions found by the solver, the nearest first, each with what it changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from tconv_design.answer import answer
from tconv_design.diagnosis.changes import LAYOUT, labelled
from tconv_design.diagnosis.finding import Channels, Dense, Extra, Fit, Join, Nothing, Other, Problem, Wanted, Word
from tconv_design.diagnosis.known import Known, Sizes
from tconv_design.diagnosis.speech import can_run, says
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis, Layer
from tconv_design.padding import DIALECTS
from tconv_design.question import ask
from tconv_design.solution import Change, Solution, solution

MOST = 8
_LEAST_FIRST = ("", "output_padding", "padding", "dilation", "stride", "kernel", "out", "in")

_MORE = 3
"""Solutions of an open question that are shown beside the nearest."""


def edits(problem: Problem, known: Known, framework: str) -> tuple[Solution, ...]:
    """What to change, best first: what the framework says in one call before what needs a step of its own.

    Empty where the layer or its input size is not known.
    """
    if isinstance(problem, Other) or not known.is_sound or known.kernel is None or known.in_ is None:
        return ()
    unique: dict[Any, Solution] = {}
    for each in _found(problem, known):
        unique.setdefault((each.layer, each.in_size), each)
    wanted = _wanted(problem, known)
    changed = [labelled(each, known, wanted) for each in unique.values() if can_run(framework, each)]
    order = _by_words if isinstance(problem, Join | Wanted) else _as_found
    return tuple(sorted(changed, key=lambda each: (not says(framework, each), order(each)))[:MOST])


def _as_found(found: Solution) -> int:
    return 0


def _by_words(found: Solution) -> int:
    """What changes no weights comes before what does, and that before another size."""
    changed = found.change.parameter if found.change else ""
    return next((place for place, name in enumerate(_LEAST_FIRST) if changed == name), len(_LEAST_FIRST))


def _found(problem: Problem, known: Known) -> Iterable[Solution]:
    match problem:
        case Join():
            wanted = joined_out(problem, known)
            return [each for each in _resized(known, wanted) if each.out_size == wanted] if wanted else []
        case Wanted():
            return _resized(known, problem.out or known.out)
        case Nothing() | Fit():
            most = max(known.in_ or (1,))
            return _solve(known, out=["1" if most == 1 else f"1..{most}"] * known.ndim)
        case Channels():
            return _other_channels(problem, known)
        case Word():
            return _numbers_for(problem, known)
        case Dense():
            return _dense(known)
        case Extra():
            return _less_extra(known)
        case _:
            return []


def _wanted(problem: Problem, known: Known) -> Sizes | None:
    """The output size that a user wants, where it is one."""
    if isinstance(problem, Join):
        return joined_out(problem, known)
    if isinstance(problem, Wanted):
        return problem.out or known.out
    return _outs(known) if isinstance(problem, Extra) else None


def joined_out(join: Join, known: Known) -> Sizes | None:
    """The size that the known layer would have to give to fit the other map; None if that is not clear.

    Raises InvalidQuestion where the layer gives neither of the two sizes.
    """
    made = _outs(known)
    if made is None:
        return None
    first, second = (each * known.ndim if len(each) == 1 else each for each in (join.first, join.second))
    if len(first) != known.ndim:
        return None
    for one, other in ((first, second), (second, first)):
        axes = _differing_axes(join, made)
        if all(made[axis] == one[axis] for axis in axes):
            return tuple(other[axis] if axis in axes else made[axis] for axis in range(known.ndim))
    raise InvalidQuestion(
        f"the layer turns in {_x(known.in_ or ())} into {_x(made)}, and the message is about {_x(join.first)} and "
        f"{_x(join.second)}",
        "give the layer whose result is joined, and its own input size",
    )


def _differing_axes(join: Join, made: Sizes) -> Sequence[int]:
    """The axes on which the joined sizes count: a framework names the first that differs, and square maps do on all."""
    ndim = len(made)
    return range(ndim) if join.axis is None or join.axis >= ndim or len(set(made)) == 1 else [join.axis]


def _outs(known: Known) -> Sizes | None:
    """What the formula gives, even where the layer is illegal; None where something is not known."""
    if known.in_ is None or not known.is_layer:
        return None
    return tuple(axis.out(known.kind or "tconv", size) for axis, size in zip(known.axes(), known.in_, strict=True))


def _nearest(known: Known, wanted: Sizes | None, **options: Any) -> list[Solution]:
    return _solve(known, out=wanted, **options) if wanted and min(wanted) > 0 else []


def _resized(known: Known, wanted: Sizes | None) -> list[Solution]:
    """The nearest layers of a size; where begin and end are padded apart, those that pad them alike too."""
    found = _nearest(known, wanted)
    if any(begin != end for begin, end in known.padding or ()):
        found += [each for each in _nearest(known, wanted, padding="?", output_padding="?") if each.out_size == wanted]
    return found


def _solve(known: Known, **options: Any) -> list[Solution]:
    """The solutions of a known layer with some options changed, or where there is none the nearest to it."""
    asked: dict[str, Any] = {
        "kind": known.kind,
        "in": known.in_,
        "kernel": known.kernel,
        "stride": known.stride,
        "padding": _plain(known),
        "dilation": known.dilation,
        "groups": known.groups,
        "in_channels": known.in_channels,
        "out_channels": known.out_channels,
    }
    if known.kind == "tconv":
        asked["output_padding"] = known.output_padding
    try:
        found = answer(ask(asked | options), limit=_MORE)
    except InvalidQuestion:  # nothing that the solver can be asked: a dialect that refuses the word, for example
        return []
    return [*(found.solutions or found.nearest)]


def with_numbers(known: Known, framework: str) -> Known:
    """The layer with its padding as numbers, where a framework's word (`same`) has them for its input size."""
    dialect = {"onnxruntime": "onnx"}.get(framework, framework)
    if not known.word or known.in_ is None or known.kernel is None or dialect not in DIALECTS:
        return known
    found = _solve(known, padding=known.word, dialect=dialect, output_padding=None)
    if not found:
        return known
    layer = found[0].layer
    return known._replace(padding=layer.padding, output_padding=layer.output_padding, word="")


def _plain(known: Known) -> Any:
    """The padding, one number per axis where begin and end are equal, so that they stay equal."""
    sides = known.padding or ()
    return tuple(begin for begin, _ in sides) if all(begin == end for begin, end in sides) else sides


def _other_channels(problem: Channels, known: Known) -> list[Solution]:
    layer = _layer(known)
    if layer is None:
        return []
    in_size = known.in_ or ()
    found = []
    if problem.last == problem.expected and problem.got != problem.expected and layer.ndim > 1:
        turned = (problem.got, *in_size[:-1])  # channels stand last: the sizes are one axis further on
        change = Change(LAYOUT, "channels last", "channels first")
        found += [each._replace(change=change) for each in _of(layer, turned)]
    got = problem.got
    if got % layer.groups == 0:
        found += _of(replace(layer, in_channels=got), in_size)
    elif layer.out_channels % got == 0:
        found += _of(replace(layer, in_channels=got, groups=1), in_size)
    return found


def _layer(known: Known) -> Layer | None:
    try:
        groups = known.groups or 1
        channels = known.in_channels or groups, known.out_channels or groups
        return Layer(known.kind or "tconv", known.axes(), groups, *channels)
    except InvalidQuestion:
        return None


def _of(layer: Layer, in_size: Sizes) -> list[Solution]:
    try:
        return [solution(layer, in_size)]
    except InvalidQuestion:
        return []


def _numbers_for(problem: Word, known: Known) -> list[Solution]:
    """The numbers that a word stands for, then other paddings of the same size; or the numbers as they are."""
    if not known.word:
        return _solve(known)
    open_ = {"padding": None, "output_padding": None if known.kind == "conv" else "?"}
    exact = _solve(known, padding=known.word, dialect=problem.dialect, output_padding=None) if problem.dialect else []
    if not exact:
        return []
    tied = _solve(known, **open_ | {"padding": "?", "out": exact[0].out_size})
    apart = _solve(known, **open_ | {"padding": "?:?", "out": exact[0].out_size})
    given = _solve(known) if known.padding is not None else []
    return [*exact[:1], *given[:1], *(each for each in (*tied, *apart) if each.out_size == exact[0].out_size)]


def _dense(known: Known) -> list[Solution]:
    """Zeros between the kernel's taps in place of a dilation, then layers without one."""
    kernel = [axis.effective_kernel for axis in known.axes()]
    one = [1] * known.ndim
    if known.word:
        known = known._replace(output_padding=None)
        exact = _solve(known, kernel=kernel, dilation=one, padding=known.word, dialect="tensorflow")
    else:
        exact = _solve(known, kernel=kernel, dilation=one)
    if not exact:
        return []
    same_size = [
        each
        for each in (*exact, *_solve(known._replace(dilation=tuple(one)), out=exact[0].out_size, padding="?:?"))
        if each.out_size == exact[0].out_size
    ]
    unstrided = [] if known.word else _solve(known, stride=one)
    return [*same_size, *unstrided[:1]]


def _less_extra(known: Known) -> list[Solution]:
    """Layers of the size that was meant, with an output_padding that is legal; then the sizes that are legal."""
    wanted = _outs(known)
    if wanted is None:
        return []
    legal = known._replace(output_padding=tuple(_most_extra(axis) for axis in known.axes()))
    none = known._replace(output_padding=(0,) * known.ndim)
    found = [*_nearest(known, wanted, output_padding="?"), *_nearest(none, wanted), *_solve(legal), *_solve(none)]
    return sorted(found, key=lambda each: each.out_size != wanted)


def _most_extra(axis: Axis) -> int:
    return min(axis.output_padding, max(axis.stride, axis.dilation) - 1)


def _x(values: Sizes) -> str:
    return "x".join(map(str, values))
