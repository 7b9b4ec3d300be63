"""Words that another framework means otherwise, and what a framework is known to get wrong."""

import pytest

from tconv_design.linting.case import case_of
from tconv_design.linting.traps import dialect_trap
from tconv_design.pasted import reading_of

NODE = "helper.make_node('ConvTranspose', ['x', 'w'], ['y'], kernel_shape=[3, 3], strides=[2, 2]{})"

# the layer as code; the severity; a part of what is said
TRAPS = {
    "flax does not turn the kernel round": (
        "nnx.ConvTranspose(8, 8, kernel_size=(3, 3), strides=2, rngs=rngs)", "note", "transpose_kernel=False"),
    "an int is one axis in flax": ("nnx.ConvTranspose(8, 8, kernel_size=3, rngs=rngs)", "note", "one axis"),
    "Keras's output_padding is not torch's": (
        "keras.layers.Conv2DTranspose(8, 3, strides=2, padding='same', output_padding=1)", "note",
        "it is not torch's output_padding"),
    "onnx's output_shape crops at the beginning": (
        NODE.format(", output_shape=[8, 8]"), "warning", "output_shape without auto_pad SAME_UPPER"),
    "onnx's auto_pad with output_padding": (
        NODE.format(", auto_pad='SAME_UPPER', output_padding=[1, 1]"), "warning", "shape inference says"),
    "paddle drops dilation under SAME": (
        "paddle.nn.Conv2DTranspose(8, 8, 3, stride=2, padding='SAME', dilation=2)", "warning",
        "resets dilation 2 to 1"),
}  # fmt: skip
FINE = {
    "torch": "nn.ConvTranspose2d(8, 8, 4, stride=2, padding=1)",
    "an activation": "keras.layers.Conv2D(8, 3, activation='relu')",
    "onnx with pads": NODE.format(", pads=[0, 0, 1, 1]"),
    "flax as torch has it": "nnx.ConvTranspose(8, 8, kernel_size=(3,), padding='VALID', transpose_kernel=True, rngs=r)",
}


def said(text):
    return list(dialect_trap(case_of(reading_of({"layer": text}), None, None)))


@pytest.mark.parametrize(("text", "severity", "part"), TRAPS.values(), ids=TRAPS)
def test_a_trap_is_told(text, severity, part):
    assert [each for each, message in said(text) if part in message] == [severity]


@pytest.mark.parametrize("text", FINE.values(), ids=FINE)
def test_words_that_mean_what_they_look_like_get_nothing_said(text):
    assert said(text) == []


def test_a_known_defect_is_an_error(monkeypatch):
    from dataclasses import replace

    reading = replace(reading_of({"layer": FINE["torch"]}), defect=lambda in_size: f"wrong at {in_size[0]}")
    assert list(dialect_trap(case_of(reading, None, (7, 7)))) == [("error", "ConvTranspose2d: wrong at 7")]


def test_a_defect_of_one_backend_is_a_warning():
    text = "keras.layers.Conv2DTranspose(8, 4, strides=2, padding='same', output_padding=0)"
    ((severity, message), *_) = said(text)
    assert (severity, message.partition(" raises")[0]) == ("warning", "Conv2DTranspose: Keras on tensorflow")
