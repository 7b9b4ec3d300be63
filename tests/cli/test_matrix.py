"""`matrix`: one layer or the small grid in every backend, as text, JSON and markdown, and what it exits with."""

import re

import numpy
import pytest
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.dialects.writing import Words
from tconv_design.layer import Layer
from tconv_design.matrix.defects import Defect
from tconv_design.matrix.row import Matrix, Row
from tconv_design.render.matrix import grid_lines, markdown_lines
from tconv_design.render.plain import plain_text

LINE = "matrix --in 7 -k 3 -s 2 -p 1"
ROGUES = {
    "wrong": ("return super().run(*given) + np.float32(1)", "wrong", 1),
    "short": ("return super().run(*given)[..., 1:]", "wrong", 1),
    "dead": ("os._exit(7)", "crashed", 3),
    "asleep": ("time.sleep(99)", "timeout", 3),
    "fickle": ("self.n = getattr(self, 'n', -1) + 1; return super().run(*given) + np.float32(self.n)",
               "wrong", 1),
    "unwilling": ("raise ValueError('no')", "refuses", 0),
    "sound": ("return super().run(*given)", "native", 0),
}  # fmt: skip


def validate(document):
    Draft202012Validator(schemas.load("matrix")).validate(document)


def test_one_layer_has_a_row_per_backend(ask):
    said = ask(f"{LINE} --backend numpy")
    assert (said.code, said.err) == (0, "")
    assert said.out == (
        "tconv: kernel 3, stride 2, padding 1:  7 → 13\n"
        f"  ✓ numpy {numpy.__version__}: native (one call, ran it: every value equal)\n"
        "      from tconv_design import Layer\n"
        "\n"
        "      layer = Layer.tconv(1, kernel=(3,), stride=(2,), padding=((1, 1),))\n"
    )


def test_a_pasted_layer_is_taken(ask):
    said = ask(
        ["matrix", "nn.ConvTranspose1d(1, 1, 3, stride=2, padding=1)", "--in", "7", "--backend", "numpy", "--json"]
    )
    (row,) = said.document["rows"]
    assert row["layer"] == Layer.tconv(1, kernel=3, stride=2, padding=1).to_dict()
    assert (row["in"], row["backend"], row["status"]) == ([7], "numpy", "native")


@pytest.mark.parametrize(("body", "status", "code"), ROGUES.values(), ids=ROGUES)
def test_what_a_backend_does_is_its_status_and_the_exit_code(ask, site, body, status, code):
    site.backend("acme", f"def run(self, *given): {body}")
    said = ask(f"{LINE} --backend acme --backend numpy --timeout 5 --json")
    validate(said.document)
    assert {row["backend"]: row["status"] for row in said.document["rows"]} == {"acme": status, "numpy": "native"}
    assert said.code == code


def test_a_named_backend_that_is_silent_is_said_on_stderr(ask, site):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    said = ask(f"{LINE} --backend acme")
    assert said.code == 3
    assert re.search(r"backend acme gave no answer \(crashed\): its process ended with exit code 7", said.err)


def test_a_program_that_ends_its_process_at_a_second_run_crashes(ask, site):
    site.backend(
        "acme",
        """
        runs = 0
        def run(self, *given):
            self.runs += 1
            return super().run(*given) if self.runs == 1 else os._exit(7)
        """,
    )
    said = ask(f"{LINE} --backend acme --json")
    validate(said.document)
    (row,) = said.document["rows"]
    assert (said.code, row["status"]) == (3, "crashed")
    assert row["detail"].startswith("at a second run: its process ended with exit code 7")


def test_the_grid_of_a_backend_without_words_is_ours(ask):
    said = ask("matrix --backend numpy --json")
    validate(said.document)
    assert said.code == 0
    assert said.document["gaps"] == {"numpy": "no dialect is known for it, so it was asked in our words only"}
    (counts,) = said.document["summary"].values()
    assert counts["own"] == {}
    assert counts["ours"] == {"native": len(said.document["rows"])}


