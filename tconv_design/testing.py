"""The conformance kit: the tests that prove a backend. Needs pytest.

A backend's whole test is

    from tconv_design.testing import BackendTests

    class TestMyBackend(BackendTests):
        backend = MyBackend()
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest

from tconv_design.compare import judge
from tconv_design.errors import NotExpressible
from tconv_design.grid import GRID, Case
from tconv_design.hookspecs import API_VERSION, OLDEST_API_VERSION, Backend
from tconv_design.reference import reference
from tconv_design.samples import Samples, draw
from tconv_design.worker import build

SEED = 0
SOME = GRID[::6]  # of every kind and number of axes

every_case = pytest.mark.parametrize("case", GRID, ids=lambda case: case.id)
some_cases = pytest.mark.parametrize("case", SOME, ids=lambda case: case.id)

__all__ = ["GRID", "BackendTests", "Case"]


class BackendTests:
    """Subclass this, in a class whose name starts with Test, and give it the backend.

    `known_defects` maps the id of a case whose result the framework itself gets wrong to the reason, with a link. Such
    a case is an expected failure, and a strict one: when it comes out right, the entry has to go. A case that the
    backend refuses with NotExpressible is skipped with its reason.
    """

    backend: ClassVar[Backend]
    known_defects: ClassVar[Mapping[str, str]] = {}

    @every_case
    def test_shape_phase_and_values_are_those_of_the_definition(self, case: Case) -> None:
        """Whole numbers, an impulse and a bias must come out exactly as the reference has them."""
        samples = draw(case.layer, case.in_size, SEED)
        expected = reference(case.layer, *samples)
        code, actual = self._run(case, samples)
        verdict = judge(expected, actual, samples.bias)
        if case.id in self.known_defects:
            reason = self.known_defects[case.id]
            assert verdict.status == "differs", f"{case.id} comes out right, no known defect any more ({reason})"
            pytest.xfail(f"{reason}: {verdict.detail}")
        assert verdict.status == "agrees", f"{self.backend.name} on {case.id}: {verdict.detail}; its code:\n{code}"

    @some_cases
    def test_one_sample_alone_comes_out_as_it_does_in_a_batch(self, case: Case) -> None:
        """Batch 1 and batch 3 must agree."""
        samples = draw(case.layer, case.in_size, SEED)
        alone = samples._replace(signal=samples.signal[:1].copy())
        _, in_batch = self._run(case, samples)
        _, actual = self._run(case, alone)
        assert np.array_equal(actual, in_batch[:1]), f"{case.id}: one sample alone gives other values than in a batch"

    @some_cases
    def test_the_arrays_passed_in_are_left_as_they_were(self, case: Case) -> None:
        """`run` must not write into signal, weight or bias."""
        samples, before = (draw(case.layer, case.in_size, SEED) for _ in range(2))
        self._run(case, samples)
        for name, array, original in zip(Samples._fields, samples, before, strict=True):
            assert np.array_equal(array, original), f"{case.id}: run wrote into {name}"

    @every_case
    def test_the_code_is_the_same_every_time_and_defines_layer(self, case: Case) -> None:
        """`code` is a function of its arguments, and its text is a program that defines `layer`."""
        first, second = self._code(case), self._code(case)
        assert first == second, f"{case.id}: two calls gave different code:\n{first}\n{second}"
        build(first)

    def test_at_least_half_of_the_grid_can_be_expressed(self) -> None:
        """A backend that refuses nearly everything proves nothing."""
        able = sum(self._refusal(case) is None for case in GRID)
        assert 2 * able >= len(GRID), f"{self.backend.name} expresses {able} of {len(GRID)} cases, not even half"

    def test_every_refusal_says_why(self) -> None:
        """NotExpressible must carry a sentence."""
        silent = [case.id for case in GRID if self._refusal(case) == ""]
        assert not silent, f"refused without a reason: {', '.join(silent)}"

    def test_the_backend_says_its_name_versions_and_api(self) -> None:
        """What the loader reads before anything is run."""
        assert self.backend.name, "the backend has no name"
        assert self.backend.version(), "the backend does not say the version of its framework"
        taken = range(OLDEST_API_VERSION, API_VERSION + 1)
        assert self.backend.api_version in taken, f"API version {self.backend.api_version} is not in {taken}"

    def test_known_defects_are_cases_of_the_grid(self) -> None:
        """A misspelt id would excuse nothing."""
        strangers = self.known_defects.keys() - {case.id for case in GRID}
        assert not strangers, f"not in the grid: {', '.join(sorted(strangers))}"

    def _code(self, case: Case) -> str:
        try:
            return self.backend.code(case.layer, case.in_size)
        except NotExpressible as refusal:
            pytest.skip(f"{self.backend.name} cannot express {case.id}: {refusal}")

    def _refusal(self, case: Case) -> str | None:
        try:
            self.backend.code(case.layer, case.in_size)
        except NotExpressible as refusal:
            return str(refusal)
        return None

    def _run(self, case: Case, samples: Samples) -> tuple[str, Any]:
        code = self._code(case)
        return code, self.backend.run(build(code), *samples)
