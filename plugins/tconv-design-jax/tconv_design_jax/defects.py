"""What XLA itself gets wrong of legal layers, with a program that shows it.

The words stay lax's and flax's own: `verify`, which runs a backend in a process of its own, says `crashed`.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

from tconv_design.dialects.lax_padding import aborts
from tconv_design.layer import Layer


@dataclass(frozen=True)
class Defect:
    """An end of the process: what is said of it and where it is made, a program that ends so, and what it touches.

    `touches(layer, in_size)` holds for exactly the layers that were seen to end so, among some 6,500 small ones.
    """

    reason: str
    link: str
    program: str
    touches: Callable[[Layer, tuple[int, ...]], bool]

    def shows(self) -> bool:
        """Whether the installed jax does not survive the program, found out in a process of its own, on the CPU."""
        environment = {**os.environ, "JAX_PLATFORMS": "cpu"}
        done = subprocess.run(
            [sys.executable, "-c", self.program], capture_output=True, timeout=300, check=False, env=environment
        )
        return done.returncode < 0 or done.returncode > 127


def _ends_the_process(layer: Layer, in_size: tuple[int, ...]) -> bool:
    return aborts(layer.kind, layer.groups, layer.axes, in_size)


ABORT = Defect(
    "XLA on a CPU swaps input and kernel of a tconv where that saves work, but not on an axis of kernel 2, stride 2, "
    "no dilation and padding 1: with any other input size than 2 there, the operands no longer fit, and it aborts",
    "https://github.com/openxla/xla/blob/main/xla/hlo/transforms/simplifiers/algebraic_simplifier.cc",
    "from jax import lax, numpy as jnp\n"
    "print(lax.conv_transpose(jnp.ones((1, 1, 3, 1)), jnp.ones((3, 2, 1, 1)), (1, 2), [(1, 1), (0, 0)]).shape)\n",
    _ends_the_process,
)
KNOWN = (ABORT,)
