"""Backends that are wrong, die, hang and forget on some of torch's words: each costs its rows, and is shown small."""

import re
import subprocess
import sys

import pytest

from tconv_design.dialects.writing import Words
from tconv_design.grid import Case
from tconv_design.layer import Layer
from tconv_design.matrix import prediction
from tconv_design.matrix import sweep as sweeping
from tconv_design.matrix.defects import defects, reproduce
from tconv_design.matrix.single import one
from tconv_design.matrix.sweep import sweep
from tconv_design.matrix.words import Asked

pytest.importorskip("torch", reason="torch is not installed")
pytest.importorskip("tconv_design_torch")

ROGUE = """
    from tconv_design.hookspecs import hookimpl
    from tconv_design_torch import TorchBackend
    import numpy as np, os, time

    class Rogue(TorchBackend):
        name = "rogue"

        def run(self, layer, signal, weight, bias):
            result = super().run(layer, signal, weight, bias)
            match getattr(layer, "stride", (1,))[0]:
                case 2: result += result.shape[2] > 5
                case 3: os._exit(7)
                case 4 if layer.kernel_size == (3,): time.sleep(99)
                case 5: result[:] = np.random.default_rng().random(result.shape)
                case 6: return result[..., :-1]
            return result

    @hookimpl
    def tconv_backend():
        return Rogue()
"""
KERNELS, STRIDES = (3, 4), (1, 2, 3, 4, 5, 6)
CASES = [Case(Layer.tconv(1, kernel=3, padding=1), (5,)), Case(Layer.tconv(1, kernel=3, padding=[(0, 1)]), (5,))]


@pytest.fixture(scope="module")
def rogue(tmp_path_factory):
    from conftest import FakeSite

    root = tmp_path_factory.mktemp("site")
    sys.path.insert(0, str(root))
    FakeSite(root).plugin("rogue", ROGUE)
    yield
    sys.path.remove(str(root))


@pytest.fixture(scope="module")
def found(rogue):
    asked = tuple(
        Asked(Words("tconv", (kernel,), (stride,), (1,), ((1, 1),)), (3,)) for kernel in KERNELS for stride in STRIDES
    )
    refused = Asked(Words("tconv", (3,), (1,), (1,), ((1, 1),), (1,)), (3,))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(prediction.SPOKEN, "rogue", ("torch", ""))
        patch.setattr(sweeping, "small_grid", lambda names: (*asked, refused))
        matrix = sweep(["rogue", "numpy"], timeout=3, cases=CASES)
        yield matrix, reproduce(defects(matrix.rows), matrix, limit=9, timeout=3, told=lambda text: None)


def test_every_question_has_a_row_of_its_own(found):
    matrix, _ = found
    own = {(row.words.kernel[0], row.words.stride[0]): row.status for row in matrix.rows if row.words}
    assert {stride: own[3, stride] for stride in STRIDES[1:]} == {
        2: "native", 3: "crashed", 4: "timeout", 5: "wrong", 6: "wrong",
    }  # fmt: skip
    assert own[4, 2] == "wrong"


def test_what_torch_refuses_is_refused_as_predicted(found):
    matrix, _ = found
    (row,) = [row for row in matrix.rows if row.words and row.words.output_padding]
    assert (row.status, row.as_predicted) == ("refuses", True)
    assert "output padding must be smaller" in row.detail


def test_our_words_are_native_or_surrounded(found):
    matrix, _ = found
    ours = [(row.backend, row.status) for row in matrix.rows if row.words is None]
    assert ours == [("rogue", "native"), ("rogue", "workaround"), ("numpy", "native"), ("numpy", "native")]


def test_a_backend_without_known_words_says_so(found):
    matrix, _ = found
    assert matrix.gaps == {"numpy": "no dialect is known for it, so it was asked in our words only"}


def test_each_defect_is_shown_by_its_smallest_case(found):
    _, broken = found
    smallest = {defect.row.claim: (defect.row.words.kernel[0], defect.row.words.stride[0]) for defect in broken}
    assert smallest == {
        "wrong values": (4, 2),  # values that change are wrong values, and theirs is a larger case
        "kills its process (ended with exit code 7)": (3, 3),
        "gives no answer": (3, 4),
        "wrong size": (3, 6),
    }


def test_a_reproduction_says_what_is_right_and_what_came(found):
    _, broken = found
    (program,) = [each.program for each in broken if each.row.claim == "wrong size"]
    *_, right, came = program.splitlines()
    # 1 2 3 scattered by 1 2 3 at stride 6, a row cropped at either end
    assert right == "# expected: shape (1, 1, 13): 12, 13, 10, 10, 10, 12, 14, 16, 10, 10, 10, 13, 16"
    assert came.startswith("# rogue 2")
    assert came.endswith(": shape (1, 1, 12): 12, 13, 10, 10, 10, 12, 14, 16, 10, 10, 10, 13")


def test_one_layer_in_every_backend(rogue):
    matrix = one(Layer.tconv(1, kernel=4, stride=2, padding=1), (3,), ["numpy", "rogue"])
    assert [(row.backend, row.status, row.claim) for row in matrix.rows] == [
        ("numpy", "native", ""),
        ("rogue", "wrong", "wrong values"),
    ]


def test_one_layer_whose_values_change_is_wrong(rogue):
    (row,) = one(Layer.tconv(1, kernel=3, stride=5), (3,), ["rogue"]).rows
    assert (row.status, row.claim) == ("wrong", "values change from run to run")


def test_a_reproduction_stands_alone(found):
    _, broken = found
    (program,) = [each.program for each in broken if each.row.claim == "wrong size"]
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    # it runs torch itself here, which is right where the rogue was not
    printed = [float(each) for each in re.findall(r"\d+\.", done.stdout)]
    *_, right, _ = program.splitlines()
    assert printed == [float(each) for each in right.partition("): ")[2].split(", ")]
