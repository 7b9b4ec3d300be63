"""What is broken is gathered by what it is, the smallest case first."""

from tconv_design.dialects.writing import Words
from tconv_design.matrix.defects import defects
from tconv_design.matrix.row import Row


def broken(kind, groups, known, size=3):
    words = Words(kind, (2,), (1,), (1,), ((0, 0),), groups=groups, in_channels=groups, out_channels=groups)
    return Row("acme", "wrong", (size,), "code", words=words, claim="wrong values", known=known)


def test_what_is_known_to_be_one_defect_is_one_whatever_its_words_and_numbers():
    rows = [broken("tconv", 2, "it crops 3 rows", 4), broken("conv", 1, "it crops 12 rows", 2)]
    (found,) = defects(rows)
    assert (found.count, found.row.in_size) == (2, (2,))


def test_what_is_not_known_is_told_apart_by_its_words():
    rows = [broken("tconv", 2, ""), broken("conv", 1, ""), broken("conv", 1, "")]
    assert [each.count for each in defects(rows)] == [2, 1]
