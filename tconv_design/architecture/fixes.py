"""The nearest change that mends a break, each tried on the network before it is offered.

For a size, in this order: another output_padding of one tconv before it; all tconvs before it made exact multiples of
their stride; another padding and output_padding of the nearest tconv; and for a join, a crop or pad of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.architecture.claims import Broken
from tconv_design.architecture.model import INPUT, Block, Fit, Side, Size, title
from tconv_design.architecture.trial import Trial
from tconv_design.architecture.walk import Row
from tconv_design.layer import Axis
from tconv_design.wording import per_axis

FAR = 256  # blocks looked back
TCONVS = 12  # of them, tconvs whose output_padding is tried
OUTPUT_PADDINGS = 16

_KEEPERS = ("conv", "tconv", "linear")


class Crop(NamedTuple):
    """Rows that a tconv crops on one axis, and what output_padding takes back."""

    begin: int
    end: int
    output_padding: int


def mend_join(trial: Trial, row: Row) -> str:
    """How a join that does not fit can; empty where nothing that is tried helps."""
    block = row.block
    sizes = [trial.out(source).size for source in block.sources]
    ways = [(block.sources[0], sizes[1]), (block.sources[1], sizes[0])] if block.fit is None else []
    if len({*sizes[1:]}) == 1:
        for source, wanted in ways[: 2 if len(sizes) == 2 else 1]:
            if source != INPUT and (hint := mend_size(trial, source, wanted)):
                return hint
    for how in ("crop", "pad") if block.fit is None else (block.fit.how,):
        fit = Fit(how, (Side(),) * trial.architecture.ndim)
        changes = trial.changed(row.number, fit=fit)
        if trial.helps(trial.tried(changes)):
            return f'give it {how} = "center"'
    return ""


def mend_added_channels(trial: Trial, row: Row) -> str:
    """How an add whose signals differ in channels gets them equal: those of one become those of all others."""
    channels = [trial.out(source).channels for source in row.block.sources]
    for place, source in enumerate(row.block.sources):
        others = {*channels[:place], *channels[place + 1 :]}
        if len(others) == 1 and (hint := mend_channels(trial, source, others.pop())):
            return hint
    return ""


def mend_claim(trial: Trial, broken: Broken) -> str:
    """How a claim that fails can hold: a change that was tried, else the claim that holds as things are."""
    if isinstance(broken.wanted, int):
        hint = mend_channels(trial, broken.at, broken.wanted)
    else:
        hint = mend_size(trial, broken.at, broken.wanted)
    return hint or broken.holds


def mend_size(trial: Trial, number: int, wanted: Size) -> str:
    """A change of tconvs before it that gives block `number` an output of size `wanted`, or nothing."""
    if len(trial.out(number).size) != len(wanted):
        return ""
    rows = [row for row in trial.upstream(number, FAR) if row.block.kind == "tconv"]
    wrong = [axis for axis, size in enumerate(trial.out(number).size) if size != wanted[axis]]
    for crops in _candidates(trial, rows, number, wanted, wrong):
        changes = {each: block for at, crop in crops.items() for each, block in _recropped(trial, at, crop).items()}
        rows_after = trial.tried(changes)
        out = rows_after[number].out if number in rows_after else None
        if out and out.size == wanted and trial.helps(rows_after):
            return _said(trial, crops)
    return ""


def mend_channels(trial: Trial, number: int, wanted: int) -> str:
    """The layer that sets the channels at the output of block `number`, with `wanted` of them, or nothing."""
    for row in trial.upstream(number, FAR):
        if row.block.kind in _KEEPERS and row.block.channels is not None:
            rows = trial.tried(trial.changed(row.number, channels=wanted))
            return f"give {_place(row)} channels = {wanted}" if trial.helps(rows) else ""
        if row.block.kind in ("concat", "pixel_shuffle", "flatten", "unflatten"):
            return ""
    return ""


def _candidates(
    trial: Trial, rows: Sequence[Row], number: int, wanted: Size, wrong: Sequence[int]
) -> Iterator[dict[int, list[Crop]]]:
    for row in rows[:TCONVS]:
        found = _output_paddings(trial, row, number, wanted, wrong)
        if found:
            yield {row.number: found}
    inexact = {row.number: _made_exact(row, wrong) for row in rows}
    yield {at: crops for at, crops in inexact.items() if crops != _crops(trial.rows[at])}
    if rows:
        size, crops = trial.out(number).size, _crops(rows[0])
        for axis in wrong:
            crops[axis] = _balanced(sum(crops[axis][:2]) - crops[axis].output_padding + size[axis] - wanted[axis])
        yield {rows[0].number: crops}


def _output_paddings(trial: Trial, row: Row, number: int, wanted: Size, wrong: Sequence[int]) -> list[Crop] | None:
    """The tconv's crops with the output_padding on the wrong axes that gives the size wanted there."""
    found = _crops(row)
    missing = set(wrong)
    for extra in range(min(OUTPUT_PADDINGS, max(_limit(axis) for axis in row.axes))):
        crops = [
            crop._replace(output_padding=extra) if axis in wrong and extra < _limit(row.axes[axis]) else crop
            for axis, crop in enumerate(_crops(row))
        ]
        out = _size_at(trial, number, _recropped(trial, row.number, crops))
        for axis in [each for each in missing if out and out[each] == wanted[each]]:
            found[axis] = crops[axis]
            missing.remove(axis)
    return None if missing else found


