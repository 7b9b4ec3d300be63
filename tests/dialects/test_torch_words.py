"""torch's words: every measured call read as torch ran it, without torch."""

import pytest
from convention_rows import in_size, kernel, name_of, normal_form, out_size, rows_of

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.errors import Refused


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
