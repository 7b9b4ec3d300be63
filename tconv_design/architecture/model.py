"""An architecture as plain data: the network's input, its layers in order, and what its file claims."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tconv_design.formula import Kind

INPUT = -1
"""The index that stands for the network's own input where a layer names its sources."""

BlockKind = Literal[
    "conv",
    "tconv",
    "max_pool",
    "avg_pool",
    "upsample",
    "pixel_shuffle",
    "pad",
    "crop",
    "concat",
    "add",
    "flatten",
    "unflatten",
    "linear",
]
POOLS = ("max_pool", "avg_pool")
JOINS = ("concat", "add")

Size = tuple[int, ...]


class Window(NamedTuple):
    """The spatial map of a block, as text of the value grammar: every such map is one of the two formulas.

    A pool is a conv (with `ceil_mode`); upsampling and pixel shuffle by s are a tconv of kernel and stride s; a pad is
    a conv of kernel 1 that pads, a crop a tconv of kernel 1. `output_padding` is empty where the file gives none.
    """

    kind: Kind
    kernel: str
    stride: str = "1"
    padding: str = "0"
    output_padding: str = ""
    dilation: str = "1"
    ceil_mode: bool = False
    dialect: str = "torch"


class Side(NamedTuple):
    """Rows that a join crops or pads on one axis; None is whatever is needed.

    Both None: split evenly, an odd row at the end; with `equal`, an odd difference cannot be split.
    """

    begin: int | None = None
    end: int | None = None
    equal: bool = False

    def split(self, difference: int) -> tuple[int, int] | None:
        """(begin, end) that make up `difference` rows; None where these sides cannot."""
        if self.begin is None and self.end is None:
            begin, end = difference // 2, difference - difference // 2
            return None if self.equal and begin != end else (begin, end)
        begin = difference - (self.end or 0) if self.begin is None else self.begin
        end = difference - begin if self.end is None else self.end
        return (begin, end) if begin >= 0 and end >= 0 and begin + end == difference else None


class Fit(NamedTuple):
    """How sizes are brought together: the larger is cropped, or the smaller padded; one Side per axis."""

    how: Literal["crop", "pad"]
    sides: tuple[Side, ...]


class Block(NamedTuple):
    """One layer of an architecture; a repeated one stands here as often as it repeats.

    `sources`: the blocks whose outputs it takes, its main signal first (INPUT is the network's input); a join has two
    or more. `window`: its spatial map, None for joins, `flatten`, `unflatten`, `linear` and a crop or pad by `like`,
    which takes the size of that block's output. `channels` is None where they stay as they are. `size` and
    `in_channels` are claims about its output's size and its input's channels (for `unflatten`, `size` is its shape).
    `line` is where it stands in its file, 0 for one that no file has.
    """

    kind: BlockKind
    sources: tuple[int, ...]
    window: Window | None = None
    channels: int | None = None
    groups: int = 1
    bias: bool = True
    fit: Fit | None = None
    like: int | None = None
    size: Size | None = None
    in_channels: int | None = None
    label: str = ""
    line: int = 0


class Output(NamedTuple):
    """What a file claims about the network's output, and on which line; `same_as_input`: the size comes back."""

    channels: int | None = None
    size: Size | None = None
    same_as_input: bool = False
    line: int = 0


class Architecture(NamedTuple):
    """A network with `ndim` spatial axes: a signal of `channels` and `size` (None: left open) through its blocks."""

    blocks: tuple[Block, ...]
    ndim: int
    channels: int = 1
    size: Size | None = None
    output: Output = Output()
    name: str = ""


def title(block: Block, index: int) -> str:
    """What a block is called in sentences: its label, or its kind and its number, counted from 1."""
    return f"{block.label!r}" if block.label else f"layer {index + 1} ({block.kind})"
