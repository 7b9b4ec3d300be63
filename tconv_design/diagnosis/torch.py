"""What PyTorch says when a convolution, or what joins its results, goes wrong."""

from __future__ import annotations

import re

from tconv_design.diagnosis.finding import (
    Channels,
    Extra,
    Finding,
    Fit,
    Join,
    Nothing,
    Other,
    Unreadable,
    Wanted,
    Word,
    by,
    differing,
    message,
    number,
    sizes,
    spatial_first,
)
from tconv_design.diagnosis.known import Known, Sizes, changed
from tconv_design.formula import Kind
from tconv_design.wording import did_you_mean

_ONE_AXIS = re.compile(r"conv_?transpose1d", re.IGNORECASE)


def _cat(match: re.Match[str], text: str) -> Finding:
    first, second = number(match["a"]), number(match["b"])
    if first == second:
        raise Unreadable(match[0])
    where = match.groupdict().get("dim")
    axis = int(where) - 2 if where and where.isdecimal() and 2 <= int(where) <= 4 else None
    what = (
        f"maps are joined along dimension {match['but']}, and along the others their sizes must be equal, but they are "
        f"{first} and {second}{f' in dimension {where}' if where else ''}"
    )
    if "offending index" in text[match.end() : match.end() + 60]:  # torch 1.5 to 1.9 says the wrong dimension
        what = f"maps are joined whose sizes are {first} and {second} in a dimension where they must be equal"
    return Finding(what, Join((first,), (second,), axis))


def _stacked(match: re.Match[str], text: str) -> Finding:
    a, b = spatial_first(sizes(match["a"])), spatial_first(sizes(match["b"]))
    axis = differing(a, b)
    return Finding(f"maps are stacked of sizes {by(a)} and {by(b)}, which must be equal", Join(a, b, axis))


def _broadcast(match: re.Match[str], text: str) -> Finding:
    first, second, dim = number(match["a"]), number(match["b"]), number(match["dim"])
    what = (
        f"two maps are added, compared or multiplied element by element, and in dimension {dim} "
        f"one has {first} rows and the other {second}"
    )
    return Finding(what, Join((first,), (second,), dim - 2 if 2 <= dim <= 4 else None))


def _extra(match: re.Match[str], text: str) -> Finding:
    found = {
        name: tuple(map(number, re.findall(rf"{name}_(?:depth|height|width): (-?\d+)", match[0])))
        for name in ("output_padding", "stride", "dilation")
    }
    if len({len(values) for values in found.values()}) != 1:
        raise Unreadable(match[0])
    if len(found["stride"]) == 2 and _ONE_AXIS.search(text):
        found = {name: values[1:] for name, values in found.items()}  # 1-D is reported as height 1 x width
    return Finding(too_much(**found), Extra(), changed(Known("tconv"), found))


def too_much(output_padding: Sizes, stride: Sizes, dilation: Sizes) -> str:
    """The sentence for an output_padding that is not below max(stride, dilation)."""
    rows = list(zip(output_padding, stride, dilation, strict=True))
    op, s, d = next(((op, s, d) for op, s, d in rows if op >= max(s, d)), rows[0])
    limit = max(s, d)
    sizes_ = "only one size" if limit == 1 else f"only {limit} sizes"
    return (
        f"output_padding {op} must be less than max(stride {s}, dilation {d}) = {limit}: it chooses among the output "
        f"sizes that a stride makes ambiguous, and here there {'is' if limit == 1 else 'are'} {sizes_}"
    )


def _too_small(match: re.Match[str], text: str) -> Finding:
    padded, span = sizes(match["padded"]), sizes(match["span"])
    if len(padded) != len(span) or not any(k > n for k, n in zip(span, padded, strict=True)):
        raise Unreadable(match[0])
    what = f"the kernel spans {by(span)} rows, dilation counted, and its input has only {by(padded)}, padding counted"
    return Finding(what, Fit(padded, span))


def _channels(match: re.Match[str], text: str) -> Finding:
    weight, shape = sizes(match["weight"]), sizes(match["shape"])
    is_transposed = match["how"] == "transposed"
    groups = 1 if is_transposed else number(match["by"])
    kind: Kind = "tconv" if is_transposed and match["by"] == "1" else "conv"
    expected, got = number(match["expected"]), number(match["got"])
    unbatched = len(shape) == len(weight) - 1
    if not (len(shape) == len(weight) or unbatched) or len(weight) < 3:
        raise Unreadable(match[0])
    out_channels = weight[1] * groups if kind == "tconv" else weight[0]
    known = Known(
        kind,
        in_=shape[2 - unbatched :],
        kernel=weight[2:],
        groups=groups,
        in_channels=expected,
        out_channels=out_channels,
    )
    what = f"the layer's weights are for {expected} input channels, and its input has {got}"
    return Finding(what, Channels(expected, got, shape[-1]), known)


