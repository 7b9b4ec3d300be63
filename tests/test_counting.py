from hypothesis import given
from hypothesis import strategies as st

from tconv_design.counting import floor_sum, held_floor_sum

NUMBERS = st.integers(-60, 60)
DIVISORS = st.integers(1, 25)
LENGTHS = st.integers(0, 40)


@given(NUMBERS, NUMBERS, DIVISORS, LENGTHS)
def test_a_floor_sum_is_the_sum_of_its_quotients(first, slope, divisor, length):
    assert floor_sum(first, slope, divisor, length) == sum((first + slope * j) // divisor for j in range(length))


@given(NUMBERS, NUMBERS.filter(bool), DIVISORS, LENGTHS, NUMBERS, st.integers(0, 30))
def test_a_held_floor_sum_is_the_sum_of_its_held_quotients(first, slope, divisor, length, low, width):
    high = low + width
    held = [min(max((first + slope * j) // divisor, low), high) for j in range(length)]
    assert held_floor_sum(first, slope, divisor, length, low, high) == sum(held)


def test_a_floor_sum_of_a_quintillion_terms_is_exact():
    assert floor_sum(0, 1, 2, 10**18) == (10**18 // 2) * (10**18 // 2 - 1)
