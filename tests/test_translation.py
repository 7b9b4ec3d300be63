"""Translations: the weight's lines do what the plugins do, and what only looks the same really is another layer."""

from itertools import product

import numpy as np
import pytest
from normal_forms import normal_form

from tconv_design.dialects.catalogue import NAMES, dialect, read
from tconv_design.dialects.layout import CANONICAL, Layout, weight_from_canonical, weight_steps
from tconv_design.dialects.reading import Hints
from tconv_design.errors import InvalidQuestion, NotExpressible
from tconv_design.grid import GRID
from tconv_design.layer import Layer
from tconv_design.translation import targets, translate

LAYOUTS = {
    "tconv": [
        Layout(False, "Iok"),
        Layout(True, "koI"),
        Layout(True, "kiO", True),
        Layout(True, "Oki"),
        Layout(True, "kIo"),
    ],
    "conv": [Layout(False, "Oik"), Layout(True, "kiO"), Layout(True, "Oki")],
}
LAYERS = [
    Layer.tconv(1, kernel=3, stride=2, in_channels=4, out_channels=6),
    Layer.tconv(2, kernel=(2, 3), stride=2, groups=2, in_channels=4, out_channels=6),
    Layer.tconv(3, kernel=(1, 2, 3), groups=3, in_channels=3, out_channels=6),
    Layer.conv(2, kernel=(2, 3), groups=2, in_channels=4, out_channels=6),
    Layer.conv(1, kernel=3, in_channels=4, out_channels=6),
]


def numbered(layer):
    return np.arange(np.prod(layer.weight_shape)).reshape(layer.weight_shape)


def by_hand(weight, layer, layout):
    """The weight in another layout, element by element, from what its axes mean."""
    result = np.empty(layout.weight_shape(layer), weight.dtype)
    for place in np.ndindex(*weight.shape):
        first, second, *taps = place
        inner = layer.out_channels if layer.kind == "tconv" else layer.in_channels
        group = first // (weight.shape[0] // layer.groups)
        whole_second = group * (inner // layer.groups) + second
        each = weight.shape[0] // layer.groups
        named = {"I": first, "i": first % each, "O": whole_second, "o": second}
        if layer.kind == "conv":
            named = {"O": first, "o": first % each, "I": whole_second, "i": second}
        if layout.flipped:
            taps = [size - 1 - tap for size, tap in zip(layer.kernel, taps, strict=True)]
        index = sum(((tuple(taps) if letter == "k" else (named[letter],)) for letter in layout.weight), ())
        result[index] = weight[place]
    return result


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_a_canonical_weight_becomes_each_layout(layer):
    for layout in LAYOUTS[layer.kind]:
        moved = weight_from_canonical(numbered(layer), layer, layout)
        np.testing.assert_array_equal(moved, by_hand(numbered(layer), layer, layout), str(layout))


@pytest.mark.parametrize("layer", LAYERS, ids=str)
def test_the_lines_that_are_shown_turn_any_layout_into_any_other(layer):
    for source, target in product(LAYOUTS[layer.kind], repeat=2):
        names = {"np": np, "weight": by_hand(numbered(layer), layer, source)}
        for line in weight_steps(layer, source, target):
            exec(line, names)
        expected = by_hand(numbered(layer), layer, target)
        np.testing.assert_array_equal(names["weight"], expected, f"{source} to {target}")


def test_a_layout_that_stays_needs_no_line():
    layer = LAYERS[1]
    assert weight_steps(layer, CANONICAL["tconv"], CANONICAL["tconv"]) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_of_the_grid_is_said_and_read_back(name):
    """The round trip: paste what `translate` wrote, and it is the same layer; Keras's layers do not say in_channels."""
    said = 0
    for case in GRID:
        (found,) = translate(case.layer, case.in_size, [name])
        if found.status == "cannot":
            assert found.why.startswith(f"cannot be said in {name}: ")
            assert found.nearest
            continue
        spoken = name if name == "openvino" else None  # its words are onnx's
        hints = Hints(in_channels=case.layer.in_channels)
        again = read(found.code, spoken, hints).layer(case.in_size)
        assert normal_form(again, case.in_size) == normal_form(case.layer, case.in_size), found.code
        said += 1
    assert said > len(GRID) / 2


def test_what_only_looks_the_same_is_one_call_of_the_same_size_and_another_layer():
    traps = 0
    for case in GRID:
        for found in translate(case.layer, case.in_size, ("torch", "keras", "flax", "paddle")):
            for note in (note for note in found.notes if "is not this layer" in note):
                call = note.partition(" has the same size")[0]
                other = read(call, found.dialect).layer(case.in_size)
                assert other.output_size(case.in_size) == case.layer.output_size(case.in_size)
                assert normal_form(other, case.in_size)[1] != normal_form(case.layer, case.in_size)[1]
                traps += 1
    assert traps > 10


def test_groups_of_a_transposed_layer_cannot_be_said_in_flax():
    layer = Layer.tconv(1, kernel=3, groups=2, in_channels=2, out_channels=2)
    with pytest.raises(NotExpressible):
        dialect("flax").write(layer, (4,))
    (found,) = translate(layer, (4,), ["flax"])
    assert (found.status, found.code) == ("cannot", "")
    assert "groups" in found.why


def test_targets_are_names_of_dialects():
    assert targets(None) == NAMES
    assert targets("keras, torch,keras") == ("keras", "torch")
    with pytest.raises(InvalidQuestion, match="unknown dialect 'pytorch'; did you mean torch"):
        targets("keras,pytorch")
    with pytest.raises(InvalidQuestion, match=r"unknown dialect 'TF'; did you mean tensorflow\?"):
        targets("TF")
    with pytest.raises(InvalidQuestion, match=r"unknown dialect 'kera'; did you mean keras\?"):
        targets("kera")
