"""From a pasted error to a diagnosis: the message, the layer as far as it is known, and the edits that work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tconv_design.diagnosis.catalogue import find
from tconv_design.diagnosis.cleaning import clean
from tconv_design.diagnosis.edits import edits, with_numbers
from tconv_design.diagnosis.finding import Channels, Extra, Finding, Fit, Join, Nothing, Other, Wanted
from tconv_design.diagnosis.known import Known, Sizes, asked, merged
from tconv_design.diagnosis.network import Network, network
from tconv_design.diagnosis.source import layers
from tconv_design.diagnosis.speech import code
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import effective_kernel
from tconv_design.solution import Solution

LONGEST = 200_000
"""Characters at the end of a text that are read: an error stands at the end of a log."""

NOTHING_KNOWN = Known()
_DEFAULTS = {
    ("stride", "padding"): "they are not 1 and 0",
    ("stride",): "it is not 1",
    ("padding",): "it is not 0",
}
UNKNOWN = "no message that is known stands in the text"


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What happened, in one sentence, and what to do about it.

    `framework` is empty where no known message was found. `layer` is the layer as it was written, however illegal, None
    where too little is known of it; `known` the numbers that are known of it. `edits` are solutions, each with its
    change, and `code` is the first of them in the framework's own words, empty where it has none. `advice` says what no
    layer says, `missing` what to add so that more can be said.
    """

    framework: str
    message: str
    what: str
    layer: dict[str, Any] | None = None
    known: Known = NOTHING_KNOWN
    edits: tuple[Solution, ...] = ()
    code: str = ""
    advice: tuple[str, ...] = ()
    missing: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The diagnosis as the public JSON document has it."""
        sizes = {"in": self.known.in_, "out": self.known.out}
        return {
            "framework": self.framework or None,
            "message": self.message or None,
            "layer": self.layer,
            **{name: list(size) for name, size in sizes.items() if size is not None},
            "what": self.what,
            "edits": [each.to_dict() for each in self.edits],
            "code": self.code,
            "advice": list(self.advice),
            "missing": self.missing,
        }


def diagnose(
    text: str, options: Mapping[str, Any] | None = None, *, network_in: int | None = None, levels: int | None = None
) -> Diagnosis:
    """Diagnose an error or a traceback; `options` are those of a layer, as text, for what the text does not say.

    `network_in` is the input size of the whole network, `levels` how often it is halved: they tell which input sizes
    fit. Raises InvalidQuestion where the text is empty, or where an option contradicts the message.
    """
    cleaned = clean(text[-LONGEST:])
    if not cleaned.strip():
        raise InvalidQuestion("the text is empty, so there is nothing to diagnose", "paste or pipe an error message")
    user = asked(options or {})
    found = find(cleaned)
    if found is None:
        return Diagnosis("", "", UNKNOWN, missing="paste the last lines of the traceback, with the message itself")
    message, finding = found
    known, solutions = _settled(finding, cleaned, user, message.framework)
    whole = _network(finding, known, network_in, levels)
    shown = whole.edits or solutions
    return Diagnosis(
        message.framework,
        message.title,
        finding.what,
        known.written(),
        known,
        shown,
        "" if _axes_are_unknown(finding, known) else code(message.framework, shown),
        (*whole.advice, *_advice(finding, known)),
        _missing(finding, known, solutions),
    )


def _settled(finding: Finding, text: str, user: Known, framework: str) -> tuple[Known, tuple[Solution, ...]]:
    """The layer with the source lines that go with the message, if any does, and its edits."""
    least = len(finding.problem.first) if isinstance(finding.problem, Join) else 0
    for source in layers(text, Hints(kernel=user.kernel)):
        if _agree(finding.known, source) and _agree(user, source):
            try:
                known = _completed(finding, merged(finding.known, source, user, least), framework)
                return known, edits(finding.problem, known, framework)
            except InvalidQuestion:  # a line about another layer
                continue
    known = _completed(finding, merged(finding.known, Known(), user, least), framework)
    return known, edits(finding.problem, known, framework)


def _agree(said: Known, source: Known) -> bool:
    """Whether a layer of the source has the numbers that the message, or the user, has."""
    for name in ("kind", "kernel", "stride", "dilation", "groups", "in_channels", "out_channels", "in_"):
        mine, other = getattr(said, name), getattr(source, name)
        if None in (mine, other):
            continue
        if isinstance(mine, tuple) and len(mine) == 1:
            if mine[0] not in other:
                return False
        elif mine != other:
            return False
    return True


def _axes_are_unknown(finding: Finding, known: Known) -> bool:
    """Whether one size stands for as many axes as there may be."""
    return isinstance(finding.problem, Join) and len(finding.problem.first) == known.ndim == 1


def _completed(finding: Finding, known: Known, framework: str) -> Known:
    """What the kind of problem adds to the numbers. Raises InvalidQuestion where they do not go with the message."""
    problem = finding.problem
    if isinstance(problem, Wanted) and problem.out is not None and known.out is None:
        known = known._replace(out=problem.out if len(problem.out) == known.ndim else problem.out * known.ndim)
    if isinstance(problem, Join | Wanted | Extra):
        known = with_numbers(known, framework)
    if isinstance(problem, Join):
        return _with_in(problem, known)
    if isinstance(problem, Fit):
        return _fitted(problem, known)
    return known


def _with_in(join: Join, known: Known) -> Known:
    """The layer's input size, where just one of the joined sizes can be its output."""
    if known.in_ is not None or not known.is_layer or known.kind != "tconv":
        return known
    found = []
    for size in (join.first, join.second):
        sizes = size * known.ndim if len(size) == 1 else size
        if len(sizes) == known.ndim:
            steps = [(out - axis.out("tconv", 1), axis.stride) for out, axis in zip(sizes, known.axes(), strict=True)]
            if all(rest >= 0 and rest % stride == 0 for rest, stride in steps):
                found.append(tuple(rest // stride + 1 for rest, stride in steps))
    return known._replace(in_=found[0]) if len(found) == 1 else known


def _fitted(fit: Fit, known: Known) -> Known:
    """The kernel and the input as the message counts them, or as the source or the user says them, if these agree."""
    ndim = len(fit.span)
    if known.kernel is None:
        stride = known.stride if known.stride and len(known.stride) == ndim else None
        counted = Known("conv", fit.padded, None, fit.span, stride, ((0, 0),) * ndim)
        return merged(counted, Known(), Known())
    axes = known.axes() if known.ndim == ndim else known.axes() * ndim
    spans = tuple(effective_kernel(axis.kernel, axis.dilation) for axis in axes)
    in_ = tuple(padded - axis.pad_begin - axis.pad_end for padded, axis in zip(fit.padded, axes, strict=False))
    if spans != fit.span or known.in_ not in (None, in_, in_[:1]):
        raise InvalidQuestion(
            f"the message has a kernel of {_x(fit.span)} rows on {_x(fit.padded)}, and the layer one of {_x(spans)}",
            "give the layer of the message: its --kernel, --dilation, --padding and --in",
        )
    return merged(known._replace(kind="conv", in_=in_), Known(), Known())


def _network(finding: Finding, known: Known, size: int | None, levels: int | None) -> Network:
    if size is None and levels is None:
        return Network((), ())
    if size is None or not isinstance(finding.problem, Join):
        raise InvalidQuestion(
            "--network-in and --levels are about maps that are joined or added"
            if size is not None
            else "--levels needs the input size of the network",
            "give --network-in with the error of a join, for example --network-in 360 --levels 8",
        )
    return network(finding.problem, known, size, levels)


def _advice(finding: Finding, known: Known) -> tuple[str, ...]:
    own = finding.problem.advice if isinstance(finding.problem, Other) else ()
    found = [*finding.advice, *(each for each in own if each not in finding.advice)]
    if isinstance(finding.problem, Join) and finding.problem.first != finding.problem.second:
        found.append("the smaller of the two can be padded, or the larger cropped, which costs rows at one border")
    if known.assumed and known.in_ is not None and known.kernel is not None:
        taken = " and ".join(f"{name} {1 if name == 'stride' else 0}" for name in known.assumed)
        verb = "is" if len(known.assumed) == 1 else "are"
        options = " and ".join(f"--{name}" for name in known.assumed)
        found.append(f"{taken} {verb} taken, as the text does not say: give {options} if the layer has others")
    return tuple(found)


def _missing(finding: Finding, known: Known, solutions: tuple[Solution, ...]) -> str:
    """What to add so that there are edits."""
    problem = finding.problem
    if solutions or isinstance(problem, Other):
        return ""
    lacking = [option for option, value in (("--kernel", known.kernel), ("--in", known.in_)) if value is None]
    if isinstance(problem, Extra) and known.output_padding is None:
        lacking.append("--output-padding")
    if isinstance(problem, Wanted) and known.out is None:
        lacking.append("--out")
    if not lacking:
        return "give --in of the layer" if isinstance(problem, Join) else ""
    assumed = known.assumed if known.kernel else ("stride", "padding")
    others = f", with {' and '.join(f'--{name}' for name in assumed)} where {_DEFAULTS[assumed]}" if assumed else ""
    whose = {
        Join: " of the transposed layer whose result is joined",
        Nothing: " of the layer",
        Channels: " of the layer",
    }
    return f"give {' and '.join(lacking)}{whose.get(type(problem), ' of the layer')}{others}"


def _x(values: Sizes) -> str:
    return "x".join(map(str, values))
