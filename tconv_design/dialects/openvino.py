"""OpenVINO's words: ONNX's, as openvino reads and runs them; it takes every canonical layer in one node."""

from __future__ import annotations

from tconv_design.dialects import onnx
from tconv_design.dialects.call import Call, Program
from tconv_design.dialects.layout import CANONICAL
from tconv_design.dialects.onnx_model import layer_program, words_program
from tconv_design.dialects.onnx_remarks import narrow_output
from tconv_design.dialects.reading import Hints, Reading
from tconv_design.dialects.writing import Words, Written
from tconv_design.layer import Layer

_COMPILED = """
core = openvino.Core()
precision = {"INFERENCE_PRECISION_HINT": "f32"}  # else bfloat16, on processors that have it
layer = core.compile_model(core.read_model(model.SerializeToString()), "CPU", precision)
"""


def read(program: Program, call: Call, hints: Hints) -> Reading:
    """A node as openvino reads it, which checks nearly nothing."""
    return onnx.read(program, call, hints._replace(runtime="openvino"))


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """A compiled model of one node with explicit pads."""
    return Written(_compiled(layer_program(layer, name="model")), True, CANONICAL[layer.kind], _notes(layer, in_size))


def spell(words: Words) -> str | None:
    """A compiled model of one node with these attributes."""
    program = words_program(words, "model")
    return None if program is None else _compiled(program)


def _compiled(program: str) -> str:
    return f"import openvino\n{program}{_COMPILED}"


def _notes(layer: Layer, in_size: tuple[int, ...]) -> tuple[str, ...]:
    notes = ["openvino computes in bfloat16 where the processor has it, unless INFERENCE_PRECISION_HINT is f32"]
    out = tuple(axis.out(layer.kind, size) for axis, size in zip(layer.axes, in_size, strict=True))
    if layer.kind == "tconv" and any(-axis.end >= axis.stride for axis in layer.axes):
        notes.append("onnxruntime refuses an output_padding of a stride or more; openvino takes it")
    if layer.kind == "conv" and narrow_output(layer.axes, out, layer.in_channels // layer.groups):
        notes.append(
            "openvino may be wrong about this layer on processors with AVX-512, for its output is one column wide"
        )
    return tuple(notes)
