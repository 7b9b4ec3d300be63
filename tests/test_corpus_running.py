"""The rows of tests/data/layers.jsonl that come from torch and TensorFlow have their sizes when these run them."""

import json
from pathlib import Path

import numpy as np
import pytest

from tconv_design.layer import Layer
from tconv_design.worker import build

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "layers.jsonl").read_text("utf-8").splitlines()]
BACKENDS = {"torch": "tconv_design_torch", "keras/tf": "tconv_design_tensorflow", "tf.nn": "tconv_design_tensorflow"}
RUN_HERE = [row for row in ROWS if row["framework"] in BACKENDS]


def layer_of(row):
    """The row's layer with one channel per group, which changes no size."""
    parameters = {name: row[name] for name in ("kernel", "stride", "dilation", "groups")}
    parameters["padding"] = list(zip(row["pad_begin"], row["pad_end"], strict=True))
    parameters |= {"in_channels": row["groups"], "out_channels": row["groups"]}
    if row["op"] == "conv":
        return Layer.conv(row["ndim"], **parameters)
    return Layer.tconv(row["ndim"], output_padding=row["output_padding"], **parameters)


def test_most_rows_come_from_these_frameworks():
    assert len(ROWS) == 248
    assert len(RUN_HERE) == 213


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@pytest.mark.parametrize("row", RUN_HERE, ids=[row["id"] for row in RUN_HERE])
def test_a_row_has_its_size_when_its_framework_runs_it(row):
    pytest.importorskip("torch" if row["framework"] == "torch" else "tensorflow")
    backend = pytest.importorskip(BACKENDS[row["framework"]]).tconv_backend()
    layer, in_size = layer_of(row), tuple(row["in"])
    signal = np.zeros((1, layer.in_channels, *in_size), "f4")
    weight, bias = np.zeros(layer.weight_shape, "f4"), np.zeros(layer.out_channels, "f4")
    result = backend.run(build(backend.code(layer, in_size)), signal, weight, bias)
    assert result.shape == (1, layer.out_channels, *row["out"])
