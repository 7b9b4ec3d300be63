"""Receptive fields against the sets of input rows that each row depends on, found by looking at every tap."""

from fractions import Fraction
from functools import cache

import pytest
from architecture.chains import architectures, chain, concat, conv, crop, linear_upsample, pool, tconv, upsample
from hypothesis import given, settings

from tconv_design.architecture.model import INPUT, JOINS, Block
from tconv_design.architecture.reach import MAX_PERIOD
from tconv_design.architecture.receptive import WHOLE, Field, fields
from tconv_design.architecture.walk import walk

LONG = 10**6


def last_fields(architecture, size=(LONG,)):
    found = {INPUT: (Field(),) * architecture.ndim}
    for row in walk(architecture, size):
        found[row.number] = fields(row, [found[source] for source in row.block.sources])
    return found[len(architecture.blocks) - 1]


def sets(architecture, size=LONG):
    """A function from a row of the last block to the set of input rows that it depends on, without borders."""
    rows = list(walk(architecture, [size]))

    @cache
    def depends(number, row):
        if number == INPUT:
            return frozenset([row])
        block = rows[number].block
        if block.kind in JOINS:
            begins = [fit[0][0] for fit in rows[number].fits]
            return frozenset().union(*(depends(s, row + b) for s, b in zip(block.sources, begins, strict=True)))
        (axis,), source = rows[number].axes, block.sources[0]
        taps = [tap * axis.dilation - axis.pad_begin for tap in range(axis.kernel)]
        if block.window.kind == "conv":
            read = [row * axis.stride + tap for tap in taps]
        else:
            read = [i for i in range(-abs(row) - 20, abs(row) + 20) for tap in taps if i * axis.stride + tap == row]
        return frozenset().union(*(depends(source, each) for each in read))

    return lambda row: depends(len(rows) - 1, row)


@given(architectures(4))
@settings(max_examples=300, deadline=None)
def test_the_field_is_the_hull_of_what_each_row_depends_on(architecture):
    (field,) = last_fields(architecture)
    if field is None:  # the branches of a join run apart
        assert any(block.kind in JOINS for block in architecture.blocks)
        return
    depends = sets(architecture)
    for row in range(12):
        expected = depends(row)
        assert field.at(row) == ((min(expected), max(expected)) if expected else None)


@given(architectures(4))
@settings(max_examples=200, deadline=None)
def test_the_period_is_the_smallest_that_says_the_pattern(architecture):
    (field,) = last_fields(architecture)
    if field is None:
        return
    length = len(field.intervals)
    for period in range(1, length):
        if length % period or field.advance * period % length:
            continue
        shorter = Field(field.intervals[:period], field.advance * period // length)
        assert any(shorter.at(row) != field.at(row) for row in range(length))


LITERATURE = {
    "DCGAN discriminator, 94 (the corpus)": (94, 16, [*[conv(4, 2, 1)] * 4, conv(4)]),
    "PatchGAN, 70 (Isola et al. 2017)": (70, 8, [*[conv(4, 2, 1)] * 3, conv(4, 1, 1), conv(4, 1, 1)]),
    "wav2vec 2.0, 400 samples, stride 320 (Baevski et al. 2020)": (
        400,
        320,
        [conv(10, 5), *[conv(3, 2)] * 4, *[conv(2, 2)] * 2],
    ),
    "AlexNet, 195 (Araujo et al. 2019)": (
        195,
        32,
        [conv(11, 4, 2), pool(3, 2), conv(5, 1, 2), pool(3, 2), *[conv(3, 1, 1)] * 3, pool(3, 2)],
    ),
    "TCN of dilations 1..8, kernel 2: 16 (van den Oord et al. 2016)": (
        16,
        1,
        [conv(2, dilation=d) for d in (1, 2, 4, 8)],
    ),
}


@pytest.mark.parametrize(("size", "jump", "blocks"), LITERATURE.values(), ids=LITERATURE)
def test_fields_of_the_literature(size, jump, blocks):
    (field,) = last_fields(chain(*blocks))
    assert (field.size, field.jump) == (size, jump)


def test_upsampling_jumps_by_parts_of_an_input_row():
    (field,) = last_fields(chain(tconv(4, 2, 1), tconv(4, 2, 1)))
    assert field.jump == Fraction(1, 4)
    # a row of the second layer reads 2 rows of the first, neighbours, which read 2 or 3 input rows together
    assert field.size == 3


def test_upsampling_undoes_a_stride():
    (field,) = last_fields(chain(conv(2, 2), upsample(2)))
    assert (field.size, field.jump, field.intervals) == (2, 1, ((0, 1), (0, 1)))


def test_linear_upsampling_reads_two_rows():
    (field,) = last_fields(chain(linear_upsample(4)))
    assert (field.size, field.jump) == (2, Fraction(1, 4))


def test_a_stride_over_a_short_kernel_leaves_rows_that_nothing_reaches():
    (field,) = last_fields(chain(tconv(1, 3)))
    assert field.intervals == ((0, 0), None, None)
    (nothing,) = last_fields(chain(tconv(1, 2), crop(1, 0), conv(1, 2)))
    assert nothing.size == 0


def test_branches_of_unequal_jump_have_no_common_field():
    assert last_fields(chain(conv(2, 2), concat(0, INPUT))) == (None,)


def test_a_join_reads_what_its_branches_read():
    (field,) = last_fields(chain(conv(3, 1, 1), conv(5, 1, 0, sources=(INPUT,)), concat(0, 1)))
    assert field.intervals == ((-1, 4),)


def test_all_depends_on_all_behind_a_flatten():
    flat = [Block("flatten", ()), Block("linear", (), channels=8), Block("unflatten", (), size=(4,))]
    assert last_fields(chain(*flat, tconv(4, 2, 1)), (16,)) == WHOLE


def test_axes_have_fields_of_their_own():
    one, two = last_fields(chain(Block("conv", (), conv(3).window._replace(kernel="3x5")), ndim=2), (9, 9))
    assert (one.size, two.size) == (3, 5)


def test_a_period_longer_than_can_be_listed_is_not_known():
    assert last_fields(chain(tconv(2, MAX_PERIOD))) != (None,)
    assert last_fields(chain(tconv(2, MAX_PERIOD + 1))) == (None,)
    assert last_fields(chain(tconv(2, MAX_PERIOD + 1), conv(3)), (3,)) == (None,)


def test_huge_numbers_take_no_time():
    (field,) = last_fields(chain(tconv(64, 32, dilation=3), conv(10**15, 10**3)), (10**16,))
    # rows x..x+10**15-1 of the middle read input rows ceil((x-189)/32)..floor((x+10**15-1)/32), most at x = 8
    assert field.size == 10**15 // 32 + 6
