import numpy as np
import pytest

from tconv_design.convolving.blocks import LEAST, MOST, Scratch, block_size, in_runs, met, pieces


@pytest.mark.parametrize("total", range(12))
@pytest.mark.parametrize("each", range(-1, 14))
def test_pieces_cover_everything_once_and_evenly(total, each):
    made = list(pieces(total, each))
    assert [i for piece in made for i in range(total)[piece]] == list(range(total))
    lengths = [piece.stop - piece.start for piece in made]
    assert all(1 <= length <= max(1, each) for length in lengths)
    assert len(made) == -(-total // max(1, each))


@pytest.mark.parametrize("start", range(-7, 8))
@pytest.mark.parametrize("step", range(1, 4))
@pytest.mark.parametrize("count", range(5))
@pytest.mark.parametrize("size", range(5))
def test_places_that_are_met_are_those_inside(start, step, count, size):
    inside = [i for i in range(count) if 0 <= start + i * step < size]
    which, places = met(start, step, count, size)
    assert list(range(count))[which] == inside
    assert list(range(size))[places] == [start + i * step for i in inside]


def test_a_block_is_a_part_of_the_data_between_its_bounds():
    assert block_size(0) == LEAST
    assert block_size(LEAST * 3) == LEAST * 2
    assert block_size(10**12) == MOST


def test_a_run_costs_more_the_shorter_it_is():
    assert in_runs(1024, 1024) == 1024 + 32
    assert in_runs(1024, 1) == 1024 * 33


def test_scratch_is_used_again_and_grows():
    scratch = Scratch(np.dtype("f4"))
    first = scratch.array(4, 5)
    assert first.dtype == "f4"
    assert np.shares_memory(first, scratch.array(2, 3))
    assert scratch.array(7, 9).shape == (7, 9)


@pytest.mark.parametrize("columns", [1, 16, 17, 128, 1000, 1024])
def test_rows_of_a_matrix_are_an_odd_number_of_cache_lines_apart(columns):
    made = Scratch(np.dtype("f4")).matrices(2, 3, columns)
    assert made.shape == (2, 3, columns)
    assert made.strides[1] // 64 % 2 == 1
    assert made.strides[1] % 64 == 0