def _output_size(match: re.Match[str], text: str) -> Finding:
    wanted, low, high, shape = (sizes(match[name]) for name in ("wanted", "low", "high", "shape"))
    stride = tuple(b - a + 1 for a, b in zip(low, high, strict=True)) if len(low) == len(high) else ()
    if not len(wanted) == len(low) == len(shape) == len(stride) or min(stride) < 1:
        raise Unreadable(match[0])
    what = (
        f"output_size {by(wanted)} is asked for, and for in {by(shape)} the layer can give {by(low)} to {by(high)}: "
        "torch makes an output_padding of it, which is less than the stride"
    )
    return Finding(what, Wanted(wanted), Known("tconv", in_=shape, stride=stride))


def _nothing(match: re.Match[str], text: str) -> Finding:
    given, left = sizes(match["given"]), tuple(map(number, re.findall(r"-?\d+", match["left"])))
    if len(given) != len(left):
        raise Unreadable(match[0])
    if len(given) == 2 and given[0] == left[0] == 1 and _ONE_AXIS.search(text):
        given, left = given[1:], left[1:]
    what = f"nothing is left of the input: in {by(given)} gives out {by(left)}, and out must be at least 1"
    return Finding(what, Nothing(), Known(in_=given))


def _same(match: re.Match[str], text: str) -> Finding:
    what = "padding 'same' is for stride 1 only in this framework: with a stride it would need unequal sides"
    return Finding(what, Word("tensorflow"), Known("conv", word="same"))


def _same_transposed(match: re.Match[str], text: str) -> Finding:
    what = (
        f"torch has no padding 'same' for {match['name']}: the module is made without complaint, and its first "
        "forward refuses the text"
    )
    return Finding(what, Word("tensorflow"), Known("tconv", word="same"))


def _spelling(match: re.Match[str], text: str) -> Finding:
    word = match["word"]
    what = f"{word!r} is no padding of torch, which spells them 'same' and 'valid', in small letters"
    return Finding(what, Word("tensorflow"), Known("conv", word=word.lower() if word.lower() == "same" else "valid"))


def _negative(match: re.Match[str], text: str) -> Finding:
    name = "output_padding" if "output" in match[0].lower() else "padding"
    what = f"a negative {name} is refused: padding only ever crops a transposed convolution's result, or pads an input"
    advice = f"use {name} 0 or more; to take rows off an input, crop it before the layer"
    return Finding(what, Extra() if name == "output_padding" else Other((advice,)), Known(), (advice,))


def _rank(match: re.Match[str], text: str) -> Finding:
    shape, ndim = sizes(match["shape"]), number(match["high"][0]) - 2
    what = f"{match['name']} takes {ndim + 1} axes, or {ndim + 2} with the batch, and its input has {len(shape)}"
    kind = "ConvTranspose" if "transpose" in match["name"].lower() else "Conv"
    advice = [f"reshape the input to (batch, channels{', size' * ndim})"]
    if 3 <= len(shape) <= 5 and len(shape) - 2 != ndim:
        advice.append(f"use {kind}{len(shape) - 2}d for an input of {len(shape)} axes")
    return Finding(what, Other(tuple(advice)), Known("tconv" if kind[4:] else "conv"))


def _pair(match: re.Match[str], text: str) -> Finding:
    asked = sizes(match["sides"])
    what = (
        f"torch takes one padding per axis for both its sides, and {list(asked)} has {len(asked)} entries for "
        f"{match['ndim']}"
    )
    if len(asked) != 2 * int(match["ndim"]):
        return Finding(what, Other(("give one number, or one per axis",)))
    sides = tuple(zip(asked[::2], asked[1::2], strict=True))
    advice = "unequal sides are one layer with the smaller of them and F.pad of its input, or a crop of its result"
    return Finding(what, Word(""), Known(padding=sides), (advice,))


def _empty(match: re.Match[str], text: str) -> Finding:
    shape = sizes(match["shape"])
    return Finding(f"the input has no rows: its shape is {list(shape)}", Other(("look at what makes the input",)))


def _groups(match: re.Match[str], text: str) -> Finding:
    name = match["name"]
    return Finding(f"{name} must be a multiple of groups", Other((f"change {name} or groups",)))


def _argument(match: re.Match[str], text: str) -> Finding:
    name, layer = match["argument"], match["layer"]
    if name in _ARGUMENTS or re.search("mlx|tinygrad|paddle", text):  # a layer of the same name elsewhere
        raise Unreadable(match[0])
    known = {"strides": "stride", "filters": "out_channels", "dilation_rate": "dilation"}
    advice = did_you_mean(known.get(name, name), _ARGUMENTS)
    return Finding(f"{layer} of torch has no argument {name!r}", Other((advice,)))


def _steps(match: re.Match[str], text: str) -> Finding:
    name = match["name"]
    return Finding(f"a {name} is less than 1, and torch takes 1 or more", Other((f"write {name}=1 or more",)))


def _flat(match: re.Match[str], text: str) -> Finding:
    (got, expected), rows = (number(match[name]) for name in ("got", "expected")), number(match["rows"])
    what = f"a linear layer is for {expected} inputs, and gets {got} (in {rows} rows): no convolution raised this"
    advice = "where maps are flattened before it, it needs channels times their size: print the shape before it"
    return Finding(what, Other((advice,)))


