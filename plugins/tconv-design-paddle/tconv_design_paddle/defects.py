"""What Paddle itself gets wrong, each with a program that shows it.

None touches the words that this backend writes: they name no padding, and a layer leaves at least one row. Users'
own words may, which is what readings of them say.
"""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass

_SOURCE = "https://github.com/PaddlePaddle/Paddle/blob/develop/paddle/phi"
_PADDING, _SHAPES = f"{_SOURCE}/kernels/cpu/conv_util.h", f"{_SOURCE}/infermeta/binary.cc"
_PRELUDE = "import paddle\n\nones = paddle.ones\n"


@dataclass(frozen=True)
class Defect:
    """A wrong result: what is said of it and where it is made, a program that prints it, and what it ought to print.

    `right` is None where an exception would be right.
    """

    reason: str
    link: str
    program: str
    right: str | None

    def shows(self) -> bool:
        """Whether the installed Paddle gets it wrong, found out in a process of its own, which may not survive it."""
        command = [sys.executable, "-c", _PRELUDE + self.program]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if self.right is None:
            return done.returncode < 0 or done.returncode > 127
        return done.returncode == 0 and done.stdout.strip() != self.right


SAME_WITHOUT_DILATION = Defect(
    "padding 'SAME' resets the dilation to 1: UpdatePaddingAndDilation writes it so",
    _PADDING,
    "print(paddle.nn.functional.conv1d(ones([1, 1, 6]), ones([1, 1, 3]), padding='SAME', dilation=2).numpy().tolist())",
    "[[[2.0, 2.0, 3.0, 3.0, 2.0, 2.0]]]",
)
ROW_OF_NOTHING = Defect(
    "a conv whose kernel exceeds the padded input by less than the stride makes one row of nothing",
    _SHAPES,
    "print(paddle.nn.functional.conv1d(ones([1, 1, 1]), ones([1, 1, 2]), stride=3).shape[2])",
    "0",
)
NEGATIVE_SIZE = Defect(
    "a conv or tconv in 2-D of which less than nothing is left ends the process instead of raising",
    _SHAPES,
    "paddle.nn.Conv2DTranspose(1, 1, 3, padding=2)(ones([1, 1, 1, 1])).numpy()",
    None,
)
KNOWN = (SAME_WITHOUT_DILATION, ROW_OF_NOTHING, NEGATIVE_SIZE)
