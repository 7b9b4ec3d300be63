"""What a layer meets where it is exported to: what `targets` knows, and for frameworks what was measured."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.dialects.legal import VERSIONS
from tconv_design.dialects.tensorflow_names import crops
from tconv_design.errors import InvalidLayer, InvalidQuestion
from tconv_design.layer import Layer
from tconv_design.linting.case import Case, in_words
from tconv_design.linting.finding import Said
from tconv_design.linting.nearest import even_layer, plain_layer, said
from tconv_design.linting.targets import RULES
from tconv_design.solution import solution
from tconv_design.wording import did_you_mean, shown

PREDICATES: dict[str, Callable[[Layer, Case], bool]] = {
    "3-D tconv": lambda layer, case: layer.ndim == 3,
    "3-D tconv with a net crop that differs at begin and end": lambda layer, case: (
        layer.ndim == 3 and any(axis.pad_begin != axis.end for axis in layer.axes)
    ),
    "3-D tconv with output_padding": lambda layer, case: layer.ndim == 3 and any(layer.output_padding),
    "tconv with output_padding": lambda layer, case: any(layer.output_padding),
    "tconv with output_padding and no padding": lambda layer, case: (
        any(layer.output_padding) and not any(map(any, layer.padding))
    ),
    "tconv with output_padding beyond padding": lambda layer, case: (
        any(map(any, layer.padding)) and _exceeds_padding(layer)
    ),
    "depthwise tconv with output_padding beyond padding": lambda layer, case: (
        1 < layer.groups == layer.in_channels and _exceeds_padding(layer)
    ),
    "dilated tconv": lambda layer, case: max(layer.dilation) > 1,
    "dilated tconv of 1 or 2 axes": lambda layer, case: max(layer.dilation) > 1 and layer.ndim < 3,
    "tconv with groups": lambda layer, case: layer.groups > 1,
    "tconv that neither SAME nor VALID says": lambda layer, case: not _is_named(layer, case.in_size),
    "tconv with padding that differs at begin and end": lambda layer, case: any(b != e for b, e in layer.padding),
    "ONNX node with auto_pad SAME": lambda layer, case: _auto_pad(case).startswith("SAME"),
    "ONNX node with auto_pad SAME and output_padding": lambda layer, case: (
        _auto_pad(case).startswith("SAME") and case.call is not None and "output_padding" in case.call.keywords
    ),
}

_ALWAYS = ("openvino", "tinygrad")
"""Frameworks that say every tconv in one call, by the measurements that `legal` stands on."""

TARGETS = tuple(dict.fromkeys((*VERSIONS, "flax", *_ALWAYS, *(rule.target for rule in RULES))))


def checked_target(name: str) -> str:
    """A target's name. Raises InvalidQuestion with the nearest one for an unknown name."""
    if name not in TARGETS:
        raise InvalidQuestion(f"unknown target {shown(name)}", did_you_mean(name, TARGETS))
    return name


def not_portable(case: Case, target: str) -> Iterator[Said]:
    """What is known against a layer on a target, each with its source and, where there is one, the layer to take."""
    layer = case.layer
    if layer is None:
        return
    for severity, message in _against(layer, case, target):
        yield severity, f"{target}: {message}{_portable_fix(case, target)}"


def _against(layer: Layer, case: Case, target: str) -> Iterator[Said]:
    measured = _measured(layer, case, target)
    if measured:
        yield "warning", measured
    if layer.kind == "tconv":
        for rule in RULES:
            if rule.target == target and PREDICATES[rule.when](layer, case):
                yield rule.severity, f"{rule.message} ({rule.source})"


def _measured(layer: Layer, case: Case, target: str) -> str:
    """Why a framework that was measured has no single call for a layer; empty where it has."""
    if target == "flax":
        return "flax.nnx.ConvTranspose has no groups" if layer.kind == "tconv" and layer.groups > 1 else ""
    if target not in VERSIONS or target in solution(layer, case.in_size).legal:
        return ""
    size = "x".join(map(str, case.in_size))
    words = f"{said(layer)}, groups {layer.groups}" if layer.groups > 1 else said(layer)
    return f"{target} {VERSIONS[target]} has no single call for {words} at in {size}; see tconv-design translate"


def _portable_fix(case: Case, target: str) -> str:
    layer = case.layer
    if layer is None or layer.kind == "conv":
        return ""
    for other in (plain_layer(layer, case.in_size), even_layer(layer, case.in_size)):
        if other is not None and other != layer and not any(_against(other, Case(other, case.in_size), target)):
            return f"; nearest portable layer of the same size: {in_words(case, other)}"
    return ""


def _exceeds_padding(layer: Layer) -> bool:
    return any(axis.output_padding > axis.pad_end for axis in layer.axes)


def _is_named(layer: Layer, in_size: tuple[int, ...]) -> bool:
    """Whether VALID, or SAME, with a size of the output, says a layer without dilation and groups: on all axes one."""
    try:
        layer.output_size(in_size)
    except InvalidLayer:
        return False
    return any(all(map(crops, layer.axes, in_size, [name] * layer.ndim)) for name in ("valid", "same"))


def _auto_pad(case: Case) -> str:
    if case.reading is None or case.reading.dialect != "onnx" or case.call is None:
        return ""
    value = case.call.keywords.get("auto_pad", "")
    return value if isinstance(value, str) else ""
