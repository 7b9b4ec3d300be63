"""What a backend did with a layer: plain data, as the public JSON document has it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["agrees", "differs", "unsupported", "unavailable", "crashed", "timeout"]


@dataclass(frozen=True, slots=True)
class Check:
    """One backend's verdict on one layer.

    Shapes are (batch, channels, *spatial); `phase_shift` is, per spatial axis, how many elements later than predicted
    the impulse arrives (None where it cannot be told); `code` is the program that was executed, as it stands.
    """

    backend: str
    version: str
    status: Status
    expected_shape: tuple[int, ...] = ()
    actual_shape: tuple[int, ...] | None = None
    max_abs_error: float | None = None
    phase_shift: tuple[int, ...] | None = None
    code: str = ""
    detail: str = ""
    seconds: dict[str, float] = field(default_factory=dict, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """The check as the public JSON document has it."""
        return {
            "backend": self.backend,
            "version": self.version,
            "status": self.status,
            "expected_shape": list(self.expected_shape),
            "actual_shape": None if self.actual_shape is None else list(self.actual_shape),
            "max_abs_error": self.max_abs_error,
            "phase_shift": None if self.phase_shift is None else list(self.phase_shift),
            "code": self.code,
            "detail": self.detail,
        }
