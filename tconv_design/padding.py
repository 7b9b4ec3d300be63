"""Named paddings: what `same`, `valid`, `full` and `causal` mean in each dialect, as explicit numbers.

A policy is a function of one axis's numbers. It returns every (pad_begin, pad_end, output_padding) that the name stands
for there, and raises InvalidQuestion where the dialect refuses. Sources: the frameworks' own behaviour as measured on
the versions in `dialects.VERSIONS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tconv_design.errors import InvalidQuestion
from tconv_design.formula import Kind, effective_kernel

POLICIES = ("same", "valid", "full", "causal")
DIALECTS = ("torch", "tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle", "mlx")

Pads = tuple[int, int, int]
Policy = Callable[[int, int, int, int, int | None], Iterator[Pads]]
"""(in, kernel, stride, dilation, output_padding or None if not given) -> (pad_begin, pad_end, output_padding)."""


def policy(kind: Kind, name: str, dialect: str, ndim: int) -> Policy:
    """The policy `name` of a dialect for a kind. Raises InvalidQuestion where the dialect has no such word."""
    if name == "causal" and ndim > 1:
        raise InvalidQuestion("causal padding is for 1-D layers only, in keras and in flax", "write padding begin:end")
    found = _POLICIES.get((kind, name, dialect)) or _POLICIES.get((kind, name, "every dialect"))
    if found is not None:
        return found
    having = [d for d in DIALECTS if (kind, name, d) in _POLICIES]
    hint = f"dialects that have it: {', '.join(having)}" if having else "write the numbers, as in --padding 1 or 2:0"
    raise InvalidQuestion(f"dialect {dialect} has no padding {name!r} for a {kind}", hint)


def _valid(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    yield 0, 0, given or 0


def _full(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    pad = effective_kernel(kernel, dilation) - 1
    yield pad, pad, given or 0


def _causal(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    yield effective_kernel(kernel, dilation) - 1, 0, 0


def _total_same(in_: int, effective: int, stride: int) -> int:
    return max((-(-in_ // stride) - 1) * stride + effective - in_, 0)


def _same_upper(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    total = _total_same(in_, effective_kernel(kernel, dilation), stride)
    yield total // 2, total - total // 2, 0


def _same_lower(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    total = _total_same(in_, effective_kernel(kernel, dilation), stride)
    yield total - total // 2, total // 2, 0


def _torch_same(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    if stride > 1:
        raise InvalidQuestion(
            f"torch has padding 'same' only for stride 1, got stride {stride}",
            "use --dialect tensorflow, or write the numbers",
        )
    yield from _same_upper(in_, kernel, stride, dilation, given)


def _keras_same(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    _refuse_keras_dilation(stride, dilation)
    yield from _same_upper(in_, kernel, stride, dilation, given)


def _keras_causal(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    _refuse_keras_dilation(stride, dilation)
    yield from _causal(in_, kernel, stride, dilation, given)


def _paddle_same(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    _refuse_paddle_dilation(dilation)
    yield from _same_upper(in_, kernel, stride, dilation, given)


def stretched(begin: int, end: int) -> Pads:
    """A net crop at the end below zero is an output_padding."""
    return begin, max(end, 0), max(-end, 0)


def _valid_below_stride(dialect: str) -> Policy:
    def valid(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
        _refuse_from_stride(dialect, stride, given)
        yield 0, 0, given or 0

    return valid


def _valid_stretched(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    """Keras and lax: without an output_padding, VALID is (in-1)*s + max(K, s) long."""
    pads = stretched(0, -max(stride - effective_kernel(kernel, dilation), 0))
    if given not in (None, pads[2]):
        raise InvalidQuestion(
            f"padding 'valid' comes to output_padding {pads[2]} in jax, whose conv_transpose takes none, got {given}",
            "drop it, or write the padding as numbers",
        )
    yield pads


def _same_transposed(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    """Keras, tf.nn and lax: out = in*s, the odd crop at the end."""
    effective = effective_kernel(kernel, dilation)
    begin = max(0, (effective - stride) // 2)
    pads = stretched(begin, effective - stride - begin)
    if given not in (None, pads[2]):
        raise InvalidQuestion(
            f"padding 'same' leaves no place for output_padding {given} in this dialect",
            "drop it, or use --dialect keras, whose output_padding goes with 'same'",
        )
    yield pads


def _keras_same_transposed(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    """Without output_padding out = in*s; with it, (in-1)*s + K%2 + output_padding: it eats the begin crop first."""
    _refuse_keras_dilation(stride, dilation)
    if given is None:
        yield from _same_transposed(in_, kernel, stride, dilation, None)
        return
    _refuse_from_stride("keras", stride, given)
    effective = effective_kernel(kernel, dilation)
    total = effective - effective % 2 - given
    begin = max(0, total // 2)
    yield stretched(begin, total - begin)


def _keras_valid_transposed(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    _refuse_keras_dilation(stride, dilation)
    if given is None:
        yield from _valid_stretched(in_, kernel, stride, dilation, None)
        return
    _refuse_from_stride("keras", stride, given)
    yield 0, 0, given


def _paddle_same_transposed(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
    """Paddle computes the pads as if `in` were the input of a forward conv."""
    _refuse_paddle_dilation(dilation)
    _refuse_from_stride("paddle", stride, given)
    total = _total_same(in_, kernel, stride)
    yield total // 2, total - total // 2, given or 0


def _onnx_same_transposed(upper: bool) -> Policy:
    def same(in_: int, kernel: int, stride: int, dilation: int, given: int | None) -> Iterator[Pads]:
        effective = effective_kernel(kernel, dilation)
        if given:
            raise InvalidQuestion(
                f"onnx auto_pad SAME with output_padding {given} is ambiguous: shape inference adds it to in*stride, "
                f"the runtimes fold it into the crop",
                "write the pads as numbers",
            )
        if stride > effective:
            raise InvalidQuestion(
                f"onnx auto_pad SAME with stride {stride} above the effective kernel {effective} is ambiguous: the "
                f"specification says in*stride rows, the runtimes make (in-1)*stride + {effective}",
                "write the pads as numbers",
            )
        total = effective - stride
        begin = total // 2 if upper else total - total // 2
        yield begin, total - begin, 0

    return same


def _refuse_from_stride(dialect: str, stride: int, given: int | None) -> None:
    """Where stride < dilation, torch and the canonical layer allow more than these dialects."""
    if given is not None and given >= stride:
        raise InvalidQuestion(
            f"{dialect} needs output_padding less than stride, got output_padding {given} with stride {stride}",
            f"use output_padding {stride - 1} or less",
        )


def _refuse_keras_dilation(stride: int, dilation: int) -> None:
    if stride > 1 and dilation > 1:
        raise InvalidQuestion(
            f"keras refuses stride {stride} together with dilation {dilation}", "use stride 1 or dilation 1"
        )


def _refuse_paddle_dilation(dilation: int) -> None:
    if dilation > 1:
        raise InvalidQuestion(
            f"paddle silently resets dilation {dilation} to 1 under padding 'SAME'", "write the padding as numbers"
        )


_EVERY = "every dialect"
_POLICIES: dict[tuple[str, str, str], Policy] = {
    ("conv", "valid", _EVERY): _valid,
    ("conv", "full", _EVERY): _full,
    ("conv", "causal", "keras"): _keras_causal,
    ("conv", "causal", "jax"): _causal,
    ("conv", "same", "torch"): _torch_same,
    ("conv", "same", "tensorflow"): _same_upper,
    ("conv", "same", "keras"): _keras_same,
    ("conv", "same", "jax"): _same_upper,
    ("conv", "same", "onnx"): _same_upper,
    ("conv", "same", "onnx-lower"): _same_lower,
    ("conv", "same", "paddle"): _paddle_same,
    ("tconv", "valid", _EVERY): _valid,
    ("tconv", "valid", "tensorflow"): _valid_below_stride("tensorflow"),
    ("tconv", "valid", "onnx"): _valid_below_stride("onnx"),
    ("tconv", "valid", "onnx-lower"): _valid_below_stride("onnx"),
    ("tconv", "valid", "paddle"): _valid_below_stride("paddle"),
    ("tconv", "valid", "keras"): _keras_valid_transposed,
    ("tconv", "valid", "jax"): _valid_stretched,
    ("tconv", "full", _EVERY): _full,
    ("tconv", "same", "tensorflow"): _same_transposed,
    ("tconv", "same", "keras"): _keras_same_transposed,
    ("tconv", "same", "jax"): _same_transposed,
    ("tconv", "same", "onnx"): _onnx_same_transposed(upper=True),
    ("tconv", "same", "onnx-lower"): _onnx_same_transposed(upper=False),
    ("tconv", "same", "paddle"): _paddle_same_transposed,
}
