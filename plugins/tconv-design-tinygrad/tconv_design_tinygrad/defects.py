"""What tinygrad itself gets wrong, with a program that shows it.

It touches no words that this backend writes, for they name no padding. Users' own words it may, which is what
readings of them say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Defect:
    """A wrong size: what is said of it and where it is told, an expression that shows it, and its right value."""

    reason: str
    link: str
    expression: str
    right: tuple[int, ...]

    def shows(self) -> bool:
        """Whether the installed tinygrad gets the expression wrong."""
        from tinygrad import Tensor, nn

        return tuple(eval(self.expression, {"Tensor": Tensor, "nn": nn}).shape) != self.right


SAME_OF_THE_OTHER_AXIS = Defect(
    "padding='same' takes each axis's dilation for the other axis: it reverses the kernel, not the dilation",
    "https://github.com/tinygrad/tinygrad/pull/17805",
    "nn.Conv2d(1, 1, (4, 2), padding='same', dilation=(1, 2))(Tensor.ones(1, 1, 3, 3))",
    (1, 1, 3, 3),
)
KNOWN = (SAME_OF_THE_OTHER_AXIS,)
