"""What `sizes` prints: congruences in words, and the way to the nearest size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tconv_design.render.lines import Line
from tconv_design.wording import per_axis

if TYPE_CHECKING:
    from tconv_design.architecture.legality import Answer, Nearest, Sizes
    from tconv_design.architecture.residues import Congruence

SHOWN = 8
"""Residues, and further sizes, that are written out."""


def sizes_lines(name: str, answer: Answer) -> Iterator[Line]:
    """What `sizes` prints."""
    what = f"legal input sizes of {name}" if name else "legal input sizes"
    yield from _part(what, answer.legal)
    if answer.without_sizes is not None:
        yield Line("")
        yield from _part("legal input sizes without the claims that fix a size", answer.without_sizes)
    for note in answer.notes:
        yield Line(f"· {note}", "", 2)


def _part(what: str, sizes: Sizes) -> Iterator[Line]:
    axes = [phrases(axis.classes) for axis in sizes.axes]
    yield Line(what, "title")
    if not sizes.why or any(axes):
        yield from _axes_lines(axes)
    if sizes.why:
        yield Line(f"✗ none: {sizes.why}", "bad", 2)
    elif sizes.nearest is not None:
        yield from _nearest_lines(sizes.nearest)


def _axes_lines(axes: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Each phrase a line, said once where the axes are alike."""
    alike = all(phrases == axes[0] for phrases in axes)
    each = f", on each of {len(axes)} axes" if len(axes) > 1 else ""
    for number, parts in enumerate(axes[:1] if alike else axes, 1):
        on = "" if alike else f"axis {number}: "
        for phrase in parts or ["none"]:
            yield Line(f"{on}{phrase}{each if alike and phrase == parts[-1] else ''}", "", 2)


def phrases(classes: Sequence[Congruence]) -> list[str]:
    """`n = 0, 1 mod 256, n >= 256` and `n = 3, 5`: the classes without end, then the others; empty for none."""
    endless = [each for each in classes if each.last is None]
    ended = [each for each in classes if each.last is not None]
    return [*_endless(endless), *_ended(ended)]


def _endless(classes: Sequence[Congruence]) -> Iterator[str]:
    if not classes:
        return
    start = min(each.first for each in classes)
    if classes[0].modulus == 1:
        yield f"n >= {start}"
        return
    modulus = classes[0].modulus
    late = [each for each in classes if each.first - modulus >= start]
    rests = [str(each.remainder) for each in classes if each.first - modulus < start]
    yield f"n = {_listed(rests)} mod {modulus}, n >= {start}"
    for each in late[:SHOWN]:
        yield f"n = {each.remainder} mod {modulus}, n >= {each.first}"
    if len(late) > SHOWN:
        yield f"and {len(late) - SHOWN} remainders more from larger sizes on"


def _ended(classes: Sequence[Congruence]) -> Iterator[str]:
    single = [str(each.first) for each in classes if each.first == each.last]
    if single:
        yield f"n = {_listed(single)}"
    runs = [each for each in classes if each.first != each.last]
    for each in runs[:SHOWN]:
        rule = "" if each.modulus == 1 else f"n = {each.remainder} mod {each.modulus}, "
        yield f"{rule}{each.first} <= n <= {each.last}"
    if len(runs) > SHOWN:
        yield f"and {len(runs) - SHOWN} ranges more"


def _listed(numbers: Sequence[str]) -> str:
    if len(numbers) <= SHOWN:
        return ", ".join(numbers)
    return f"{', '.join(numbers[:SHOWN])} and {len(numbers) - SHOWN} more"


def _nearest_lines(nearest: Nearest) -> Iterator[Line]:
    asked = _by_x(nearest.size)
    if nearest.below == nearest.above == nearest.size:
        yield Line(f"✓ {asked} is legal{_gives(nearest.out_below)}", "good", 2)
        return
    yield Line(f"✗ {asked} is not legal; the nearest that are:", "bad", 2)
    ways = (
        ("below", nearest.below, nearest.crop, "crop", nearest.out_below),
        ("above", nearest.above, nearest.pad, "pad", nearest.out_above),
    )
    for where, size, rows, verb, out in ways:
        if rows is None:
            lacking = [str(axis) for axis, each in enumerate(size, 1) if each is None]
            on = f" on axis {' and '.join(lacking)}" if len(lacking) < len(size) else ""
            yield Line(f"{where}: none{on}", "", 4)
        else:
            yield Line(f"{where}: {_by_x(size)}, {verb} {_sides(rows)}{_gives(out)}", "", 4)


def _sides(rows: Sequence[tuple[int, int]]) -> str:
    return per_axis([f"{begin}:{end}" for begin, end in rows])


def _gives(out: tuple[int, ...] | None) -> str:
    if out is None:
        return ""
    return f", output {_by_x(out)}" if out else ", output flat"


def _by_x(size: Sequence[int | None]) -> str:
    return "x".join("none" if rows is None else str(rows) for rows in size)
