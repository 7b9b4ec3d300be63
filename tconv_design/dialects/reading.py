"""What a call means: the rows that it pads or crops on each axis, and so its sizes and its canonical layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tconv_design.dialects.call import Call
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidLayer, InvalidQuestion, Refused
from tconv_design.formula import Kind
from tconv_design.layer import Axis, Layer
from tconv_design.padding import Policy, stretched

Pads = tuple[int, int, int]
"""(pad_begin, pad_end, output_padding) of one axis, as in the canonical layer, but any of them may be negative."""

Rule = Callable[[int], Pads]
"""The pads of one axis for its input size. Raises Refused where the framework refuses."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A rule that does not look at the input size."""

    pad_begin: int
    pad_end: int
    output_padding: int = 0

    def __call__(self, in_: int, /) -> Pads:
        """The same for every input size."""
        return self.pad_begin, self.pad_end, self.output_padding


def named(policy: Policy, axis: Axis) -> Rule:
    """The rule of a named padding, on an axis of which kernel, stride and dilation count."""
    return lambda in_: next(policy(in_, axis.kernel, axis.stride, axis.dilation, None))


class Hints(NamedTuple):
    """What a call does not say of itself, from the user: lax and tf.nn calls take the kernel as an array.

    `runtime` is what runs a dialect that several programs run differently; each dialect's module says which it knows.
    `batch` is the number of samples, on which torch lets a result without rows depend.
    """

    kernel: tuple[int, ...] | None = None
    in_channels: int | None = None
    out_channels: int | None = None
    runtime: str = ""
    batch: int = 1


def hinted_kernel(call: Call, array: Any, hints: Hints, ndim: int, first: int = 2) -> tuple[int, ...]:
    """The kernel of a call that takes it as an array: from the user, or from the shape in `jnp.ones((3, 3, 1, 1))`.

    `first` is where the kernel's axes begin in that shape. Raises InvalidQuestion where neither tells.
    """
    if hints.kernel is not None:
        if len(hints.kernel) in (1, ndim):
            return hints.kernel * ndim if len(hints.kernel) == 1 else hints.kernel
        raise InvalidQuestion(f"--kernel has {len(hints.kernel)} axes and {call.last} has {ndim}", "give one per axis")
    shape = array_shape(array)
    if shape is None or len(shape) != ndim + 2:
        raise InvalidQuestion(
            f"{call.last} takes its kernel as an array, so the pasted call does not say its size",
            "give --kernel, for example --kernel 3",
        )
    return shape[first : first + ndim]


def array_shape(array: Any) -> tuple[int, ...] | None:
    """The shape of an array that is made on the spot: `ones((3, 3))`, `torch.randn(3, 3)`, `normal(key, (3,))`."""
    if not isinstance(array, Call):
        return None
    tuples = [each for each in array.args if isinstance(each, tuple)]
    shape = tuples[0] if tuples else array.args
    whole = all(isinstance(each, int) and not isinstance(each, bool) and each > 0 for each in shape)
    return tuple(shape) if shape and whole else None


Settle = Callable[[Sequence[int], Sequence[int]], tuple[int, ...]]
"""(in sizes, out sizes of the formula) -> the out sizes that a framework makes of them. Raises Refused."""


