"""torch's words: every measured call read as torch ran it, without torch."""

import numpy as np
import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.errors import Refused
from tconv_design.reference import reference


def text_of(row):
    """The call of a row, as a user would paste it."""
    weight, groups = row["weight_shape"], row["args"].get("groups", 1)
    transposed = row["direction"] == "transposed"
    channels = (weight[0], weight[1] * groups) if transposed else (weight[1] * groups, weight[0])
    args = {key: value for key, value in row["args"].items() if key not in ("_output_size", "bias")}
    words = [*map(str, channels), str(kernel(row)), *(f"{key}={value!r}" for key, value in args.items())]
    call = f"{row['op']}({', '.join(words)})"
    asked = row["args"].get("_output_size")
    return call if asked is None else f"{call}(x, output_size={asked!r})"


def read_row(row):
    return read(text_of(row), hints=Hints(batch=row["in_shape"][0]))


@pytest.mark.parametrize("row", rows_of("torch"), ids=name_of)
def test_a_measured_call_is_read_as_torch_ran_it(row):
    expected = out_size(row)
    if expected is None:
        with pytest.raises(Refused):
            read_row(row).output_size(in_size(row))
        return
    reading = read_row(row)
    assert reading.output_size(in_size(row)) == expected
    if row["match"]:
        found = tuple((begin, end - extra) for begin, end, extra in reading.pads(in_size(row)))
        assert found == normal_form(row)


def test_rows_before_a_transposed_convolution_move_its_result_by_the_stride():
    """The values are torch's own."""
    text = "nn.Sequential(nn.ConstantPad1d((1, 1), 0), nn.ConvTranspose1d(1, 1, 4, 2), nn.ConstantPad1d((-3, -1), 0))"
    layer = read(text).layer((3,))
    signal, weight = (np.arange(1, 1 + n, dtype=np.float32).reshape(1, 1, n) for n in (3, 4))
    found = reference(layer, signal, weight, np.zeros(1, np.float32))
    assert found.ravel().tolist() == [2, 5, 8, 9, 14, 9, 12, 0]


def test_no_rows_may_be_left_of_several_samples_and_none_may_be_given():
    """As torch 2.13 has it."""
    nothing_left = read("nn.ConvTranspose1d(1, 1, 1, padding=1)", hints=Hints(batch=2))
    assert nothing_left.output_size((2,)) == (0,)
    with pytest.raises(Refused, match="nothing is given"):
        nothing_left.output_size((0,))
    with pytest.raises(Refused, match="nothing is given"):
        read("nn.ConvTranspose1d(1, 1, 3)", hints=Hints(batch=2)).output_size((0,))
