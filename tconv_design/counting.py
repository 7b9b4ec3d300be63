"""Sums of quotients along an arithmetic progression, in closed form: what counts solutions without walking them."""

from __future__ import annotations


def held_floor_sum(first: int, slope: int, divisor: int, length: int, low: int, high: int) -> int:
    """Sum of (first + slope*j) // divisor over 0 <= j < length, each quotient held between `low` and `high`.

    slope is not 0, divisor > 0, low <= high.
    """
    if slope < 0:  # add up from the other end
        first, slope = first + slope * (length - 1), -slope
    rising = min(max(-((first - divisor * low) // slope), 0), length)  # from here on the quotient is at least low
    above = min(max(-((first - divisor * (high + 1)) // slope), rising), length)  # and from here on above high
    middle = floor_sum(first + slope * rising, slope, divisor, above - rising)
    return low * rising + middle + high * (length - above)


def floor_sum(first: int, slope: int, divisor: int, length: int) -> int:
    """Sum of (first + slope*j) // divisor over 0 <= j < length; divisor > 0. Takes as many steps as Euclid's algorithm.

    Whole quotients are taken out first; what is left counts grid points under a line, and is turned on its side.
    """
    total = 0
    while length:
        whole, slope = divmod(slope, divisor)
        total += whole * (length * (length - 1) // 2)
        whole, first = divmod(first, divisor)
        total += whole * length
        length, first = divmod(slope * length + first, divisor)
        slope, divisor = divisor, slope
    return total