def at_least_one(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """Most frameworks take no input without rows, and make no result without them. Raises Refused."""
    for what, sizes in (("is given", in_size), ("is left of the input", out)):
        if min(sizes) < 1:
            raise Refused(f"nothing {what}: its size is {'x'.join(map(str, sizes))}")
    return tuple(out)


def none_allowed(in_size: Sequence[int], out: Sequence[int]) -> tuple[int, ...]:
    """An input or a result without rows is fine, less than none is refused. Raises Refused."""
    if min(out) < 0:
        raise Refused(f"less than nothing is left of the input: the output size is {'x'.join(map(str, out))}")
    return tuple(out)


@dataclass(frozen=True)
class Reading:
    """A call as its framework understands it.

    `rules` has one per axis. Channels are None where the call does not say them. `settle` is what the framework makes
    of the sizes that the formula gives: it refuses, or clamps. `notes` are remarks for the user, `defect` says for an
    input size what the framework is known to get wrong (empty: nothing). `words` are the call's own arguments, where
    the dialect's `spell` can say them again; None where it cannot. `no_layer` says why a call that has a size is no
    layer of the canonical model (empty: it is one).
    """

    dialect: str
    call: str
    kind: Kind
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    rules: tuple[Rule, ...]
    layout: Layout
    groups: int = 1
    in_channels: int | None = None
    out_channels: int | None = None
    settle: Settle = at_least_one
    notes: tuple[str, ...] = ()
    defect: Callable[[tuple[int, ...]], str] = lambda in_size: ""
    words: Words | None = None
    no_layer: str = ""

    @property
    def ndim(self) -> int:
        """Number of spatial axes."""
        return len(self.kernel)

    def pads(self, in_size: Sequence[int]) -> tuple[Pads, ...]:
        """The pads per axis for an input size. Raises Refused where the framework refuses them."""
        if len(in_size) != self.ndim:
            raise InvalidLayer(f"{self.call} has {self.ndim} spatial axes, but in has {len(in_size)}")
        return tuple(rule(size) for rule, size in zip(self.rules, in_size, strict=True))

    def output_size(self, in_size: Sequence[int]) -> tuple[int, ...]:
        """The output size per axis that the framework makes. Raises Refused where it makes none."""
        axes = zip(self.kernel, self.stride, self.dilation, self.pads(in_size), in_size, strict=True)
        return self.settle(in_size, [Axis(k, s, *pads, d).out(self.kind, size) for k, s, d, pads, size in axes])

    def layer(self, in_size: Sequence[int]) -> Layer:
        """The canonical layer at an input size; channels that the call does not say are as few as can be.

        Raises Refused where the framework refuses, or where the call is no layer of the canonical model.
        """
        self.output_size(in_size)
        axes = zip(self.kernel, self.stride, range(self.ndim), in_size, self.dilation, strict=True)
        return Layer(
            self.kind,
            tuple(Axis(k, s, *self.canonical_pads(axis, size), d) for k, s, axis, size, d in axes),
            self.groups,
            *self.channels,
        )

    @property
    def channels(self) -> tuple[int, int]:
        """Input and output channels, as few as can be where the call does not say them."""
        ins, outs = (self.groups if each is None else each for each in (self.in_channels, self.out_channels))
        return ins, outs

    def canonical_pads(self, axis: int, in_: int) -> Pads:
        """The pads of one axis as the canonical layer has them. Raises Refused where it has none such."""
        if self.no_layer:
            raise Refused(f"{self.call} is no layer of zeros around its input: {self.no_layer}", "pad with zeros")
        return self._canonical(self.rules[axis](in_), self.stride[axis], self.dilation[axis])

    def _canonical(self, pads: Pads, stride: int, dilation: int) -> Pads:
        """Pads without a negative, and an output_padding below max(stride, dilation)."""
        begin, end, extra = pads
        if begin < 0 or (end < 0 and self.kind == "conv"):
            what = "adds rows that no input reaches" if self.kind == "tconv" else "crops the input"
            raise Refused(
                f"{self.call} {what}: its padding comes to {begin}:{end - extra}, and a layer's is never negative",
                "pad or crop in a step of its own",
            )
        if self.kind == "conv" or (end >= 0 and 0 <= extra < max(stride, dilation)):
            return begin, end, extra
        begin, end, extra = stretched(begin, end - extra)
        if extra >= max(stride, dilation):
            raise Refused(
                f"{self.call} adds {extra} rows beyond its input, and a layer adds less than max(stride {stride}, "
                f"dilation {dilation})",
                "pad its output in a step of its own",
            )
        return begin, end, extra


def surrounded(kind: Kind, rule: Rule, before: tuple[int, int], after: tuple[int, int], stride: int) -> Rule:
    """The rule of a call whose input gets zero rows at (begin, end) before it, and whose result is cropped after it."""
    if not any(before) and not any(after):
        return rule

    def pads(in_: int) -> Pads:
        begin, end, extra = rule(in_ + sum(before))
        if kind == "conv":
            if any(after):
                raise Refused("a convolution whose output is cropped is no layer", "paste the convolution alone")
            return begin + before[0], end + before[1], 0
        if before == (0, 0):
            return begin + after[0], end + after[1], extra
        return stretched(begin + after[0] - before[0] * stride, end - extra + after[1] - before[1] * stride)

    return Fixed(*pads(1)) if isinstance(rule, Fixed) else pads
