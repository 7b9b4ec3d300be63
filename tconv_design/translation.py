"""One layer in every framework's words: the code, what becomes of the weights, and what only looks the same."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from tconv_design.check import Check
from tconv_design.dialects.catalogue import NAMES, SPOKEN, dialect, no_dialect
from tconv_design.dialects.layout import CANONICAL, Layout, weight_steps
from tconv_design.dialects.reading import Reading
from tconv_design.dialects.writing import Written
from tconv_design.errors import InvalidLayer, NotExpressible
from tconv_design.layer import Axis, Layer
from tconv_design.verification import DEFAULT_TIMEOUT, Workers
from tconv_design.wording import counted

Status = Literal["native", "equivalent", "cannot"]


@dataclass(frozen=True, slots=True)
class Translation:
    """A layer in one dialect.

    `native`: `code` is one call; `equivalent`: the call with padding, cropping or splitting around it; `cannot`: `why`
    says the reason, `nearest` a layer that can be said. `weights` are lines of numpy that turn the source's weight into
    this framework's, `notes` say what is different although it looks equal.
    """

    dialect: str
    status: Status
    code: str = ""
    why: str = ""
    nearest: str = ""
    weights: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The translation as the public JSON document has it."""
        return {
            "dialect": self.dialect,
            "status": self.status,
            "code": self.code,
            "why": self.why,
            "nearest": self.nearest,
            "weights": list(self.weights),
            "notes": list(self.notes),
            "checks": [check.to_dict() for check in self.checks],
        }


def targets(text: str | None) -> tuple[str, ...]:
    """The dialects that a comma list names, or all. Raises InvalidQuestion with the nearest name for an unknown one."""
    if text is None:
        return NAMES
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if name not in NAMES:
            raise no_dialect(name)
    return tuple(dict.fromkeys(names))


def translate(
    layer: Layer, in_size: tuple[int, ...], to: Sequence[str] = NAMES, source: Layout | None = None
) -> tuple[Translation, ...]:
    """`layer` in each dialect of `to`, for an input of `in_size`. `source` is how its weight is laid out now.

    Raises InvalidLayer where nothing of the input is left.
    """
    layer.output_size(in_size)
    return tuple(_translation(layer, in_size, name, source or CANONICAL[layer.kind]) for name in to)


def prove(
    translations: Sequence[Translation],
    layer: Layer,
    in_size: tuple[int, ...],
    backends: Sequence[str],
    *,
    timeout: float = DEFAULT_TIMEOUT,
    seed: int = 0,
) -> tuple[Translation, ...]:
    """The translations with a check by each of `backends` that runs their dialect, all on the same numbers."""
    said = {each.dialect: each.code for each in translations if each.code}
    codes = {name: said[runs(name)] for name in backends if runs(name) in said}
    checks = _checked(codes, layer, in_size, timeout=timeout, seed=seed)
    return tuple(
        replace(each, checks=tuple(check for name, check in checks.items() if runs(name) == each.dialect))
        for each in translations
    )


def runs(backend: str) -> str:
    """The dialect whose programs a backend runs, if anybody knows it: most are called like theirs."""
    return SPOKEN[backend][0] if backend in SPOKEN else backend


def proof_of(
    reading: Reading, layer: Layer, in_size: tuple[int, ...], *, timeout: float = DEFAULT_TIMEOUT, seed: int = 0
) -> Translation | None:
    """The pasted call itself, said again from its numbers and run; None where it cannot be said again."""
    code = None if reading.words is None else dialect(reading.dialect).spell(reading.words)
    if code is None:
        return None
    checks = _checked({reading.dialect: code}, layer, in_size, timeout=timeout, seed=seed)
    return Translation(reading.dialect, "native", code, checks=(checks[reading.dialect],))


def _checked(
    codes: Mapping[str, str], layer: Layer, in_size: tuple[int, ...], *, timeout: float, seed: int
) -> dict[str, Check]:
    """Each program of ours run on its backend, all on the same numbers, by backend."""
    if not codes:
        return {}
    with Workers(list(codes)) as workers:
        (found,) = workers.check_codes([(layer, in_size, codes)], timeout=timeout, seed=seed)
    return {check.backend: check for check in found}


