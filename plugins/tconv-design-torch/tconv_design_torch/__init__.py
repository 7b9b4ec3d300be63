"""The torch backend of tconv-design: a layer in PyTorch's words, and what PyTorch makes of it.

torch is imported when it is first needed, not with this module.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from tconv_design.errors import BackendUnavailable
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Axis, Layer

if TYPE_CHECKING:
    import torch

DEVICE_VARIABLE = "TCONV_DESIGN_TORCH_DEVICE"
MODULES = {"conv": "Conv", "tconv": "ConvTranspose"}
SIDES = {1: "begin, end", 2: "left, right, top, bottom", 3: "left, right, top, bottom, front, back"}


class TorchBackend:
    """Conv and ConvTranspose modules, padded or cropped where torch's own arguments do not reach."""

    name = "torch"
    api_version = 1

    def version(self) -> str:
        """The version of the installed torch. Raises ModuleNotFoundError where there is none."""
        import torch

        return str(torch.__version__)

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as one torch module; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        words = _conv(layer, in_size) if layer.kind == "conv" else _tconv(layer)
        return f"import torch\n\nlayer = {words}\n"

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Load weight and bias into the module that `code` defined, and run it on the chosen device.

        Takes and returns (N, C, *spatial) in float32 or float64; both layouts are torch's own.
        """
        import torch

        device = _device()
        parameters = next(module for module in layer_object.modules() if hasattr(module, "weight"))
        data = _tensor(signal).to(device)
        layer_object.to(device, data.dtype).eval()
        with torch.no_grad():
            parameters.weight.copy_(_tensor(weight))
            parameters.bias.copy_(_tensor(bias))
            return np.ascontiguousarray(layer_object(data).cpu().numpy())


@hookimpl
def tconv_backend() -> Backend:
    """Bring torch to tconv-design."""
    return TorchBackend()


def _conv(layer: Layer, in_size: tuple[int, ...]) -> str:
    begin = tuple(axis.pad_begin for axis in layer.axes)
    if all(axis.pad_begin == axis.pad_end for axis in layer.axes):
        return _module(layer, padding=begin)
    if all(_is_same(axis) for axis in layer.axes):
        return _module(layer, padding="same")
    even = replace(layer, axes=tuple(replace(axis, pad_end=axis.pad_begin) for axis in layer.axes))
    if _sizes(even, in_size) == _sizes(layer, in_size):
        # The kernel starts at the same rows and stops at the same row, so it reads the same rows.
        return _module(layer, padding=begin) + f"  # for in = {_short(in_size)}, where this reads the same rows"
    return _sequential(_constant_pad("pads", layer.padding), f"{_module(layer)},")


def _tconv(layer: Layer) -> str:
    padding, output_padding, crops = zip(*map(_native_words, layer.axes), strict=True)
    module = _module(layer, padding, output_padding)
    if not any(begin or end for begin, end in crops):
        return module
    return _sequential(f"{module},", _constant_pad("crops", [(-begin, -end) for begin, end in crops]))


def _native_words(axis: Axis) -> tuple[int, int, tuple[int, int]]:
    """The padding and output_padding that torch takes on this axis, and the rows still to crop at (begin, end).

    torch crops `padding` rows at the start and `padding - output_padding` at the end. Rows that no input reaches come
    from output_padding, never from padding the result, for they hold the bias. A canonical layer has fewer of them
    than max(stride, dilation), so torch takes that output_padding.
    """
    extra = axis.pad_begin - axis.end
    if 0 <= extra < max(axis.stride, axis.dilation):
        return axis.pad_begin, extra, (0, 0)
    padding = max(min(axis.pad_begin, axis.end), 0)
    output_padding = max(-axis.end, 0)
    return padding, output_padding, (axis.pad_begin - padding, max(axis.end - padding, 0))


def _is_same(axis: Axis) -> bool:
    """Whether torch's padding="same" means this axis: stride 1, out = in, an odd row at the end."""
    total = axis.effective_kernel - 1
    return axis.stride == 1 and (axis.pad_begin, axis.pad_end) == (total // 2, total - total // 2)


def _sizes(layer: Layer, in_size: tuple[int, ...]) -> list[int]:
    return [axis.out(layer.kind, size) for axis, size in zip(layer.axes, in_size, strict=True)]


def _module(layer: Layer, padding: Sequence[int] | str = (), output_padding: Sequence[int] = ()) -> str:
    """The constructor call, without the arguments that are torch's defaults."""
    options: list[tuple[str, Sequence[int] | str, int]] = [
        ("stride", layer.stride, 1),
        ("padding", padding, 0),
        ("output_padding", output_padding, 0),
        ("dilation", layer.dilation, 1),
        ("groups", [layer.groups], 1),
    ]
    given = [f"{name}={_short(value)}" for name, value, default in options if set(value) - {default}]
    channels = [str(layer.in_channels), str(layer.out_channels)]
    arguments = ", ".join([*channels, _short(layer.kernel), *given])
    return f"torch.nn.{MODULES[layer.kind]}{layer.ndim}d({arguments})"


def _constant_pad(verb: str, rows: Sequence[tuple[int, int]]) -> str:
    """The line that pads by `rows` (begin, end) per axis, or crops where they are negative."""
    last_axis_first = tuple(side for pair in reversed(rows) for side in pair)
    return f"torch.nn.ConstantPad{len(rows)}d({last_axis_first}, 0),  # {verb} {SIDES[len(rows)]}"


def _sequential(first: str, second: str) -> str:
    return f"torch.nn.Sequential(\n    {first}\n    {second}\n)"


def _short(values: Iterable[int] | str) -> str:
    """One int where every axis has the same, as torch reads it, and a quoted word for a word."""
    if isinstance(values, str):
        return repr(values).replace("'", '"')
    values = tuple(values)
    return str(values[0]) if len(set(values)) == 1 else str(values)


def _tensor(array: np.ndarray) -> torch.Tensor:
    """A copy in plain row-major strides: torch would carry on whatever strides a view of length 1 has."""
    import torch

    return torch.from_numpy(np.array(array, order="C"))


def _device() -> torch.device:
    """The device that the environment names (cpu without one), set up so that values can be compared exactly."""
    import torch

    name = os.environ.get(DEVICE_VARIABLE, "cpu")
    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError) as error:  # torch asserts that it was built with CUDA
        raise BackendUnavailable(f"{DEVICE_VARIABLE} is {name!r}, which torch cannot use: {error}") from error
