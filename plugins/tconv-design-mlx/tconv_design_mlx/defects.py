"""What mlx itself gets wrong, each with an expression that shows it.

None touches the words that this backend writes: where padding would be cropped wrongly, they crop the full result.
Users' own words may, which is what readings of them say.
"""

from __future__ import annotations

from dataclasses import dataclass

_SOURCE = "https://github.com/ml-explore/mlx/blob/main/mlx/ops.cpp"


@dataclass(frozen=True)
class Defect:
    """A wrong result: what is said of it and where it is made, an expression that shows it, and its right shape."""

    reason: str
    link: str
    expression: str
    right: tuple[int, ...]

    def shows(self) -> bool:
        """Whether the installed mlx gets the expression wrong; an exception is right where nothing is left."""
        import mlx.core as mx

        try:
            return tuple(eval(self.expression, {"mx": mx}).shape) != self.right
        except ValueError:
            return 0 not in self.right


CROP_BEFORE_DILATION = Defect(
    "a tconv with stride > 1 and padding > dilation*(kernel-1) crops rows of the input, not of the dilated input",
    _SOURCE,
    "mx.conv_transpose1d(mx.ones((1, 5, 1)), mx.ones((1, 3, 1)), stride=2, padding=3)",
    (1, 5, 1),
)
CROP_BEYOND_THE_INPUT = Defect(
    "a crop of more rows than the input has makes rows of what is not there",
    _SOURCE,
    "mx.conv_transpose1d(mx.ones((1, 3, 1)), mx.ones((1, 2, 1)), padding=6, output_padding=9)",
    (1, 1, 1),
)
ROW_OF_NOTHING = Defect(
    "a conv whose kernel exceeds the padded input by less than the stride makes one row, of memory beyond the input",
    _SOURCE,
    "mx.conv1d(mx.ones((1, 1, 1)), mx.ones((1, 2, 1)), stride=3)",
    (1, 0, 1),
)
KNOWN = (CROP_BEFORE_DILATION, CROP_BEYOND_THE_INPUT, ROW_OF_NOTHING)
