"""The arguments of tf.nn's convolutions, as TensorFlow takes them."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call, Opaque, Signature, bind, numbers, written
from tconv_design.dialects.tensorflow_calls import NO_ONEDNN, ONEDNN, Asked
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.wording import shown

NO_ONEDNN_RUNTIME = "no-onednn"

Sides = tuple[tuple[int, int], ...]
"""Explicit padding, (begin, end) per spatial axis."""

_LAST = ("data_format", "dilations", "name")
_CONV1D = Signature(("input", "filters", "stride", "padding", *_LAST))
_CONV = Signature(("input", "filters", "strides", "padding", *_LAST))
_TRANSPOSED = Signature(("input", "filters", "output_shape", "strides", "padding", *_LAST))
_BACKPROP = Signature(
    (
        *("output_shape", "filter", "input", "strides", "padding", "use_cudnn_on_gpu"),
        *("data_format", "dilations", "name", "filters"),
    )
)
_NAME = re.compile(r"conv([123])d(_transpose|_backprop_input)?|conv(_transpose)|convolution")
_FORMATS = {1: "NWC", 2: "NHWC", 3: "NDHWC"}


class Asking(NamedTuple):
    """A call of tf.nn: its kind, its axes where its name tells them, and its arguments by name."""

    call: Call
    kind: Kind
    ndim: int | None
    found: dict[str, Any]

    @property
    def stride(self) -> str:
        """What its stride is called."""
        return "stride" if self.call.last == "conv1d" else "strides"

    @property
    def places(self) -> tuple[int, int]:
        """The places of input and kernel among the arguments."""
        return (2, 1) if self.call.last.endswith("backprop_input") else (0, 1)

    @property
    def channels_last(self) -> bool:
        """Whether the data format has channels last, as the default has."""
        return not str(self.found.get("data_format") or "").startswith("NC")


def asking(call: Call) -> Asking:
    """A call with its arguments. Raises InvalidQuestion for arguments that it does not take."""
    name = _NAME.fullmatch(call.last)
    if name is None:
        raise InvalidQuestion(f"{shown(call.last)} is no convolution of tf.nn", "for example tf.nn.conv2d")
    kind: Kind = "tconv" if name[2] or name[3] else "conv"
    if name[2] == "_backprop_input":
        signature = _BACKPROP
        call = call._replace(keywords={_renamed(key): value for key, value in call.keywords.items()})
    else:
        signature = _TRANSPOSED if kind == "tconv" else _CONV1D if call.last == "conv1d" else _CONV
    found = bind(call, signature)
    if "filter" in found:
        found.setdefault("filters", found.pop("filter"))
    missing = [each for each in signature.positional[2:4] if each not in found and each not in _defaults(call, kind)]
    if missing:
        example = (
            "output_shape=[1, 8, 8, 3]" if missing[0] == "output_shape" else f"{missing[0]}={_EXAMPLES[missing[0]]}"
        )
        raise Refused(f"{call.last} needs {' and '.join(missing)}", f"write it, as in {example}")
    return Asking(call, kind, int(name[1]) if name[1] else None, found)


_EXAMPLES = {"stride": "2", "strides": "2", "padding": '"SAME"', "input": "x", "filters": "kernel"}


def _renamed(name: str) -> str:
    return {"input_sizes": "output_shape", "out_backprop": "input"}.get(name, name)


def _defaults(call: Call, kind: Kind) -> tuple[str, ...]:
    if call.last == "convolution":
        return ("strides", "padding")
    return ("padding", "input") if kind == "tconv" else ()


def check_format(asked: Asking, ndim: int) -> None:
    """Raises Refused for a data format that the call does not know."""
    last = _FORMATS[ndim]
    given = asked.found.get("data_format")
    if given not in (None, last, f"NC{last[1:-1]}"):
        raise Refused(
            f"data_format of {asked.call.last} is {written(given)}", f'TensorFlow knows "{last}" and "NC{last[1:-1]}"'
        )


def steps(asked: Asking, name: str, ndim: int) -> tuple[int, ...]:
    """Strides or dilations per spatial axis, given as one number, as one per axis, or with batch and channels too."""
    call, value = asked.call, asked.found.get(name)
    if value is None:
        return (1,) * ndim
    if call.last == "conv3d" and (type(value) is not tuple or len(value) != 5):
        raise Refused(
            f"{name} of conv3d is {written(value)}, and conv3d alone takes all 5 numbers",
            f"write {name}=[1, {', '.join([written(value)] * 3)}, 1]" if isinstance(value, int) else "write 5 numbers",
        )
    if type(value) is tuple and len(value) == ndim + 2:
        outer = (value[0], value[-1] if asked.channels_last else value[1])
        if outer != (1, 1):
            raise Refused(f"{name} {value} of {call.last} steps over samples or channels", "write 1 for both")
        value = value[1:-1] if asked.channels_last else value[2:]
    elif type(value) is tuple and len(value) not in (1, ndim):
        raise Refused(
            f"{name} of {call.last} should be of length 1, {ndim} or {ndim + 2}, got {len(value)}", "give one per axis"
        )
    found = numbers(call, name, value, ndim)
    if min(found) < 1:
        raise Refused(f"{name} of {call.last} must be greater than 0, got {min(found)}", f"use {name}=1")
    return found


def padding(asked: Asking, ndim: int) -> str | Sides:
    """`SAME`, `VALID`, or explicit rows, which tf.nn has in 2-D only. Raises Refused for what TensorFlow refuses."""
    call = asked.call
    value = asked.found.get("padding", "SAME" if asked.kind == "tconv" else "VALID")
    if value in ("SAME", "VALID"):
        return str(value)
    if isinstance(value, str):
        hint = f'write "{value.upper()}"' if value.upper() in ("SAME", "VALID") else 'write "SAME" or "VALID"'
        raise Refused(f"padding {value!r} of {call.last}: TensorFlow knows SAME and VALID, in upper case only", hint)
    # convolution hands numbers on only where it has dilations to hand on
    if ndim != 2 or (call.last == "convolution" and max(steps(asked, "dilations", ndim)) == 1):
        raise Refused(
            f"{call.last} takes padding as a name only, not {written(value)}: TensorFlow has it in numbers for conv2d "
            f"and conv2d_transpose",
            'pad with tf.pad and use "VALID"' if asked.kind == "conv" else 'use "VALID" and crop the result',
        )
    return _sides(call, value, ndim, 1 if asked.channels_last else 2)


def _sides(call: Call, value: Any, ndim: int, first: int) -> Sides:
    if type(value) is not tuple or len(value) != ndim + 2:
        raise Refused(
            f"padding of {call.last} is {written(value)}, and explicit padding has a [begin, end] for all of "
            f"{ndim + 2} axes",
            "as in [[0, 0], [1, 1], [1, 1], [0, 0]]",
        )
    pairs = [numbers(call, "padding", pair, 2) for pair in value]
    if min(map(min, pairs)) < 0:
        raise Refused(f"all elements of the explicit padding of {call.last} must be nonnegative", "crop instead")
    inner = pairs[first : first + ndim]
    if any(map(any, (*pairs[:first], *pairs[first + ndim :]))):
        raise Refused(
            f"padding of {call.last} in the batch or depth dimensions is not supported", "pad the spatial axes only"
        )
    return tuple((begin, end) for begin, end in inner)


def output_sizes(asked: Asking, ndim: int) -> tuple[tuple[int, ...], int | None]:
    """The sizes per spatial axis that `output_shape` asks for, and its channels, None where it does not say them."""
    call, value = asked.call, asked.found["output_shape"]
    if type(value) is not tuple:
        raise Refused(
            f"{call.last} makes what its output_shape says, which is {written(value)} here",
            "write its numbers, as in output_shape=[1, 8, 8, 3]",
        )
    if len(value) == ndim == 2:
        return numbers(call, "output_shape", value, ndim), None
    if len(value) != ndim + 2:
        raise Refused(
            f"output_shape {written(value)} of {call.last} has {len(value)} entries for {ndim + 2} axes",
            "give batch, sizes and channels; with too few TensorFlow may end the process",
        )
    sizes, last = (value[1:-1], value[-1]) if asked.channels_last else (value[2:], value[1])
    return numbers(call, "output_shape", sizes, ndim), None if isinstance(last, Opaque | Call) else int(last)


def check_accepted(asked: Asking, special: Asked, runtime: str) -> None:
    """Raises Refused for what the CPU that runs the call has no kernel for."""
    name = asked.call.last
    has_onednn = runtime != NO_ONEDNN_RUNTIME
    if special in (ONEDNN if has_onednn else NO_ONEDNN):
        words = (("dilations", special.dilated), ("groups", special.grouped), ("explicit padding", special.explicit))
        together = " with ".join(word for word, is_asked in words if is_asked)
        where = "a CPU" if has_onednn else "a CPU without oneDNN"
        raise Refused(f"TensorFlow takes no {together} in {name} on {where}", _nearest(special))
    if not asked.channels_last and not (has_onednn and (asked.kind == "conv" or not special.explicit)):
        without = "with explicit padding" if has_onednn else "without oneDNN"
        raise Refused(f"TensorFlow takes no channels first in {name} on a CPU {without}", "transpose to channels last")


def _nearest(special: Asked) -> str:
    if special.grouped:
        return "call it for each group apart"
    return 'use "VALID" and crop the result' if special.explicit else "put the zeros between the kernel's taps yourself"
