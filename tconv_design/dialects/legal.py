"""Which frameworks can say a layer in one call of their own, by their rules and the versions these were measured on.

Nothing is imported and no metadata is read: this is knowledge, kept as data. What an installed framework really does
is what `verify` reports. On one axis a framework may have several words (padding "valid" or "same"); a layer needs one
word that fits every axis, so axes are combined by intersecting bit sets.
"""

from __future__ import annotations

from tconv_design.formula import Kind, effective_kernel, full_size
from tconv_design.unknowns import Numbers

VERSIONS = {
    "torch": "2.13.0",
    "tensorflow": "2.21.0",
    "keras": "3.15.1",
    "jax": "0.10.2",
    "onnx": "1.23.2",
    "paddle": "3.3.1",
    "mlx": "0.32.4",
}

_WORDS = (
    ("torch", "padding=int"),
    ("torch", "padding='same'"),
    ("tensorflow", "VALID"),
    ("tensorflow", "SAME"),
    ("tensorflow", "explicit"),
    ("keras", "valid, no dilation"),
    ("keras", "valid, no stride"),
    ("keras", "same, no dilation"),
    ("keras", "same, no stride"),
    ("keras", "causal, no dilation"),
    ("keras", "causal, no stride"),
    ("keras", "valid with output_padding, no dilation"),
    ("keras", "valid with output_padding, no stride"),
    ("keras", "same with output_padding, no dilation"),
    ("keras", "same with output_padding, no stride"),
    ("jax", "any"),
    ("onnx", "pads"),
    ("paddle", "pads"),
    ("mlx", "any"),
)
_BIT = {word: 1 << position for position, word in enumerate(_WORDS)}
_MASKS = {dialect: sum(bit for (name, _), bit in _BIT.items() if name == dialect) for dialect in VERSIONS}

_TORCH = _BIT["torch", "padding=int"]
_TORCH_SAME = _BIT["torch", "padding='same'"]
_TF_VALID, _TF_SAME, _TF_EXPLICIT = (_BIT["tensorflow", word] for word in ("VALID", "SAME", "explicit"))
_JAX, _ONNX, _PADDLE, _MLX = (
    _BIT[key] for key in (("jax", "any"), ("onnx", "pads"), ("paddle", "pads"), ("mlx", "any"))
)


def words(kind: Kind, numbers: Numbers, ndim: int, groups: int) -> int:
    """The bit set of words that say one axis of a layer with `ndim` axes and `groups`."""
    if kind == "conv":
        return _conv_words(numbers, ndim, groups)
    return _tconv_words(numbers, ndim, groups)


def dialects_of(bits: int) -> tuple[str, ...]:
    """The dialects that have at least one word in a bit set."""
    return tuple(dialect for dialect, mask in _MASKS.items() if bits & mask)


def count_dialects(bits: int) -> int:
    """How many dialects have at least one word in a bit set."""
    return sum(1 for mask in _MASKS.values() if bits & mask)


def _tconv_words(n: Numbers, ndim: int, groups: int) -> int:
    effective = effective_kernel(n.kernel, n.dilation)
    begin, end = n.pad_begin, n.pad_end - n.output_padding
    bits = _JAX
    if 0 <= begin - end < max(n.stride, n.dilation):
        bits |= _TORCH
    if -end < n.stride:
        bits |= _ONNX | _PADDLE
    if (n.stride == 1 or max(begin, end) < effective) and (groups == 1 or ndim < 3):
        bits |= _MLX
    if groups == 1 or ndim < 3:
        bits |= _tf_tconv_words(n, begin, end, effective)
    if ndim == 2 and groups == 1 and n.dilation == 1 and -end < n.stride:
        bits |= _TF_EXPLICIT
    if groups == 1:
        bits |= _keras_words(n, _keras_tconv(n.stride, begin, end, effective))
    return bits


def _tf_tconv_words(n: Numbers, begin: int, end: int, effective: int) -> int:
    bits = _TF_VALID if begin == 0 and 0 <= -end < n.stride else 0
    spare = full_size(n.in_, effective, n.stride) - n.out
    if -(-n.out // n.stride) == n.in_ and begin == max(spare, 0) // 2:
        bits |= _TF_SAME
    return bits


def _keras_tconv(stride: int, begin: int, end: int, effective: int) -> tuple[str, ...]:
    """Keras's padding strings, alone or with an output_padding, that crop exactly `begin` and `end`."""
    found = []
    if begin == 0 and end == -max(stride - effective, 0):
        found.append("valid")
    if begin == 0 and 0 <= -end < stride:
        found.append("valid with output_padding")
    if begin == max(0, (effective - stride) // 2) and begin + end == effective - stride:
        found.append("same")
    extra = effective - effective % 2 - begin - end
    if 0 <= extra < stride and begin == max(0, (begin + end) // 2):
        found.append("same with output_padding")
    return tuple(found)


def _keras_words(n: Numbers, found: tuple[str, ...]) -> int:
    """Keras refuses stride together with dilation, even on different axes."""
    bits = 0
    for word in found:
        if n.dilation == 1:
            bits |= _BIT["keras", f"{word}, no dilation"]
        if n.stride == 1:
            bits |= _BIT["keras", f"{word}, no stride"]
    return bits


def _conv_words(n: Numbers, ndim: int, groups: int) -> int:
    """For a conv the end padding matters only modulo the stride, so only the output size can tell it."""
    effective = effective_kernel(n.kernel, n.dilation)
    spare = n.in_ - effective
    same = -(-n.in_ // n.stride)
    need = max((same - 1) * n.stride - spare, 0)
    bits = _JAX | _ONNX | _PADDLE
    if (spare + 2 * n.pad_begin) // n.stride + 1 == n.out:
        bits |= _TORCH
    valid = n.pad_begin == 0 and spare // n.stride + 1 == n.out
    padded = n.pad_begin == need // 2 and same == n.out
    causal = ndim == 1 and n.pad_begin == effective - 1 and (n.in_ - 1) // n.stride + 1 == n.out
    if padded and n.stride == 1:
        bits |= _TORCH_SAME
    bits |= (_TF_VALID if valid else 0) | (_TF_SAME if padded else 0) | (_TF_EXPLICIT if ndim == 2 else 0)
    if groups == 1 or ndim < 3:
        bits |= _MLX
    found = tuple(word for word, fits in (("valid", valid), ("same", padded), ("causal", causal)) if fits)
    return bits | _keras_words(n, found)
