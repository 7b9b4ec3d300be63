"""The tinygrad backend of tconv-design: a layer in tinygrad's words, and what tinygrad makes of it.

tinygrad is imported when it is first needed, not with this module.
"""

from __future__ import annotations

import os
import shutil
from typing import Any

import numpy as np

from tconv_design.dialects.tinygrad import write
from tconv_design.hookspecs import Backend, hookimpl
from tconv_design.layer import Layer

DEVICE_VARIABLE = "DEV"
SLOW_DEVICE = "PYTHON"


class TinygradBackend:
    """Conv and ConvTranspose modules, whose arguments say every layer."""

    name = "tinygrad"
    api_version = 1

    def __init__(self) -> None:
        choose_device()

    def version(self) -> str:
        """The version of the installed tinygrad. Raises ModuleNotFoundError where there is none."""
        from importlib.metadata import version

        import tinygrad  # noqa: F401

        return version("tinygrad")

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A program that defines `layer` as one tinygrad module; every canonical layer has one.

        Raises InvalidLayer where `layer` has no output for `in_size`.
        """
        layer.output_size(in_size)
        return write(layer, in_size).code

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Give weight and bias to the module that `code` defined, and run it on tinygrad's device.

        Takes and returns (N, C, *spatial) in float32 or float64; both layouts are tinygrad's own.
        """
        from tinygrad import Tensor

        layer_object.weight, layer_object.bias = (Tensor(np.array(each, order="C")) for each in (weight, bias))
        return np.array(layer_object(Tensor(np.array(signal, order="C"))).numpy(), order="C")


def choose_device() -> None:
    """Without clang tinygrad has no device on a CPU but its own interpreter: take that, unless another one is set.

    tinygrad reads the variable when it is imported.
    """
    if DEVICE_VARIABLE not in os.environ and shutil.which("clang") is None:
        os.environ[DEVICE_VARIABLE] = SLOW_DEVICE


@hookimpl
def tconv_backend() -> Backend:
    """Bring tinygrad to tconv-design."""
    return TinygradBackend()
