"""What is known of a layer: some of its numbers, from a message, from source lines and from the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.layer import Axis
from tconv_design.question import OPTIONS
from tconv_design.values import parse_values, split_axes
from tconv_design.wording import did_you_mean, shown

Sizes = tuple[int, ...]
Sides = tuple[tuple[int, int], ...]

PER_AXIS = ("in_", "out", "kernel", "stride", "padding", "output_padding", "dilation")
_COUNTS = ("groups", "in_channels", "out_channels")
_DEFAULTS: dict[str, Any] = {"stride": 1, "padding": (0, 0), "output_padding": 0, "dilation": 1}


class Known(NamedTuple):
    """Numbers of a layer, None where they are not known; per axis, or one entry that stands for every axis.

    `word` is a padding that is no number (`same`). `assumed` names what stands here only because it is the
    frameworks' default.
    """

    kind: Kind | None = None
    in_: Sizes | None = None
    out: Sizes | None = None
    kernel: Sizes | None = None
    stride: Sizes | None = None
    padding: Sides | None = None
    output_padding: Sizes | None = None
    dilation: Sizes | None = None
    groups: int | None = None
    in_channels: int | None = None
    out_channels: int | None = None
    word: str = ""
    assumed: tuple[str, ...] = ()

    @property
    def ndim(self) -> int:
        """Number of spatial axes: as many as the longest entry has."""
        return max(len(getattr(self, name) or ()) for name in PER_AXIS)

    @property
    def is_layer(self) -> bool:
        """Whether the layer is known, however illegal, up to its input size."""
        return self.kernel is not None and self.padding is not None and self.is_sound

    @property
    def is_sound(self) -> bool:
        """Whether the numbers can be those of a layer: none is less than a framework could have been given."""
        least = {"kernel": 1, "stride": 1, "dilation": 1, "in_": 1, "output_padding": 0}
        values = [(value, low) for name, low in least.items() for value in getattr(self, name) or ()]
        values += [(side, 0) for pair in self.padding or () for side in pair]
        values += [(getattr(self, name), 1) for name in _COUNTS if getattr(self, name) is not None]
        return 1 <= self.ndim <= 3 and all(low <= value <= MAX_SIZE for value, low in values)

    def axes(self) -> tuple[Axis, ...]:
        """The numbers of each axis of a known layer, legal or not; a padding that is a word counts as none."""
        padding = self.padding or ((0, 0),) * self.ndim
        rows = zip(
            *(getattr(self, n) for n in ("kernel", "stride", "output_padding", "dilation")), padding, strict=True
        )
        return tuple(Axis(k, s, begin, end, op, d) for k, s, op, d, (begin, end) in rows)

    def written(self) -> dict[str, Any] | None:
        """The layer in the public form, even where it breaks a rule; None where it is not known."""
        if not self.is_layer:
            return None
        axes, groups = self.axes(), self.groups or 1
        per_axis = {n: [getattr(axis, n) for axis in axes] for n in ("kernel", "stride", "output_padding", "dilation")}
        return {
            "kind": self.kind,
            **per_axis,
            "padding": [[axis.pad_begin, axis.pad_end] for axis in axes],
            "groups": groups,
            "in_channels": self.in_channels or groups,
            "out_channels": self.out_channels or groups,
        }


def asked(options: Mapping[str, Any]) -> Known:
    """What a user says with the usual options of a layer, as text. Raises InvalidQuestion where one is no number."""
    found: dict[str, Any] = {}
    for name, value in options.items():
        if name not in OPTIONS or name in ("tied", "dialect"):
            raise InvalidQuestion(f"unknown option {shown(name)}", did_you_mean(name, OPTIONS))
        text = str(value)
        if name == "kind":
            found["kind"] = _kind(text)
        elif name in _COUNTS:
            found[name] = _number(name, text, 1)
        elif name == "padding":
            found |= _padding(text)
        else:
            least = 0 if name == "output_padding" else 1
            found["in_" if name == "in" else name] = tuple(
                _number(name, each, least) for each in split_axes(name, text)
            )
    return Known(**found)


def merged(message: Known, source: Known, user: Known, least_axes: int = 0) -> Known:
    """All that is known, the message's own numbers first, defaults last, on `least_axes` or more.

    Raises InvalidQuestion where the user contradicts the message, or where the numbers of axes do not go together.
    """
    fields: dict[str, Any] = {}
    for name in Known._fields:
        said, options = getattr(message, name), getattr(user, name)
        if name in (*PER_AXIS, *_COUNTS, "kind") and said is not None and options is not None:
            _check(name, said, options)
        fields[name] = next((v for v in (said, options, getattr(source, name)) if v not in (None, "", ())), None)
    if user.padding is not None:
        fields["word"] = ""
    fields["word"] = fields["word"] or ""
    known = Known(**fields | {"assumed": ()})
    ndim = max(known.ndim, least_axes)
    for name in PER_AXIS:
        entries = getattr(known, name)
        if entries is not None and len(entries) not in (1, ndim):
            raise InvalidQuestion(
                f"{name.rstrip('_')} has {len(entries)} axes, and the message is about {ndim}", "give one per axis"
            )
    spread = {name: entries * ndim for name in PER_AXIS if len(entries := getattr(known, name) or ()) == 1}
    return _with_defaults(changed(known, spread), ndim)


def changed(known: Known, values: Mapping[str, Any]) -> Known:
    """The same with other values by name."""
    return Known(**known._asdict() | dict(values))


def _with_defaults(known: Known, ndim: int) -> Known:
    """Where the kernel is known, what nobody said is what the frameworks default to."""
    known = known._replace(kind=known.kind or "tconv")
    if known.kernel is None:
        return known
    missing = [name for name in _DEFAULTS if getattr(known, name) is None and not (name == "padding" and known.word)]
    values: dict[str, Any] = {name: (_DEFAULTS[name],) * ndim for name in missing}
    return changed(known, values | {"assumed": tuple(n for n in missing if n in ("stride", "padding"))})


def _check(name: str, said: Any, options: Any) -> None:
    longest = max(len(said), len(options)) if isinstance(said, tuple) else 0
    same = (said * longest)[:longest] == (options * longest)[:longest] if longest else said == options
    if not same:
        word = name.rstrip("_")
        raise InvalidQuestion(
            f"the message has {word} {_text(said)}, and --{word.replace('_', '-')} says {_text(options)}",
            f"drop --{word.replace('_', '-')}, or paste the message of that layer",
        )


def _text(value: Any) -> str:
    if not isinstance(value, tuple):
        return str(value)
    parts = [":".join(map(str, each)) if isinstance(each, tuple) else str(each) for each in value]
    return parts[0] if len(set(parts)) == 1 else "x".join(parts)


def _kind(text: str) -> Kind:
    if text not in ("conv", "tconv"):
        raise InvalidQuestion(f"kind {shown(text)} is neither conv nor tconv", did_you_mean(text, ("conv", "tconv")))
    return "conv" if text == "conv" else "tconv"


def _number(name: str, text: str, least: int) -> int:
    values = parse_values(name, text, least)
    if values is None or values.size != 1:
        raise InvalidQuestion(f"{name} must be a number here, got {shown(text)}", "give the layer's own number")
    return values.low


def _padding(text: str) -> dict[str, Any]:
    if text.isalpha():
        return {"word": text.lower()}
    sides = []
    for part in split_axes("padding", text):
        begin, colon, end = part.partition(":")
        sides.append((_number("padding", begin, 0), _number("padding", end if colon else begin, 0)))
    return {"padding": tuple(sides)}
