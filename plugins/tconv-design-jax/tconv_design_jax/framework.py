"""jax itself: imported late, on the CPU unless the user says otherwise, and as exact as it can be."""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable
from typing import Any

import numpy as np

PLATFORMS = "JAX_PLATFORMS"


def jax() -> Any:
    """The jax module, imported on first use, for the CPU where JAX_PLATFORMS names nothing else."""
    os.environ.setdefault(PLATFORMS, "cpu")
    return importlib.import_module("jax")


def compute(function: Callable[[Any], Any], signal: np.ndarray) -> np.ndarray:
    """What a function of a signal with channels last makes of (N, C, *spatial), in float32 and channels first again.

    Graphics processors and TPUs round the factors of a product unless the precision is the highest.
    """
    framework = jax()
    with framework.default_matmul_precision("highest"):
        result = function(array(signal.transpose(0, *range(2, signal.ndim), 1)))
    channels_last = np.asarray(result, np.float32)
    return np.ascontiguousarray(channels_last.transpose(0, -1, *range(1, signal.ndim - 1)))


def array(values: np.ndarray) -> Any:
    """An array of jax's own, in float32."""
    return jax().numpy.array(values, np.float32)


def channels_swapped_last(weight: np.ndarray) -> np.ndarray:
    """The canonical weight as lax takes it, (*kernel, Cin/groups, Cout) of a conv, (*kernel, Cout, Cin) of a tconv.

    The canonical ones, (Cout, Cin/groups, *kernel) and (Cin, Cout, *kernel), both end in these two, turned round.
    """
    return weight.transpose(*range(2, weight.ndim), 1, 0)
