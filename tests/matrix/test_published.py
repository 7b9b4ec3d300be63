"""The published table has the form that the renderer prints; its values are those of the day it was printed."""

import ast
import re
import textwrap
from pathlib import Path

import pytest

from tconv_design.dialects.writing import Words
from tconv_design.layer import Layer
from tconv_design.matrix.row import STATUSES, Matrix, Row
from tconv_design.matrix.verdict import CLASSES
from tconv_design.render.matrix import markdown_lines

TEXT = (Path(__file__).parents[2] / "docs" / "matrix.md").read_text("utf-8")
PRINTED = re.split(r"^\$ tconv-design matrix --format markdown\n```\n", TEXT, flags=re.MULTILINE)[1:]
OWN = [Words(kind, (3,), (1,), (1,), ((0, 0),)) for kind in ("tconv", "conv")]
ROWS = (
    *(Row("torch", "native", (5,), "", words=words, kind="basic") for words in OWN),
    Row("torch", "native", (5,), "", layer=Layer.conv(1, kernel=3)),
)
HEADINGS = [line.text for line in markdown_lines(Matrix(ROWS), []) if line.text.startswith("### ")]
BLOCKS = re.findall(r"^  ```python\n(.*?)^  ```$", TEXT, re.MULTILINE | re.DOTALL)

every_part = pytest.mark.parametrize("part", PRINTED, ids=lambda part: part.splitlines()[1][:40])


def table(part, heading):
    """The rows of the table under a heading, as cells."""
    body = part.split(f"{heading}\n\n", 1)[1].split("\n\n", 1)[0]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in body.splitlines()]


def test_it_was_printed_in_two_environments():
    assert len(PRINTED) == 2


@every_part
def test_it_begins_with_the_versions(part):
    assert re.match(r"\nVersions: (\S+ [^,]+, )*\S+ [^,]+\.\n", part)


@every_part
def test_it_has_the_headings_that_are_printed(part):
    assert re.findall("^### .*$", part, re.MULTILINE) == HEADINGS


@every_part
@pytest.mark.parametrize("heading", HEADINGS[:2])
def test_counts_add_up(part, heading):
    head, rule, *rows = table(part, heading)
    assert head == ["framework", "n", *(status for status in STATUSES if status in head), "not as read"]
    assert set(rule) == {"---"}
    for name, total, *counts, _ in rows:
        assert (name, int(total)) == (name, sum(map(int, counts)))


@every_part
@pytest.mark.parametrize("heading", HEADINGS[2:4])
def test_classes_are_counted_as_native_of_all(part, heading):
    head, _, *rows = table(part, heading)
    assert head == ["framework", *(each for each in CLASSES if each in head)]
    for _, *cells in rows:
        assert [cell for cell in cells if not re.fullmatch(r"(\d+/\d+!?x?)?", cell)] == []


def test_every_program_is_python_and_says_what_is_right():
    assert BLOCKS
    for block in map(textwrap.dedent, BLOCKS):
        ast.parse(block)
        *_, right, came = block.splitlines()
        assert right.startswith("# expected: ") or "# expected: " not in block
        assert came
