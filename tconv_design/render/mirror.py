"""What `mirror` prints: the way back level by level, what it works for, and the decoder's file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tconv_design.render.lines import Line, layer_text
from tconv_design.render.sizes import phrases
from tconv_design.wording import per_axis

if TYPE_CHECKING:
    from tconv_design.architecture.mirror import Level, Mirror, Range

LONGEST = 70


def mirror_lines(size: Sequence[int], found: Mirror) -> Iterator[Line]:
    """What `mirror` prints for an encoder's input of `size`."""
    if found.why:
        yield Line(f"no mirror at in {_by_x(size)}", "title")
        yield Line(f"✗ {found.why}", "bad", 2)
        return
    yield Line(f"mirror: {_way(found.sizes)}", "title")
    for number, level in enumerate(found.levels, 1):
        yield from _level_lines(number, level)
    yield Line("")
    yield from _summary(found)
    yield Line("")
    for line in found.file.splitlines():
        yield Line(line, "code")


def _level_lines(number: int, level: Level) -> Iterator[Line]:
    yield Line(f"{number}. {_said(level)}:  {_by_x(level.in_)} → {_by_x(level.out)}", "", 2)
    yield Line(f"undoes {level.of}{_collision(level.inputs, level.in_)}", "quiet", 5)
    keras = level.inverse.keras
    if keras is not None and level.layer is not None:
        extra = keras.output_padding
        theirs = "None" if extra is None else per_axis([str(rows) for rows in extra])
        ours = per_axis([str(rows) for rows in level.layer.output_padding])
        apart = "" if theirs == ours else f" in its own meaning ({ours} in the line above)"
        yield Line(f"· Keras: padding='{keras.padding}', output_padding={theirs}{apart}", "", 5)


def _way(sizes: Sequence[Sequence[int]]) -> str:
    """`2 → 4 → 7`, or where that is long its ends and how many steps lie between."""
    whole = " → ".join(map(_by_x, sizes))
    return whole if len(whole) <= LONGEST else f"{_by_x(sizes[0])} → {_by_x(sizes[-1])} in {len(sizes) - 1} steps"


def _said(level: Level) -> str:
    block = level.inverse.block
    assert block is not None
    if level.layer is not None:
        return f"{block.kind} {layer_text(level.layer)}"
    if block.window is None:
        return block.kind if block.channels is None else f"{block.kind} to {block.channels} features"
    if block.kind == "upsample":
        return f"nearest upsample by {block.window.stride}"
    return f"{block.kind} {block.window.padding}"


def _collision(inputs: Sequence[Range], out: Sequence[int]) -> str:
    """`: 31 and 32 both give 16`, per axis where axes differ; empty where every input has an output of its own.

    A flat signal has no inputs to tell of.
    """
    texts = [_together(pair, rows) for pair, rows in zip(inputs, out, strict=False) if pair[0] < pair[1]]
    axes = [axis for axis, pair in enumerate(inputs, 1) if pair[0] < pair[1]]
    if not texts:
        return ""
    if len(set(texts)) == 1 and len(texts) == len(inputs):
        return f": {texts[0]}"
    return ": " + ", ".join(f"axis {axis}: {text}" for axis, text in zip(axes, texts, strict=True))


def _together(pair: Range, out: int) -> str:
    low, high = pair
    return f"{low} and {high} both give {out}" if high == low + 1 else f"{low}..{high} all give {out}"


def _summary(found: Mirror) -> Iterator[Line]:
    collision = _collision(found.inputs, found.sizes[0]) if found.sizes[0] else ""
    if collision and len(found.levels) > 1:
        yield Line(f"· the whole encoder{collision}", "", 2)
    if found.works_for is not None:
        axes = ["; ".join(phrases(each.classes)) or "none" for each in found.works_for]
        for number, which in enumerate(axes[: len(axes) if found.apart else 1], 1):
            on = f"axis {number}: " if found.apart else ""
            yield Line(f"· {on}one decoder with these settings brings back {which}", "", 2)
    for note in found.notes:
        yield Line(f"· {note}", "", 2)


def _by_x(size: Sequence[int]) -> str:
    return "x".join(map(str, size)) or "flat"
