"""What is worth knowing of a layer although nothing is wrong: rows dropped, taps that fall unevenly, uneven crops."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.architecture.templates import templates
from tconv_design.architecture.walk import Row
from tconv_design.overlap import Overlap, tap_extremes
from tconv_design.wording import counted


def notes(row: Row, overlap: Overlap | None) -> tuple[str, ...]:
    """The notes on one row; none for one without an output."""
    if row.out is None:
        return ()
    return (*_dropped(row), *_overlap(row, overlap), *_uneven_fits(row))


def _dropped(row: Row) -> Iterator[str]:
    """Input rows at the end that no window of a conv or pool reaches, those of the padding left out."""
    window = row.block.window
    if window is None or window.kind != "conv" or window.ceil_mode:
        return
    for number, (template, size) in enumerate(zip(templates(window, len(row.axes)), row.in_.size, strict=True)):
        rows = template.dropped(size) - row.axes[number].pad_end
        if rows > 0:
            last = "the last row" if rows == 1 else f"the last {rows} rows"
            yield f"{last} of {size}{_on(number, row)} {'is' if rows == 1 else 'are'} not read"


def _overlap(row: Row, overlap: Overlap | None) -> Iterator[str]:
    if overlap is None or overlap.uniform:
        return
    taps = [" or ".join(map(str, sorted({*tap_extremes(axis)}))) for axis in row.axes]
    reached = taps[0] if len(set(taps)) == 1 else " by ".join(taps)
    if overlap.holes:
        yield f"holes: some elements are reached by no tap ({reached} taps on an axis)"
    else:
        yield f"uneven overlap: elements are reached by {reached} taps on an axis, ratio {overlap.ratio:.4g}"


def _uneven_fits(row: Row) -> Iterator[str]:
    """Crops and pads of joins, and by `like`, that were left to be split evenly and could not be."""
    for sides in row.fits:
        for number, (begin, end) in enumerate(sides):
            side = row.block.fit.sides[number] if row.block.fit else None
            if side and side.begin is None and side.end is None and begin != end:
                verb = "crops" if end > 0 else "pads"
                rows = f"{abs(begin)} at the beginning and {abs(end)} at the end"
                yield f"{verb} {counted(abs(begin + end), 'row')} unevenly{_on(number, row)}: {rows}"


def _on(number: int, row: Row) -> str:
    return f" on axis {number + 1}" if len(row.in_.size) > 1 else ""