def _translation(layer: Layer, in_size: tuple[int, ...], name: str, source: Layout) -> Translation:
    try:
        written = dialect(name).write(layer, in_size)
    except NotExpressible as reason:
        return Translation(name, "cannot", why=f"cannot be said in {name}: {reason.message}", nearest=reason.nearest)
    alike = _alike(layer, in_size, name, written)
    return Translation(
        name,
        "native" if written.native else "equivalent",
        written.code,
        "" if written.native else f"no single call of {name} is this layer",
        weights=tuple(weight_steps(layer, source, written.layout)),
        notes=(*written.notes, *([alike] if alike else [])),
    )


def _alike(layer: Layer, in_size: tuple[int, ...], name: str, written: Written) -> str:
    """What the framework says in one call of the same size and with other values; empty where there is no such trap.

    Numbers are a trap where the layer itself is more than one call; the framework's `same` is one always.
    """
    for other in _of_the_same_size(layer, in_size):
        try:
            said = dialect(name).write(other, in_size)
        except NotExpressible:
            continue
        call = said.code.strip().splitlines()[-1].removeprefix("layer = ").partition("  # ")[0]
        tempts = not written.native or "same" in call.lower()
        if said.native and said.code != written.code and tempts and re.match(r"[\w.]*Conv", call):
            return f"{call} has the same size and is not this layer: {_shift(layer, other)}"
    return ""


def _of_the_same_size(layer: Layer, in_size: tuple[int, ...]) -> list[Layer]:
    """Layers that people take for this one: as much padding, but alike on both sides, or split as `same` splits it."""
    rows = map(_other_axes, [layer.kind] * layer.ndim, layer.axes, in_size)
    found = []
    for axes in zip(*rows, strict=True):
        try:
            other = replace(layer, axes=axes)
        except InvalidLayer:
            continue
        shifts = any(a.pad_begin != b.pad_begin for a, b in zip(layer.axes, axes, strict=True))
        if shifts and _size(other, in_size) == layer.output_size(in_size):
            found.append(other)
    return found


def _other_axes(kind: str, axis: Axis, in_: int) -> tuple[Axis, Axis]:
    """(padding alike on both sides, with output_padding where it is odd; the odd row at the end, as `same` has it)."""
    if kind == "conv":
        out = axis.out("conv", in_)
        total = max((out - 1) * axis.stride + axis.effective_kernel - in_, 0)
        even = -(-total // 2)
        split = replace(axis, pad_begin=total // 2, pad_end=total - total // 2)
        return replace(axis, pad_begin=even, pad_end=even), split
    total = axis.pad_begin + axis.end
    even = max(-(-total // 2), 0)
    begin = max(total // 2, 0)
    end = total - begin
    split = replace(axis, pad_begin=begin, pad_end=max(end, 0), output_padding=max(-end, 0))
    return replace(axis, pad_begin=even, pad_end=even, output_padding=2 * even - total), split


def _size(layer: Layer, in_size: tuple[int, ...]) -> tuple[int, ...] | None:
    try:
        return layer.output_size(in_size)
    except InvalidLayer:
        return None


def _shift(layer: Layer, other: Layer) -> str:
    """How much earlier or later the other layer's values arrive."""
    rows = [theirs.pad_begin - ours.pad_begin for ours, theirs in zip(layer.axes, other.axes, strict=True)]
    what = "its values arrive" if layer.kind == "tconv" else "its kernel starts"
    if len(set(rows)) == 1:
        return f"{what} {_moved(rows[0])}{' on every axis' if len(rows) > 1 else ''}"
    return f"{what} {' and '.join(f'{_moved(n)} on axis {axis}' for axis, n in enumerate(rows, 1) if n)}"


def _moved(rows: int) -> str:
    return f"{counted(abs(rows), 'row')} {'earlier' if rows > 0 else 'later'}"
