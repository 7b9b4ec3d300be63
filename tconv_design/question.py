"""From what a user wrote (`{"in": "4", "out": "16", "kernel": "1..7"}`) to a question about every axis.

This is where the documented defaults, the search box and the kind are decided, and where a wrong question is refused
with a sentence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, get_args

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE, Kind
from tconv_design.padding import DIALECTS, POLICIES, Policy, policy
from tconv_design.unknowns import AxisQuestion
from tconv_design.values import Values, parse_values, split_axes
from tconv_design.wording import did_you_mean, shown

KERNEL_BOX = Values.between(1, 16)
STRIDE_BOX = Values.between(1, 8)
DILATION_BOX = Values.between(1, 8)
SIZES = Values.between(1, MAX_SIZE)
ANY_OUTPUT_PADDING = Values.between(0, MAX_SIZE)
"""Left open: the solver keeps it below max(stride, dilation) of each layer."""

AXIS_OPTIONS = ("in", "out", "kernel", "stride", "padding", "output_padding", "dilation")
_BOXES = {"kernel": KERNEL_BOX, "stride": STRIDE_BOX, "dilation": DILATION_BOX}
_COUNTS = ("groups", "in_channels", "out_channels")
OPTIONS = (*AXIS_OPTIONS, *_COUNTS, "kind", "dialect", "tied")


class PolicyQuestion(NamedTuple):
    """What is asked about one axis whose padding is a policy: a dialect's name instead of numbers.

    `output_padding` is None where it has no values: the dialect then chooses it. `may_choose`: or one of the values.
    """

    kind: Kind
    in_: Values
    out: Values
    kernel: Values
    stride: Values
    dilation: Values
    output_padding: Values | None
    policy: Policy
    may_choose: bool = False


class AxisAsked(NamedTuple):
    """One axis of a question: its numbers, which symbols are unknown, and which of those stay in the default box."""

    numbers: AxisQuestion | PolicyQuestion
    unknown: tuple[str, ...]
    boxed: tuple[str, ...] = ()


class Question(NamedTuple):
    """A whole question: one AxisAsked per spatial axis, and what holds for the layer."""

    kind: Kind
    axes: tuple[AxisAsked, ...]
    groups: int = 1
    in_channels: int = 1
    out_channels: int = 1
    tied: bool = False
    query: dict[str, Any] = {}  # noqa: RUF012 - never changed

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.axes)


def ask(options: Mapping[str, Any]) -> Question:
    """Build a question from options named as in `OPTIONS`; values are text, ints or sequences, None is omitted.

    Raises InvalidQuestion with the rule and the nearest fix where no answer can exist.
    """
    given = {name: value for name, value in options.items() if value is not None}
    for name in given:
        if name not in OPTIONS:
            raise InvalidQuestion(f"unknown option {name!r}", did_you_mean(name, OPTIONS))
    texts = {name: _text(name, given[name]) for name in AXIS_OPTIONS if name in given}
    named = _policy_name(texts.get("padding", ""))
    parts = {name: split_axes(name, text) for name, text in texts.items() if not (name == "padding" and named)}
    ndim = _axes_of(parts)
    rows = [{name: part[axis if len(part) > 1 else 0] for name, part in parts.items()} for axis in range(ndim)]
    _need_a_size(rows)
    searching = any("?" not in (row.get("in", "?"), row.get("out", "?")) for row in rows)
    kind = _kind(given.get("kind"), rows)
    dialect = _dialect(given.get("dialect"))
    rule = policy(kind, named, dialect, ndim) if named else None
    axes = tuple(_axis(kind, row, searching, rule) for row in rows)
    query = {name: texts.get(name, value) for name, value in given.items()}
    return Question(kind, axes, *_counts(given), tied=_tied(given.get("tied", False)), query=query)


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        raise InvalidQuestion(f"{name} must be a number or text, got {value}")
    if isinstance(value, int):
        return _digits(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and len(value):
        if name == "padding":
            return "x".join(":".join(map(_digits, v)) if isinstance(v, Sequence) else _digits(v) for v in value)
        return "x".join(_text(name, part) for part in value)
    if not isinstance(value, str) or not value.strip():
        raise InvalidQuestion(
            f"{name} is empty or of no known form: {shown(str(value))}", "write for example 4, 4x6 or ?"
        )
    return value.strip()


def _digits(value: Any) -> str:
    """An int as text; Python refuses to print ints of thousands of digits."""
    if isinstance(value, int) and abs(value) > 10 * MAX_SIZE:
        return "9" * 20 if value > 0 else "-1"
    return str(value)


def _policy_name(text: str) -> str:
    """The policy that a padding text names, or nothing if it holds numbers. Raises InvalidQuestion for another word."""
    word = text.lower()
    if word in POLICIES or not word.replace("_", "").isalpha() or word == "x":
        return word if word in POLICIES else ""
    raise InvalidQuestion(f"padding {shown(text)} is no known policy", did_you_mean(word, POLICIES))


def _dialect(name: Any) -> str:
    if name is None:
        return "torch"
    if str(name) not in DIALECTS:
        raise InvalidQuestion(f"unknown dialect {shown(str(name))}", did_you_mean(str(name), DIALECTS))
    return str(name)


def _axes_of(parts: Mapping[str, Sequence[str]]) -> int:
    longest = max(parts, key=lambda name: len(parts[name]), default="in")
    ndim = len(parts.get(longest, ["?"]))
    for name, entries in parts.items():
        if len(entries) not in (1, ndim):
            raise InvalidQuestion(
                f"{name} has {len(entries)} axes and {longest} has {ndim}", "give one value, or one per axis, to each"
            )
    return ndim


def _need_a_size(rows: Sequence[Mapping[str, str]]) -> None:
    for row in rows:
        if row.get("in", "?") == "?" and row.get("out", "?") == "?":
            raise InvalidQuestion("neither in nor out is given, so nothing can be solved", "give --in, --out or both")


def _kind(given: Any, rows: Sequence[Mapping[str, str]]) -> Kind:
    if given is not None:
        if given not in get_args(Kind):
            raise InvalidQuestion(
                f"kind {shown(str(given))} is neither conv nor tconv", did_you_mean(str(given), get_args(Kind))
            )
        return "conv" if given == "conv" else "tconv"
    pairs = [(parse_values("in", row.get("in", "?"), 1), parse_values("out", row.get("out", "?"), 1)) for row in rows]
    known = [(in_, out) for in_, out in pairs if in_ and out]
    shrinks = any(out.high < in_.low for in_, out in known)
    grows_or_unclear = any(out.high >= in_.low and out != in_ for in_, out in known)
    return "conv" if shrinks and not grows_or_unclear else "tconv"


def _counts(given: Mapping[str, Any]) -> tuple[int, int, int]:
    groups = _count("groups", given.get("groups", 1))
    channels = [_count(name, given.get(name, groups)) for name in _COUNTS[1:]]
    for name, value in zip(_COUNTS[1:], channels, strict=True):
        if value % groups:
            fix = -(-value // groups) * groups
            raise InvalidQuestion(f"{name} {value} must be a multiple of groups {groups}", f"use {name} {fix}")
    return groups, channels[0], channels[1]


def _count(name: str, value: Any) -> int:
    values = parse_values(name, _text(name, value), 1)
    if values is None or values.size != 1:
        raise InvalidQuestion(f"{name} must be one whole number, got {shown(str(value))}")
    return values.low


def _tied(value: Any) -> bool:
    if not isinstance(value, bool):
        raise InvalidQuestion(f"tied must be true or false, got {shown(str(value))}")
    return value


def _axis(kind: Kind, row: Mapping[str, str], searching: bool, rule: Policy | None) -> AxisAsked:
    sizes = {name: parse_values(name, row.get(name, "?"), 1) or SIZES for name in ("in", "out")}
    factors = {name: _factor(name, row.get(name), searching) for name in ("kernel", "stride", "dilation")}
    common = (kind, sizes["in"], sizes["out"], factors["kernel"], factors["stride"], factors["dilation"])
    unknown = [name for name, values in {**sizes, **factors}.items() if values.size > 1]
    extra = _output_padding(kind, row.get("output_padding"), searching, factors, tuple(unknown))
    if kind == "tconv" and extra.size > 1:
        unknown.append("output_padding")
    if rule is not None:
        is_open = row.get("output_padding", "?") == "?"
        given = extra if kind == "tconv" and (not is_open or "output_padding" in unknown) else None
        return AxisAsked(PolicyQuestion(*common, given, rule, is_open), tuple(unknown))
    begin, end, below = _padding(row.get("padding"), searching, factors)
    if kind == "tconv" and extra.size > 1 and row.get("output_padding", "?") == "?":
        extra = ANY_OUTPUT_PADDING
    numbers = AxisQuestion(*common, begin, end or Values.one(0), extra, symmetric=end is None, below_kernel=below)
    if begin.size > 1 or (end is not None and end.size > 1):
        unknown.append("padding")
    boxed = tuple(name for name in unknown if row.get(name, "?") == "?" and name in (*_BOXES, "padding"))
    return AxisAsked(numbers, tuple(unknown), boxed)


def _factor(name: str, text: str | None, searching: bool) -> Values:
    """Kernel, stride or dilation: given, or its part of the default box, or the frameworks' default 1."""
    if text is not None:
        return parse_values(name, text, 1) or _BOXES[name]
    if name == "kernel" and not searching:
        raise InvalidQuestion(
            "kernel is missing: with only one of in and out, the layer must be known",
            "give --kernel, for example --kernel 3, or --kernel ? to try 1..16",
        )
    return _BOXES[name] if searching and name != "dilation" else Values.one(1)


