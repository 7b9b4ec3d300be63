"""tinygrad's words: Conv and ConvTranspose modules and methods, of any number of axes, padded last axis first."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Program, Signature, bind, numbers, written
from tconv_design.dialects.layout import CANONICAL
from tconv_design.dialects.reading import Fixed, Hints, Reading, Rule, array_shape, hinted_kernel
from tconv_design.dialects.strict import given_channels, per_axis, positive
from tconv_design.dialects.writing import Words, Written, given, short
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.wording import shown

SIDES = {
    1: "begin, end",
    2: "left, right, top, bottom",
    3: "left, right, top, bottom, front, back",
}
NO_CLANG = "on a CPU tinygrad compiles with clang; without it, set DEV=PYTHON before tinygrad is imported"

_COMMON = ("in_channels", "out_channels", "kernel_size", "stride", "padding")
_MODULE: dict[Kind, Signature] = {
    "conv": Signature((*_COMMON, "dilation", "groups", "bias")),
    "tconv": Signature((*_COMMON, "output_padding", "dilation", "groups", "bias")),
}
_METHOD: dict[Kind, tuple[str, ...]] = {
    "conv": ("weight", "bias", "groups", "stride", "dilation", "padding", "dtype"),
    "tconv": ("weight", "bias", "groups", "stride", "dilation", "padding", "output_padding"),
}


class _Asked(NamedTuple):
    """The arguments of a call, checked; `pads` are (begin, end) per axis, None where they are named."""

    call: Call
    kind: Kind
    found: dict[str, Any]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    pads: tuple[tuple[int, int], ...] | None
    extra: tuple[int, ...]

    @property
    def ndim(self) -> int:
        return len(self.kernel)


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A module or a Tensor's method; its kernel says how many axes it has, whatever its name says."""
    asked = _asked(call, hints)
    same = _same(asked)
    channels = given_channels(call, asked.found)
    groups = numbers(call, "groups", asked.found.get("groups", 1), 1)[0]
    return Reading(
        "tinygrad",
        call.last,
        asked.kind,
        asked.kernel,
        asked.stride,
        asked.dilation,
        _rules(asked, same if asked.pads is None else asked.pads),
        CANONICAL[asked.kind],
        groups,
        hints.in_channels or channels[0],
        hints.out_channels or channels[1],
        settle=_settle,
        notes=tuple(_notes(asked)),
        defect=_defect(asked, same),
        words=_words(asked, groups, channels),
    )


def _asked(call: Call, hints: Hints) -> _Asked:
    name = re.fullmatch(r"(conv)(_?transpose)?([12])d", call.last, re.IGNORECASE)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of tinygrad", "for example nn.ConvTranspose2d")
    kind: Kind = "tconv" if name[2] else "conv"
    found = bind(call, _signature(call, kind))
    kernel = _kernel(call, found, hints, int(name[3]))
    ndim = len(kernel)
    stride = _stride(call, kind, found.get("stride", 1), ndim)
    dilation = positive(call, "dilation", found.get("dilation", 1), ndim)
    extra = per_axis(call, "output_padding", found.get("output_padding", 0), ndim)
    return _Asked(call, kind, found, kernel, stride, dilation, _pads(call, found, ndim), extra)


def _signature(call: Call, kind: Kind) -> Signature:
    if call.last[0] != "c":
        return _MODULE[kind]
    # Tensor.conv2d(x, w) has its tensor first, x.conv2d(w) before the dot
    is_unbound = call.name.rpartition(".")[0].rpartition(".")[2] == "Tensor"
    return Signature(("self",) * is_unbound + _METHOD[kind])


def _kernel(call: Call, found: dict[str, Any], hints: Hints, named: int) -> tuple[int, ...]:
    """The kernel, with as many axes as it is written with; a number stands for as many as the name says."""
    if call.last[0] == "c":
        shape = array_shape(found.get("weight"))
        ndim = len(hints.kernel) if hints.kernel and len(hints.kernel) > 1 else len(shape) - 2 if shape else named
        return hinted_kernel(call, found.get("weight"), hints, ndim)
    if "kernel_size" not in found:
        raise InvalidQuestion(f"{call.last} is not given its kernel_size", "write it, as in nn.Conv2d(8, 4, 3)")
    size = found["kernel_size"]
    if isinstance(size, tuple) and (named == 1 or not 1 <= len(size) <= 3):
        wanted = "a number" if named == 1 else "1 to 3 of them"
        raise Refused(f"kernel_size {size} of {call.last} has {len(size)} entries", f"give {wanted}")
    return positive(call, "kernel_size", size, len(size) if isinstance(size, tuple) else named)


