"""Networks in the processes of backends: each distinct layer once, and the whole chain."""

import numpy
import pytest
from architecture.chains import chain, concat, conv, pool, tconv

from tconv_design.architecture.model import INPUT, Output
from tconv_design.architecture.program import program
from tconv_design.architecture.report import check
from tconv_design.errors import InvalidQuestion, UnknownBackend
from tconv_design.memory import REFERENCE_BLOCKS, chain_bytes_needed
from tconv_design.network_proof import INCOMPLETE, prove_network
from tconv_design.verification import Workers

NETWORK = check(chain(conv(3, 1, 1), conv(3, 1, 1), pool(2), tconv(4, 2, 1), concat(3, INPUT), conv(1), size=(8,)))

COUNTING = """
def run(self, layer, *data):
    self.calls = getattr(self, "calls", 0) + 1
    if self.calls == {at}:
        {action}
    return super().run(layer, *data)
"""


def one(proofs):
    (proof,) = proofs
    return proof.check


def test_each_distinct_layer_is_checked_once_and_holds_for_all_its_copies():
    proofs = prove_network(NETWORK, ["numpy"])
    assert [proof.numbers for proof in proofs] == [(0, 1), (3,), (5,)]
    assert [proof.check.status for proof in proofs] == ["agrees"] * 3
    assert [proof.check.actual_shape for proof in proofs] == [(3, 1, 8), (3, 1, 8), (3, 2, 8)]
    assert proofs[0].to_dict()["layers"] == [1, 2]
    assert not proofs[0].chain


def test_the_whole_chain_agrees_with_the_definition():
    (proof,) = prove_network(NETWORK, ["numpy"], layers=False, chain=True)
    assert (proof.chain, proof.numbers) == (True, (0, 1, 3, 5))
    assert proof.check.to_dict() == {
        "backend": "numpy",
        "version": numpy.__version__,
        "status": "agrees",
        "expected_shape": [1, 2, 8],
        "actual_shape": [1, 2, 8],
        "max_abs_error": 0.0,
        "phase_shift": [0],
        "code": "",
        "detail": "",
    }


@pytest.mark.parametrize("name", ["torch", "tensorflow"])
def test_a_framework_runs_a_whole_u_net(name):
    pytest.importorskip(name)
    down, up = [conv(4, 2, 1, channels=4), conv(4, 2, 1, channels=8)], tconv(4, 2, 1, channels=4)
    unet = chain(*down, up, concat(2, 0), tconv(3, 2, 1, 1, channels=2), size=(12, 16), channels=3, ndim=2)
    found = one(prove_network(check(unet), [name], layers=False, chain=True, timeout=300))
    assert (found.status, found.actual_shape, found.detail) == ("agrees", (1, 2, 12, 16), "")


FAILURES = {
    "a value": ("return super().run(layer, *data) + 1", "differs", "layer 2: same shape, but 8 of 8 values differ"),
    "a shape": ("return super().run(layer, *data)[:, :, 1:]", "differs", "layer 2: shape (1, 1, 7) instead of"),
    "a refusal": ("raise ValueError('no')", "unsupported", "layer 2: acme refuses the layer: ValueError: no"),
    "a crash": ("os._exit(7)", "crashed", "its process ended with exit code 7 while running layer 2"),
    "a hang": ("time.sleep(99)", "timeout", "no answer within 5 s while running layer 2; its process was ended"),
    "memory": ("raise MemoryError", "crashed", "backend 'acme' ran out of memory"),
}


@pytest.mark.parametrize(("action", "status", "detail"), FAILURES.values(), ids=FAILURES)
def test_what_goes_wrong_in_a_chain_names_its_layer(site, action, status, detail):
    site.backend("acme", COUNTING.format(at=2, action=action))
    found = one(prove_network(NETWORK, ["acme"], layers=False, chain=True, timeout=5))
    assert (found.status, found.actual_shape) == (status, None)
    assert found.detail.startswith(detail)
    assert found.code.startswith("from tconv_design import Layer")


def test_a_backend_that_fails_costs_its_own_row(site):
    site.backend("acme", "def run(self, *given): os._exit(7)")
    proofs = prove_network(NETWORK, ["acme", "numpy"], chain=True)
    assert [(proof.check.backend, proof.check.status) for proof in proofs if proof.chain] == [
        ("acme", "crashed"),
        ("numpy", "agrees"),
    ]
    assert {proof.check.status for proof in proofs if not proof.chain and proof.check.backend == "numpy"} == {"agrees"}


def test_a_worker_that_ran_a_chain_still_checks_layers():
    steps = program([layer.row for layer in NETWORK.layers])
    with Workers(["numpy"]) as workers:
        assert one_status(workers.check_chain(steps, (1, 8))) == "agrees"
        task = (NETWORK.layers[0].row.layer, (8,))
        assert one_status(workers.check_all([task])[0]) == "agrees"
        assert one_status(workers.check_chain(steps, (1, 8), seed=3)) == "agrees"


def one_status(checks):
    (found,) = checks
    return found.status


def test_a_network_that_does_not_fit_together_is_not_run():
    broken = check(chain(conv(3), concat(0, INPUT), size=(8,)))
    ended = check(chain(conv(3), conv(9), size=(8,)))
    for report in (broken, ended):
        found = one(prove_network(report, ["numpy"], layers=False, chain=True))
        assert (found.status, found.detail) == ("unsupported", INCOMPLETE)
        assert [proof.check.status for proof in prove_network(report, ["numpy"])] == ["agrees"]


def test_a_network_whose_claims_fail_is_run_all_the_same():
    report = check(chain(conv(3), size=(8,), output=Output(size=(9,))))
    assert not report.holds
    assert one(prove_network(report, ["numpy"], layers=False, chain=True)).status == "agrees"


def test_a_network_too_large_for_memory_is_not_run():
    report = check(chain(conv(1), size=(10**12,)))
    found = one(prove_network(report, ["numpy"], layers=False, chain=True))
    assert found.status == "unsupported"
    assert found.detail.startswith("not run: it needs about ")


def test_memory_grows_with_what_is_still_to_be_read():
    def needed(*blocks):
        rows = [layer.row for layer in check(chain(*blocks, size=(10**6,))).layers]
        return chain_bytes_needed(program(rows), (1, 10**6)) - REFERENCE_BLOCKS

    same = conv(1)
    assert needed(same, same, same) == needed(same, same)
    kept = needed(same, same, concat(1, INPUT)) - needed(same, same)
    assert kept >= 4 * 10**6  # the input stays until it is joined


def test_wrong_questions_are_refused_before_anything_runs():
    with pytest.raises(UnknownBackend):
        prove_network(NETWORK, ["numpyy"])
    with pytest.raises(InvalidQuestion, match="timeout 0 must be more than 0"):
        prove_network(NETWORK, ["numpy"], layers=False, chain=True, timeout=0)