def _output_padding(
    kind: Kind, text: str | None, searching: bool, factors: Mapping[str, Values], unknown: tuple[str, ...]
) -> Values:
    limit = max(factors["stride"].high, factors["dilation"].high)
    if text is None or text == "?":
        return Values.between(0, limit - 1) if kind == "tconv" and (searching or text == "?") else Values.one(0)
    values = parse_values("output_padding", text, 0) or Values.one(0)
    if kind == "conv":
        if 0 not in values:
            raise InvalidQuestion(f"a conv has no output_padding, got {text}", "drop it, or use --kind tconv")
        return Values.one(0)
    if values.size == 1 and unknown in (("stride",), ("dilation",)) and factors[unknown[0]] is _BOXES[unknown[0]]:
        return values  # the stride or dilation that it needs may lie beyond the box: a single unknown is not searched
    if values.low >= limit:
        raise InvalidQuestion(
            f"output_padding {text} must be less than max(stride {factors['stride']}, "
            f"dilation {factors['dilation']}) = {limit}: "
            "it chooses among the sizes that a stride makes ambiguous, and there are no more",
            f"use output_padding {'0' if limit == 1 else f'0..{limit - 1}'}, or stride {values.low + 1}",
        )
    return Values(tuple(values.within(0, limit - 1)))


def _padding(
    text: str | None, searching: bool, factors: Mapping[str, Values]
) -> tuple[Values, Values | None, tuple[str, ...]]:
    """(begin, end or None if begin = end, the sides that stay below the effective kernel)."""
    box = Values.between(0, factors["dilation"].high * (factors["kernel"].high - 1))
    if text is None and not searching:
        return Values.one(0), None, ()
    begin_text, colon, end_text = (text or "?").partition(":")
    begin = parse_values("padding", begin_text, 0)
    if not colon:
        return begin or box, None, () if begin else ("pad_begin",)
    end = parse_values("padding", end_text, 0)
    below = tuple(name for name, side in (("pad_begin", begin), ("pad_end", end)) if side is None)
    return begin or box, end or box, below
