from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from tconv_design.architecture.branches import Branch
from tconv_design.architecture.residues import Congruence, congruences


@st.composite
def branches(draw):
    """Cases apart from each other: stretches of remainders, each with stretches of sizes."""
    modulus = draw(st.sampled_from([1, 2, 3, 4, 6, 8, 12]))
    edges = sorted(draw(st.sets(st.integers(1, modulus), max_size=5)) | {0, modulus})
    found = []
    for first, stop in pairwise(edges):
        times = draw(st.sampled_from([1, 1, 2, 3]))
        for part in range(times):
            ends = sorted(draw(st.sets(st.integers(1, 60) | st.integers(1, 2000), max_size=4)))
            ends += [None] * (len(ends) % 2)
            for low, high in zip(ends[::2], ends[1::2], strict=True):
                shift = part * modulus
                found.append(Branch(modulus * times, first + shift, stop - 1 + shift, low, high, {}))
    return found


def holds(branch, n):
    return (
        branch.first <= n % branch.modulus <= branch.last
        and branch.low <= n
        and (branch.high is None or n <= branch.high)
    )


def is_in(each, n):
    return n % each.modulus == each.remainder and each.first <= n and (each.last is None or n <= each.last)


@settings(max_examples=300, deadline=None)
@given(branches())
def test_the_congruences_hold_every_size_of_the_branches_once_and_no_other(rows):
    classes = congruences(rows)
    for n in [*range(1, 300), *range(1900, 2100)]:
        assert sum(is_in(each, n) for each in classes) == any(holds(row, n) for row in rows), n


@settings(max_examples=300, deadline=None)
@given(branches())
def test_each_class_starts_where_it_is_complete_and_no_later(rows):
    for each in congruences(rows):
        before = each.first - each.modulus
        if each.last is None:
            assert before < 1 or not any(holds(row, before) for row in rows)


@settings(max_examples=300, deadline=None)
@given(branches())
def test_no_smaller_modulus_tells_the_classes_without_end(rows):
    endless = [each for each in congruences(rows) if each.last is None]
    moduli = {each.modulus for each in endless}
    assert len(moduli) <= 1
    for modulus in moduli:
        rests = {each.remainder for each in endless}
        assert not any(
            modulus % step == 0 and {(rest + step) % modulus for rest in rests} == rests for step in range(1, modulus)
        )


def test_one_class_of_a_thousand_million_sizes_stays_one():
    (found,) = congruences([Branch(16, 12, 12, 188, 16 * 10**9, {})])
    assert found == (16, 12, 188, 16 * 10**9 - 4)


def test_a_late_half_leaves_the_early_half_as_a_class_with_an_end():
    rows = [Branch(2, 0, 0, 10, None, {}), Branch(2, 1, 1, 10**9, None, {})]
    assert congruences(rows) == (Congruence(1, 0, 10**9), Congruence(2, 0, 10, 10**9 - 2))
