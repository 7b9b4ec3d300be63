"""Code as people write it, in every framework: what is told of it, and above all what is not."""

import pytest

from tconv_design.linting.source import of_source

DCGAN = """
import torch.nn as nn
main = nn.Sequential(
    nn.ConvTranspose2d(nz, ngf * 8, 4, 1, 0, bias=False),
    nn.BatchNorm2d(ngf * 8),
    nn.ReLU(True),
    nn.ConvTranspose2d(ngf * 8, ngf * 4, 4, 2, 1, bias=False),
    nn.ConvTranspose2d(ngf, nc, 4, 2, 1, bias=False),
    nn.Tanh(),
)
"""
HIFI_GAN = """
from torch.nn import Conv1d, ConvTranspose1d, Conv2d
from torch.nn.utils import weight_norm
pre = weight_norm(Conv1d(80, h.upsample_initial_channel, 7, 1, padding=3))
ups = [
    weight_norm(ConvTranspose1d(h.c // (2**i), h.c // (2 ** (i + 1)), k, u, padding=(k - u) // 2))
    for i, (u, k) in enumerate(zip(h.upsample_rates, h.upsample_kernel_sizes))
]
convs = norm_f(Conv2d(1, 32, (kernel_size, 1), (stride, 1), padding=(get_padding(5, 1), 0)))
"""
TORCH = """
import torch
from torch import nn
nn.Conv2d(3, 64, kernel_size=7, stride=2, padding=3, bias=False)
nn.Conv2d(512, 512, 3, padding="same")
nn.Conv2d(64, 64, 3, 1, 1, 1, 64)
nn.Conv1d(1, 1, 3, padding=(3 - 1) * 2, dilation=2)
nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular")
nn.LazyConvTranspose2d(64, 2, stride=2)
nn.ConvTranspose2d(21, 21, kernel_size=64, stride=32, bias=False)
nn.ConvTranspose1d(64, 64, (4,), (2,), (1,), groups=64)
"""
KERAS = """
import keras
from tensorflow.keras import layers
keras.layers.Conv2DTranspose(128, kernel_size=4, strides=2, padding="same")
layers.Conv2D(64, (5, 5), strides=(2, 2), padding="same", input_shape=[28, 28, 1])
layers.Conv2D(64, 3, activation="relu", padding="same", kernel_initializer="he_normal")
layers.Conv1D(16, 3, padding="causal", dilation_rate=4)
layers.Conv2DTranspose(32, (2, 2), strides=(2, 2), padding="valid")
"""
FLAX = """
import flax.linen as nn
from flax import nnx
nn.ConvTranspose(features=64, kernel_size=(4, 4), strides=(2, 2), padding="SAME")(z)
nn.Conv(features=32, kernel_size=(3, 3))(z)
nnx.Conv(3, 32, kernel_size=(3, 3), padding="CIRCULAR", rngs=rngs)
"""
ONNX = """
from onnx import helper
helper.make_node("ConvTranspose", ["X", "W"], ["Y"], strides=[2, 2], kernel_shape=[4, 4], pads=[1, 1, 1, 1])
helper.make_node("Conv", inputs=["x", "W"], outputs=["y"], kernel_shape=[3, 3], pads=[1, 1, 1, 1])
helper.make_node("Relu", ["Y"], ["Z"])
"""
PADDLE = """
import paddle.nn as nn
nn.Conv2DTranspose(64, 32, kernel_size=2, stride=2, padding=0)
nn.Conv2DTranspose(64, 32, 4, stride=2, padding=1)
nn.Conv2D(3, 8, 3, padding=1, padding_mode="reflect")
"""
MLX = """
import mlx.nn as nn
nn.ConvTranspose2d(64, 32, kernel_size=4, stride=2, padding=1)
nn.Conv2d(3, 8, 3, padding=1)
"""
TINYGRAD = """
from tinygrad import nn
nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)
nn.Conv2d(1, 32, 5)
"""
# the source; how many convolutions are in it, and how many of them have no numbers
SOUND = {
    "DCGAN": (DCGAN, 3, 0),
    "HiFi-GAN": (HIFI_GAN, 3, 2),
    "torch": (TORCH, 8, 0),
    "keras": (KERAS, 5, 0),
    "flax": (FLAX, 3, 0),
    "onnx": (ONNX, 2, 0),
    "paddle": (PADDLE, 3, 0),
    "mlx": (MLX, 2, 0),
    "tinygrad": (TINYGRAD, 2, 0),
}


@pytest.mark.parametrize(("text", "calls", "passed"), SOUND.values(), ids=SOUND)
def test_sound_code_is_read_whole_and_gets_notes_only(text, calls, passed):
    found = of_source(text, "net.py", None, ())
    assert (found.calls, found.passed) == (calls, passed)
    assert [each for each in found.findings if each.severity != "note"] == []


# a source of one line behind its import; the rules that it breaks
UNSOUND = {
    "the DCGAN of TensorFlow's tutorial": (
        "from tensorflow.keras import layers\nlayers.Conv2DTranspose(64, (5, 5), strides=(2, 2), padding='same')",
        ["uneven-overlap"]),
    "Keras, dilated and strided": (
        "import keras\nkeras.layers.Conv2DTranspose(8, 3, strides=2, dilation_rate=2)", ["refused"]),
    "Keras, groups": ("import keras\nkeras.layers.Conv1DTranspose(8, 3, groups=2)", ["refused"]),
    "mlx crops its input": ("import mlx.nn as nn\nnn.ConvTranspose1d(8, 8, 3, stride=3, padding=3)", ["dialect-trap"]),
    "tinygrad": ("from tinygrad import nn\nnn.ConvTranspose2d(8, 8, 2, stride=3)", ["holes"]),
    "flax": ("import flax.linen as nn\nnn.ConvTranspose(64, (3, 3), (2, 2))", ["uneven-overlap"]),
    "paddle forgets the dilation": (
        "import paddle.nn as nn\nnn.Conv2DTranspose(8, 8, 3, padding='SAME', dilation=2)", ["dialect-trap"]),
    "onnx": (
        "import onnx\nonnx.helper.make_node('ConvTranspose', ['x', 'w'], ['y'], kernel_shape=[4], strides=[2], "
        "auto_pad='SAME_UPPER', output_padding=[1])", ["dialect-trap"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "rules"), UNSOUND.values(), ids=UNSOUND)
def test_unsound_code_is_told_in_every_framework(text, rules):
    found = of_source(text, "net.py", None, ()).findings
    assert [each.rule for each in found if each.severity != "note"] == rules
