"""The measured calls of every framework: what was asked, and the size or the refusal that came of it."""

import json
from pathlib import Path

ROWS = [
    json.loads(line) for line in (Path(__file__).parent / "data" / "conventions.jsonl").read_text("utf-8").splitlines()
]


def rows_of(*frameworks):
    """The rows of some frameworks, as the data name them: torch, keras-tf, jax.conv_transpose, ..."""
    return [row for row in ROWS if row["framework"] in frameworks]


def name_of(row):
    return f"{row['id']}-{row['framework']}"


def in_size(row):
    return _spatial(row["in_shape"], row["layout"]["x"])


def kernel(row):
    return _spatial(row["weight_shape"], row["layout"]["w"].partition("(")[0])  # "WIO(spatially flipped)"


def out_size(row):
    """The size per axis that the framework made, or None where it refused or died."""
    return _spatial(row["out_shape"], row["layout"]["x"]) if row["status"] == "ok" else None


def normal_form(row):
    """(pad_begin, pad_end - output_padding) per axis of what the arguments were found to mean; None where nothing."""
    canonical = row.get("canonical")
    if canonical is None:
        return None
    return tuple((b, e - o) for b, e, o in zip(canonical["pb"], canonical["pe"], canonical["op"], strict=True))


def _spatial(shape, letters):
    return tuple(size for size, letter in zip(shape, letters, strict=True) if letter in "DHW")
