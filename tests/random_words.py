"""Random layers in a framework's own words: the arguments drawn blindly, kept where the framework takes them."""

import random

from tconv_design.dialects.catalogue import dialect, read
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion

NAMED = {
    "torch": ("same", "valid"),
    "tensorflow": ("SAME", "VALID"),
    "keras": ("same", "valid", "causal"),
    "jax": ("SAME", "VALID", "SAME_LOWER"),
    "flax": ("SAME", "VALID", "CAUSAL"),
    "onnx": ("SAME_UPPER", "SAME_LOWER", "VALID"),
    "paddle": ("SAME", "VALID"),
}


def drawn_words(rng, name):
    """Arguments of one call, legal or not, in the spelling of a dialect."""
    ndim = rng.choices((1, 2, 3), (5, 3, 1))[0]
    groups = rng.choices((1, 2, 3), (6, 1, 1))[0]
    kind = rng.choice(("conv", "tconv"))

    def per_axis(low, high):
        one = rng.randint(low, high)
        return tuple(one if rng.random() < 0.6 else rng.randint(low, high) for _ in range(ndim))

    kernel, stride = per_axis(1, 5 if ndim < 3 else 3), per_axis(1, 4)
    dilation = per_axis(1, 3) if rng.random() < 0.3 else (1,) * ndim
    padding = _padding(rng, name, per_axis)
    extra = per_axis(0, max(stride) - 1) if kind == "tconv" and rng.random() < 0.4 else None
    channels = [groups * rng.randint(1, 2) for _ in range(2)]
    return Words(kind, kernel, stride, dilation, padding, extra, groups, *channels)


def _padding(rng, name, per_axis):
    way = rng.random()
    if name in NAMED and way < 0.4:
        return rng.choice(NAMED[name])
    begin = per_axis(0, 4)
    return tuple(zip(begin, per_axis(0, 4) if way > 0.8 else begin, strict=True))


def pasted(name, seed):
    """(text, layer, in_size) of a layer that the dialect takes, the same for the same seed."""
    rng = random.Random(f"{name} {seed}")
    while True:
        words = drawn_words(rng, name)
        text = dialect(name).spell(words)
        if text is None:
            continue
        try:
            in_size = tuple(rng.randint(1, 6) for _ in range(words.ndim))
            layer = read(text, name).layer(in_size)
            layer.output_size(in_size)  # an empty result is no layer, though some frameworks make one
            return text, layer, in_size
        except InvalidQuestion:
            continue
