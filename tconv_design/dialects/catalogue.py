"""The dialects by name, which of them a text is written in, and the two ways through: `read` and `write`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from importlib import import_module
from typing import NamedTuple, Protocol

from tconv_design.dialects.call import Call, Program, parse
from tconv_design.dialects.onnx_text import as_call
from tconv_design.dialects.reading import Hints, Reading
from tconv_design.dialects.sequential import neighbours
from tconv_design.dialects.writing import Words, Written
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.wording import counted, did_you_mean, shown


class Dialect(Protocol):
    """A module of this package that knows one framework."""

    def read(self, program: Program, call: Call, hints: Hints) -> Reading:
        """What `call`, in `program`, means. Raises InvalidQuestion for arguments it does not take."""
        ...

    def write(self, layer: Layer, in_size: tuple[int, ...]) -> Written:
        """The layer in this framework's words. Raises NotExpressible where it has none."""
        ...

    def spell(self, words: Words) -> str | None:
        """A program with these words as they are, whether the framework takes them or not; None: it has no argument."""
        ...


class Entry(NamedTuple):
    """How a dialect is recognised: what its layers are called, what they are imported from, arguments of its own."""

    names: tuple[str, ...]
    roots: tuple[str, ...]
    arguments: tuple[str, ...] = ()


def _ranked(pattern: str) -> tuple[str, ...]:
    return tuple(pattern.format(n) for n in (1, 2, 3))


ENTRIES = {
    "torch": Entry(
        tuple(
            name
            for pattern in (
                "Conv{}d",
                "ConvTranspose{}d",
                "LazyConv{}d",
                "LazyConvTranspose{}d",
                "conv{}d",
                "conv_transpose{}d",
            )
            for name in _ranked(pattern)
        ),
        ("torch", "nn", "F"),
    ),
    "keras": Entry(
        (
            *(*_ranked("Conv{}D"), *_ranked("Conv{}DTranspose"), "conv", "conv_transpose"),
            *(*_ranked("Convolution{}D"), *_ranked("Convolution{}DTranspose")),
        ),
        ("keras", "tf.keras", "tensorflow.keras", "layers", "ops"),
    ),
    "tensorflow": Entry(
        (*_ranked("conv{}d"), *_ranked("conv{}d_transpose"), "conv_transpose", "convolution", "conv2d_backprop_input"),
        ("tf", "tensorflow", "nn"),
    ),
    "jax": Entry(("conv_transpose", "conv_general_dilated", "conv", "conv_with_general_padding"), ("lax", "jax")),
    "flax": Entry(("Conv", "ConvTranspose"), ("nnx", "flax", "nn", "linen")),
    "onnx": Entry(
        ("ConvTranspose", "Conv", "make_node"),
        ("helper", "onnx", "oh"),
        ("auto_pad", "dilations", "group", "kernel_shape", "output_shape", "pads"),
    ),
    "paddle": Entry(
        (*_ranked("Conv{}DTranspose"), *_ranked("Conv{}D"), *_ranked("conv{}d_transpose"), *_ranked("conv{}d")),
        ("paddle", "nn", "F"),  # what its layers are imported as, too; torch's have other names
    ),
    "mlx": Entry(
        (
            *_ranked("ConvTranspose{}d"),
            *_ranked("Conv{}d"),
            *_ranked("conv_transpose{}d"),
            *_ranked("conv{}d"),
            "conv_general",
        ),
        ("mlx", "mx"),
    ),
    "tinygrad": Entry(
        ("ConvTranspose2d", "ConvTranspose1d", "Conv2d", "Conv1d", "conv_transpose2d", "conv2d"), ("tinygrad", "Tensor")
    ),
    "openvino": Entry(("ConvTranspose", "Conv", "make_node"), ("openvino", "ov")),
}
NAMES = tuple(ENTRIES)
FOREIGN = (
    *("hk", "haiku", "snt", "sonnet", "eqx", "equinox", "mindspore", "mxnet", "gluon", "chainer", "tflearn", "slim"),
    *("tf.layers", "tf.contrib", "tf.compat.v1.layers", "tensorflow.contrib", "tensorflow.layers", "tf_slim"),
)
"""What layers of the same names are imported from whose arguments, defaults or kernels are others."""
_BIAS = {"bias", "use_bias", "bias_attr"}
_RESIZES = re.compile("Upsampl|Pool|PixelShuffle|Unflatten|Reshape", re.IGNORECASE)
SPOKEN = {"onnx-reference": ("onnx", "reference"), "onnx": ("onnx", "onnxruntime")}
"""The dialect, and its runtime, of backends that are not called like their dialect, or are one runtime of it."""


OTHER_NAMES = {
    "pytorch": "torch",
    "pt": "torch",
    "tf": "tensorflow",
    "lax": "jax",
    "nnx": "flax",
    "linen": "flax",
    "ort": "onnx",
    "onnxruntime": "onnx",
    "paddlepaddle": "paddle",
    "ov": "openvino",
}
"""What people call a dialect besides its name."""


