"""The layers in a traceback's lines of code: parsed as data, never executed, what a framework refuses taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from tconv_design.diagnosis.known import Known, Sides, Sizes, changed
from tconv_design.dialects.call import Call, Program, parse
from tconv_design.dialects.catalogue import ENTRIES, dialect, dialect_of
from tconv_design.dialects.keras_words import named_rule
from tconv_design.dialects.reading import Fixed, Hints, Reading, array_shape
from tconv_design.errors import TconvDesignError
from tconv_design.layer import Axis
from tconv_design.padding import stretched

MOST_LINES = 40
"""So many lines with a layer are read, the last ones."""

_NAMES = "|".join(
    sorted({re.escape(name) for entry in ENTRIES.values() for name in entry.names}, key=len, reverse=True)
)
_LAYER = re.compile(rf"\b(?:{_NAMES})\(")
_MARK = re.compile(r"^\s*(?:-+>|\d+\s|>+|E\s)*\s*(?:\d+\s)?")
"""What IPython (`----> 3`) and pytest (`>`) put before a line."""

_UNDERLINE = re.compile(r"[~^\s]*")
"""What Python puts under the part of a line that failed."""

_MOST_OF_A_CALL = 16
_LAYER_OF_KERAS = re.compile(r"Conv(?:olution)?[123]D(?:Transpose)?")
_MAY_GO = ("padding", "output_padding", "pads", "auto_pad", "dilation_rate", "output_shape", "output_size")
_POSITION_OF_PADDING = {"conv_transpose": 3, "conv_general_dilated": 3}


def layers(text: str, hints: Hints) -> Iterator[Known]:
    """What the lines say of a layer, the last line first."""
    lines = text.splitlines()
    places = [place for place, line in enumerate(lines) if len(line) < 2_000 and _LAYER.search(line)]
    for place in reversed(places[-MOST_LINES:]):
        for known in _in_line(_whole(lines[place : place + _MOST_OF_A_CALL]), hints):
            if known.is_sound and known.kernel is not None:
                yield known


def _whole(lines: Sequence[str]) -> str:
    """The first line, with those after it that a call goes on to; alone where its brackets never close."""
    first = joined = _MARK.sub("", lines[0]).strip()
    for line in lines[1:]:
        if joined.count("(") <= joined.count(")"):
            return joined
        part = _MARK.sub("", line).partition("#")[0].strip()
        if _UNDERLINE.fullmatch(part) is None:
            joined = f"{joined.partition('#')[0]} {part}"
    return joined if joined.count("(") <= joined.count(")") else first


def _in_line(line: str, hints: Hints) -> Iterator[Known]:
    for code in (line, line.removesuffix(","), line.partition("=")[2], re.sub(r"\\$", "", line)):
        try:
            program = parse(code)
        except TconvDesignError:
            continue
        for call in program.calls:
            name = dialect_of(call)
            known = _known(program, call, name, hints) if name else None
            if known is not None:
                yield known
        return


def _known(program: Program, call: Call, name: str, hints: Hints) -> Known | None:
    """The call as it stands, or without the arguments that keep it from being read, which are then taken as written."""
    for reduced, taken in _reductions(call):
        try:
            reading = dialect(name).read(program, reduced, hints)
            in_ = _in(program, call, reading)
            known = _with_taken(_from_reading(reading, in_, call), taken, reading.ndim)
            return _named_beside(known, taken, reading)
        except (TconvDesignError, ImportError, TypeError, ValueError):
            continue
    return None


def _reductions(call: Call) -> Iterator[tuple[Call, dict[str, Any]]]:
    yield call, {}
    present = [name for name in _MAY_GO if name in call.keywords]
    for gone in [*([name] for name in present), present]:
        kept = {name: value for name, value in call.keywords.items() if name not in gone}
        yield call._replace(keywords=kept), {name: call.keywords[name] for name in gone}
    position = _POSITION_OF_PADDING.get(call.last, len(call.args))
    if position < len(call.args):
        args = (*call.args[:position], "VALID", *call.args[position + 1 :])
        yield call._replace(args=args), {"padding": call.args[position]}


def _from_reading(reading: Reading, in_: Sizes | None, call: Call) -> Known:
    padding, extra = _pads(reading, in_)
    word = ""
    if padding is None:
        padding, word = _as_written(reading, call)
    out = _out(call, reading) if reading.kind == "tconv" else None
    return Known(
        reading.kind,
        in_,
        out,
        reading.kernel,
        reading.stride,
        padding,
        extra,
        reading.dilation,
        reading.groups,
        reading.in_channels,
        reading.out_channels,
        word,
    )


def _pads(reading: Reading, in_: Sizes | None) -> tuple[Sides | None, Sizes | None]:
    """The padding and output_padding of a reading, None where they depend on an input size that is not known."""
    if in_ is None and not all(isinstance(rule, Fixed) for rule in reading.rules):
        return None, None
    try:
        pads = reading.pads(in_ or (1,) * reading.ndim)
    except TconvDesignError:
        return None, None
    if reading.kind == "tconv":
        pads = tuple(p if min(p) >= 0 else stretched(p[0], p[1] - p[2]) for p in pads)
    if min(side for begin, end, _ in pads for side in (begin, end)) < 0:
        return None, None
    return tuple((begin, end) for begin, end, _ in pads), tuple(extra for _, _, extra in pads)


def _as_written(reading: Reading, call: Call) -> tuple[Sides | None, str]:
    """The padding of a call that is refused for another reason: numbers, or a word that they depend on."""
    written = reading.words.padding if reading.words else _said(call, reading.ndim)
    if not isinstance(written, str):
        return written, ""
    is_none = written.lower() in ("valid", "notset")
    return (((0, 0),) * reading.ndim, "") if is_none else (None, "same" if "same" in written.lower() else "")


def _said(call: Call, ndim: int) -> str | Sides:
    """The padding of a call whose words are not known: a number for both sides of every axis, or a word."""
    given = call.keywords.get("padding")
    values: tuple[Any, ...] = given if isinstance(given, tuple) else (given,) * ndim
    if len(values) == ndim and all(type(each) is int and each >= 0 for each in values):
        return tuple((each, each) for each in values)
    return next(iter(_texts(call)), "valid")


def _texts(call: Call) -> list[str]:
    return [each.lower() for each in (*call.args, *call.keywords.values()) if isinstance(each, str)]


def _with_taken(known: Known, taken: dict[str, Any], ndim: int) -> Known:
    """The arguments that were taken out, as far as they are numbers or words."""
    for name, value in taken.items():
        values = value if isinstance(value, tuple) else (value,) * ndim
        whole = all(isinstance(each, int) and not isinstance(each, bool) for each in values)
        if name in ("output_padding", "dilation_rate") and whole and len(values) == ndim:
            known = changed(known, {"dilation" if name == "dilation_rate" else name: values})
        elif name == "padding" and whole and len(values) == ndim and min(values) >= 0:
            known = known._replace(padding=tuple((each, each) for each in values), word="")
        elif name == "pads" and whole and len(values) == 2 * ndim and min(values) >= 0:
            known = known._replace(padding=tuple(zip(values[:ndim], values[ndim:], strict=True)), word="")
        elif name in ("padding", "auto_pad") and isinstance(value, str) and known.word == "" and "pads" not in taken:
            known = known._replace(padding=None, word="same" if "same" in value.lower() else value.lower())
    return known


def _named_beside(known: Known, taken: dict[str, Any], reading: Reading) -> Known:
    """The pads of Keras's padding name, which hang on the output_padding and the dilation that were taken out."""
    name = reading.words.padding if reading.words else None
    if not isinstance(name, str) or not _LAYER_OF_KERAS.fullmatch(reading.call):
        return known
    if not taken.keys() & {"output_padding", "dilation_rate"} or None in (known.kernel, known.stride, known.dilation):
        return known
    steps = zip(known.kernel or (), known.stride or (), known.dilation or (), strict=True)
    extras = (known.output_padding or ()) if "output_padding" in taken else (None,) * reading.ndim
    rules = [
        named_rule(known.kind or "tconv", name, reading.ndim, Axis(k, s, dilation=d), extra)
        for (k, s, d), extra in zip(steps, extras, strict=True)
    ]
    if known.in_ is None and not all(isinstance(rule, Fixed) for rule in rules):
        return known._replace(padding=None, word=name)
    pads = [rule(size) for rule, size in zip(rules, known.in_ or (1,) * reading.ndim, strict=True)]
    ends = [end - extra + (given or 0) for (_, end, extra), given in zip(pads, extras, strict=True)]
    if min(ends) < 0:
        return known
    sides = tuple((begin, end) for (begin, _, _), end in zip(pads, ends, strict=True))
    return known._replace(padding=sides, output_padding=tuple(given or 0 for given in extras), word="")


def _in(program: Program, call: Call, reading: Reading) -> Sizes | None:
    """The input size, where the array that goes in is made on the spot."""
    shapes = [array_shape(call.args[0])] if call.args else []
    for outer in program.calls:
        if outer.args and outer.text.startswith(f"{call.text}("):
            shapes.append(array_shape(outer.args[0]))
    for shape in shapes:
        if shape is not None and len(shape) in (reading.ndim + 1, reading.ndim + 2):
            inner = shape[-reading.ndim - 1 :]
            return inner[:-1] if reading.layout.channels_last else inner[1:]
    return None


def _out(call: Call, reading: Reading) -> Sizes | None:
    """The output_shape or output_size that is asked for."""
    shape = call.keywords.get("output_shape", call.keywords.get("output_size"))
    if shape is None and reading.dialect == "tensorflow" and len(call.args) > 2:
        shape = call.args[2]
    if not isinstance(shape, tuple) or not all(isinstance(each, int) for each in shape):
        return None
    if len(shape) == reading.ndim + 2:
        shape = shape[1:-1] if reading.layout.channels_last else shape[2:]
    return shape if len(shape) == reading.ndim else None
