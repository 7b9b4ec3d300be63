"""What `check` prints: a table of the layers with what is wrong under each, the sums, and what the backends did."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from tconv_design.architecture.walk import Problem, Signal, by_x
from tconv_design.memory import FLOAT32, in_words
from tconv_design.render.columns import columns
from tconv_design.render.lines import Line, Tone
from tconv_design.wording import counted, per_axis

if TYPE_CHECKING:
    from tconv_design.architecture.report import CheckedLayer, Report
    from tconv_design.architecture.stacked import StackedOverlap
    from tconv_design.network_proof import LayerProof
    from tconv_design.overlap import Overlap

HEADS = ("", "layer", "", "in → out", "channels", "params", "macs", "field", "jump", "overlap", "stack")
LEFT = (1, 2, 3)
LONGEST_LABEL = 12


class _Rows(NamedTuple):
    """Consecutive layers that look alike, as one row of the table."""

    cells: tuple[str, ...]
    layers: tuple[CheckedLayer, ...]


def check_lines(report: Report, file: str, proofs: Sequence[LayerProof]) -> Iterator[Line]:
    """What `check` prints."""
    yield Line(_heading(report, file), "title")
    rows = _folded(report.layers)
    table = _table([HEADS, *(row.cells for row in rows)])
    if table:
        yield Line(table[0], "quiet")
    for place, row in enumerate(rows, 1):
        yield from [Line(table[place])] if table else _apart(row)
        yield from _remarks(row.layers[-1])
    yield Line("")
    yield from _legend(report, rows)
    yield from _sums(report)
    yield from _proof_lines(proofs)
    yield from _verdict(report)


def _table(rows: Sequence[tuple[str, ...]]) -> list[str] | None:
    """The rows in columns, without the input sizes where these do not fit; None where the rest does not either."""
    short_rows = [(*row[:3], row[3].rpartition("→ ")[2], *row[4:]) for row in rows]
    return columns(rows, LEFT) or columns(short_rows, LEFT)


def _heading(report: Report, file: str) -> str:
    name = report.architecture.name or file
    ends = _signal(Signal(report.size, report.architecture.channels))
    out = report.layers[-1].row.out if report.dense is not None else None
    return f"{name}: {counted(len(report.architecture.blocks), 'layer')}, {ends}{f' → {_signal(out)}' if out else ''}"


def _signal(signal: Signal) -> str:
    """`64x64x3`, the channels last, as the literature writes the shape of an image."""
    return by_x((*signal.size, signal.channels))


def _folded(layers: Sequence[CheckedLayer]) -> list[_Rows]:
    """Layers in rows; those that differ from the one before by no more than their receptive field share one."""
    rows = []
    for _, group in groupby(layers, lambda layer: (_cells(layer)[1:7], _cells(layer)[8:], layer.notes, layer.problems)):
        alike = tuple(group)
        if alike[0].problems or alike[0].notes or len(alike) == 1:
            rows += [_Rows((str(each.row.number + 1), *_cells(each)[1:]), (each,)) for each in alike]
            continue
        cells, first, last = list(_cells(alike[-1])), _field(alike[0]), _field(alike[-1])
        cells[0] = f"{alike[0].row.number + 1}-{alike[-1].row.number + 1}"
        cells[7] = first if first == last else f"{first}..{last}"
        rows.append(_Rows(tuple(cells), alike))
    return rows


def _cells(layer: CheckedLayer) -> tuple[str, ...]:
    row = layer.row
    label = row.block.label if len(row.block.label) <= LONGEST_LABEL else row.block.label[: LONGEST_LABEL - 2] + ".."
    channels = str(row.in_.channels)
    if row.out and row.out.channels != row.in_.channels:
        channels += f"→{row.out.channels}"
    return (
        str(row.number + 1),
        row.block.kind,
        label,
        f"{by_x(row.in_.size)} → {by_x(row.out.size) if row.out else 'nothing'}",
        channels,
        short(layer.params) if layer.params else "",
        short(layer.macs) if layer.macs else "",
        _field(layer),
        _jump(layer),
        _evenness(layer.overlap),
        "" if layer.stacked is None or layer.stacked.uniform else _evenness(layer.stacked),
    )


def short(number: int) -> str:
    """A number in at most five characters: 99999, 105k, 2.36M, 1.2e18."""
    if number < 100_000:
        return str(number)
    for unit, size in (("k", 10**3), ("M", 10**6), ("G", 10**9), ("T", 10**12), ("P", 10**15)):
        if number < 999.5 * size:
            return f"{number / size:.3g}{unit}"
    return f"{number:.1e}".replace("+", "") if number < 10**300 else f"1e{len(str(number)) - 1}"


def _field(layer: CheckedLayer) -> str:
    if layer.row.out is None:
        return ""
    return per_axis(["?" if rows is None else str(rows) for rows in layer.receptive_field]) if layer.jump else "all"


def _jump(layer: CheckedLayer) -> str:
    return per_axis(["?" if jump is None else str(jump) for jump in layer.jump]) if layer.jump else ""


def _evenness(overlap: Overlap | StackedOverlap | None) -> str:
    if overlap is None:
        return ""
    if overlap.ratio is None:
        return "holes"
    return "even" if overlap.uniform else f"{overlap.ratio:.3g}:1"


def _apart(row: _Rows) -> Iterator[Line]:
    """A row that is too wide for the table, in two lines."""
    number, kind, label, sizes, channels, *rest = row.cells
    name = f"{kind} {label}".strip()
    yield Line(f"{number}. {name}: {sizes}, channels {channels}")
    words = ", ".join(f"{head} {cell}" for head, cell in zip(HEADS[5:], rest, strict=True) if cell)
    if words:
        yield Line(words, "quiet", 3)


def _remarks(layer: CheckedLayer) -> Iterator[Line]:
    line = f"line {layer.row.block.line}: " if layer.row.block.line else ""
    for problem in layer.problems:
        yield Line(f"✗ {line}{problem}", "bad", 4)
    for note in layer.notes:
        yield Line(f"· {line}{note}", "", 4)


def _legend(report: Report, rows: Sequence[_Rows]) -> Iterator[Line]:
    """What the table's words mean, as far as they occur."""
    if any(len(row.layers) > 1 for row in rows):
        yield Line("a row like 2-4 stands for equal layers: its costs are those of each of them", "quiet")
    if any(layer.macs for layer in report.layers):
        tconv = "; a tconv's are counted over its input positions"
        counts = tconv if any(layer.row.block.kind == "tconv" for layer in report.layers) else ""
        yield Line(f"macs: multiply-adds for one sample{counts}", "quiet")
    if any(layer.jump for layer in report.layers):
        yield Line("field: input rows that an output row depends on; jump: input rows from one to the next", "quiet")
    if any(layer.overlap for layer in report.layers):
        yield Line("overlap: most to fewest taps per element; stack: of all layers up to here, where uneven", "quiet")


