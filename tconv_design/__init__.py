"""tconv-design: a shape calculator and layer-design assistant for convolution and transposed convolution.

    >>> import tconv_design
    >>> answer = tconv_design.solve(4, 16)
    >>> answer.count, answer.solutions[0].layer.kernel
    (168, (4,))

Importing this package imports neither numpy nor any framework.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tconv_design.api import explain, read, solve, translate, verify
from tconv_design.errors import (
    BackendUnavailable,
    InvalidLayer,
    InvalidQuestion,
    NotExpressible,
    Refused,
    TconvDesignError,
    UnknownBackend,
)
from tconv_design.layer import Axis, Layer
from tconv_design.solution import Solution
from tconv_design.version import __version__

if TYPE_CHECKING:
    from tconv_design.check import Check


def __getattr__(name: str) -> Any:
    """`Check` is needed only by who verifies."""
    if name == "Check":
        from tconv_design.check import Check

        return Check
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "Axis",
    "BackendUnavailable",
    "Check",
    "InvalidLayer",
    "InvalidQuestion",
    "Layer",
    "NotExpressible",
    "Refused",
    "Solution",
    "TconvDesignError",
    "UnknownBackend",
    "__version__",
    "explain",
    "read",
    "solve",
    "translate",
    "verify",
]
