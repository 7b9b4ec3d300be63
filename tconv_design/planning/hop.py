"""A hop (the samples per frame of a vocoder or a codec) as a chain of strides whose product it is, for every length.

Every layer has kernel 2*stride, so that each output row gets two taps. Centred, it crops ceil(stride/2) rows at both
ends and puts stride mod 2 back (output_padding); causal, it crops stride rows at the end, as EnCodec does. Either way
out = stride*in for every in. Sources: Kong et al., "HiFi-GAN", arXiv:2010.05646 (strides from large to small, kernel
2*stride); Défossez et al., "EnCodec", arXiv:2210.13438 (strides 8, 5, 4, 2, causal padding).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, count, islice, zip_longest
from math import factorial, prod

from tconv_design.architecture.chain import chain as chained
from tconv_design.cost import multiply_adds, parameters
from tconv_design.errors import InvalidQuestion
from tconv_design.formula import MAX_SIZE
from tconv_design.layer import Axis, Layer
from tconv_design.planning.problem import Plan, Plans
from tconv_design.values import Values

MAX_HOP = 10**6
SMALL_PRIME = 13
"""The largest prime that still makes a handy stride."""

USUAL_LAYERS = Values.between(2, 4)
Strides = tuple[int, ...]
Channels = Callable[[int], Sequence[int]]


def hop(
    total: int,
    layers: Values | None = None,
    *,
    causal: bool = False,
    frames: int = 1,
    channels: Channels | None = None,
    top: int = 5,
) -> Plans:
    """The chains of strides >= 2 with the product `total`, counted, and the best `top` of them at `frames` frames.

    `layers`: how many there may be; left out 2 to 4, or 1 for a prime. `channels` gives the channels before, between
    and after that many layers (1 everywhere if left out). Order: the smallest largest stride, then the smallest second
    largest and so on; of one set of strides from large to small, then from small to large, all other orders last; the
    numbers of layers take turns. `scores`: `look_ahead` and `reach` as in the functions of these names, `latency` in
    samples = look_ahead * hop. Raises InvalidQuestion for a hop below 2 or above MAX_HOP.
    """
    if not 2 <= total <= MAX_HOP:
        raise InvalidQuestion(
            f"hop must be from 2 to {MAX_HOP}, got {total if total < 10**19 else 'more'}",
            "a hop is the samples per frame, for example 256 or 300",
        )
    if frames * total > MAX_SIZE:
        raise InvalidQuestion(
            f"{frames} frames of {total} samples are more than 10**18, the largest size that is answered",
            f"use at most {MAX_SIZE // total} frames",
        )
    primes = prime_factors(total)
    allowed = layers or (USUAL_LAYERS if len(primes) > 1 else Values.one(1))
    groups = [sets for number in range(1, len(primes) + 1) if number in allowed and (sets := factors(total, number))]
    numbers = sum(_orders(strides) for sets in groups for strides in sets)
    best = islice(_in_turns([_ordered(sets) for sets in groups]), top)
    plans = tuple(_plan(strides, causal, frames, channels or _ones) for strides in best)
    return Plans(numbers, True, plans, _why(total, primes, allowed, bool(groups)))


def factors(total: int, number: int) -> list[Strides]:
    """The ways to write `total` as a product of `number` strides >= 2, each from large to small, even ones first."""
    return sorted(_factors(total, number, total))


def _factors(total: int, number: int, most: int) -> Iterator[Strides]:
    if number == 1:
        if 2 <= total <= most:
            yield (total,)
        return
    for largest in range(min(most, total // 2 ** (number - 1)), 1, -1):
        if largest**number < total:
            return
        if total % largest == 0:
            for rest in _factors(total // largest, number - 1, largest):
                yield (largest, *rest)


def prime_factors(number: int) -> Strides:
    """The prime factors, from large to small."""
    found: list[int] = []
    for prime in chain((2,), count(3, 2)):
        while number % prime == 0:
            found.append(prime)
            number //= prime
        if prime * prime > number:
            return tuple(reversed([*found, *[number] * (number > 1)]))
    raise AssertionError


def _orders(strides: Strides) -> int:
    return factorial(len(strides)) // prod(factorial(times) for times in Counter(strides).values())


def _ordered(sets: Sequence[Strides]) -> Iterator[Strides]:
    for strides in sets:
        yield from dict.fromkeys((strides, strides[::-1]))
    for strides in sets:
        yield from (order for order in _falling(strides) if order not in (strides, strides[::-1]))


def _falling(strides: Strides) -> Iterator[Strides]:
    """Every order of some strides once, from the alphabetically last on."""
    if not strides:
        yield ()
    for first in sorted(set(strides), reverse=True):
        at = strides.index(first)
        yield from ((first, *rest) for rest in _falling(strides[:at] + strides[at + 1 :]))


def _in_turns(groups: Iterable[Iterator[Strides]]) -> Iterator[Strides]:
    for turn in zip_longest(*groups):
        yield from filter(None, turn)


def upsampling(stride: int, causal: bool) -> Axis:
    """The axis that multiplies every length by `stride`."""
    if causal:
        return Axis(2 * stride, stride, 0, stride)
    half = -(-stride // 2)
    return Axis(2 * stride, stride, half, half, stride % 2)


def look_ahead(axes: Sequence[Axis]) -> int:
    """Frames after its own (sample // hop) that an output sample needs at most.

    Output row o of a tconv needs no input above (o + pad_begin) // stride; a frame's last sample looks the farthest.
    """
    row = prod(axis.stride for axis in axes) - 1
    for axis in reversed(axes):
        row = (row + axis.pad_begin) // axis.stride
    return row


def reach(axes: Sequence[Axis]) -> int:
    """Samples before its own beginning (frame * hop) from which on a frame is heard."""
    row = 0
    for axis in axes:
        row = row * axis.stride + axis.pad_begin
    return row


def _ones(layers: int) -> Sequence[int]:
    return [1] * (layers + 1)


def _plan(strides: Strides, causal: bool, frames: int, channels: Channels) -> Plan:
    axes = [upsampling(stride, causal) for stride in strides]
    widths = channels(len(strides))
    layers = tuple(Layer("tconv", (axis,), 1, widths[place], widths[place + 1]) for place, axis in enumerate(axes))
    sizes: list[tuple[int, ...]] = [(frames,)]
    for layer in layers:
        sizes.append(layer.output_size(sizes[-1]))
    macs = sum(multiply_adds(layer, sizes[place], sizes[place + 1]) for place, layer in enumerate(layers))
    ahead = look_ahead(axes)
    scores = {
        "largest_stride": max(strides),
        "look_ahead": ahead,
        "latency": ahead * prod(strides),
        "reach": reach(axes),
    }
    architecture = chained(layers, (frames,), f"hop {prod(strides)} as {'x'.join(map(str, strides))}")
    return Plan(layers, tuple(sizes), sum(map(parameters, layers)), macs, scores, architecture)


def _why(total: int, primes: Strides, allowed: Values, found: bool) -> str:
    """What stands against a hop: that it is prime, has a large prime factor, or too few factors for the layers."""
    if len(primes) == 1 and total > SMALL_PRIME:
        return (
            f"{total} is prime: its only chain is one layer of stride {total} (kernel {2 * total}); {_nearest(total)}"
        )
    if not found:
        factors = f"{len(primes)} prime factors ({'x'.join(map(str, primes))})" if len(primes) > 1 else "is prime"
        return (
            f"{total} {'has ' if len(primes) > 1 else ''}{factors}, so it is the product of at most {len(primes)} "
            f"{'strides' if len(primes) > 1 else 'stride'} of 2 or more, and {allowed} layers are asked for"
        )
    if primes[0] > SMALL_PRIME:
        bound = f"{primes[0]} is a prime factor of {total}, so a stride of every chain is a multiple of it"
        return f"{bound}; {_nearest(total)}"
    return ""


def _nearest(total: int) -> str:
    """The next hops below and above whose prime factors are small, each with its most even strides."""
    below = next(number for number in range(total - 1, 1, -1) if prime_factors(number)[0] <= SMALL_PRIME)
    above = next(number for number in count(total + 1) if prime_factors(number)[0] <= SMALL_PRIME)
    return f"the nearest hops of small factors are {_split(below)} and {_split(above)}"


def _split(total: int) -> str:
    layers = min(len(prime_factors(total)), USUAL_LAYERS.high)
    return f"{total} ({'x'.join(map(str, factors(total, layers)[0]))})"
