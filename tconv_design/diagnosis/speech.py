"""Which framework has which solution: in one call, with a step beside it, or not at all; and in which words."""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.dialects.catalogue import dialect
from tconv_design.dialects.legal import VERSIONS
from tconv_design.errors import InvalidQuestion, NotExpressible
from tconv_design.solution import Solution

_STRICT = ("onnx", "onnxruntime", "paddle", "mlx")
"""These take rows beyond the input's reach only as their own words have them, or crop what they should not."""


def says(framework: str, found: Solution) -> bool:
    """Whether a framework has one call for a solution, by the rules that are known of it."""
    name = {"onnxruntime": "onnx"}.get(framework, framework)
    return name in found.legal or name not in VERSIONS


def can_run(framework: str, found: Solution) -> bool:
    """Whether a framework has a solution at all, with a pad or a crop beside its own call."""
    axes = found.layer.axes
    if framework == "keras":
        return max(axis.stride for axis in axes) == 1 or max(axis.dilation for axis in axes) == 1
    return framework not in _STRICT or says(framework, found)


def code(framework: str, found: Sequence[Solution]) -> str:
    """The first solution in the framework's own words; empty where there is none, or it has no words for it."""
    name = {"onnxruntime": "onnx"}.get(framework, framework)
    if not found:
        return ""
    try:
        return dialect(name).write(found[0].layer, found[0].in_size).code
    except (NotExpressible, InvalidQuestion):
        return ""
