"""Real programs that fail in their own framework, and layers as that framework runs them."""

import linecache
import traceback

import numpy as np

IMPORTS = {
    "torch": "import torch\nfrom torch import nn\nimport torch.nn.functional as F",
    "tensorflow": "import tensorflow as tf",
    "keras": "import numpy as np\nimport keras\nfrom keras import layers",
    "jax": "import jax.numpy as jnp\nfrom jax import lax",
    "flax": "import jax.numpy as jnp\nfrom flax import nnx",
    "onnxruntime": "import numpy as np\nimport onnx\nfrom onnx import helper\nimport onnxruntime",
    "onnx": "import numpy as np\nimport onnx\nfrom onnx import helper\nimport onnx.reference",
    "openvino": "import numpy as np\nfrom onnx import helper\nimport openvino",
    "paddle": "import paddle\nimport paddle.nn.functional as F",
    "mlx": "import mlx.core as mx\nimport mlx.nn as nn",
    "tinygrad": "import os\nos.environ.setdefault('DEV', 'PYTHON')\nfrom tinygrad import Tensor, nn",
}
RUNTIMES = ("onnx", "onnxruntime", "openvino")
SESSION = """
def model(node, *shapes):
    names = [value for value in node.input]
    inputs = [helper.make_tensor_value_info(name, 1, shape) for name, shape in zip(names, shapes)]
    output = helper.make_tensor_value_info(node.output[0], 1, None)
    graph = helper.make_graph([node], "g", inputs, [output])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
def feed(node, shapes):
    return {name: np.ones(shape, "float32") for name, shape in zip(node.input, shapes)}
def run(node, *shapes):
    onnxruntime.set_default_logger_severity(4)
    unknown = [[None] * len(shape) for shape in shapes]
    session = onnxruntime.InferenceSession(model(node, *unknown).SerializeToString())
    return session.run(None, feed(node, shapes))[0]
def compiled(node, *shapes):
    read = openvino.Core().read_model(model(node, *shapes).SerializeToString())
    return openvino.Core().compile_model(read, "CPU")(list(feed(node, shapes).values()))[0]
def evaluate(node, *shapes):
    return onnx.reference.ReferenceEvaluator(model(node, *shapes)).run(None, feed(node, shapes))[0]
"""


def message_of(framework, code):
    """The traceback that a program ends with, with the program's own lines, as a user sees it."""
    lines = f"{IMPORTS[framework]}\n{SESSION if framework in RUNTIMES else ''}\n{code}".splitlines(keepends=True)
    name = f"train_{framework}.py"
    linecache.cache[name] = (0, None, lines, name)
    try:
        exec(compile("".join(lines), name, "exec"), {})
    except BaseException:
        return traceback.format_exc()
    raise AssertionError(f"{framework} runs this: {code}")


def pads(axis):
    """(begin, end) net crops of a tconv's full result; the end may be negative."""
    return axis.pad_begin, axis.pad_end - axis.output_padding


def cut(layer, full, last=False):
    """Slices that crop a full result of sizes `full`, without the rows that are added after it."""
    rows = [slice(pads(axis)[0], size - max(pads(axis)[1], 0)) for axis, size in zip(layer.axes, full, strict=True)]
    return (slice(None), *rows, slice(None)) if last else (slice(None), slice(None), *rows)


def run_torch(layer, in_size):
    import torch

    n, x = layer.ndim, torch.ones(1, layer.in_channels, *in_size)
    common = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups}
    if layer.kind == "conv":
        flat = [side for axis in reversed(layer.axes) for side in (axis.pad_begin, axis.pad_end)]
        x = torch.nn.functional.pad(x, flat)
        module = getattr(torch.nn, f"Conv{n}d")(layer.in_channels, layer.out_channels, layer.kernel, **common)
        return tuple(module(x).shape[2:])
    make = getattr(torch.nn, f"ConvTranspose{n}d")
    limits = [max(axis.stride, axis.dilation) for axis in layer.axes]
    gaps = [begin - end for begin, end in map(pads, layer.axes)]
    if all(0 <= gap < limit for gap, limit in zip(gaps, limits, strict=True)):
        begins = [begin for begin, _ in map(pads, layer.axes)]
        made = make(layer.in_channels, layer.out_channels, layer.kernel, padding=begins, output_padding=gaps, **common)
        return tuple(made(x).shape[2:])
    more = [max(-end, 0) for _, end in map(pads, layer.axes)]
    y = make(layer.in_channels, layer.out_channels, layer.kernel, output_padding=more, **common)(x)
    return tuple(y[cut(layer, y.shape[2:])].shape[2:])


