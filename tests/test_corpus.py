"""Layers that people really use, with sizes that others measured: every size and every parameter is found again."""

import json
from pathlib import Path

import numpy as np
import pytest

import tconv_design
from tconv_design.layer import Layer
from tconv_design.worker import build

ROWS = [json.loads(line) for line in (Path(__file__).parent / "data" / "layers.jsonl").read_text("utf-8").splitlines()]
UNKNOWNS = ("kernel", "stride", "dilation", "in", "padding")
MANY = 10**9


def row_id(row):
    return row["id"]


def options_of(row):
    """A row in the words of the product, everything given."""
    joined = {name: "x".join(map(str, row[name])) for name in ("in", "out", "kernel", "stride", "dilation")}
    pads = zip(row["pad_begin"], row["pad_end"], strict=True)
    options = {**joined, "padding": "x".join(f"{begin}:{end}" for begin, end in pads), "kind": row["op"]}
    options |= {name: row[name] for name in ("groups", "in_channels", "out_channels")}
    if row["op"] == "tconv":
        options["output_padding"] = "x".join(map(str, row["output_padding"]))
    return options


def solve(options, **more):
    options = options | more
    return tconv_design.solve(options.pop("in", None), options.pop("out", None), **options)


def unknown(row, name):
    """The text that asks for one parameter alone: `?:?` on the axes whose padding is uneven."""
    if name != "padding":
        return "?"
    pads = zip(row["pad_begin"], row["pad_end"], strict=True)
    return "x".join("?" if begin == end else "?:?" for begin, end in pads)


def value(row, name):
    if name == "padding":
        return tuple(zip(row["pad_begin"], row["pad_end"], strict=True))
    return tuple(row[name])


def found(solution, name):
    return solution.in_size if name == "in" else getattr(solution.layer, name)


def test_the_corpus_is_whole():
    assert len(ROWS) == 248
    assert all(row["source"] for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_out_follows_from_the_rest(row):
    options = options_of(row)
    del options["out"]
    (solution,) = solve(options).solutions
    assert list(solution.out_size) == row["out"]
    assert solution.layer.in_channels == row["in_channels"]
    assert solution.layer.groups == row["groups"]


@pytest.mark.parametrize("name", UNKNOWNS)
@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_a_parameter_that_alone_is_asked_for_is_found_again(row, name):
    asked = options_of(row) | {name: unknown(row, name)}
    count = solve(asked, limit=0).count
    assert 1 <= count < MANY
    answer = solve(asked, limit=count)
    assert len(answer.solutions) == count
    assert value(row, name) in {found(solution, name) for solution in answer.solutions}


@pytest.mark.parametrize("row", ROWS, ids=row_id)
def test_every_solution_gives_the_size_that_was_measured(row):
    for name in UNKNOWNS:
        for solution in solve(options_of(row) | {name: unknown(row, name)}, limit=50).solutions:
            assert list(solution.layer.output_size(solution.in_size)) == row["out"], (name, solution.layer)


# --- the rows that come from torch and TensorFlow, run by these


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


def test_most_rows_come_from_torch_and_tensorflow():
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
