"""An Architecture as the text of a file, short enough for people; `spec.read` reads it back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tconv_design.architecture.fields import AXIS_KEYS
from tconv_design.architecture.model import INPUT, JOINS, POOLS, Architecture, Block, Side
from tconv_design.wording import per_axis

_HAVE_DIALECT = ("conv", "tconv", *POOLS)
_HAVE_BIAS = ("conv", "tconv", "linear")


def toml_text(architecture: Architecture) -> str:
    """The architecture as a TOML file, a line per layer, repeated ones folded.

    Reading it back gives the same architecture but for lines, and for the labels that unlabelled layers get because
    others take their outputs (`labelled`).
    """
    whole = labelled(architecture)
    dialect, bias = _common_dialect(whole.blocks), _common_bias(whole.blocks)
    rows = [_inline(_layer(whole.blocks, first, copies, dialect, bias)) for first, copies in _runs(whole.blocks)]
    return "\n".join([*_head(whole, dialect, bias), "", "layers = [", *(f"    {row}," for row in rows), "]", ""])


def labelled(architecture: Architecture) -> Architecture:
    """The architecture with a label for every block whose output is named by another than the next."""
    blocks = list(architecture.blocks)
    taken = {block.label for block in blocks}
    for index in sorted(_named(blocks)):
        if not blocks[index].label:
            label = _free(f"{blocks[index].kind}{index + 1}", taken)
            taken.add(label)
            blocks[index] = blocks[index]._replace(label=label)
    return architecture._replace(blocks=tuple(blocks))


def _free(label: str, taken: set[str]) -> str:
    while label in taken:
        label += "_"
    return label


def _named(blocks: Sequence[Block]) -> set[int]:
    """The blocks whose labels a file needs: those that joins, `from` and `like` name."""
    named: set[int] = set()
    for index, block in enumerate(blocks):
        named.update(_joined(block))
        named.update([block.sources[0]] if block.sources[0] != index - 1 else [])
        named.update([] if block.like is None else [block.like])
    return named - {INPUT}


def _joined(block: Block) -> list[int]:
    """What a join's `labels` name; its main signal only where that is joined to itself."""
    main, *others = block.sources
    return [main, *others] if main in others else others


def _runs(blocks: Sequence[Block]) -> Iterator[tuple[int, int]]:
    """(first, copies) of neighbours that `repeat` makes of one."""
    first = 0
    for index in range(1, len(blocks) + 1):
        if index == len(blocks) or not _goes_on(blocks, index):
            yield first, index - first
            first = index


def _goes_on(blocks: Sequence[Block], index: int) -> bool:
    """Whether a block is one more copy of the one before it: the last has label and size, the first `in_channels`."""
    before, block = blocks[index - 1], blocks[index]
    if block.kind in JOINS or block.sources != (index - 1,) or before.label or block.in_channels is not None:
        return False
    if block.kind != "unflatten" and before.size is not None:
        return False
    return _bare(before) == _bare(block)


def _bare(block: Block) -> Block:
    size = block.size if block.kind == "unflatten" else None
    return block._replace(sources=(), label="", size=size, in_channels=None, line=0)


def _common_dialect(blocks: Sequence[Block]) -> str:
    """The dialect that all layers share, torch if they do not."""
    found = {block.window.dialect for block in blocks if block.window and block.kind in _HAVE_DIALECT}
    return found.pop() if len(found) == 1 else "torch"


def _common_bias(blocks: Sequence[Block]) -> bool:
    """Whether a layer has a bias unless it says otherwise."""
    return any(block.bias for block in blocks if block.kind in _HAVE_BIAS) or all(block.bias for block in blocks)


def _head(architecture: Architecture, dialect: str, bias: bool) -> Iterator[str]:
    if architecture.name:
        yield f"name = {_toml(architecture.name)}"
    open_size = "x".join("?" * architecture.ndim)
    yield f"input = {_inline({'channels': architecture.channels, 'size': architecture.size or open_size})}"
    output = architecture.output
    size: Any = "input" if output.same_as_input else output.size
    if output.channels is not None:
        yield f"output = {_inline({'channels': output.channels, 'size': size})}"
    elif size is not None:
        yield f"output = {_toml(size) if size == 'input' else _inline({'size': size})}"
    if dialect != "torch":
        yield f"dialect = {_toml(dialect)}"
    if not bias:
        yield "defaults = { bias = false }"


def _layer(blocks: Sequence[Block], first: int, copies: int, dialect: str, bias: bool) -> dict[str, Any]:
    """The keys of a run of copies in the order in which people write them; None for a key that is left out."""
    block, last = blocks[first], blocks[first + copies - 1]
    main = block.sources[0]
    labels = [_label(blocks, index) for index in _joined(block)]
    return {
        "kind": block.kind,
        "from": None if main == first - 1 else _label(blocks, main),
        "labels": (labels[0] if len(labels) == 1 else labels) or None,
        "like": None if block.like is None else _label(blocks, block.like),
        "in_channels": block.in_channels,
        "channels": block.channels,
        **_fit(block),
        **_window(block, dialect),
        "groups": _unless(1, block.groups),
        "bias": _unless(bias, block.bias) if block.kind in _HAVE_BIAS else None,
        "size": last.size,
        "repeat": _unless(1, copies),
        "label": _unless("", last.label),
    }


def _label(blocks: Sequence[Block], index: int) -> str:
    return "input" if index == INPUT else blocks[index].label


def _fit(block: Block) -> dict[str, Any]:
    if block.fit is None:
        return {}
    sides = per_axis([_side(side) for side in block.fit.sides])
    if block.like is None:
        return {block.fit.how: sides}
    return {"padding": _unless("center", sides)}


def _side(side: Side) -> str:
    if side.begin is None and side.end is None:
        return "?" if side.equal else "center"
    return ":".join("?" if rows is None else str(rows) for rows in (side.begin, side.end))


def _window(block: Block, dialect: str) -> dict[str, Any]:
    window = block.window
    if window is None:
        return {}
    if block.kind in ("pad", "crop"):
        return {"padding": window.padding}
    if block.kind in ("upsample", "pixel_shuffle"):
        return {"scale": window.stride, "mode": None if window.kernel == window.stride else "linear"}
    return {
        "kernel": window.kernel,
        "stride": _unless(window.kernel if block.kind in POOLS else "1", window.stride),
        "padding": _unless("0", window.padding),
        "output_padding": _unless("", window.output_padding),
        "dilation": _unless("1", window.dilation),
        "ceil_mode": _unless(False, window.ceil_mode),
        "dialect": _unless(dialect, window.dialect),
    }


def _unless(default: Any, value: Any) -> Any:
    """The value, None where a reader takes it anyway."""
    return None if value == default else value


def _inline(keys: dict[str, Any]) -> str:
    pairs = (f"{key} = {_toml(value, key)}" for key, value in keys.items() if value is not None)
    return f"{{ {', '.join(pairs)} }}"


def _toml(value: Any, key: str = "") -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple) and len(value) == 1:
        return _toml(value[0])
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_toml, value))}]"
    numbers = [_number(part) for part in value.split("x")] if key in AXIS_KEYS else [None]
    if None not in numbers:
        return _toml(tuple(numbers))
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else None
