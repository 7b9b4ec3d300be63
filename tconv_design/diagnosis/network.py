"""A join in a network whose encoder mirrors its decoder: which sizes fit, and where an output_padding is missing."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

from tconv_design.diagnosis.finding import Join, by
from tconv_design.diagnosis.known import Known
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis, Layer
from tconv_design.solution import Change, Solution, solution
from tconv_design.wording import counted

MOST_LEVELS = 64


class Network(NamedTuple):
    """What a whole network of equal levels says about a join."""

    edits: tuple[Solution, ...]
    advice: tuple[str, ...]


def network(join: Join, known: Known, size: int, levels: int | None) -> Network:
    """The levels from an input of `size` down, the joins that fail, and the input sizes at which none does.

    `levels` None are as many as lead to the join of the message. Raises InvalidQuestion where the layer is not known,
    or where its mirror image does not lead there.
    """
    axis = _axis(known)
    chain, at = _chain(join, axis, known, size)
    depth = at + 1 if levels is None else levels
    if depth <= at:
        raise InvalidQuestion(
            f"{counted(depth, 'level')} of stride {axis.stride} from {size} do not reach the join of the message",
            f"it is at level {at + 1}",
        )
    if depth > MOST_LEVELS:
        raise InvalidQuestion(f"--levels {depth} is more than {MOST_LEVELS}", "count how often the network halves")
    while len(chain) <= depth:
        chain.append(_mirror(axis, chain[-1]))
    if chain[-1] < 1:
        raise InvalidQuestion(f"nothing is left of {size} after {depth} levels", "give fewer --levels")
    fixes = [fix for big, small in pairwise(chain) for fix in _fix(known, axis, small, big)]
    return Network(tuple(fixes[::-1]), (_sizes(chain, depth), _legal(axis, size, depth)))


def _axis(known: Known) -> Axis:
    if known.kernel is None or known.word or not known.is_sound or known.kind == "conv" or len(set(known.axes())) != 1:
        raise InvalidQuestion(
            "the sizes of a network follow from its transposed layer, which is not known, or not alike on all axes",
            "give --kernel, --stride and --padding of the layer whose result is joined",
        )
    axis = known.axes()[0]
    if axis.stride == 1 or axis.output_padding >= max(axis.stride, axis.dilation):
        raise InvalidQuestion(f"a layer of stride {axis.stride} halves nothing", "give --stride")
    return axis


def _chain(join: Join, axis: Axis, known: Known, size: int) -> tuple[list[int], int]:
    """The encoder's sizes down to the layer's input, and at which of them the join is."""
    skips = {join.first[-1], join.second[-1]}
    chain = [size]
    for _ in range(MOST_LEVELS):
        small = _mirror(axis, chain[-1])
        if chain[-1] in skips and small >= 1 and axis.out("tconv", small) in skips - {chain[-1]}:
            return [*chain, small], len(chain) - 1
        if small < 1:
            break
        chain.append(small)
    raise InvalidQuestion(
        f"an encoder that mirrors this layer makes {', '.join(map(str, chain[:12]))} of {size}, and no join of "
        f"{by(join.first)} and {by(join.second)}",
        "write the network as a file for tconv-design sizes: it may have other layers between",
    )


def _mirror(axis: Axis, size: int) -> int:
    return Axis(axis.kernel, axis.stride, axis.pad_begin, axis.pad_end, 0, axis.dilation).out("conv", size)


def _fix(known: Known, axis: Axis, small: int, big: int) -> list[Solution]:
    """The output_padding that one level lacks."""
    base = axis.out("tconv", small) - axis.output_padding
    extra = big - base
    if extra == axis.output_padding or not 0 <= extra < max(axis.stride, axis.dilation):
        return []
    fixed = Axis(axis.kernel, axis.stride, axis.pad_begin, axis.pad_end, extra, axis.dilation)
    groups = known.groups or 1
    layer = Layer("tconv", (fixed,) * known.ndim, groups, known.in_channels or groups, known.out_channels or groups)
    change = Change("output_padding", str(axis.output_padding), str(extra))
    return [solution(layer, (small,) * known.ndim, change)]


def _sizes(chain: list[int], depth: int) -> str:
    return f"the encoder's sizes over {counted(depth, 'level')}: {', '.join(map(str, chain))}"


def _legal(axis: Axis, size: int, depth: int) -> str:
    """out = stride*in + c on every level, so n fits if it is c more than a multiple, level by level."""
    c = axis.out("tconv", 1) - axis.stride
    modulus = axis.stride**depth
    offset = c * (modulus - 1) // (axis.stride - 1)
    below = (size - offset) // modulus * modulus + offset
    if below == size:
        return f"{size} fits on every level: n = {offset % modulus} (mod {modulus})"
    above, least = below + modulus, modulus + offset
    pads = above - size
    nearest = f"{below} below, {above} above" if below >= least else f"{max(above, least)} is the smallest"
    return (
        f"every join fits if the network's input n = {offset % modulus} (mod {modulus}): {nearest} of {size} "
        f"(pad by {pads // 2}:{pads - pads // 2}, and crop the result)"
    )
