"""What may stand in an architecture file: the keys of each kind of layer, and the form of their values."""

from __future__ import annotations

from typing import Literal

from tconv_design.architecture.model import BlockKind

Form = Literal[
    "values",  # numbers per axis, or unknowns
    "numbers",  # numbers per axis
    "padding",  # per axis begin:end or one number for both, unknowns, or a policy's name
    "named or numbers",  # the same without unknowns
    "amounts",  # per axis begin:end, or one number for both
    "sides",  # how a join splits rows: center, ?, 5:?, 1:0
    "size",  # numbers per axis, as a size
    "size or ?",  # the same, or left open
    "size or input",  # the same, or that of the input
    "count",
    "flag",
    "dialect",
    "mode",
    "label",
    "labels",
]
Keys = dict[str, Form]

_LINKS: Keys = {"label": "label", "repeat": "count", "from": "label", "in_channels": "count"}
_ANY: Keys = {**_LINKS, "size": "size"}
_CHANNELS: Keys = {"channels": "count", "out_channels": "count"}
_CONV: Keys = {
    **_ANY,
    **_CHANNELS,
    "kernel": "values",
    "stride": "values",
    "padding": "padding",
    "dilation": "values",
    "groups": "count",
    "bias": "flag",
    "dialect": "dialect",
}
_POOL: Keys = {
    **_ANY,
    "kernel": "numbers",
    "stride": "numbers",
    "padding": "named or numbers",
    "ceil_mode": "flag",
    "dialect": "dialect",
}
_TRIM: Keys = {**_ANY, "padding": "amounts", "like": "label"}
_JOIN: Keys = {**_ANY, "labels": "labels", "crop": "sides", "pad": "sides"}

KEYS: dict[BlockKind, Keys] = {
    "conv": _CONV,
    "tconv": {**_CONV, "output_padding": "values"},
    "max_pool": {**_POOL, "dilation": "numbers"},
    "avg_pool": _POOL,
    "upsample": {**_ANY, "scale": "numbers", "mode": "mode"},
    "pixel_shuffle": {**_ANY, "scale": "numbers"},
    "pad": _TRIM,
    "crop": _TRIM,
    "concat": _JOIN,
    "add": _JOIN,
    "flatten": _LINKS,
    "unflatten": {**_LINKS, "size": "size"},
    "linear": {**_LINKS, **_CHANNELS, "bias": "flag"},
}
"""The keys of each kind besides `kind` itself."""

REQUIRED: dict[BlockKind, tuple[str, ...]] = {
    "conv": ("kernel",),
    "tconv": ("kernel",),
    "max_pool": ("kernel",),
    "avg_pool": ("kernel",),
    "upsample": ("scale",),
    "pixel_shuffle": ("scale",),
    "concat": ("labels",),
    "add": ("labels",),
    "unflatten": ("size",),
}

OWN = ("kind", "label", "from", "labels", "like", "size", "repeat", "in_channels")
"""Keys that a layer has for itself: `[defaults]` does not give them."""

DEFAULTS: Keys = {key: form for keys in reversed(KEYS.values()) for key, form in keys.items() if key not in OWN}
"""The keys of `[defaults]`, with the widest form that a kind takes."""

NOT_BY_DEFAULT: dict[BlockKind, tuple[str, ...]] = {"pad": ("padding",), "crop": ("padding",)}
"""What a kind says itself all the same: the amounts of a pad or crop are the layer, not a setting."""

TOP = ("name", "input", "output", "dialect", "defaults", "layers")
ENDS: dict[str, Keys] = {
    "input": {"channels": "count", "size": "size or ?"},
    "output": {"channels": "count", "size": "size or input"},
}
MODES = ("nearest", "linear")

AXIS_KEYS = ("kernel", "stride", "padding", "output_padding", "dilation", "scale", "size", "crop", "pad")
"""The keys whose values have entries per axis."""

LEAST = {"padding": 0, "output_padding": 0, "crop": 0, "pad": 0}
"""The least number of a key; 1 for all others."""