def run_tensorflow(layer, in_size):
    import tensorflow as tf

    n, x = layer.ndim, tf.ones((1, *in_size, layer.in_channels))
    strides = [1, *layer.stride, 1] if n == 3 else list(layer.stride)
    dilations = [1, *layer.dilation, 1] if n == 3 else list(layer.dilation)
    if layer.kind == "conv":
        x = tf.pad(x, [(0, 0), *layer.padding, (0, 0)])
        weight = tf.ones((*layer.kernel, layer.in_channels // layer.groups, layer.out_channels))
        return tuple(getattr(tf.nn, f"conv{n}d")(x, weight, strides, "VALID", dilations=dilations).shape[1:-1])
    weight = tf.ones((*layer.kernel, layer.out_channels, layer.in_channels))
    full = [axis.full(size) + max(-pads(axis)[1], 0) for axis, size in zip(layer.axes, in_size, strict=True)]
    call = getattr(tf.nn, f"conv{n}d_transpose")
    y = call(x, weight, (1, *full, layer.out_channels), strides, "VALID", dilations=dilations)
    return tuple(y[cut(layer, full, last=True)].shape[1:-1])


def run_keras(layer, in_size):
    import keras

    n, x = layer.ndim, np.ones((1, *in_size, layer.in_channels), "float32")
    common = {"strides": layer.stride, "dilation_rate": layer.dilation}
    if layer.kind == "conv":
        x = np.pad(x, [(0, 0), *layer.padding, (0, 0)])
        made = getattr(keras.layers, f"Conv{n}D")(layer.out_channels, layer.kernel, groups=layer.groups, **common)
        return tuple(made(x).shape[1:-1])
    more = tuple(max(-pads(axis)[1], 0) for axis in layer.axes)
    make = getattr(keras.layers, f"Conv{n}DTranspose")
    y = make(layer.out_channels, layer.kernel, output_padding=more, **common)(x)
    return tuple(y[cut(layer, y.shape[1:-1], last=True)].shape[1:-1])


def run_jax(layer, in_size):
    import jax.numpy as jnp
    from jax import lax

    x = jnp.ones((1, layer.in_channels, *in_size))
    weight = jnp.ones((layer.out_channels, layer.in_channels // layer.groups, *layer.kernel))
    groups = {"feature_group_count": layer.groups, "rhs_dilation": layer.dilation}
    if layer.kind == "conv":
        return tuple(lax.conv_general_dilated(x, weight, layer.stride, list(layer.padding), **groups).shape[2:])
    K = [axis.effective_kernel for axis in layer.axes]
    sides = [(k - 1 - pads(axis)[0], k - 1 - pads(axis)[1]) for k, axis in zip(K, layer.axes, strict=True)]
    ones = (1,) * layer.ndim
    return tuple(lax.conv_general_dilated(x, weight, ones, sides, lhs_dilation=layer.stride, **groups).shape[2:])


def run_onnxruntime(layer, in_size):
    return run_node("onnxruntime", "run", layer, in_size)


def run_openvino(layer, in_size):
    return run_node("openvino", "compiled", layer, in_size)


def run_node(framework, run, layer, in_size):
    names = {}
    exec(IMPORTS[framework] + SESSION, names)
    ends = [pads(axis)[1] if layer.kind == "tconv" else axis.pad_end for axis in layer.axes]
    attributes = {
        "pads": [*(axis.pad_begin for axis in layer.axes), *(max(end, 0) for end in ends)],
        "strides": layer.stride,
        "dilations": layer.dilation,
        "group": layer.groups,
    }
    if layer.kind == "tconv":
        attributes["output_padding"] = [max(-end, 0) for end in ends]
    op = "Conv" if layer.kind == "conv" else "ConvTranspose"
    node = names["helper"].make_node(op, ["X", "W"], ["Y"], **attributes)
    return names[run](node, (1, layer.in_channels, *in_size), layer.weight_shape).shape[2:]


def run_paddle(layer, in_size):
    import paddle

    n, x = layer.ndim, paddle.ones((1, layer.in_channels, *in_size))
    common = {"stride": list(layer.stride), "dilation": list(layer.dilation), "groups": layer.groups}
    if layer.kind == "conv":
        sides = [side for pair in layer.padding for side in pair]
        made = getattr(paddle.nn, f"Conv{n}D")(
            layer.in_channels, layer.out_channels, layer.kernel, padding=sides, **common
        )
        return tuple(made(x).shape[2:])
    sides = [side for axis in layer.axes for side in (axis.pad_begin, max(pads(axis)[1], 0))]
    more = [max(-pads(axis)[1], 0) for axis in layer.axes]
    make = getattr(paddle.nn, f"Conv{n}DTranspose")
    made = make(layer.in_channels, layer.out_channels, layer.kernel, padding=sides, output_padding=more, **common)
    return tuple(made(x).shape[2:])


def run_mlx(layer, in_size):
    import mlx.core as mx

    x = mx.ones((1, *in_size, layer.in_channels))
    weight = mx.ones((layer.out_channels, *layer.kernel, layer.in_channels // layer.groups))
    ones, K = [1] * layer.ndim, [axis.effective_kernel for axis in layer.axes]
    given = {"kernel_dilation": list(layer.dilation), "groups": layer.groups}
    if layer.kind == "conv":
        sides, given["stride"] = layer.padding, list(layer.stride)
    else:
        sides = [(k - 1 - pads(axis)[0], k - 1 - pads(axis)[1]) for k, axis in zip(K, layer.axes, strict=True)]
        given |= {"stride": ones, "input_dilation": list(layer.stride), "flip": True}
    low, high = zip(*sides, strict=True)
    return tuple(mx.conv_general(x, weight, padding=(list(low), list(high)), **given).shape[1:-1])


def run_tinygrad(layer, in_size):
    from tinygrad import Tensor

    x, weight = Tensor.ones(1, layer.in_channels, *in_size), Tensor.ones(*layer.weight_shape)
    flat = [side for axis in reversed(layer.axes) for side in (axis.pad_begin, axis.pad_end)]
    common = {"stride": layer.stride, "dilation": layer.dilation, "groups": layer.groups, "padding": tuple(flat)}
    if layer.kind == "conv":
        return tuple(x.conv2d(weight, **common).shape[2:])
    return tuple(x.conv_transpose2d(weight, output_padding=layer.output_padding, **common).shape[2:])


RUN = {
    "torch": run_torch,
    "tensorflow": run_tensorflow,
    "keras": run_keras,
    "jax": run_jax,
    "onnx": run_onnxruntime,
    "onnxruntime": run_onnxruntime,
    "paddle": run_paddle,
    "openvino": run_openvino,
    "mlx": run_mlx,
    "tinygrad": run_tinygrad,
}
