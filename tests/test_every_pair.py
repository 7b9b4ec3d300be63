"""A layer pasted in any framework's words, translated into every other's: both are run, and every value is equal.

The layers are drawn blindly from each framework's own arguments. Each row runs the pasted words and their translations
on the same whole numbers, in warm workers, against the definition; what a framework gets wrong must be a known defect.
"""

import os
from itertools import islice

import pytest
from random_words import pasted

from tconv_design.dialects.catalogue import NAMES, dialect, read
from tconv_design.errors import NotExpressible
from tconv_design.plugins import installed
from tconv_design.verification import Workers

FIRST = int(os.environ.get("TCONV_DESIGN_SEED", "0"))
TOTAL = 5000
BACKENDS = [each.name for each in installed() if each.name in NAMES]
EACH = -(-TOTAL // max(1, len(BACKENDS)))
BLOCK = 120
EVERY = {"flax": 5, "jax": 3}
"""XLA compiles every layer anew, so these are asked for the translation of every n-th row, and their own words."""


@pytest.fixture(scope="module")
def workers():
    with Workers(BACKENDS) as workers:
        yield workers


def blocks():
    for name in BACKENDS:
        for start in range(0, EACH, BLOCK):
            yield name, FIRST + start, FIRST + min(start + BLOCK, EACH)


def codes_of(name, text, layer, in_size, seed):
    """The pasted words under their framework's name, and each other's translation."""
    codes = {name: text}
    for other in BACKENDS:
        if other != name and seed % EVERY.get(other, 1) == 0:
            try:
                codes[other] = dialect(other).write(layer, in_size).code
            except NotExpressible:
                continue
    return codes


def known_defect(check, in_size):
    """What the framework is known to get wrong about the words that were run; empty where they should be right."""
    return read(check.code).defect(in_size)


@pytest.mark.parametrize(("name", "first", "last"), blocks())
def test_pasted_words_and_their_translations_make_the_same(workers, name, first, last):
    rows = []
    for seed in range(first, last):
        text, layer, in_size = pasted(name, seed)
        rows.append((layer, in_size, codes_of(name, text, layer, in_size, seed)))
    wrong = []
    for (_, in_size, _), checks in zip(rows, workers.check_codes(rows), strict=True):
        for check in checks:
            if check.status != "agrees" and not known_defect(check, in_size):
                wrong.append(f"{name} -> {check.backend}: {check.status}: {check.detail}; in {in_size}\n{check.code}")
    assert not wrong, f"{len(wrong)} differ, the first of them:\n" + "\n".join(islice(wrong, 5))
