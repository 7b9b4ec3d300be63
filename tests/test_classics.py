"""Four layers that people take for one another, by size and by value; the values are those that the frameworks gave."""

import numpy as np
import pytest

from tconv_design.dialects.catalogue import read
from tconv_design.dialects.reading import Hints
from tconv_design.plugins import installed
from tconv_design.reference import reference
from tconv_design.translation import prove, runs, translate
from tconv_design.verification import verify

INSTALLED = {each.name for each in installed()}
X = np.arange(1, 4, dtype=np.float32).reshape(1, 1, 3)
W = np.arange(1, 4, dtype=np.float32).reshape(1, 1, 3)
KERAS_SAME = "layers.Conv1DTranspose(1, 3, strides=2, padding='same')"
TORCH = "nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1, output_padding=1)"


def values(text, in_=3):
    layer = read(text).layer((in_,))
    return reference(layer, X, W, np.zeros(1, np.float32)).ravel().tolist()


def only(layer, in_, name, source=None):
    (found,) = translate(layer, (in_,), [name], source)
    return found


def test_keras_same_is_not_torch_with_an_output_padding():
    assert values(KERAS_SAME) == [1, 2, 5, 4, 9, 6]
    assert values(TORCH) == [2, 5, 4, 9, 6, 9]


def test_keras_same_in_torch_is_no_padding_and_the_last_row_cropped():
    found = only(read(KERAS_SAME).layer((3,)), 3, "torch")
    assert found.status == "equivalent"
    assert "torch.nn.ConvTranspose1d(1, 1, 3, stride=2)," in found.code
    assert "torch.nn.ConstantPad1d((0, -1), 0)" in found.code
    (trap,) = [note for note in found.notes if "is not this layer" in note]
    assert trap.startswith("torch.nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1, output_padding=1) has the same size")
    assert trap.endswith("its values arrive 1 row earlier")


def test_keras_valid_reaches_to_the_stride_and_torch_needs_output_padding():
    reading = read("keras.layers.Conv1DTranspose(1, 2, strides=3, padding='valid')")
    assert reading.output_size((5,)) == (15,)
    assert "torch.nn.ConvTranspose1d(1, 1, 2, stride=3, output_padding=1)" in only(reading.layer((5,)), 5, "torch").code


@pytest.mark.parametrize(
    ("padding", "out"),
    [("'VALID'", 512), ("[(0, 0)]", 506), ("[(0, 0)], use_consistent_padding=True", 512)],
)
def test_jax_pads_the_dilated_input_unless_told_otherwise(padding, out):
    reading = read(f"lax.conv_transpose(x, w, (4,), {padding})", hints=Hints(kernel=(4,)))
    assert reading.output_size((128,)) == (out,)


def test_onnx_same_with_output_padding_is_6_for_the_runtime_and_7_for_inference():
    text = "ConvTranspose(kernel_shape=[3], strides=[2], auto_pad='SAME_UPPER', output_padding=[1])"
    reading = read(text, "onnx")
    assert reading.output_size((3,)) == (6,)
    assert any("7" in note or "in*stride" in note for note in reading.notes)
    assert values(text) == [2, 5, 4, 9, 6, 9]


@pytest.mark.parametrize("text", [KERAS_SAME, TORCH], ids=["keras", "torch"])
def test_the_classics_are_proved_on_every_installed_framework(text):
    reading = read(text)
    layer = reading.layer((3,))
    found = prove(translate(layer, (3,), source=reading.layout), layer, (3,), sorted(INSTALLED))
    ran = {check.backend: check.status for each in found for check in each.checks}
    assert ran == {name: "agrees" for name in INSTALLED if runs(name) in {each.dialect for each in found}}
    assert {check.status for check in verify(layer, 3)} == {"agrees"}
