"""Where onnx's specification, its shape inference and its runtimes disagree about a node, said for that node."""

from __future__ import annotations

from tconv_design.dialects.onnx_rules import AUTO_PADS, Node
from tconv_design.layer import Axis


def remarks(node: Node) -> tuple[str, ...]:
    """What is different elsewhere, whatever runs the node here; none where all agree."""
    if node.kind == "conv":
        return _both(node)
    found = [*_both(node), *_sizes_asked(node)]
    if node.is_same and node.output_shape is None and node.pads is None:
        for axis, extra in zip(node.axes, node.extras, strict=True):
            found += _folded_extra(node.auto_pad, axis, extra) + _beyond_kernel(node.auto_pad, axis, extra)
    return tuple(dict.fromkeys(found))


def defect(node: Node, runtime: str, groups: int, in_channels: int, in_size: tuple[int, ...]) -> str:
    """What a runtime is known to compute wrongly for a node that it takes; empty for nothing."""
    if runtime == "reference" and node.kind == "tconv" and groups > 1:
        return "onnx's reference evaluator adds the first bias to every channel of a ConvTranspose with groups"
    if runtime == "openvino":
        return _openvino_defect(node, groups, in_channels, in_size)
    if runtime == "onnxruntime" and node.kind == "conv" and node.is_same:
        spare = max(map(_spare, node.axes, in_size))
        if spare >= (3 if node.auto_pad == "SAME_UPPER" else 4):
            return (
                f"onnxruntime starts a Conv with auto_pad {node.auto_pad} at the wrong row where {spare} rows are left "
                "over: it takes them for a negative padding"
            )
    return ""


def narrow_output(axes: tuple[Axis, ...], out_size: tuple[int, ...], channels: int) -> bool:
    """Whether oneDNN on AVX-512 may be wrong about a conv of this shape: its result is one column wide.

    It was about three in four of them with a kernel of 6 elements or more, and few with a smaller kernel.
    """
    if len(axes) < 2 or channels != 1:
        return False
    (*_, row, column) = axes
    rows, columns = out_size[-2:]
    is_strided = row.stride == 1 < column.stride and column.kernel > 1 == column.dilation
    return is_strided and columns == 1 < rows


def _openvino_defect(node: Node, groups: int, in_channels: int, in_size: tuple[int, ...]) -> str:
    if min(in_size) == 0:
        return "openvino returns memory that nothing wrote for an input without rows"
    if _crops(node) and not node.is_fixed:
        return (
            f"openvino ignores auto_pad {node.auto_pad} of a ConvTranspose, and crops nothing, where the model leaves "
            "its input's sizes open"
        )
    if node.kind == "conv" and narrow_output(node.axes, _conv_sizes(node, in_size), in_channels // groups):
        return (
            "oneDNN, which openvino uses, can be wrong on AVX-512 about a Conv of one input channel whose output is "
            "one column wide and whose width's stride is more than 1"
        )
    return ""


def _crops(node: Node) -> bool:
    """Whether auto_pad crops something of a ConvTranspose."""
    beyond = [axis.effective_kernel + extra - axis.stride for axis, extra in zip(node.axes, node.extras, strict=True)]
    return node.kind == "tconv" and node.is_same and node.output_shape is None and max(beyond) > 0


def _conv_sizes(node: Node, in_size: tuple[int, ...]) -> tuple[int, ...]:
    if node.is_same:
        return tuple(-(-size // axis.stride) for axis, size in zip(node.axes, in_size, strict=True))
    sides = ((0, 0),) * len(node.axes) if node.auto_pad == "VALID" else node.sides
    padded = (size + begin + end for size, (begin, end) in zip(in_size, sides, strict=True))
    return tuple(
        (size - axis.effective_kernel) // axis.stride + 1 for axis, size in zip(node.axes, padded, strict=True)
    )


def _spare(axis: Axis, in_: int) -> int:
    """Rows left over by the last of ceil(in / stride) kernel positions."""
    return in_ - (-(-in_ // axis.stride) - 1) * axis.stride - axis.effective_kernel


def _both(node: Node) -> tuple[str, ...]:
    if node.auto_pad not in AUTO_PADS:
        return (f"the reference evaluator takes the unknown auto_pad {node.auto_pad!r} for NOTSET",)
    if node.pads is None or node.auto_pad == "NOTSET":
        return ()
    winner = "auto_pad" if node.kind == "conv" else "pads"
    return (
        f"auto_pad {node.auto_pad} and pads exclude each other: onnxruntime refuses both together, openvino ignores "
        f"pads, and the reference evaluator takes {winner}",
    )


def _sizes_asked(node: Node) -> list[str]:
    if node.output_shape is None:
        return []
    if node.auto_pad == "SAME_UPPER":
        return [
            "output_shape with auto_pad SAME_UPPER: an odd crop has its odd row at the end by the specification, in "
            "onnxruntime and in the reference evaluator, but at the begin in openvino"
        ]
    found = [
        "output_shape without auto_pad SAME_UPPER: an odd crop has its odd row at the begin by the specification, in "
        "onnxruntime and in openvino, and not at the end as in tensorflow's same"
    ]
    if not node.is_same:
        found.append("the reference evaluator keeps pads beside output_shape, and refuses the sizes that do not fit")
    if node.pads is not None and node.auto_pad == "NOTSET":
        found.append("onnxruntime and openvino ignore pads where output_shape is given")
    return found


def _folded_extra(auto_pad: str, axis: Axis, extra: int) -> list[str]:
    beyond = axis.effective_kernel - axis.stride
    inferred, made = min(beyond, 0) + extra, min(beyond + extra, 0)
    if inferred == made:
        return []
    return [
        f"auto_pad {auto_pad} with output_padding {extra}: shape inference says {_rows(inferred)} rows, the "
        f"runtimes make {_rows(made)}, for they fold output_padding into the crop"
    ]


def _beyond_kernel(auto_pad: str, axis: Axis, extra: int) -> list[str]:
    total = axis.effective_kernel + extra - axis.stride
    if total >= 0:
        return []
    leading = -(total // 2) if auto_pad == "SAME_UPPER" else total // 2 - total
    where = f"with {leading} empty at the begin" if leading else "the empty ones at the end"
    return [
        f"auto_pad {auto_pad} with stride {axis.stride} above kernel {axis.effective_kernel}: the specification says "
        f"{_rows(0)} rows, which the reference evaluator makes, {where}; shape inference, onnxruntime and "
        f"openvino say {_rows(total)}"
    ]


def _rows(more: int) -> str:
    return "in*stride" + (f" {'+' if more > 0 else '-'} {abs(more)}" if more else "")
