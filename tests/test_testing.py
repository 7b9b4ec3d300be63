import sys

import numpy as np
import pytest

from tconv_design.backends.numpy import NumpyBackend
from tconv_design.errors import NotExpressible
from tconv_design.grid import GRID
from tconv_design.layer import Axis, Layer
from tconv_design.testing import BackendTests

pytest_plugins = ["pytester"]


class Flipped(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        spatial = tuple(range(2, weight.ndim))
        return super().run(layer, signal, np.flip(weight, spatial).copy(), bias)


class OutputPaddingAtTheFront(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        axes = [
            Axis(a.kernel, a.stride, max(0, a.pad_begin - a.output_padding), a.pad_end, 0, a.dilation)
            for a in layer.axes
        ]
        changed = Layer(layer.kind, tuple(axes), layer.groups, layer.in_channels, layer.out_channels)
        return super().run(changed, signal, weight, bias)


class DilationIgnored(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        missing = [(a.dilation - 1) * (a.kernel - 1) for a in layer.axes]
        axes = [Axis(a.kernel, a.stride, a.pad_begin, a.pad_end, 0) for a in layer.axes]
        changed = Layer(layer.kind, tuple(axes), layer.groups, layer.in_channels, layer.out_channels)
        if any(missing):
            signal = np.pad(signal, [(0, 0), (0, 0), *((0, rows) for rows in missing)])
            return super().run(changed, signal, weight, bias)
        return super().run(layer, signal, weight, bias)


class OneShort(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        return super().run(layer, signal, weight, bias)[..., :-1]


class WrongPhase(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        return np.roll(super().run(layer, signal, weight, bias), 1, axis=-1)


class BiasForgotten(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        return super().run(layer, signal, weight, 0 * bias)


class GroupsIgnored(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        axis = 0 if layer.kind == "conv" else 1
        repeated = np.repeat(weight, layer.groups, 1 - axis) if layer.kind == "conv" else weight
        if layer.kind == "tconv":
            repeated = np.concatenate([weight] * layer.groups, 1)
        changed = Layer(layer.kind, layer.axes, 1, layer.in_channels, layer.out_channels)
        return super().run(changed, signal, repeated, bias)


class DoublePrecision(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        return super().run(layer, signal, weight, bias).astype("f8")


class WritesIntoItsInput(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        result = super().run(layer, signal, weight, bias)
        weight *= 2
        return result


class FirstSampleOnly(NumpyBackend):
    def run(self, layer, signal, weight, bias):
        if len(signal) == 1:
            signal = 2 * signal
        return super().run(layer, signal, weight, bias)


class NeverExpressible(NumpyBackend):
    def code(self, layer, in_size):
        raise NotExpressible("there are no words for it")


class RefusesWithoutAReason(NumpyBackend):
    def code(self, layer, in_size):
        if layer.groups > 1:
            raise NotExpressible("")
        return super().code(layer, in_size)


class CodeThatChanges(NumpyBackend):
    calls = 0

    def code(self, layer, in_size):
        self.calls += 1
        return f"{super().code(layer, in_size)}  # call {self.calls}"


class FutureApi(NumpyBackend):
    api_version = 99


class Nameless(NumpyBackend):
    name = ""


class Versionless(NumpyBackend):
    def version(self):
        return ""


VALUES = "test_shape_phase_and_values_are_those_of_the_definition"

# the wrong backend, what a failure of the values says, the cases that must fail
WRONG_VALUES = [
    (Flipped, "values differ, by up to", lambda case: max(case.layer.kernel) > 1 < max(case.in_size)),
    (OutputPaddingAtTheFront, "arrives 1 element later", lambda case: any(case.layer.output_padding)),
    (OneShort, "the values in it are right", lambda case: True),
    (WrongPhase, "every value arrives 1 element later", lambda case: case.layer.output_size(case.in_size)[-1] > 1),
    (BiasForgotten, "the bias is missing", lambda case: True),
    (GroupsIgnored, "values differ, by up to", lambda case: case.layer.groups > 1),
    (DoublePrecision, "dtype float64 instead of float32", lambda case: True),
    (DilationIgnored, "values differ, by up to", lambda case: max(case.layer.dilation) > 1),
]

# the wrong backend, the test that catches it, what the failure says
WRONG_OTHERWISE = [
    (WritesIntoItsInput, "test_the_arrays_passed_in_are_left", "run wrote into weight"),
    (FirstSampleOnly, "test_one_sample_alone", "one sample alone gives other values than in a batch"),
    (NeverExpressible, "test_at_least_half", "numpy expresses 0 of 83 cases, not even half"),
    (RefusesWithoutAReason, "test_every_refusal", "refused without a reason: tconv-in5-k4-s2-p1-c4.6-g2"),
    (CodeThatChanges, "test_the_code_is_the_same", "two calls gave different code"),
    (FutureApi, "test_the_backend_says", "API version 99 is not in range"),
    (Nameless, "test_the_backend_says", "the backend has no name"),
    (Versionless, "test_the_backend_says", "the backend does not say the version of its framework"),
]


@pytest.fixture
def run_kit(pytester, request):
    """Run the kit on a class of this file, by name, in pytest itself; returns its reports of calls."""

    def run(name, known_defects=None, only=""):
        pytester.makepyfile(
            f"from test_wrong import backend\n"
            f"from tconv_design.testing import BackendTests\n"
            f"class TestIt(BackendTests):\n"
            f"    backend = backend\n"
            f"    known_defects = {known_defects or {}!r}\n"
        )
        module = type(pytest)("test_wrong")
        module.backend = globals()[name]()
        request.getfixturevalue("monkeypatch").setitem(sys.modules, "test_wrong", module)
        record = pytester.inline_run(
            "-q", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", "--tb=native", "-k", only
        )
        return [each for each in record.getreports("pytest_runtest_logreport") if each.when == "call"]

    return run


def of(reports, outcome):
    return [each for each in reports if each.outcome == outcome]


@pytest.mark.parametrize(("backend", "sentence", "must_fail"), WRONG_VALUES)
def test_wrong_values_fail_the_kit_wherever_they_are_wrong(run_kit, backend, sentence, must_fail):
    failed = of(run_kit(backend.__name__, only=VALUES), "failed")
    assert {case.id for case in GRID if must_fail(case)} <= {each.nodeid.partition("[")[2][:-1] for each in failed}
    assert sentence in "\n".join(str(each.longrepr) for each in failed)


@pytest.mark.parametrize(("backend", "test", "sentence"), WRONG_OTHERWISE)
def test_a_backend_that_breaks_another_promise_fails_the_test_of_that_promise(run_kit, backend, test, sentence):
    failed = of(run_kit(backend.__name__, only=test), "failed")
    assert failed
    assert sentence in "\n".join(str(each.longrepr) for each in failed)


def test_a_right_backend_passes_every_test(run_kit):
    reports = run_kit("NumpyBackend")
    assert len(of(reports, "passed")) == len(reports) > 2 * len(GRID)


def test_a_case_that_cannot_be_expressed_is_skipped_with_its_reason(run_kit):
    skipped = of(run_kit("NeverExpressible"), "skipped")
    assert len(skipped) >= len(GRID)
    assert "numpy cannot express tconv-in5-k3: there are no words for it" in str(skipped[0].longrepr)


def test_a_known_defect_is_an_expected_failure_with_its_reason(run_kit):
    reports = run_kit("BiasForgotten", {"conv-in8-k3": "no bias, see example.org/1"})
    (excused,) = [each for each in reports if each.nodeid.endswith(f"{VALUES}[conv-in8-k3]")]
    assert excused.skipped
    assert excused.wasxfail == "no bias, see example.org/1: the bias is missing"


def test_a_known_defect_that_comes_out_right_fails_so_that_it_is_struck(run_kit):
    (failed,) = of(run_kit("NumpyBackend", {"conv-in8-k3": "an old bug"}), "failed")
    assert "conv-in8-k3 comes out right, no known defect any more (an old bug)" in str(failed.longrepr)


def test_a_known_defect_that_is_no_case_fails(run_kit):
    (failed,) = of(run_kit("NumpyBackend", {"conv-in8-k33": "a slip"}), "failed")
    assert "not in the grid: conv-in8-k33" in str(failed.longrepr)


def test_every_case_of_the_grid_has_an_id_of_its_own():
    assert len({case.id for case in GRID}) == len(GRID)


def test_the_grid_has_every_parameter_on_every_number_of_axes():
    for ndim in (1, 2, 3):
        layers = [case.layer for case in GRID if case.layer.ndim == ndim]
        assert {layer.kind for layer in layers} == {"conv", "tconv"}
        assert any(begin != end for layer in layers for begin, end in layer.padding)
        for name in ("stride", "dilation", "output_padding"):
            assert any(max(getattr(layer, name)) > 0 + (name != "output_padding") for layer in layers)
        assert any(layer.groups > 1 for layer in layers)
    assert any(min(case.in_size) == 1 for case in GRID)
    assert any(axis.kernel < axis.stride for case in GRID for axis in case.layer.axes)
    assert any(axis.output_padding > axis.pad_end for case in GRID for axis in case.layer.axes)


def test_the_kit_itself_is_not_collected_where_it_is_imported():
    assert not BackendTests.__name__.startswith("Test")
