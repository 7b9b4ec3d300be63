import json
import subprocess
import sys

import pytest

import tconv_design.worker
from tconv_design.layer import Layer
from tconv_design.process import Died, TimedOut, WorkerProcess
from tconv_design.worker import BrokenCode, build

TASK = {"task": "check", "layer": Layer.tconv(1, kernel=3).to_dict(), "in": [4], "seed": 0}
COMMAND = [sys.executable, "-c", "from tconv_design.worker import BrokenCode, main; main()", "numpy"]


@pytest.fixture
def worker():
    started = []

    def start(name="numpy"):
        started.append(WorkerProcess(name))
        return started[-1]

    yield start
    for process in started:
        process.kill()


def test_facts_come_as_they_are_known_and_the_one_with_a_status_is_the_last(worker):
    facts = list(worker().ask(TASK, 30))
    assert [set(each) for each in facts[:3]] == [{"version", "start"}, {"code"}, {"run"}]
    assert facts[-1]["status"] == "agrees"


def test_the_version_is_told_once(worker):
    process = worker()
    assert [set(each) for each in process.ask({"task": "import"}, 30)] == [{"version", "start"}, {"status"}]
    assert [set(each) for each in process.ask({"task": "import"}, 30)] == [{"status"}]


def test_a_backend_that_is_not_installed_is_an_answer_not_a_death(worker):
    (facts,) = worker("nowhere").ask(TASK, 30)
    assert facts == {"status": "unavailable", "detail": "backend 'nowhere' is not installed"}


def test_asking_a_dead_process_says_how_it_ended(worker):
    process = worker()
    process.kill()
    with pytest.raises(Died, match=r"was ended by SIGKILL|ended with exit code"):
        list(process.ask(TASK, 30))


def test_an_answer_that_does_not_come_in_time_is_given_up(worker):
    with pytest.raises(TimedOut):
        list(worker().ask(TASK, 0.001))


def test_our_own_mistake_in_a_worker_is_a_death_with_its_last_words(worker):
    with pytest.raises(Died, match="ended with exit code 1") as caught:
        list(worker().ask({"task": "check"}, 30))
    assert caught.value.last_words == "KeyError: 'layer'"


def test_a_worker_ends_when_its_commands_end():
    worker = subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    out, _ = worker.communicate(timeout=20)
    assert (worker.returncode, out) == (0, b"")


def test_a_worker_speaks_nothing_but_json_lines():
    request = json.dumps({**TASK, "timeout": 30}).encode() + b"\n"
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        worker.stdin.write(request)
        worker.stdin.flush()
        facts = [json.loads(worker.stdout.readline()) for _ in range(4)]
    assert facts[-1]["status"] == "agrees"


def test_the_code_is_executed_in_a_namespace_of_its_own():
    assert build("json = None\nlayer = __name__") == "tconv_design_code"
    assert (tconv_design.worker.json, hasattr(tconv_design.worker, "layer")) == (json, False)
    with pytest.raises(NameError):
        build("layer = json")


def test_code_that_defines_no_layer_is_refused():
    with pytest.raises(BrokenCode, match="the code defines no 'layer'"):
        build("x = 1")
