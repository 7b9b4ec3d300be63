"""One tf.nn call as text, and what a TensorFlow says to such calls."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import NamedTuple

from tconv_design.dialects.layout import Layout
from tconv_design.dialects.writing import short
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer

VALID, SAME = '"VALID"', '"SAME"'
LAYOUTS: dict[Kind, Layout] = {"conv": Layout(True, "kiO"), "tconv": Layout(True, "koI")}


class Asked(NamedTuple):
    """What a call asks for beyond a stride and a named padding."""

    kind: Kind
    ndim: int
    dilated: bool = False
    grouped: bool = False
    explicit: bool = False

    @property
    def is_special(self) -> bool:
        """Whether it asks for anything at all."""
        return self.dilated or self.grouped or self.explicit


_KINDS: tuple[Kind, ...] = ("conv", "tconv")
SPECIAL = tuple(
    asked
    for kind, ndim in product(_KINDS, (1, 2, 3))
    for dilated, grouped, explicit in product((False, True), repeat=3)
    if (asked := Asked(kind, ndim, dilated, grouped, explicit)).is_special and (ndim == 2 or not explicit)
)
"""Everything that tf.nn has arguments for; explicit padding it has in 2-D only."""


def refused_by(refuses: Callable[[Asked], bool]) -> frozenset[Asked]:
    """Of everything special, what is refused."""
    return frozenset(filter(refuses, SPECIAL))


ONEDNN = refused_by(
    lambda asked: (
        (asked.grouped and asked.ndim == 3)
        or (asked.explicit and asked.kind == "tconv" and (asked.dilated or asked.grouped))
    )
)
"""What TensorFlow 2.21 refuses on a CPU with oneDNN, in float32; measured, as is the next."""

NO_ONEDNN = refused_by(
    lambda asked: (
        (asked.kind == "tconv" and (asked.dilated or asked.grouped))
        or (asked.ndim == 3 and (asked.dilated or asked.grouped))
    )
)
"""What it refuses without oneDNN, or in float64."""


def call_text(asked: Asked, layer: Layer, padding: str, out: tuple[int, ...]) -> str:
    """The call on `x` and `kernel`; `out` is the size that a transposed one is told to return."""
    sizes = [str(size) for size in out]
    return spelled(asked, layer, padding, f"[tf.shape(x)[0], {', '.join(sizes)}, {channels(asked, layer)}]")


def spelled(asked: Asked, layer: Layer, padding: str, output_shape: str) -> str:
    """The call with an output_shape of any expression."""
    transposed = layer.kind == "tconv"
    name = f"conv{layer.ndim}d" + ("_transpose" if transposed else "")
    words = ["x", "kernel", *[output_shape] * transposed]
    words.append(f"{'stride' if name == 'conv1d' else 'strides'}={_steps(layer.stride, name)}")
    words.append(f"padding={padding}")
    if asked.dilated:
        words.append(f"dilations={_steps(layer.dilation, name)}")
    return f"tf.nn.{name}({', '.join(words)})"


def channels(asked: Asked, layer: Layer) -> int:
    """The output channels of a call: of all groups where it is asked for them, else of one."""
    return layer.out_channels // (1 if asked.grouped else layer.groups)


def explicit_padding(layer: Layer) -> str:
    """`[[0, 0], [1, 1], [1, 1], [0, 0]]`; a net end padding below 0 is left to the output_shape."""
    return str([[0, 0], *([axis.pad_begin, max(axis.end, 0)] for axis in layer.axes), [0, 0]])


def tiny(asked: Asked) -> tuple[str, list[int], list[int]]:
    """The smallest call that asks for this, and the shapes of its `x` and `kernel`: what does an installed one say?"""
    groups = 2 if asked.grouped else 1
    axis = Axis(kernel=2, pad_begin=int(asked.explicit), dilation=2 if asked.dilated else 1)
    layer = Layer(asked.kind, (axis,) * asked.ndim, groups, in_channels=groups, out_channels=groups)
    padding = explicit_padding(layer) if asked.explicit else VALID
    text = call_text(asked, layer, padding, layer.output_size((3,) * asked.ndim))
    return text, [1, *[3] * asked.ndim, groups], [*[2] * asked.ndim, 1, groups]


def _steps(values: tuple[int, ...], name: str) -> str:
    """The same in every axis, or one per axis; conv3d alone wants batch and channels too."""
    return str([1, *values, 1]) if name == "conv3d" else short(values)
