"""What `diagnose` prints."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tconv_design.diagnosis.catalogue import kinds
from tconv_design.diagnosis.speech import says
from tconv_design.render.lines import Line, heading

if TYPE_CHECKING:
    from tconv_design.diagnosis import Diagnosis
    from tconv_design.solution import Solution

_MARK = "· "


def diagnose_lines(found: Diagnosis) -> Iterator[Line]:
    """A diagnosis: what happened, the layer, the edits that work, and what else there is to say."""
    if not found.framework:
        yield from _unknown(found)
        return
    yield Line(f"{found.framework}: {found.what}", "title")
    yield from _layer_lines(found)
    if found.edits:
        yield Line("edits that work:", indent=2)
    for each in found.edits:
        apart = (
            "" if says(found.framework, each) else f"  (not in one call of {found.framework}: pad or crop beside it)"
        )
        yield Line(f"{_change(each)}:  {heading(each)}{apart}", "good", 4)
    if found.code:
        yield Line(f"the first, as {found.framework} has it:", "quiet", 2)
    for line in found.code.rstrip().splitlines():
        yield Line(line, "code", 4)
    for advice in found.advice:
        yield Line(f"{_MARK}{advice}", indent=2)
    if found.missing:
        yield Line(f"{_MARK}{found.missing}", "bad", 2)


def _change(found: Solution) -> str:
    """`kernel 3 → 4, output_padding 1 → 0`: one arrow for each parameter that changes."""
    if found.change is None:
        return "as it stands"
    parts = (text.split(" and ") for text in (found.change.parameter, found.change.before, found.change.after))
    return ", ".join(f"{name} {before} → {after}" for name, before, after in zip(*parts, strict=True))


def _layer_lines(found: Diagnosis) -> Iterator[Line]:
    sizes = [
        f"{name} {'x'.join(map(str, size))}"
        for name, size in (("in", found.known.in_), ("out", found.known.out))
        if size is not None
    ]
    if found.layer is not None:
        yield Line(f"the layer: {', '.join([_written(found.layer), *sizes])}", "quiet", 2)
    elif sizes:
        yield Line(f"of the layer only this is known: {', '.join(sizes)}", "quiet", 2)


def _written(layer: dict[str, Any]) -> str:
    """A layer that may break a rule, in the words of a legal one."""
    words = [layer["kind"]]
    usual = {"output_padding": 0, "dilation": 1}
    for name in ("kernel", "stride", "padding", "output_padding", "dilation"):
        parts = [_side(each) if isinstance(each, list) else str(each) for each in layer[name]]
        if any(part != str(usual.get(name)) for part in parts):
            words.append(f"{name} {parts[0] if len(set(parts)) == 1 else 'x'.join(parts)}")
    if layer["groups"] > 1:
        words.append(f"groups {layer['groups']}")
    if (layer["in_channels"], layer["out_channels"]) != (1, 1):
        words.append(f"channels {layer['in_channels']} → {layer['out_channels']}")
    return ", ".join(words)


def _side(pair: list[int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}:{pair[1]}"


def _unknown(found: Diagnosis) -> Iterator[Line]:
    yield Line(found.what, "title")
    yield Line(f"{_MARK}{found.missing}", "bad", 2)
    yield Line("known are, by framework:", indent=2)
    for framework, titles in kinds().items():
        yield Line(f"{framework}: {'; '.join(dict.fromkeys(titles))}", "quiet", 4)