def _riddle(match: re.Match[str], text: str) -> Finding:
    what = "oneDNN cannot describe the result: its size comes to less than nothing, as padding crops more than there is"
    return Finding(what, Nothing(), Known("tconv"))


def _old(match: re.Match[str], text: str) -> Finding:
    what = "maps of different sizes are joined; this version of torch does not say which sizes"
    return Finding(what, Other(("print the shapes before the torch.cat, and give the layer with --in, --out",)))


_ARGUMENTS = (
    "in_channels",
    "out_channels",
    "kernel_size",
    "stride",
    "padding",
    "output_padding",
    "groups",
    "bias",
    "dilation",
    "padding_mode",
)
_CAT = "Sizes of tensors must match except in dimension <but:int>."
_RANK = (
    "Expected <low:word> (unbatched) or <high:word> (batched) input to <name:word>, but got input of size: "
    "<shape:shape>"
)
MESSAGES = (
    message(
        "torch",
        "Sizes of tensors must match except in dimension",
        _cat,
        f"{_CAT} Expected size <a:int> but got size <b:int> for tensor number",
        f"{_CAT} Got <a:int> and <b:int> in dimension <dim:int>",
        f"{_CAT} Expected <a:int> in dimension <dim:int> but got <b:int> for tensor number",
        f"{_CAT} Got <a:int> and <b:int>",
    ),
    message(
        "torch",
        "stack expects each tensor to be equal size",
        _stacked,
        "stack expects each tensor to be equal size, but got <a:shape> at entry <i:int> and <b:shape> at entry",
    ),
    message("torch", "inconsistent tensor sizes at", _old),
    message(
        "torch",
        "The size of tensor a must match the size of tensor b",
        _broadcast,
        "The size of tensor a (<a:int>) must match the size of tensor b (<b:int>) at non-singleton dimension <dim:int>",
    ),
    message(
        "torch",
        "output padding must be smaller than either stride or dilation",
        _extra,
        "output padding must be smaller than either stride or dilation, but got "
        "<more>dilation_height: <h:int> dilation_width: <w:int>",
    ),
    message(
        "torch",
        "Kernel size can't be greater than actual input size",
        _too_small,
        "Calculated padded input size per channel: <padded:cross>. Kernel size: <span:cross>. Kernel size can't be "
        "greater",
    ),
    message(
        "torch",
        "expected input to have other channels",
        _channels,
        "Given <how:word>=<by:int>, weight of size <weight:shape>, expected input<shape:shape> to have <expected:int> "
        "channels, but got <got:int> channels",
    ),
    message(
        "torch",
        "requested an output size, but valid sizes range",
        _output_size,
        "requested an output size of <?torch.Size(><wanted:shape><?)>, but valid sizes range from <low:shape> to "
        "<high:shape> (for an input of <?torch.Size(><shape:shape>",
    ),
    message(
        "torch",
        "Output size is too small",
        _nothing,
        "Given input size per channel: <given:cross>. Calculated output size per channel: <left:cross>. "
        "Output size is too small",
    ),
    message("torch", "could not construct a memory descriptor using a format tag", _riddle),
    message("tinygrad", "padding='same' is not supported for strided convolutions", _same, context="tinygrad"),
    message("torch", "padding='same' is not supported for strided convolutions", _same),
    message(
        "torch",
        "argument 'padding' must be tuple of ints",
        _same_transposed,
        "<name:word>(): argument 'padding' (position 5) must be tuple of ints, but found element of type str",
        "<name:word>(): argument 'padding' must be tuple of ints, not str",
    ),
    message(
        "torch", "Invalid padding string", _spelling, "Invalid padding string <?'><word:word><?'>, should be one of"
    ),
    message(
        "torch",
        "negative padding is not supported",
        _negative,
        "negative padding is not supported",
        "negative output_padding is not supported",
    ),
    message("torch", "Expected 3D (unbatched) or 4D (batched) input", _rank, _RANK),
    message(
        "torch",
        "got an unexpected keyword argument",
        _argument,
        "<layer:word>.__init__() got an unexpected keyword argument '<argument:word>'",
        context=r"(?<!keras)\bConv(?:Transpose)?[123]d\.__init__",
    ),
    message("torch", "non-positive stride is not supported", _steps, "non-positive <name:word> is not supported"),
    message(
        "torch",
        "mat1 and mat2 shapes cannot be multiplied",
        _flat,
        "mat1 and mat2 shapes cannot be multiplied (<rows:int>x<got:int> and <expected:int>x<out:int>)",
    ),
    message(
        "torch",
        "expected padding to be a single integer value or a list",
        _pair,
        "expected padding to be a single integer value or a list of <ndim:int> values to match the convolution "
        "dimensions, but got padding=<sides:shape>",
    ),
    message(
        "torch",
        "Only zero batch or zero channel inputs are supported",
        _empty,
        "Only zero batch or zero channel inputs are supported, but got input shape: <shape:shape>",
    ),
    message("torch", "in_channels must be divisible by groups", _groups, "<name:word> must be divisible by groups"),
)
