"""Programs that build an ONNX model of one node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tconv_design.dialects.writing import Words
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer

OPSET = 17
IR_VERSION = 8
"""Of 2022: every runtime of today takes them, and the operators have not changed since."""

AUTO_PAD = {"same": "SAME_UPPER", "same_upper": "SAME_UPPER", "same_lower": "SAME_LOWER", "valid": "VALID"}
"""onnx's names for paddings, by the names that `Words` has."""

_AXES = {1: ("L",), 2: ("H", "W"), 3: ("D", "H", "W")}


class Signal(NamedTuple):
    """The shapes around a node: channels that it takes and makes, and its weight."""

    in_channels: int
    out_channels: int
    weight: tuple[int, ...]


def layer_program(layer: Layer, rows: Sequence[int] = (), name: str = "layer") -> str:
    """A program that calls the model `name`, with explicit pads, after a Pad node that adds `rows` of zeros."""
    node = {
        "kernel_shape": list(layer.kernel),
        **_unless(1, strides=layer.stride, dilations=layer.dilation),
        **_pads_of(layer, rows or (0,) * layer.ndim),
        **({"group": layer.groups} if layer.groups > 1 else {}),
    }
    signal = Signal(layer.in_channels, layer.out_channels, layer.weight_shape)
    return _program(layer.kind, node, signal, rows if any(rows) else (), name)


def words_program(words: Words, name: str = "layer") -> str | None:
    """A program with these words as they are, whether a runtime takes them or not; None where onnx has no such word."""
    node: dict[str, object] = {"kernel_shape": list(words.kernel)}
    node |= _unless(1, strides=words.stride, dilations=words.dilation)
    if isinstance(words.padding, str):
        if words.padding.lower() not in AUTO_PAD:
            return None
        node["auto_pad"] = AUTO_PAD[words.padding.lower()]
    else:
        node |= _unless(0, pads=[begin for begin, _ in words.padding] + [end for _, end in words.padding])
    if words.output_padding is not None:
        if words.kind == "conv":
            return None
        node["output_padding"] = list(words.output_padding)
    if words.groups > 1:
        node["group"] = words.groups
    outer, inner = words.in_channels, words.out_channels
    if words.kind == "conv":
        outer, inner = inner, outer
    weight = (outer, inner // words.groups, *words.kernel)
    return _program(words.kind, node, Signal(words.in_channels, words.out_channels, weight), (), name)


def rows_beyond(axis: Axis) -> int:
    """Rows of zeros after the input from which a tconv gets the rows that output_padding cannot add."""
    return max(-axis.end, 0) // axis.stride


def _pads_of(layer: Layer, rows: Sequence[int]) -> dict[str, object]:
    """`pads` and `output_padding`, of which a tconv needs the larger of end padding and output_padding only."""
    begins = [axis.pad_begin for axis in layer.axes]
    if layer.kind == "conv":
        return _unless(0, pads=[*begins, *(axis.pad_end for axis in layer.axes)])
    ends = [axis.end + more * axis.stride for axis, more in zip(layer.axes, rows, strict=True)]
    pads = [*begins, *(max(end, 0) for end in ends)]
    return _unless(0, pads=pads, output_padding=[max(-end, 0) for end in ends])


def _unless(default: int, **attributes: Sequence[int]) -> dict[str, object]:
    """The attributes that are not all at their default."""
    return {name: list(values) for name, values in attributes.items() if set(values) - {default}}


def _program(kind: Kind, attributes: dict[str, object], signal: Signal, rows: Sequence[int], name: str) -> str:
    op = "Conv" if kind == "conv" else "ConvTranspose"
    axes = _AXES[len(signal.weight) - 2]
    taken = "extended" if rows else "X"
    named = "".join(f"    {name}={value!r},\n" for name, value in attributes.items())
    lines = ["from onnx import TensorProto, helper", ""]
    if rows:
        ends = [0] * (len(axes) + 2) + [0, 0, *rows]
        lines.append(f'rows = helper.make_tensor("rows", TensorProto.INT64, [{len(ends)}], {ends})  # begins, ends')
        lines.append('pad = helper.make_node("Pad", ["X", "rows"], ["extended"])')
    lines += [
        f'node = helper.make_node(\n    "{op}",\n    ["{taken}", "W", "B"],\n    ["Y"],\n{named})',
        "inputs = [",
        f"    {_tensor('X', ['N', signal.in_channels, *axes])},",
        f"    {_tensor('W', list(signal.weight))},",
        f"    {_tensor('B', [signal.out_channels])},",
        "]",
        f"output = {_tensor('Y', ['N', signal.out_channels, *(f'out_{axis}' for axis in axes)])}",
        _graph(rows),
        f'opset = helper.make_opsetid("", {OPSET})',
        f"{name} = helper.make_model(graph, opset_imports=[opset], ir_version={IR_VERSION})",
    ]
    return "\n".join(lines) + "\n"


def _graph(rows: Sequence[int]) -> str:
    nodes, constants = ("[pad, node]", ", [rows]") if rows else ("[node]", "")
    return f'graph = helper.make_graph({nodes}, "layer", inputs, [output]{constants})'


def _tensor(name: str, shape: Sequence[int | str]) -> str:
    dims = ", ".join(f'"{each}"' if isinstance(each, str) else str(each) for each in shape)
    return f'helper.make_tensor_value_info("{name}", TensorProto.FLOAT, [{dims}])'
