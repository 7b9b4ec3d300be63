"""lax's words, written: one call in a function of (x, kernel, bias), channels last."""

from __future__ import annotations

from tconv_design.dialects.function import Around, Idiom, definition
from tconv_design.dialects.lax_padding import abort_note
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import named
from tconv_design.dialects.writing import Words, Written
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.padding import policy

SPATIAL = "DHW"
LAYOUTS = {
    "conv": Layout(True, "kiO"),
    "tconv": Layout(True, "koI"),
    "grouped tconv": Layout(True, "kiO", flipped=True),
}
UNTURNED = (
    "transpose_kernel=False, lax's default: the kernel is (*kernel, Cin, Cout) and is not turned round, so it is that "
    "of torch, TensorFlow or Keras turned round"
)
DILATED_INPUT = (
    "its pairs pad the dilated input: padding p of torch is dilation*(kernel-1) - p here, and 0 crops the most"
)
BY_DILATION = "a convolution of the dilated input: its kernel is that of a transposed convolution turned round"

_IDIOM = Idiom(
    pad="jax.numpy.pad({array}, {rows})",
    take="jax.numpy.take({array}, jax.numpy.array({rows}), axis={axis})",
    split="jax.numpy.split({array}, {parts}, axis={axis})",
    concat="jax.numpy.concatenate({arrays}, axis={axis})",
    bias="{y} + bias",
)


def write(layer: Layer, in_size: tuple[int, ...]) -> Written:
    """One lax call in a function of (x, kernel, bias), channels last; every canonical layer has one."""
    layer.output_size(in_size)
    layout = layout_of(layer)
    call = _call(layer.kind, layer.groups, layer.stride, layer.dilation, said_padding(layer))
    code = definition(layer, layout, _IDIOM, Around.nothing(layer.ndim), call)
    return Written(f"import jax\n\n\n{code}\n", True, layout, remarks(layer, in_size))


def layout_of(layer: Layer) -> Layout:
    """Where the channels stand in what `write` says."""
    return LAYOUTS["grouped tconv" if layer.kind == "tconv" and layer.groups > 1 else layer.kind]


def remarks(layer: Layer, in_size: tuple[int, ...]) -> tuple[str, ...]:
    """What is different although it looks equal."""
    notes = []
    if layer.kind == "tconv" and layer.groups > 1:
        notes.append("lax.conv_transpose has no groups; " + BY_DILATION)
    if layer.kind == "tconv" and not isinstance(said_padding(layer), str):
        notes.append(DILATED_INPUT)
    abort = abort_note(layer.kind, layer.groups, layer.axes, in_size)
    return (*notes, *([abort] if abort else []))


def said_padding(layer: Layer) -> str | tuple[tuple[int, int], ...]:
    """A name where it means the layer at every input size, else (low, high) per axis, as lax takes them."""
    wanted = {axis: _normal(layer.kind, axis) for axis in layer.axes}
    for name in ("valid", "same") if not (layer.kind == "tconv" and layer.groups > 1) else ():
        if all(_named(layer.kind, name, axis) == pads for axis, pads in wanted.items()):
            return name.upper()
    if layer.kind == "conv":
        return layer.padding
    return tuple((a.effective_kernel - 1 - a.pad_begin, a.effective_kernel - 1 - a.end) for a in layer.axes)


def _normal(kind: Kind, axis: Axis) -> tuple[int, int]:
    return axis.pad_begin, axis.end if kind == "tconv" else axis.pad_end


def _named(kind: Kind, name: str, axis: Axis) -> tuple[int, int] | None:
    """What a name means on an axis at every input size; None where it hangs on that."""
    if kind == "conv" and name == "same" and axis.stride > 1:
        return None
    begin, end, extra = named(policy(kind, name, "jax", 1), axis)(1)
    return begin, end - extra


def spell(words: Words) -> str | None:
    """A function with these arguments; lax has no output_padding."""
    if words.output_padding is not None:
        return None
    grouped = words.kind == "tconv" and words.groups > 1
    if grouped and isinstance(words.padding, str) and max(words.stride) == 1:
        return None  # a name, with an input that is not dilated, is a conv's
    padding = words.padding.upper() if isinstance(words.padding, str) else words.padding
    call = _call(words.kind, words.groups, words.stride, words.dilation, padding)
    axes = tuple(Axis(k, s, dilation=d) for k, s, d in zip(words.kernel, words.stride, words.dilation, strict=True))
    layer = Layer(words.kind, axes, words.groups, words.in_channels, words.out_channels)
    layout = LAYOUTS["grouped tconv" if grouped else words.kind]
    return f"import jax\n\n\n{definition(layer, layout, _IDIOM, Around.nothing(layer.ndim), call)}\n"


def _call(
    kind: Kind,
    groups: int,
    stride: tuple[int, ...],
    dilation: tuple[int, ...],
    padding: str | tuple[tuple[int, int], ...],
) -> str:
    said = f'"{padding}"' if isinstance(padding, str) else str(list(padding))
    taps = [f"rhs_dilation={dilation}"] if max(dilation) > 1 else []
    if kind == "tconv" and groups == 1:
        options = [f"strides={stride}", f"padding={said}", *taps, "transpose_kernel=True"]
        return f"jax.lax.conv_transpose(x, kernel, {', '.join(options)})"
    ones = (1,) * len(stride)
    numbers = [f"window_strides={stride if kind == 'conv' else ones}", f"padding={said}"]
    numbers += [f"lhs_dilation={stride}"] if kind == "tconv" else []
    specs = ", ".join(f'"{each}"' for each in channels_last(len(stride)))
    options = [f"dimension_numbers=({specs})"] + ([f"feature_group_count={groups}"] if groups > 1 else [])
    lines = [", ".join(["x", "kernel", *numbers, *taps]), ", ".join(options)]
    return "jax.lax.conv_general_dilated(" + "".join(f"\n        {line}," for line in lines) + "\n    )"


def channels_last(ndim: int) -> tuple[str, str, str]:
    """The dimension_numbers of a signal with its channels last, as in ("NHWC", "HWIO", "NHWC")."""
    space = SPATIAL[-ndim:]
    return f"N{space}C", f"{space}IO", f"N{space}C"