def _sums(report: Report) -> Iterator[Line]:
    params, macs, activations = report.totals
    memory = f"{counted(activations, 'activation')} ({in_words(FLOAT32 * activations)} as float32)"
    yield Line(f"total: {counted(params, 'parameter')}, {counted(macs, 'multiply-add')}, {memory}")
    out = report.layers[-1].row.out if report.layers else None
    if report.dense is None or out is None or not params:
        return
    ends = f"from {_signal(Signal(report.size, report.architecture.channels))} to {_signal(out)}"
    yield Line(
        f"a fully connected layer {ends} would take {counted(report.dense, 'parameter')}, "
        f"{_times(report.dense, params)} times as many"
    )


def _times(dense: int, params: int) -> str:
    """A ratio in three digits."""
    return short(dense // params) if dense >= 1000 * params else f"{dense / params:.3g}"


def _proof_lines(proofs: Sequence[LayerProof]) -> Iterator[Line]:
    """Per backend how many distinct layers agree, and each that does not; then the chain."""
    for is_chain in (False, True):
        part = sorted((proof for proof in proofs if proof.chain == is_chain), key=lambda proof: proof.check.backend)
        for backend, group in groupby(part, lambda proof: proof.check.backend):
            of_backend = list(group)
            yield from _chain_lines(of_backend) if is_chain else _layer_lines(backend, of_backend)


def _layer_lines(backend: str, proofs: Sequence[LayerProof]) -> Iterator[Line]:
    agreeing = [proof for proof in proofs if proof.check.status == "agrees"]
    if agreeing:
        of = f" of {len(proofs)}" if len(agreeing) < len(proofs) else ""
        layers = counted(len(agreeing), "distinct layer") if not of else f"{len(agreeing)}{of} distinct layers"
        yield Line(f"✓ {backend} {agreeing[0].check.version} agrees on {layers}, every value equal", "good")
    for proof in proofs:
        if proof.check.status != "agrees":
            where = f"layer{'s' * (len(proof.numbers) > 1)} {_listed(proof.numbers)}"
            yield _failure(proof, where)


def _chain_lines(proofs: Sequence[LayerProof]) -> Iterator[Line]:
    for proof in proofs:
        check = proof.check
        if check.status == "agrees":
            out = by_x((check.actual_shape or ())[2:])
            yield Line(f"✓ {check.backend} {check.version} agrees on the whole chain: {out}, every value equal", "good")
        else:
            yield _failure(proof, "the whole chain")


def _failure(proof: LayerProof, where: str) -> Line:
    check = proof.check
    tone: Tone = "" if check.status == "unsupported" else "bad"
    said = f"{check.backend} {check.version}".strip()
    return Line(f"{'✗' if tone else '·'} {said} on {where}: {check.status}: {check.detail}", tone)


def _listed(numbers: Sequence[int]) -> str:
    shown = ", ".join(str(number + 1) for number in numbers[:5])
    return shown if len(numbers) <= 5 else f"{shown} and {len(numbers) - 5} more"


def _verdict(report: Report) -> Iterator[Line]:
    unreached = len(report.architecture.blocks) - len(report.layers)
    if unreached:
        yield Line(f"✗ the way ends at layer {len(report.layers)}; {counted(unreached, 'layer')} not reached", "bad")
    for problem in report.problems:
        yield Line(f"✗ {_of_output(report, problem)}", "bad")
    wrong = len(report.problems) + sum(len(layer.problems) for layer in report.layers)
    if not wrong:
        yield Line("✓ every size fits, and every claim of the file holds", "good")
        return
    if report.legal:
        nearest = " and ".join(by_x(size) for size in report.legal)
        yield Line(f"· the nearest input sizes at which everything fits, claims of fixed sizes aside: {nearest}")
    yield Line(f"✗ {counted(wrong, 'problem')} in all", "bad")


def _of_output(report: Report, problem: Problem) -> str:
    line = report.architecture.output.line
    return f"line {line}: {problem}" if line else str(problem)
