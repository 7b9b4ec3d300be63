"""The overlap of a stack against ways counted one by one."""

from fractions import Fraction
from functools import cache
from math import gcd

import pytest
from architecture.chains import architectures, chain, concat, conv, crop, linear_upsample, pool, tconv, upsample
from hypothesis import given, settings

from tconv_design.architecture.model import INPUT, JOINS, Block
from tconv_design.architecture.reach import MAX_PERIOD
from tconv_design.architecture.stacked import EVEN, FLAT, MAX_BITS, StackedOverlap, stack_up, stacked_overlap
from tconv_design.architecture.walk import walk

LONG = 10**6


def stacks(architecture, size=(LONG,)):
    found = {INPUT: (EVEN,) * architecture.ndim}
    for row in walk(architecture, size):
        found[row.number] = stack_up(row, [found[source] for source in row.block.sources])
    return found


def last_stack(architecture, size=(LONG,)):
    return stacks(architecture, size)[len(architecture.blocks) - 1]


def ways(architecture, size=LONG):
    """A function from a row of the last block to the number of ways that lead there, up to a common factor."""
    rows = list(walk(architecture, [size]))
    found = stacks(architecture, (size,))

    @cache
    def count(number, row):
        if number == INPUT:
            return 1
        block = rows[number].block
        if block.kind in JOINS:
            return count(*most_uneven(number, row))
        (axis,), source = rows[number].axes, block.sources[0]
        if block.kind == "upsample" and axis.kernel != axis.stride:
            place = Fraction(2 * row + 1, 2 * axis.stride) - Fraction(1, 2)
            left = place.numerator // place.denominator
            return count(source, left) * (left + 1 - place) + count(source, left + 1) * (place - left)
        taps = [tap * axis.dilation - axis.pad_begin for tap in range(axis.kernel)]
        if block.window.kind == "conv":
            return sum(count(source, row * axis.stride + tap) for tap in taps)
        return sum(count(source, (row - tap) // axis.stride) for tap in taps if (row - tap) % axis.stride == 0)

    def most_uneven(number, row):
        sources = rows[number].block.sources
        spread = [max(c) / min(c) if min(c) else float("inf") for (c,) in (found[s] for s in sources)]
        best = spread.index(max(spread))
        return sources[best], row + rows[number].fits[best][0][0]

    return lambda row: count(len(rows) - 1, row)


@given(architectures(4))
@settings(max_examples=300, deadline=None)
def test_the_counts_are_the_ways_that_lead_to_each_row(architecture):
    (counts,) = last_stack(architecture)
    count = ways(architecture)
    found = [count(row) for row in range(len(counts))]
    assert [count(row) for row in range(len(counts), 2 * len(counts))] == found
    scale = Fraction(max(found), max(counts)) if max(counts) else 0
    assert [each * scale for each in counts] == found
    assert gcd(*counts) in (0, 1)


def test_a_stack_compounds_the_unevenness_of_its_layers():
    one = stacked_overlap(last_stack(chain(tconv(3, 2))))
    assert one == StackedOverlap(uniform=False, holes=False, ratio=2.0)
    # rows of the first: 2 1 2 1; of the second, row o sums rows i with 2i + tap = o: 2+1, 2, 1+2, 1
    assert last_stack(chain(tconv(3, 2), tconv(3, 2))) == ((3, 2, 3, 1),)
    assert stacked_overlap(last_stack(chain(tconv(3, 2), tconv(3, 2)))).ratio == 3.0


def test_unevenness_multiplies_over_the_axes():
    both = chain(Block("tconv", (), tconv(3, 2).window._replace(kernel="3x5")), ndim=2)
    assert stacked_overlap(last_stack(both, (9, 9))).ratio == 2.0 * 1.5


@pytest.mark.parametrize("block", [tconv(4, 2, 1), tconv(2, 2), upsample(3), linear_upsample(3), conv(5, 2), pool(2)])
def test_an_even_layer_leaves_a_stack_even(block):
    assert last_stack(chain(block, block)) == (EVEN,)
    assert stacked_overlap((EVEN,)) == StackedOverlap(uniform=True, holes=False, ratio=1.0)


def test_a_conv_evens_out_and_a_stride_can_hide():
    assert stacked_overlap(last_stack(chain(tconv(3, 2), conv(3)))).ratio == 5 / 4
    assert last_stack(chain(tconv(3, 2), conv(2))) == (EVEN,)
    assert last_stack(chain(tconv(3, 2), conv(1, 2))) == (EVEN,)
    assert last_stack(chain(tconv(3, 2), pool(2, kind="avg_pool"))) == (EVEN,)


def test_holes_stay_until_a_kernel_covers_them():
    assert stacked_overlap(last_stack(chain(tconv(1, 2)))) == StackedOverlap(uniform=False, holes=True, ratio=None)
    assert stacked_overlap(last_stack(chain(tconv(1, 2), conv(3)))).holes is False
    assert stacked_overlap(last_stack(chain(tconv(1, 2), crop(1, 0), conv(1, 2)))).holes is True


def test_the_most_uneven_branch_of_a_join_counts():
    branches = [tconv(3, 2, 0, 1), tconv(4, 2, 1, sources=(INPUT,)), tconv(1, 2, 0, 1, sources=(INPUT,))]
    assert stacked_overlap(last_stack(chain(*branches[:2], concat(0, 1)))).ratio == 2.0
    assert stacked_overlap(last_stack(chain(*branches[:2], concat(1, 0)))).ratio == 2.0
    assert stacked_overlap(last_stack(chain(*branches, concat(0, 1, 2)))).holes
    assert stacked_overlap(last_stack(chain(*branches, concat(2, 1, 0)))).holes


def test_a_flat_signal_has_none_and_an_unflattened_one_starts_anew():
    flat = [tconv(3, 2), Block("flatten", ()), Block("linear", (), channels=8)]
    assert last_stack(chain(*flat), (3,)) == FLAT
    assert stacked_overlap(FLAT) is None
    assert last_stack(chain(*flat, Block("unflatten", (), size=(4,))), (3,)) == (EVEN,)


def test_what_is_too_long_or_too_large_is_not_known():
    assert last_stack(chain(tconv(3, MAX_PERIOD))) != (None,)
    assert last_stack(chain(tconv(3, MAX_PERIOD + 1), conv(3)), (3,)) == (None,)
    assert stacked_overlap((None,)) is None
    deep = chain(tconv(3, 2), *[conv(3, 1, 1)] * MAX_BITS)
    found = stacks(deep)
    assert found[MAX_BITS] == (None,)
    assert all(max(each[0] or (0,)).bit_length() <= MAX_BITS for each in found.values())
    assert stacked_overlap(found[20]).ratio == pytest.approx(1, abs=1e-8)
