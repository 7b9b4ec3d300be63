"""numpy, torch and tensorflow make the same of the same layer: equal shapes, and every value equal on whole numbers."""

import os

import numpy as np
import pytest

from tconv_design.backends.numpy import NumpyBackend
from tconv_design.grid import drawn
from tconv_design.samples import draw
from tconv_design.worker import build

FIRST = int(os.environ.get("TCONV_DESIGN_SEED", "0"))
BLOCKS = [range(first, first + 50) for first in range(FIRST, FIRST + 2000, 50)]
MORE = [range(first, first + 50) for first in range(FIRST + 2000, FIRST + 10_000, 50)]
every_block = pytest.mark.parametrize(
    "seeds", [*BLOCKS, *(pytest.param(block, marks=pytest.mark.exhaustive) for block in MORE)], ids=str
)


@pytest.fixture(scope="module")
def torch_backend():
    pytest.importorskip("torch", reason="torch is not installed")
    return pytest.importorskip("tconv_design_torch").tconv_backend()


@pytest.fixture(scope="module")
def tensorflow_backend():
    plugin = pytest.importorskip("tconv_design_tensorflow")
    backend = plugin.tconv_backend()
    try:
        backend.version()
    except ImportError as error:
        pytest.skip(f"tensorflow does not import: {error}")
    return backend


def run(backend, case, samples):
    return backend.run(build(backend.code(case.layer, case.in_size)), *(array.copy() for array in samples))


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@every_block
def test_torch_equals_numpy(torch_backend, seeds):
    for seed in seeds:
        case = drawn(seed)
        samples = draw(case.layer, case.in_size, seed)
        expected, actual = run(NumpyBackend(), case, samples), run(torch_backend, case, samples)
        assert (seed, actual.shape, actual.dtype) == (seed, expected.shape, expected.dtype)
        np.testing.assert_array_equal(actual, expected, err_msg=f"seed {seed}: {case.id}")


@every_block
def test_tensorflow_equals_numpy_but_for_its_known_defects(tensorflow_backend, seeds):
    from tconv_design_tensorflow.defects import KNOWN

    for seed in seeds:
        case = drawn(seed)
        samples = draw(case.layer, case.in_size, seed)
        expected, actual = run(NumpyBackend(), case, samples), run(tensorflow_backend, case, samples)
        assert (seed, actual.shape, actual.dtype) == (seed, expected.shape, expected.dtype)
        if not np.array_equal(actual, expected):
            code = tensorflow_backend.code(case.layer, case.in_size)
            touched = [known for known in KNOWN if known.can_touch(case.layer, case.in_size, code) and known.shows()]
            assert touched, f"seed {seed}: {case.id} differs, and no known defect explains it; its code:\n{code}"
