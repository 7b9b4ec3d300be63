"""The small grid holds what has been found wrong in frameworks, and each question once."""

import pytest

from tconv_design.dialects.writing import Words
from tconv_design.matrix.words import NAMES, Asked, small_grid

GRID = small_grid(("same", "valid", "same_lower"))


def line(kind, in_, kernel, stride, padding, dilation=1):
    return Asked(Words(kind, (kernel,), (stride,), (dilation,), padding), (in_,))


# the calls by which defects were first shown
KNOWN = {
    "mlx crops its input": line("tconv", 5, 3, 2, ((3, 3),)),
    "mlx reads beyond its input": line("conv", 2, 4, 3, ((0, 0),)),
    "paddle makes a row of nothing": line("conv", 1, 2, 3, ((0, 0),)),
    "paddle drops the dilation": line("conv", 5, 3, 1, "same", 2),
    "paddle dies of a negative size": Asked(Words("tconv", (3, 3), (1, 1), (1, 1), ((2, 2), (2, 2))), (1, 1)),
    "onnxruntime starts too late": line("conv", 4, 1, 4, "same"),
    "onnxruntime starts too late, the odd row at the begin": line("conv", 5, 1, 5, "same_lower"),
    "tensorflow returns its memory": Asked(Words("conv", (3, 3), (1, 1), (1, 1), ((0, 0), (0, 0))), (2, 2)),
    "tensorflow starts conv3d too late": Asked(Words("conv", (1, 1, 1), (3, 1, 1), (1, 1, 1), "same"), (3, 3, 3)),
    "onednn mixes up rows": Asked(Words("conv", (1, 2), (1, 3), (1, 1), ((0, 0), (0, 0))), (3, 2)),
    "tinygrad dilates the other axis": Asked(Words("conv", (4, 2), (1, 1), (1, 2), "same"), (3, 4)),
    "xla aborts": Asked(Words("tconv", (3, 2, 1), (1, 2, 1), (1, 1, 1), ((1, 1), (0, 0), (0, 0))), (1, 3, 1)),
    "an input without rows": line("tconv", 0, 3, 2, ((0, 0),)),
}


@pytest.mark.parametrize("asked", KNOWN.values(), ids=KNOWN)
def test_the_grid_asks(asked):
    assert asked in GRID


def test_no_question_is_asked_twice():
    assert len(set(GRID)) == len(GRID)


def test_the_grid_stays_small():
    assert max(len(small_grid(names)) for names in NAMES.values()) < 3000