def test_the_grid_of_a_backend_that_is_wrong_ends_with_1(ask, site):
    site.backend("acme", "def run(self, *given): return super().run(*given) + np.float32(given[1].shape[2] == 1)")
    said = ask("matrix --backend acme --json")
    validate(said.document)
    assert said.code == 1
    found = {(each["backend"], each["claim"]) for each in said.document["defects"]}
    assert found == {("acme", "wrong values")}


def test_a_backend_that_does_not_import_costs_one_row(ask, site):
    site.backend("acme", "def version(self): raise ImportError('gone')")
    said = ask("matrix --backend acme --backend numpy --json")
    assert said.code == 3
    assert [row["status"] for row in said.document["rows"] if row["backend"] == "acme"] == ["unavailable"]
    assert "backend acme gave no answer (unavailable)" in said.err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (f"{LINE} --format markdown", "--format markdown is for the whole grid; leave the layer out"),
        ("matrix --backend nmpy", "no backend is called 'nmpy'; did you mean numpy?"),
        ("matrix --backend numpy --timeout 0", "timeout 0 must be more than 0 and at most 86400 seconds"),
        (f"{LINE} --backend numpy --seed -1", "seed -1 must be 0 or more"),
        ("matrix --backend numpy --seed -1", "seed -1 must be 0 or more"),
        ("matrix --in 7", "kernel is missing"),
        ("matrix --format html", "'html' is not one of 'text', 'markdown'"),
    ],
)
def test_a_wrong_question_is_one_sentence(ask, line, sentence):
    said = ask(line)
    assert (said.code, said.out) == (2, "")
    assert sentence in said.err


WORDS = Words("tconv", (3,), (2,), (1,), ((3, 3),))
ROWS = (
    Row("mlx", "native", (5,), "a", words=WORDS, kind="basic"),
    Row(
        "mlx", "wrong", (5,), "layer = b", words=WORDS, claim="wrong size", detail="size 3 instead of 5", kind="bigpad"
    ),
    Row("mlx", "refuses", (5,), "c", words=WORDS, kind="bigpad", as_predicted=False),
    Row("mlx", "workaround", (5,), "d", layer=Layer.tconv(1, kernel=3), kind="basic"),
    Row("torch", "unavailable", (), ""),
)
MATRIX = Matrix(ROWS, {"mlx": "0.32"}, {"numpy": "no dialect is known for it, so it was asked in our words only"})
BROKEN = [Defect(1, ROWS[1], "import mlx\n\nprint(1)\n# expected: 2\n")]


def test_the_grid_is_printed_as_counts_and_then_what_is_broken():
    assert (
        plain_text(grid_lines(MATRIX, BROKEN), "utf-8")
        == """\
programs in the framework's own words
  framework  n  native  refuses  wrong  not as read
  mlx        3       1        1      1            1

layers in our words for it
  framework              n  native  workaround  refuses  not as read
  mlx                    1       0           1        0            0
  torch      not available

tconv in its own words: native of all, by class (! some wrong, x some refused)
  framework  basic  bigpad
  mlx          1/1   0/2!x

· numpy: no dialect is known for it, so it was asked in our words only
✗ mlx 0.32, tconv: wrong size, in 1 of the grid, in 5: size 3 instead of 5
    import mlx

    print(1)
    # expected: 2
"""
    )


def test_markdown_has_the_same_in_tables_and_blocks():
    text = plain_text(markdown_lines(MATRIX, BROKEN), "utf-8")
    assert "| framework | n | native | refuses | wrong | not as read |\n| --- | --- |" in text
    assert (
        "\n- mlx 0.32, tconv: wrong size, in 1 of the grid, in 5: size 3 instead of 5\n\n  ```python\n  import mlx\n"
        in text
    )
    assert text.startswith("Versions: mlx 0.32.\n")


def test_nothing_wrong_is_said():
    assert plain_text(grid_lines(Matrix(ROWS[:1]), []), "utf-8").endswith("✓ nothing is wrong\n")
    assert plain_text(markdown_lines(Matrix(ROWS[:1]), []), "utf-8").endswith("### What is broken\n\nNothing.\n")
