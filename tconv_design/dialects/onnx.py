"""ONNX's words: a Conv or ConvTranspose node, as onnxruntime, the reference evaluator or openvino understands it.

`Hints.runtime` chooses: "onnxruntime" (also ""), "reference" or "openvino"; a program that names one is read as it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tconv_design.dialects.call import Call, Program, Signature, bind, written
from tconv_design.dialects.layout import CANONICAL
from tconv_design.dialects.onnx_model import layer_program, rows_beyond, words_program
from tconv_design.dialects.onnx_remarks import defect, remarks
from tconv_design.dialects.onnx_rules import RUNTIMES, Node, rules, settle
from tconv_design.dialects.onnx_tensors import Tensors, is_list, tensors
from tconv_design.dialects.reading import Hints, Reading, Settle, surrounded
from tconv_design.dialects.writing import Words, Written
from tconv_design.errors import InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.wording import did_you_mean, shown

_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "Conv": ("auto_pad", "dilations", "group", "kernel_shape", "pads", "strides"),
    "ConvTranspose": (
        *("auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides"),
    ),
}
_MAKE_NODE = ("op_type", "inputs", "outputs", "name", "doc_string", "domain", "overload")
_LISTS = ("kernel_shape", "strides", "dilations", "output_padding")


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A node, made by `make_node` or called by its operator's name, with the Pad node that feeds it."""
    op = operator(call)
    if op not in _ATTRIBUTES:
        raise InvalidQuestion(f"{shown(op)} is no convolution of onnx", did_you_mean(op, tuple(_ATTRIBUTES)))
    runtime = _runtime(program, hints)
    kind: Kind = "conv" if op == "Conv" else "tconv"
    found = _arguments(call, op)
    known = tensors(program, found, kind)
    ndim = _ndim(op, found, known, hints)
    kernel, ignored = _kernel(op, found, known, hints, ndim, runtime)
    node = _node(op, kind, found, kernel, runtime)._replace(is_fixed=known.is_fixed)
    groups = _groups(op, found)
    channels = hints.in_channels or known.in_channels(groups), hints.out_channels or known.out_channels(groups)
    before = known.rows_before(ndim)
    taken = rules(node, runtime)
    around = zip(taken, before, node.axes, strict=True)
    return Reading(
        "openvino" if runtime == "openvino" else "onnx",
        op,
        kind,
        kernel,
        tuple(axis.stride for axis in node.axes),
        tuple(axis.dilation for axis in node.axes),
        tuple(surrounded(kind, rule, rows, (0, 0), axis.stride) for rule, rows, axis in around),
        CANONICAL[kind],
        groups,
        *channels,
        settle=_settle(node, runtime, groups, channels),
        notes=(*ignored, *remarks(node)),
        defect=lambda in_size: defect(node, runtime, groups, channels[0] or groups, _extended(in_size, before)),
        words=None if any(map(any, before)) else _words(node, groups, channels),
    )


def operator(call: Call) -> str:
    """The operator that a call makes a node of: `make_node`'s first argument, or the call's own name."""
    if call.last != "make_node":
        return call.last
    op = call.args[0] if call.args else call.keywords.get("op_type")
    return op if isinstance(op, str) else written(op)


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """A model of one node with explicit pads, after a Pad node where rows come that output_padding cannot add."""
    rows = [rows_beyond(axis) if layer.kind == "tconv" else 0 for axis in layer.axes]
    code = layer_program(layer, rows)
    return Written(code, not any(rows), CANONICAL[layer.kind], (*_padded(rows), *_grouped(layer)))


def spell(words: Words) -> str | None:
    """A model of one node with these attributes."""
    return words_program(words)


def _padded(rows: Sequence[int]) -> tuple[str, ...]:
    if not any(rows):
        return ()
    return ("onnxruntime takes an output_padding below the stride only, so zeros after the input make the other rows",)


def _grouped(layer: Layer) -> tuple[str, ...]:
    if layer.kind == "conv" or layer.groups == 1:
        return ()
    return (
        "onnx's reference evaluator is wrong about groups: it raises ValueError unless both channel counts are the "
        "groups, and then adds the first bias to every channel; onnxruntime and openvino are right",
    )


def _runtime(program: Program, hints: Hints) -> str:
    if hints.runtime:
        if hints.runtime not in RUNTIMES:
            raise InvalidQuestion(
                f"no runtime of onnx is called {shown(hints.runtime)}", did_you_mean(hints.runtime, RUNTIMES)
            )
        return hints.runtime
    for call in program.calls:
        if call.last in ("compile_model", "read_model") or call.name.split(".")[0] in ("openvino", "ov"):
            return "openvino"
        if call.last == "ReferenceEvaluator":
            return "reference"
    return "onnxruntime"


def _arguments(call: Call, op: str) -> dict[str, Any]:
    """The attributes and inputs of a node, under their names."""
    if call.last == "make_node":
        found = bind(call, Signature(_MAKE_NODE, _ATTRIBUTES[op]))
        inputs = found.get("inputs", ())
        return found | dict(zip(("X", "W", "B"), inputs if is_list(inputs) else (), strict=False))
    return bind(call, Signature(("X", "W", "B"), (*_ATTRIBUTES[op], "name", "domain")))


