"""Errors that installed frameworks give while the test runs: whose they are, the layer, and edits that work there."""

import functools
import importlib.util

import pytest
from diagnosis.real import RUN, message_of
from diagnosis.real_cases import CASES

from tconv_design.diagnosis import diagnose

NEEDS = {"openvino": ("onnx", "openvino"), "onnxruntime": ("onnx", "onnxruntime"), "flax": ("flax", "jax")}
NAMES = [f"{case.framework}: {case.name}" for case in CASES]


@functools.cache
def diagnosis(name):
    case = CASES[NAMES.index(name)]
    for module in NEEDS.get(case.framework, (case.framework,)):
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"{module} is not installed, so it cannot fail here")
    return case, diagnose(message_of(case.framework, case.code), case.options)


@pytest.mark.parametrize("name", NAMES)
def test_a_real_traceback_tells_its_framework(name):
    case, found = diagnosis(name)
    assert found.framework == (case.says or case.framework)


@pytest.mark.parametrize("name", NAMES)
def test_the_layer_of_a_real_traceback_is_recovered(name):
    case, found = diagnosis(name)
    layer = found.layer and {key: found.layer[key] for key in case.layer}
    assert (layer, found.known.in_) == (case.layer, case.in_)


@pytest.mark.parametrize("name", [name for name, case in zip(NAMES, CASES, strict=True) if case.wanted])
def test_a_real_traceback_gets_an_edit_of_the_wanted_size_first(name):
    case, found = diagnosis(name)
    assert found.edits[0].out_size == case.wanted


@pytest.mark.parametrize("name", NAMES)
def test_a_real_traceback_gets_edits(name):
    _, found = diagnosis(name)
    assert found.edits


@pytest.mark.parametrize("name", NAMES)
def test_every_edit_runs_in_the_framework_that_failed_and_gives_its_size(name):
    _, found = diagnosis(name)
    run = RUN[found.framework]
    assert [run(edit.layer, edit.in_size) for edit in found.edits] == [edit.out_size for edit in found.edits]


@pytest.mark.parametrize("name", NAMES)
def test_every_edit_of_a_real_traceback_says_what_it_changes(name):
    _, found = diagnosis(name)
    assert all(edit.change is not None and edit.change.before != edit.change.after for edit in found.edits)