def _made_exact(row: Row, wrong: Sequence[int]) -> list[Crop]:
    """The tconv's crops so that out = in*stride on the wrong axes: by output_padding alone where that is enough."""
    crops = _crops(row)
    for number in wrong:
        axis, crop = row.axes[number], crops[number]
        total = axis.effective_kernel - axis.stride
        extra = crop.begin + crop.end - total
        crops[number] = crop._replace(output_padding=extra) if 0 <= extra < _limit(axis) else _balanced(total)
    return crops


def _balanced(total: int) -> Crop:
    """Crops of `total` rows in all, equal at both ends: an odd row comes back as output_padding."""
    padding = max(0, -(-total // 2))
    return Crop(padding, padding, 2 * padding - total)


def _size_at(trial: Trial, number: int, changes: dict[int, Block]) -> Size | None:
    rows = trial.tried(changes)
    out = rows[number].out if number in rows else trial.out(number)
    return out.size if out else None


def _limit(axis: Axis) -> int:
    return max(axis.stride, axis.dilation)


def _crops(row: Row) -> list[Crop]:
    return [Crop(axis.pad_begin, axis.pad_end, axis.output_padding) for axis in row.axes]


def _recropped(trial: Trial, number: int, crops: Sequence[Crop]) -> dict[int, Block]:
    window = trial.architecture.blocks[number].window
    assert window is not None
    words: dict[str, Any] = _words(trial.rows[number], crops)
    return trial.changed(number, window=window._replace(**words))


def _words(row: Row, crops: Sequence[Crop]) -> dict[str, str]:
    """What changes in the tconv's table, as text of the value grammar."""
    words = {}
    now = _crops(row)
    if [crop[:2] for crop in crops] != [crop[:2] for crop in now]:
        words["padding"] = per_axis([f"{c.begin}" if c.begin == c.end else f"{c.begin}:{c.end}" for c in crops])
    if [crop.output_padding for crop in crops] != [crop.output_padding for crop in now]:
        words["output_padding"] = per_axis([str(crop.output_padding) for crop in crops])
    return words


def _said(trial: Trial, crops: dict[int, list[Crop]]) -> str:
    """`give output_padding 1 to layer 9 (tconv) on line 40`, layers with equal changes together, in their order."""
    places: dict[str, dict[str, None]] = {}
    first = {trial.rows[number].block.line or -number: number for number in sorted(crops, reverse=True)}
    for number in sorted(first.values()):
        words = " and ".join(f"{name} {text}" for name, text in _words(trial.rows[number], crops[number]).items())
        places.setdefault(words, {})[_place(trial.rows[number])] = None
    return " and ".join(f"give {words} to {' and '.join(where)}" for words, where in places.items())


def _place(row: Row) -> str:
    line = f" on line {row.block.line}" if row.block.line else ""
    return f"{title(row.block, row.number)}{line}"
