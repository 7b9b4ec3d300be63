"""What `plan` prints: how many chains there are, and the best of them as short tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tconv_design.architecture.chain import chain
from tconv_design.architecture.costs import multiply_adds, parameters
from tconv_design.architecture.walk import walk
from tconv_design.formula import MAX_SIZE
from tconv_design.reasons import sides, sizes
from tconv_design.render.columns import columns
from tconv_design.render.lines import Line, Tone, layer_text
from tconv_design.wording import counted

if TYPE_CHECKING:
    from tconv_design.architecture.walk import Row, Signal
    from tconv_design.planning.problem import Plan, Plans, Problem

ALL_DIGITS, ENDS, SHORT = 60, 20, 15
HEADS = (
    "",
    "kind",
    "size",
    "kernel",
    "stride",
    "padding",
    "output_padding",
    "dilation",
    "channels",
    "params",
    "multiply-adds",
)
PROMISES = {
    "exact": (
        "scales by exactly its stride",
        "does not scale by exactly its stride",
        "do not scale by exactly their stride",
    ),
    "even": ("overlaps evenly", "overlaps unevenly or with holes", "overlap unevenly or with holes"),
    "plain": (
        "has even padding and no output_padding",
        "has output_padding or uneven padding",
        "have output_padding or uneven padding",
    ),
}
SAYINGS = {
    "field": "receptive field {value}",
    "stack": "unevenness of the whole stack: {value}",
    "latency": "look-ahead {plan.scores[look_ahead]} x hop = {value} samples of latency",
    "reach": "a frame is heard from {value} samples before its own beginning",
}


class Asked(NamedTuple):
    """What was asked: the kind and box of each layer, the criteria, the numbers of layers, a file's name, a hop.

    `usual`: nobody gave the numbers of layers. `limits`: the constraints, as they were given.
    """

    kind: str
    box: Mapping[str, str]
    rank: tuple[str, ...]
    layers: str = ""
    usual: bool = False
    problem: Problem | None = None
    file: str = ""
    hop: int = 0
    limits: tuple[str, ...] = ()


def plan_lines(found: Plans, asked: Asked) -> Iterator[Line]:
    """What `plan` prints."""
    yield from _heading(found, asked)
    yield from _searched(asked)
    if found.why:
        yield Line(f"{'· ' if found.plans else '✗ '}{found.why}", "" if found.plans else "bad")
    if found.plans:
        yield Line(_order(found, asked), "quiet")
    for number, plan in enumerate(found.plans, 1):
        yield Line("")
        yield from _plan(number, plan)
    if any("latency" in plan.scores for plan in found.plans):
        yield Line("")
        yield Line("look-ahead: frames after its own that a sample needs; latency: that in samples", "quiet")


def count_text(count: int) -> str:
    """A count in all its digits, with its power of ten where it is long; only its ends where it is very long."""
    digits = _digits(count)
    if len(digits) <= SHORT:
        return digits
    power = f"{digits[0]}.{digits[1:3]}*10^{len(digits) - 1}"
    if len(digits) <= ALL_DIGITS:
        return f"{digits} (about {power})"
    return f"{digits[:ENDS]}...{digits[-ENDS:]} ({len(digits)} digits, about {power}; --json has them all)"


def _digits(count: int) -> str:
    """All digits, which Python prints only in parts where there are thousands."""
    parts = []
    while count >= 10**1000:
        count, part = divmod(count, 10**1000)
        parts.append(f"{part:01000d}")
    return str(count) + "".join(reversed(parts))


def _heading(found: Plans, asked: Asked) -> Iterator[Line]:
    chains = "chain" if found.count == 1 else "chains"
    number = f"exactly {count_text(found.count)} {chains}" if found.count else "no chain"
    if found.count >= 10**SHORT:
        yield Line(number, "title")
        yield Line(_of_what(asked), "title")
    else:
        yield Line(f"{number} {_of_what(asked)}", "title")


def _of_what(asked: Asked) -> str:
    if asked.hop:
        return f"of strides with the product {asked.hop}"
    assert asked.problem is not None
    ends = " to ".join("x".join(map(str, size)) for size in (asked.problem.in_size, asked.problem.out_size))
    if asked.file:
        return f"in the blanks of {asked.file}, from {ends}"
    return f"of {asked.layers} {asked.kind} {'layer' if asked.layers == '1' else 'layers'} from {ends}"


def _searched(asked: Asked) -> Iterator[Line]:
    if asked.usual:
        yield Line(f"--layers is left out: {asked.layers}, as few as the largest stride needs and two more", "quiet")
    if asked.box:
        box = ", ".join(f"{name} {values.replace(str(MAX_SIZE), '10^18')}" for name, values in asked.box.items())
        yield Line(f"every layer: {box}", "quiet")
    if asked.limits:
        yield Line(f"under the constraints {', '.join(asked.limits)}; the count is without them", "quiet")


def _order(found: Plans, asked: Asked) -> str:
    shown = len(found.plans)
    best = f"the best {shown}" if shown > 1 else "the best"
    if asked.hop:
        return f"{best} by the smallest largest stride, large ones first, numbers of layers in turn"
    if not found.proven:
        return f"the first {shown} by {', '.join(asked.rank)}, not proven best"
    return f"{best}, proven by {', '.join(asked.rank)}"


def _plan(number: int, plan: Plan) -> Iterator[Line]:
    costs = f"{counted(plan.params, 'parameter')}, {counted(plan.macs, 'multiply-add')}"
    yield Line(f"{number}. {counted(len(plan.layers), 'layer')}, {costs}", "title")
    network = plan.architecture or chain(plan.layers, plan.sizes[0])
    yield from _table(list(walk(network, plan.sizes[0])))
    for text, tone in score_words(plan):
        yield Line(f"{'✓ ' if tone == 'good' else '· '}{text}", tone, 3)


def _table(rows: Sequence[Row]) -> Iterator[Line]:
    """The layers as a table, or in two lines each where that is too wide."""
    shown = _shown(rows)
    cells = [_cells(row, shown) for row in rows]
    table = columns([HEADS, *cells], left=(1, 2), indent=3)
    if table is not None:
        for place, line in enumerate(table):
            yield Line(line, "" if place else "quiet", 3)
        return
    for row, (number, kind, size, *_, params, macs) in zip(rows, cells, strict=True):
        yield Line(f"{number}. {f'{kind} {size}'.strip()}", "", 3)
        if row.layer:
            yield Line(layer_text(row.layer), "", 6)
        yield Line(f"{params} parameters, {macs} multiply-adds", "quiet", 6)


class _Columns(NamedTuple):
    """The columns that say something of at least one layer."""

    kind: bool
    output_padding: bool
    dilation: bool
    channels: bool


def _shown(rows: Sequence[Row]) -> _Columns:
    axes = [axis for row in rows for axis in row.axes]
    return _Columns(
        len({row.block.kind for row in rows}) > 1,
        any(axis.output_padding for axis in axes),
        any(axis.dilation > 1 for axis in axes),
        any(row.in_.channels != 1 or (row.out and row.out.channels != 1) for row in rows),
    )


def _cells(row: Row, shown: _Columns) -> tuple[str, ...]:
    axes, out = row.axes, row.out
    return (
        str(row.number + 1),
        row.block.kind if shown.kind else "",
        f"{_size(row.in_)} → {_size(out)}" if out else _size(row.in_),
        sizes(axis.kernel for axis in axes) if axes else "",
        sizes(axis.stride for axis in axes) if axes else "",
        sides([(axis.pad_begin, axis.pad_end) for axis in axes]) if axes else "",
        sizes(axis.output_padding for axis in axes) if axes and shown.output_padding else "",
        sizes(axis.dilation for axis in axes) if axes and shown.dilation else "",
        f"{row.in_.channels} → {out.channels}" if out and shown.channels else "",
        str(parameters(row)),
        str(multiply_adds(row)),
    )


def _size(signal: Signal) -> str:
    return "x".join(map(str, signal.size)) or "flat"


def score_words(plan: Plan) -> Iterator[tuple[str, Tone]]:
    """What the scores say that the table does not, one sentence each."""
    transposed = any(layer.kind == "tconv" for layer in plan.layers)
    for name, value in plan.scores.items():
        if name == "even" and not transposed:
            continue
        if name in PROMISES:
            yield _promise(value, *PROMISES[name])
        elif name in SAYINGS and value:
            yield SAYINGS[name].format(value=value, plan=plan), ""
        elif name == "latency":
            yield "no look-ahead, no latency", "good"


def _promise(broken: int, kept: str, one: str, many: str) -> tuple[str, Tone]:
    if not broken:
        return f"every layer {kept}", "good"
    return f"{counted(broken, 'layer')} {one if broken == 1 else many}", ""
