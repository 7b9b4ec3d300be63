"""A program that stands alone and shows what a framework makes of its words, for a bug report."""

from __future__ import annotations

from tconv_design.dialects.layout import CANONICAL, Layout, weight_steps
from tconv_design.layer import Layer
from tconv_design.matrix.prediction import Prediction
from tconv_design.trial import Trial

_LOAD = {
    "torch": (
        "layer.weight.data = torch.from_numpy(weight)",
        "layer.bias.data = torch.from_numpy(bias)",
        "print(layer(torch.from_numpy(x)))",
    ),
    "keras": ("layer.build(x.shape)", "layer.set_weights([weight, bias])", "print(layer(x))"),
    "flax": (
        "layer.kernel.value, layer.bias.value = jax.numpy.asarray(weight), jax.numpy.asarray(bias)",
        "print(layer(jax.numpy.asarray(x)))",
    ),
    "jax": ("print(layer(jax.numpy.asarray(x), jax.numpy.asarray(weight), jax.numpy.asarray(bias)))",),
    "tensorflow": ("print(layer(x, weight, bias))",),
    "paddle": (
        "layer.weight.set_value(paddle.to_tensor(weight))",
        "layer.bias.set_value(paddle.to_tensor(bias))",
        "print(layer(paddle.to_tensor(x)))",
    ),
    "mlx": ("layer.weight, layer.bias = mx.array(weight), mx.array(bias)", "print(layer(mx.array(x)))"),
    "tinygrad": (
        "layer.weight, layer.bias = Tensor(weight), Tensor(bias)",
        "print(layer(Tensor(x)).numpy())",
    ),
    "onnx": (
        "session = onnxruntime.InferenceSession(layer.SerializeToString())",
        'print(session.run(None, {"X": x, "W": weight, "B": bias})[0])',
    ),
    "onnx-reference": (
        "session = onnx.reference.ReferenceEvaluator(layer)",
        'print(session.run(None, {"X": x, "W": weight, "B": bias})[0])',
    ),
    "openvino": ('print(layer({"X": x, "W": weight, "B": bias})[0])',),
}
_IMPORTS = {
    "flax": "import jax\n",
    "mlx": "import mlx.core as mx\n",
    "onnx": "import onnxruntime\n",
    "onnx-reference": "import onnx.reference\n",
    "tinygrad": "from tinygrad import Tensor\n",
}


def program(backend: str, prediction: Prediction, trial: Trial, expected: str, actual: str) -> str:
    """The words with their imports, numbers that count up, and what must come out and what does, as comments.

    Empty for a backend that nobody here knows how to run: neither it nor its dialect.
    """
    known = backend if backend in _LOAD else prediction.reading.dialect if prediction.reading else ""
    if known not in _LOAD:
        return ""
    layout = prediction.layout
    lines = [_array("x", trial.signal), _array("weight", trial.weight)]
    lines += [f'bias = np.arange(1, {trial.channels + 1}, dtype="float32") * 10']
    if layout.channels_last:
        lines.append("x = np.moveaxis(x, 1, -1).copy()")
    lines += _weight_lines(prediction, layout)
    head = f"import numpy as np\n{_IMPORTS.get(known, '')}{prediction.code}\n"
    return head + "\n".join([*lines, *_LOAD[known], f"# expected: {expected}", f"# {actual}"]) + "\n"


def _array(name: str, shape: tuple[int, ...]) -> str:
    size = 1
    for each in shape:
        size *= each
    return f'{name} = np.arange(1, {size + 1}, dtype="float32").reshape({shape})'


def _weight_lines(prediction: Prediction, layout: Layout) -> list[str]:
    words = prediction.words
    axes = Layer.conv(words.ndim, kernel=words.kernel).axes
    layer = Layer(words.kind, axes, words.groups, words.in_channels, words.out_channels)
    steps = weight_steps(layer, CANONICAL[words.kind], layout)
    return [*steps, "weight = np.ascontiguousarray(weight)"] if steps else []