def _stride(call: Call, kind: Kind, value: Any, ndim: int) -> tuple[int, ...]:
    """The strides; a tconv takes any below 1 for 1, unless another axis has one above it."""
    found = per_axis(call, "stride", value, ndim)
    if kind == "tconv" and max(found) <= 1:
        return (1,) * ndim
    return positive(call, "stride", found, ndim)


def _pads(call: Call, found: dict[str, Any], ndim: int) -> tuple[tuple[int, int], ...] | None:
    """(begin, end) per axis, or None for "same"; a tuple has a number per axis, or two with the last axis first."""
    padding = found.get("padding", 0)
    if isinstance(padding, str):
        _check_name(call, found, padding)
        return None
    if isinstance(padding, tuple) and len(padding) == 2 * ndim:
        flat = numbers(call, "padding", padding, 2 * ndim)
        return tuple((flat[2 * axis], flat[2 * axis + 1]) for axis in reversed(range(ndim)))
    if isinstance(padding, tuple) and len(padding) != ndim:
        raise Refused(
            f"padding {padding} of {call.last} has {len(padding)} entries for {ndim} axes",
            f"give a number, one per axis, or {2 * ndim}: {SIDES[ndim]}",
        )
    return tuple((side, side) for side in numbers(call, "padding", padding, ndim))


def _check_name(call: Call, found: dict[str, Any], name: str) -> None:
    if name.lower() != "same" or call.last[0] == "c":
        raise Refused(
            f"invalid padding string {shown(name)} in {call.last}; only 'same' of a module is supported",
            "write the padding as numbers; 0 is 'valid'",
        )
    stride = found.get("stride", 1)
    if stride != 1:
        why = "; a tuple is never 1 to it" if isinstance(stride, tuple) and set(stride) == {1} else ""
        raise Refused(
            f"padding='same' is not supported for strided convolutions, and {call.last} has stride "
            f"{written(stride)}{why}",
            "drop the stride, or write the padding as numbers",
        )


