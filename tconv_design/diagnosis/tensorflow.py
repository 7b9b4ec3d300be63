"""What TensorFlow's own operations say when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Dense,
    Finding,
    Join,
    Nothing,
    Other,
    Unreadable,
    Wanted,
    by,
    differing,
    message,
    number,
    sizes,
    spatial_early,
    spatial_last,
)
from tconv_design.diagnosis.known import Known, Sides, Sizes
from tconv_design.formula import effective_kernel

_NODE = 4_000
"""Characters after a message in which its node is printed."""

_RULE = (
    "conv_transpose takes any output_shape that a forward convolution brings back to its input: with VALID from K to "
    "K + stride - 1 rows more than (in - 1)*stride, with SAME from (in - 1)*stride + 1 to in*stride"
)


def _riddle(match: re.Match[str], text: str) -> Finding:
    what = (
        "oneDNN finds no way to run the transposed convolution, which is how TensorFlow says that the sizes do not "
        "fit: no convolution of this kernel, stride and padding turns an output of that size back into this input"
    )
    return Finding(what, Wanted(), Known("tconv"), (_RULE,))


def _backprop(match: re.Match[str], text: str) -> Finding:
    actual, computed = number(match["actual"]), number(match["computed"])
    if actual == computed:
        raise Unreadable(match[0])
    known, wanted = Known("tconv", in_=(actual,)), None
    if "out" in match.groupdict():
        out, kernel, stride, dilation = (number(match[name]) for name in ("out", "kernel", "stride", "dilation"))
        if min(stride, kernel, dilation) < 1:
            raise Unreadable(match[0])
        known = known._replace(
            kernel=(kernel,),
            stride=(stride,),
            dilation=(dilation,),
            output_padding=(0,),
            padding=_crops(actual, computed, out, effective_kernel(kernel, dilation), stride),
        )
        wanted = (out,)
    asked = f"output_shape of {wanted[0]}" if wanted else "output_shape"
    what = f"the transposed convolution has an input of {actual}, and its {asked} would need one of {computed}"
    return Finding(what, Wanted(wanted), known, (_RULE,))


def _crops(actual: int, computed: int, out: int, span: int, stride: int) -> Sides:
    """The padding that the numbers allow: none (VALID), else what SAME makes of a size that fits."""
    if (out - span) // stride + 1 == computed:
        return ((0, 0),)
    total = max(span - stride, 0)
    return ((total // 2, total - total // 2),)


def _no_dilation(match: re.Match[str], text: str) -> Finding:
    what = (
        "this kernel of TensorFlow takes no dilation on a CPU: only its oneDNN kernels do, for float32 and without "
        "explicit padding"
    )
    advice = "cast to float32, use VALID or SAME, leave oneDNN on (TF_ENABLE_ONEDNN_OPTS), or compile with XLA"
    return Finding(what, Dense(beside_stride=False), Known(), (advice,))


def _negative_size(match: re.Match[str], text: str) -> Finding:
    minus, from_ = number(match["minus"]), number(match["from"])
    what = f"the kernel spans {minus} rows, and its input has only {from_}: nothing would be left"
    shapes = _input_shapes(text[match.start() :])
    if shapes is None:
        return Finding(what, Nothing(), Known("conv", in_=(from_,)))
    in_ = spatial_last(shapes[0])
    ndim = len(in_)
    kernel = sizes(shapes[1])[:ndim]
    stride, dilation = (_attribute(name, text[match.start() :], ndim) for name in ("strides", "dilations"))
    if len(kernel) != ndim:
        raise Unreadable(match[0])
    return Finding(what, Nothing(), Known("conv", in_, None, kernel, stride, ((0, 0),) * ndim, None, dilation))


def _input_shapes(text: str) -> tuple[str, str] | None:
    found = re.search(r"input shapes: (\[[\d?, ]+\]), ?(\[[\d?, ]+\])", text[:_NODE])
    return None if found is None else (found[1], found[2])


def _attribute(name: str, text: str, ndim: int) -> Sizes | None:
    """An attribute of the node, which has batch and channels too, if the message prints it."""
    found = re.search(rf"{name}=\[([\d, ]+)\]", text[:_NODE])
    values = sizes(found[1])[1 : 1 + ndim] if found else ()
    return values if len(values) == ndim else None


def _concat(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "tf.concat joins maps")


def _added(match: re.Match[str], text: str) -> Finding:
    return joined(match["a"], match["b"], "TensorFlow adds or compares maps")


def joined(first: str, second: str, verb: str) -> Finding:
    """Two maps that are joined or added, of shape (batch, *sizes, channels) unless they look like channels first."""
    a, b = _spatial(first, second)
    axis = differing(a, b)
    what = f"{verb} of sizes {by(a)} and {by(b)}, which must be equal"
    return Finding(what, Join(a, b, axis))


def _spatial(first: str, second: str) -> tuple[Sizes, Sizes]:
    """The sizes of two maps: channels stand last, or first where the sizes are alike or differ only then."""
    last = spatial_last(first), spatial_last(second)
    try:
        early = spatial_early(first), spatial_early(second)
    except Unreadable:
        return last
    are_square = [all(len(set(sizes_)) == 1 for sizes_ in pair) for pair in (last, early)]
    return early if last[0] == last[1] or (len(last[0]) > 1 and are_square == [False, True]) else last


def _same_size(match: re.Match[str], text: str) -> Finding:
    shapes = _input_shapes(text[match.start() :])
    if shapes is not None:
        return joined(*shapes, "TensorFlow joins or adds maps")
    a, b = number(match["a"]), number(match["b"])
    if a == b:
        raise Unreadable(match[0])
    return Finding(f"maps of sizes {a} and {b} are joined or added, which must be equal", Join((a,), (b,)))


def _depth(match: re.Match[str], text: str) -> Finding:
    got, expected = number(match["got"]), number(match["expected"])
    what = f"the filter is for {expected} input channels, and the input has {got}, which is no multiple of it"
    return Finding(what, Channels(expected, got), Known("conv", in_channels=expected))


def _word(match: re.Match[str], text: str) -> Finding:
    word = match["word"]
    what = f"TensorFlow spells its paddings in capital letters, as 'SAME' and 'VALID', and {word!r} is neither"
    if word.upper() in ("SAME", "VALID"):
        return Finding(what, Other((f"write padding={word.upper()!r}",)))
    return Finding(what, Other(("pad with tf.pad, or crop by slicing, beside padding='VALID'",)))


def _no_word(match: re.Match[str], text: str) -> Finding:
    what = f"tf.nn takes padding 'SAME' or 'VALID', or a list of pairs for every axis, and here it is {match['got']}"
    advice = "pad with tf.pad before padding='VALID', or write [[0, 0], [begin, end], [begin, end], [0, 0]] in 2-D"
    return Finding(what, Other((advice,)))


def _no_explicit(match: re.Match[str], text: str) -> Finding:
    what = "only the 2-D convolutions of tf.nn take explicit padding: those of 1-D and 3-D take 'SAME' or 'VALID'"
    advice = "use 'VALID' and slice the result, or an axis of size 1 and the 2-D operation"
    return Finding(what, Wanted(), Known("tconv"), (advice,))


def _nonnegative(match: re.Match[str], text: str) -> Finding:
    return Finding("explicit paddings must not be negative", Other(("crop the input in a step of its own",)))


MESSAGES = (
    message(
        "tensorflow",
        "Expected string for argument 'padding'",
        _no_word,
        "Expected string for argument 'padding' not <got:int>",
    ),
    message(
        "tensorflow",
        "could not create a primitive descriptor",
        _riddle,
        "could not create a primitive descriptor for the convolution forward propagation primitive",
    ),
    message(
        "tensorflow",
        "Size of out_backprop doesn't match computed",
        _backprop,
        "Size of out_backprop doesn't match computed: actual = <actual:int>, computed = <computed:int> spatial_dim: "
        "<dim:int> input: <out:int> filter: <kernel:int> output: <o:int> stride: <stride:int> dilation: <dilation:int>",
        "Size of out_backprop doesn't match computed: actual = <actual:int>, computed = <computed:int>",
    ),
    message(
        "tensorflow",
        "Current CPU implementations do not yet support dilation",
        _no_dilation,
        "CPU implementations do not yet support dilation rates larger than 1",
        "CPU implementation does not yet support dilation rates larger than 1",
    ),
    message(
        "tensorflow",
        "Negative dimension size caused by subtracting",
        _negative_size,
        "Negative dimension size caused by subtracting <minus:int> from <from:int>",
    ),
    message(
        "tensorflow",
        "ConcatOp : Dimension in both shapes must be equal",
        _concat,
        "ConcatOp : Dimension <d:int> in both shapes must be equal: shape[0] = <a:shape> vs. shape[<n:int>] = "
        "<b:shape>",
        "ConcatOp : Dimensions of inputs should match: shape[0] = <a:shape> vs. shape[<n:int>] = <b:shape>",
    ),
    message("tensorflow", "Incompatible shapes", _added, "Incompatible shapes: <a:shape> vs. <b:shape>"),
    message(
        "tensorflow",
        "Dimensions must be equal, but are",
        _same_size,
        "Dimension <d:int> in both shapes must be equal, but are <a:int> and <b:int>",
        "Dimensions must be equal, but are <a:int> and <b:int>",
    ),
    message(
        "tensorflow",
        "input depth must be evenly divisible by filter depth",
        _depth,
        "input depth must be evenly divisible by filter depth: <got:int> vs <expected:int>",
    ),
    message(
        "tensorflow",
        "Value for attr 'padding' is not in the list of allowed values",
        _word,
        "Value for attr 'padding' of \"<word:word>\" is not in the list of allowed values",
    ),
    message("tensorflow", "Expected string for argument 'padding'", _no_explicit, "for argument 'padding' not ["),
    message("tensorflow", "All elements of explicit_paddings must be nonnegative", _nonnegative),
)
