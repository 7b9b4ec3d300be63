"""The torch backend of tconv-design: a layer in PyTorch's words, and what PyTorch makes of it.

torch is imported when it is first needed, not with this module.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from tconv_design.dialects.torch import write
from tconv_design.errors import BackendUnavailable
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer

if TYPE_CHECKING:
    import torch

DEVICE_VARIABLE = "TCONV_DESIGN_TORCH_DEVICE"


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
        return write(layer, in_size).code

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