def _same(asked: _Asked) -> tuple[tuple[int, int], ...]:
    """The pads of "same" as tinygrad computes them: with each axis's own kernel, but the dilations reversed."""
    totals = [d * (k - 1) for d, k in zip(reversed(asked.dilation), asked.kernel, strict=True)]
    return tuple((total // 2, total - total // 2) for total in totals)


def _rules(asked: _Asked, pads: Sequence[tuple[int, int]]) -> tuple[Rule, ...]:
    return tuple(Fixed(begin, end, extra) for (begin, end), extra in zip(pads, asked.extra, strict=True))


def _settle(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """An input without rows is fine, a result without is not."""
    if min(out) < 1:
        raise Refused(
            f"kernel size cannot be greater than actual input size: the output size would be {'x'.join(map(str, out))}",
            "crop less, or give a larger input",
        )
    return tuple(out)


def _defect(asked: _Asked, same: tuple[tuple[int, int], ...]) -> Callable[[tuple[int, ...]], str]:
    right = [(k - 1) * d for k, d in zip(asked.kernel, asked.dilation, strict=True)]
    if asked.pads is not None or [sum(pair) for pair in same] == right:
        return lambda in_size: ""
    return lambda in_size: (
        f"padding='same' pads each axis with the dilation of the other: {_joined(map(sum, same))} rows where the "
        f"kernel spans {_joined(right)} beyond one, so the size is not kept"
    )


def _joined(values: Iterable[int]) -> str:
    return "x".join(map(str, values))


def _notes(asked: _Asked) -> Iterator[str]:
    padding = asked.found.get("padding")
    if isinstance(padding, tuple) and len(padding) == 2 * asked.ndim > 2:
        yield f"tinygrad reads padding {padding} as {SIDES[asked.ndim]}; paddle reads it first axis first"
    stride = asked.found.get("stride", 1)
    if min(per_axis(asked.call, "stride", stride, asked.ndim)) < 1:
        yield f"tinygrad takes stride {stride} of a transposed convolution for 1"
    if asked.kind == "tconv" and any(extra >= s for extra, s in zip(asked.extra, asked.stride, strict=True)):
        yield "tinygrad takes any output_padding; torch only one below max(stride, dilation)"


def _words(asked: _Asked, groups: int, channels: Sequence[int | None]) -> Words:
    return Words(
        asked.kind,
        asked.kernel,
        asked.stride,
        asked.dilation,
        "same" if asked.pads is None else asked.pads,
        asked.extra if "output_padding" in asked.found else None,
        groups,
        *(each or groups for each in channels),
    )


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One tinygrad module; every canonical layer has one."""
    notes = [NO_CLANG]
    if layer.kind == "conv":
        sides, extra = layer.padding, (0,) * layer.ndim
    else:
        pads = tuple(map(_native_words, layer.axes))
        sides, extra = tuple(pad[:2] for pad in pads), tuple(pad[2] for pad in pads)
    if layer.ndim == 3:
        notes.append(f"{_name(layer.kind, 3)} takes as many axes as its kernel_size has")
    if layer.ndim > 1 and any(begin != end for begin, end in sides):
        notes.append(f"padding is {SIDES[layer.ndim]} here; paddle reads such a tuple first axis first")
    return Written(_program(_module(layer, sides, extra)), True, CANONICAL[layer.kind], tuple(notes))


def spell(words: Words) -> str | None:
    """A module with these arguments as they are."""
    if words.kind == "conv" and words.output_padding is not None:
        return None
    padding = repr(words.padding) if isinstance(words.padding, str) else _padding(words.padding)
    parts = [str(words.in_channels), str(words.out_channels), _kernel_size(words.kernel)]
    parts += [f"stride={short(words.stride)}", f"padding={padding}", f"dilation={short(words.dilation)}"]
    parts += [f"groups={words.groups}"]
    if words.output_padding is not None:
        parts.append(f"output_padding={short(words.output_padding)}")
    return _program(f"{_name(words.kind, words.ndim)}({', '.join(parts)})")


def _native_words(axis: Axis) -> tuple[int, int, int]:
    """(begin, end, output_padding): as torch has them where it has, else with a crop at each end, or rows beyond it."""
    extra = axis.pad_begin - axis.end
    if 0 <= extra < max(axis.stride, axis.dilation):
        return axis.pad_begin, axis.pad_begin, extra
    return axis.pad_begin, max(axis.end, 0), max(-axis.end, 0)


def _program(words: str) -> str:
    return f"from tinygrad import nn\n\nlayer = nn.{words}\n"


def _name(kind: Kind, ndim: int) -> str:
    return f"{'Conv' if kind == 'conv' else 'ConvTranspose'}{min(ndim, 2)}d"


def _module(layer: Layer, sides: Sequence[tuple[int, int]], output_padding: Sequence[int]) -> str:
    """The constructor call, without the arguments that are tinygrad's defaults."""
    options = [
        *given([("stride", layer.stride, 1)]),
        *([f"padding={_padding(sides)}"] if any(map(any, sides)) else []),
        *given([("output_padding", output_padding, 0), ("dilation", layer.dilation, 1), ("groups", [layer.groups], 1)]),
    ]
    arguments = ", ".join([str(layer.in_channels), str(layer.out_channels), _kernel_size(layer.kernel), *options])
    return f"{_name(layer.kind, layer.ndim)}({arguments})"


def _kernel_size(kernel: tuple[int, ...]) -> str:
    """A number stands for two axes, so three are written out."""
    return str(kernel) if len(kernel) == 3 else short(kernel)


def _padding(sides: Sequence[tuple[int, int]]) -> str:
    """One number, one per axis, or both sides of each axis from the last on."""
    if all(begin == end for begin, end in sides):
        return short(begin for begin, _ in sides)
    return str(tuple(side for pair in reversed(sides) for side in pair))