def _ndim(op: str, found: dict[str, Any], known: Tensors, hints: Hints) -> int:
    """Number of spatial axes, from whatever says it."""
    lengths = [len(found[name]) for name in _LISTS if is_list(found.get(name))]
    lengths += [len(found["pads"]) // 2] if is_list(found.get("pads")) else []
    lengths += [len(shape) - 2 for shape in (known.weight, known.signal) if shape is not None]
    lengths += [len(hints.kernel)] if hints.kernel else []
    if not lengths:
        raise InvalidQuestion(
            f"{op} without kernel_shape, strides or pads does not say how many axes it has",
            "give --kernel, for example --kernel 3x3",
        )
    if not 1 <= lengths[0] <= 3:
        raise Refused(f"{op} has {lengths[0]} spatial axes, and a layer has 1 to 3")
    return lengths[0]


def _kernel(
    op: str, found: dict[str, Any], known: Tensors, hints: Hints, ndim: int, runtime: str
) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The kernel, from kernel_shape, the weight's shape or the user, and what is to be said if they contradict."""
    given = hints.kernel * ndim if hints.kernel and len(hints.kernel) == 1 else hints.kernel
    weight = given or known.kernel
    if "kernel_shape" not in found:
        if weight is None:
            raise InvalidQuestion(
                f"{op} without kernel_shape takes its kernel from W, whose shape the pasted text does not say",
                f"give --kernel, for example --kernel {'x'.join(['3'] * ndim)}",
            )
        return _checked(op, "--kernel", weight, ndim), ()
    kernel = _entries(op, "kernel_shape", found["kernel_shape"], ndim)
    if weight is None or weight == kernel:
        return kernel, ()
    if runtime != "openvino":
        raise Refused(f"kernel_shape {kernel} of {op} is not compatible with W, whose kernel is {weight}", "drop it")
    return weight, (f"openvino ignores kernel_shape {kernel}, for W's kernel is {weight}; onnxruntime refuses that",)


def _node(op: str, kind: Kind, found: dict[str, Any], kernel: tuple[int, ...], runtime: str) -> Node:
    ndim = len(kernel)
    stride, dilation = (
        _entries(op, name, found[name], ndim) if name in found else (1,) * ndim for name in ("strides", "dilations")
    )
    for name, numbers in (("kernel_shape", kernel), ("strides", stride), ("dilations", dilation)):
        if min(numbers) < 1:
            raise Refused(f"{name} of {op} must be positive, got {min(numbers)}", f"use {name} of 1 or more")
    extra = _entries(op, "output_padding", found["output_padding"], ndim) if "output_padding" in found else None
    pads = _entries(op, "pads", found["pads"], 2 * ndim) if "pads" in found else None
    axes = tuple(Axis(k, s, dilation=d) for k, s, d in zip(kernel, stride, dilation, strict=True))
    sides = tuple(zip(pads[:ndim], pads[ndim:], strict=True)) if pads else None
    return Node(kind, axes, _auto_pad(op, found), sides, extra, _output_shape(op, found, ndim, runtime))


def _auto_pad(op: str, found: dict[str, Any]) -> str:
    name = found.get("auto_pad", "NOTSET")
    if not isinstance(name, str):
        raise Refused(f"auto_pad of {op} is {written(name)}, which is no text", 'write auto_pad="SAME_UPPER"')
    return name


def _output_shape(op: str, found: dict[str, Any], ndim: int, runtime: str) -> tuple[int, ...] | None:
    """openvino also takes it with batch and channels."""
    if "output_shape" not in found:
        return None
    value = found["output_shape"]
    if runtime == "openvino" and is_list(value) and len(value) == ndim + 2:
        value = value[2:]
    return _entries(op, "output_shape", value, ndim)


def _groups(op: str, found: dict[str, Any]) -> int:
    value = found.get("group", 1)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Refused(f"group of {op} is {written(value)}, which is no positive number", "write group=1")
    return value


def _entries(op: str, name: str, value: Any, length: int) -> tuple[int, ...]:
    """An attribute that is a list of whole numbers of this length."""
    are_numbers = is_list(value) and all(isinstance(n, int) and not isinstance(n, bool) for n in value)
    if not are_numbers:
        raise Refused(
            f"{name} of {op} is a list of whole numbers, got {written(value)}",
            f"write {name}={[value] * length if isinstance(value, int) else [1] * length}",
        )
    return _checked(op, name, value, length)


def _checked(op: str, name: str, value: tuple[int, ...], length: int) -> tuple[int, ...]:
    if len(value) != length:
        per_axis = "one per axis" if name != "pads" else "the begins of all axes, then their ends"
        raise Refused(
            f"{name} {list(value)} of {op} has {len(value)} numbers where {length} are due", f"give {per_axis}"
        )
    return value


def _extended(in_size: tuple[int, ...], before: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    return tuple(size + sum(rows) for size, rows in zip(in_size, before, strict=True))


def _settle(node: Node, runtime: str, groups: int, channels: tuple[int | None, int | None]) -> Settle:
    sizes = settle(node, runtime)
    if runtime != "reference" or node.kind == "conv" or groups == 1:
        return sizes
    if all(each in (None, groups) for each in channels):
        return sizes

    def refused(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
        raise Refused(
            f"onnx's reference evaluator raises ValueError for group {groups} with channels {channels[0]} and "
            f"{channels[1]}: it takes groups only where both are the groups",
            "run it with onnxruntime",
        )

    return refused


def _words(node: Node, groups: int, channels: Sequence[int | None]) -> Words | None:
    """The attributes as words, unless they have an output_shape, or an auto_pad beside pads, which words have not."""
    if node.output_shape is not None or (node.pads is not None and node.auto_pad != "NOTSET"):
        return None
    named = {"SAME_UPPER": "same", "SAME_LOWER": "same_lower", "VALID": "valid"}.get(node.auto_pad)
    kernel, stride, dilation = (
        tuple(getattr(axis, name) for axis in node.axes) for name in ("kernel", "stride", "dilation")
    )
    if named is None and node.auto_pad != "NOTSET":
        return None
    counted = (each or groups for each in channels)
    return Words(node.kind, kernel, stride, dilation, named or node.sides, node.output_padding, groups, *counted)
