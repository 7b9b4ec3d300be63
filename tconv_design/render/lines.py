"""Every result as lines of text, each with a tone: what is said stands here, how it looks in `plain` and `terminal`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from tconv_design.formula import MAX_SIZE
from tconv_design.reasons import Reason, sides, sizes
from tconv_design.wording import counted

if TYPE_CHECKING:
    from tconv_design.answer import Answer
    from tconv_design.check import Check
    from tconv_design.explanation import Explanation
    from tconv_design.layer import Layer
    from tconv_design.solution import Solution

Tone = Literal["", "title", "good", "bad", "quiet", "code"]

_MARKS: dict[str, str] = {"good": "✓ ", "bad": "✗ ", "": "· "}
_TONES: dict[str, Tone] = {
    "agrees": "good",
    "ok": "good",
    "installed": "",
    "differs": "bad",
    "crashed": "bad",
    "timeout": "bad",
    "unavailable": "bad",
    "unsupported": "",
}


class Line(NamedTuple):
    """One line of text; `indent` in characters, kept by what wraps."""

    text: str
    tone: Tone = ""
    indent: int = 0


def layer_text(layer: Layer) -> str:
    """`kernel 4, stride 2, padding 1`: kernel, stride and padding always, the rest where it is no default."""
    words = [f"kernel {sizes(layer.kernel)}", f"stride {sizes(layer.stride)}", f"padding {sides(layer.padding)}"]
    if any(layer.output_padding):
        words.append(f"output_padding {sizes(layer.output_padding)}")
    if any(dilation > 1 for dilation in layer.dilation):
        words.append(f"dilation {sizes(layer.dilation)}")
    if layer.groups > 1:
        words.append(f"groups {layer.groups}")
    if (layer.in_channels, layer.out_channels) != (1, 1):
        words.append(f"channels {layer.in_channels} → {layer.out_channels}")
    return ", ".join(words)


def solve_lines(answer: Answer) -> Iterator[Line]:
    """What `solve` prints."""
    if not answer.count:
        yield from _no_solution(answer)
        return
    shown = len(answer.solutions)
    listed = "" if shown == answer.count else f", the best {shown} of them" if shown else ""
    layers = counted(answer.count, f"{answer.kind} layer")
    yield Line(f"{layers}{_asked(answer.query)}{listed}", "title")
    if answer.box:
        yield Line(f"searched completely: {_box(answer.box)}", "quiet")
    for number, solution in enumerate(answer.solutions, 1):
        yield Line("")
        yield from _solution_lines(f"{number}. ", solution)
    if answer.solutions and answer.solutions[0].checks:
        yield Line("")
        yield Line(f"the code that was run for 1, as {_prover(answer.solutions[0]).backend} has it:", "quiet")
        yield from code_lines(_prover(answer.solutions[0]).code)


def explain_lines(explanation: Explanation, solution: Solution) -> Iterator[Line]:
    """What `explain` prints."""
    yield Line(f"{explanation.layer.kind}: {heading(solution)}", "title")
    for step in explanation.steps:
        axis = "" if step.axis is None else f"axis {step.axis + 1}: "
        value = "" if step.numbers == str(step.value) else f" = {step.value}"
        yield Line(f"{axis}{step.text}{value}", "code", 2)
    yield Line(f"source: {explanation.source}", "quiet", 2)
    direct = explanation.direct
    if explanation.layer.kind == "tconv":
        zeros = f"{sizes(direct.zeros_inserted)} zero{'' if {*direct.zeros_inserted} == {1} else 's'}"
        yield Line(
            f"the same as a direct convolution of stride 1, the kernel flipped: {zeros} "
            f"inserted between the input elements ({sizes(explanation.in_size)} → {sizes(direct.upsampled)}), "
            f"padding {sides(direct.padding)} (K-1-padding; negative crops)",
            indent=2,
        )
    yield from _reason_lines(solution, 2)


def verify_lines(solution: Solution, checks: Sequence[Check]) -> Iterator[Line]:
    """What `verify` prints."""
    yield Line(f"{solution.layer.kind}: {heading(solution)}", "title")
    for check in checks:
        yield from check_lines(check, 2)
        yield from code_lines(check.code, 6)


def backends_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    """What `backends` prints; the rows are those of its document."""
    for row in rows:
        framework = row["framework_version"] or "(framework not found)"
        detail = f": {row['detail']}" if row["detail"] else ""
        text = f"{row['name']} {framework} ({row['distribution']} {row['version']}): {row['status']}{detail}"
        yield marked(text, _TONES[row["status"]])


def _asked(query: Mapping[str, Any]) -> str:
    """` from in 4 to out 16`, as far as these were given."""
    given = [f"{word} {name} {query[name]}" for word, name in (("from", "in"), ("to", "out")) if name in query]
    return " " + " ".join(given) if given else ""


def _box(box: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {values.replace(str(MAX_SIZE), '10^18')}" for name, values in box.items())


def _no_solution(answer: Answer) -> Iterator[Line]:
    yield Line(f"no {answer.kind} layer{_asked(answer.query)}", "title")
    yield marked(answer.why, "bad", 2)
    if answer.box:
        yield Line(f"searched completely: {_box(answer.box)}", "quiet", 2)
    if answer.nearest:
        yield Line("nearest changes that work:", indent=2)
    for solution in answer.nearest:
        change = solution.change
        text = f"{change.parameter} {change.before} → {change.after}" if change else "with axes apart"
        yield Line(f"{text}:  {heading(solution)}", "good", 4)


def heading(solution: Solution) -> str:
    """A layer's numbers and what it makes of its input: `kernel 4, stride 2, padding 1:  4 → 8`."""
    in_size, out_size = ("x".join(map(str, size)) for size in (solution.in_size, solution.out_size))
    return f"{layer_text(solution.layer)}:  {in_size} → {out_size}"


def _solution_lines(prefix: str, solution: Solution) -> Iterator[Line]:
    yield Line(f"{prefix}{heading(solution)}", "title")
    yield from _reason_lines(solution, 3)
    for check in solution.checks:
        yield from check_lines(check, 3)


def _reason_lines(solution: Solution, indent: int) -> Iterator[Line]:
    for reason in solution.reasons:
        yield marked(reason, reason.tone if isinstance(reason, Reason) else "", indent)


def check_lines(check: Check, indent: int) -> Iterator[Line]:
    """What a backend did with a layer."""
    said = f"{check.backend} {check.version}".strip()
    shape = "x".join(map(str, (check.actual_shape or check.expected_shape)[2:]))
    proved = f" (ran it: {shape}, every value equal)" if check.status == "agrees" else ""
    detail = f": {check.detail}" if check.detail else ""
    yield marked(f"{said} {check.status}{proved}{detail}", _TONES[check.status], indent)


def _prover(solution: Solution) -> Check:
    """The check whose code is shown: the first framework's that agrees, else the first."""
    agreeing = [check for check in solution.checks if check.status == "agrees"]
    return next((check for check in agreeing if check.backend != "numpy"), (agreeing or [*solution.checks])[0])


def code_lines(code: str, indent: int = 3) -> Iterator[Line]:
    """A program, line by line."""
    for line in code.splitlines():
        yield Line(line, "code", indent)


def marked(text: str, tone: Tone, indent: int = 0) -> Line:
    """A line with the mark of its tone."""
    return Line(_MARKS.get(tone, "") + text, tone, indent)