def no_dialect(name: str, known: Sequence[str] = NAMES) -> InvalidQuestion:
    """That nothing goes by a name, with what it may stand for."""
    meant = OTHER_NAMES.get(name.lower())
    hint = f"did you mean {meant}?" if meant in known else did_you_mean(name, known)
    return InvalidQuestion(f"unknown dialect {shown(name)}", hint)


def dialect(name: str) -> Dialect:
    """The module of a dialect. Raises InvalidQuestion with the nearest name for an unknown one."""
    if name not in ENTRIES:
        raise no_dialect(name)
    module: Dialect = import_module(f"tconv_design.dialects.{name}")
    return module


def read(text: str, name: str | None = None, hints: Hints | None = None) -> Reading:
    """What a pasted layer means, in the dialect that it is written in, or in the one named.

    Raises InvalidQuestion where no convolution is found or it has arguments that its framework does not take.
    """
    program = parse(as_call(text) or text)
    layers = list(_layers(program, name))
    if not layers:
        raise InvalidQuestion(*_no_layer(program, name))
    call, spoken = layers[0]
    reading = dialect(spoken).read(program, call, hints or Hints())
    return replace(reading, notes=(*reading.notes, *_left_out(program, call, len(layers) - 1)))


def _left_out(program: Program, call: Call, others: int) -> Iterator[str]:
    """What stands in a text beside the layer that is read, or in its arguments, and is no part of it."""
    if others:
        are = "is" if others == 1 else "are"
        yield f"{counted(others, 'other layer')} of the text {are} passed over: paste one alone"
    for module in neighbours(program, call)[0]:
        if isinstance(module, Call) and _RESIZES.search(module.last):
            yield f"{module.last} before it is no part of the layer: its in is what {module.last} makes"
            break
    for name in _BIAS & call.keywords.keys():
        if call.keywords[name] is False:
            yield f"{name}=False is no part of the layer: code that is written here has a bias, to be left at 0"


def _layers(program: Program, name: str | None) -> Iterator[tuple[Call, str]]:
    """The convolutions of a program, each with its dialect."""
    for call in program.calls:
        spoken = dialect_of(call, name)
        if spoken is not None:
            yield call, spoken


def dialect_of(call: Call, name: str | None = None) -> str | None:
    """The dialect that a call is a layer of: the one named, or the best of those that have the name; None for none."""
    having = [each for each, entry in ENTRIES.items() if call.last in entry.names and name in (None, each)]
    if not having or not _makes_a_layer(call) or (name is None and _foreign(call)):
        return None
    return having[0] if name else max(having, key=lambda each: (_likelihood(call, each), _arguments_of(call, each)))


def _foreign(call: Call) -> str:
    """The other library that a call's name begins with; empty where it begins with none."""
    return next((each for each in FOREIGN if call.name.startswith(f"{each}.")), "")


def _makes_a_layer(call: Call) -> bool:
    """Whether a call that is named like a layer is one: onnx's make_node makes every operator."""
    return call.last != "make_node" or _made(call) in ("Conv", "ConvTranspose")


def _made(call: Call) -> str:
    """What a call is called, or the operator that onnx's make_node makes."""
    op = call.args[0] if call.args else call.keywords.get("op_type")
    return op if call.last == "make_node" and isinstance(op, str) else call.last


def _arguments_of(call: Call, name: str) -> int:
    """How many arguments a call has that are a dialect's own."""
    return len(call.keywords.keys() & set(ENTRIES[name].arguments))


def origin_dialect(call: Call) -> str | None:
    """The dialect whose roots a call's own name begins with; None where its name alone does not tell."""
    name = dialect_of(call)
    return name if name is not None and _likelihood(call, name) else None


def _likelihood(call: Call, name: str) -> int:
    """How much of the call's origin a dialect's roots explain."""
    origin = call.name.rpartition(".")[0]
    roots = ENTRIES[name].roots
    return max((len(root) for root in roots if origin == root or origin.startswith(f"{root}.")), default=0)


def _no_layer(program: Program, name: str | None) -> tuple[str, str]:
    foreign = next(filter(None, map(_foreign, program.calls)), "")
    if foreign and name is None:
        what = f"{foreign} has layers of its own, which are not known here"
        return what, f"say it in one of {', '.join(NAMES)}, or name the one it is alike with --dialect"
    called = sorted(map(_made, program.calls), key=lambda each: "conv" not in each.lower())
    known = sorted({each for key, entry in ENTRIES.items() if name in (None, key) for each in entry.names})
    if not called:
        return (
            f"{shown(program.text)} calls nothing",
            'paste a layer, for example "nn.ConvTranspose2d(8, 4, 3, stride=2)"',
        )
    if name is None:
        return f"{shown(called[0])} is no convolution that is known", _nearest(called[0], known)
    spoken = next(filter(None, map(dialect_of, program.calls)), None)
    hint = f"it is one of {spoken}" if spoken else _nearest(called[0], known)
    return f"{shown(called[0])} is no convolution of {name}", hint


def _nearest(called: str, known: list[str]) -> str:
    """The nearest name, of as many axes as the one that was called where there is one such."""
    axes = re.search("[123](?=d)", called, re.IGNORECASE)
    alike = [each for each in known if axes and axes[0] in each]
    return did_you_mean(called, alike or known)
