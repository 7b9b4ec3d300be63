import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace

import psutil
import pytest

from tconv_design import verification, warm
from tconv_design.errors import InvalidLayer, InvalidQuestion, UnknownBackend
from tconv_design.layer import Layer
from tconv_design.reference import reference
from tconv_design.trial import Trial, digest
from tconv_design.verification import Workers, check_backends, verify

LAYER = Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=2, out_channels=3)
SIZE = (4, 5)
SHAPE = (3, 3, 8, 10)

posix = pytest.mark.skipif(os.name == "nt", reason="signals are those of POSIX")

# what the backend does after computing `result`; the status of its row; what its detail says
ROGUES = {
    "segfaults": ("import ctypes; ctypes.string_at(0)", "crashed", "^its process .* while running the layer$"),
    "exits": ("os._exit(7)", "crashed", "^its process ended with exit code 7 while running the layer$"),
    "exits_as_if_well": ("os._exit(0)", "crashed", "^its process ended with exit code 0 while running the layer$"),
    "has_last_words": ("os.write(2, b'a\\nno more\\n'); os._exit(3)", "crashed", "; its last words: 'no more'$"),
    "aborts": ("os.abort()", "crashed", "^its process .* while running the layer$"),
    "calls_sys_exit": ("sys.exit('bye')", "crashed", "^backend 'rogue' tried to end the program: SystemExit: bye$"),
    "interrupts": ("raise KeyboardInterrupt", "crashed", "tried to end the program: KeyboardInterrupt$"),
    "runs_out_of_memory": ("[0] * (1 << 60)", "crashed", "^backend 'rogue' ran out of memory$"),
    "refuses_for_memory": ("from tconv_design.errors import TooLarge; raise TooLarge('9 GB', 'use less')",
                           "unsupported", "^not run: 9 GB; use less$"),
    "lacks_a_library": ("import libacme", "unavailable", "cannot import what it needs: .*No module named 'libacme'$"),
    "raises": ("raise ValueError('no such\\nlayer')", "unsupported", "^rogue refuses the layer: ValueError: no such$"),
    "returns_none": ("return None", "differs", "^the result is a NoneType, not a numpy array$"),
    "returns_a_list": ("return [1.0]", "differs", "^the result is a list, not a numpy array$"),
    "returns_float64": ("return result.astype('f8')", "differs", "^dtype float64 instead of float32$"),
    "returns_nan": ("result[0, 0, 0, :2] = np.nan; return result", "differs", "^2 of 720 values are NaN or infinite$"),
    "is_one_short": ("return result[..., :-1]", "differs", r"^shape \(3, 3, 8, 9\) instead of \(3, 3, 8, 10\); the v"),
    "lacks_an_axis": ("return result[0]", "differs", r"^shape \(3, 8, 10\) instead of \(3, 3, 8, 10\)$"),
    "is_wrong_once": ("result[0, 1, 2, 3] += 1; return result", "differs", "1 of 720 values differ, by up to 1; the"),
    "rounds": ("return result + np.float32(0.001)", "differs", "720 of 720 values differ, by up to 0.001"),
    "forgets_the_bias": ("return result - bias.reshape(-1, 1, 1)", "differs", "^the bias is missing$"),
    "prints": ("print('!'); os.write(1, b'{\"status\": \"differs\"}\\n'); return result", "agrees", "^$"),
    "shouts": ("os.write(2, b'noise' * 10**6); return result", "agrees", "^$"),
    "reads_stdin": ("sys.stdin.read(); os.read(0, 9); return result", "agrees", "^$"),
    "changes_directory": ("os.chdir('/'); return result", "agrees", "^$"),
    "spoils_its_input": ("signal[:] = 0; weight[:] = 0; bias[:] = 0; return result", "agrees", "^$"),
    "leaves_threads": ("import threading; threading.Thread(target=time.sleep, args=[99]).start(); return result",
                       "agrees", "^$"),
}  # fmt: skip


def run_instead(site, action, name="rogue"):
    site.backend(
        name,
        f"""
        def run(self, layer, signal, weight, bias):
            result = super().run(layer, signal, weight, bias)
            {action}
        """,
    )


def only(checks):
    (check,) = checks
    return check


@pytest.mark.parametrize(("action", "status", "detail"), ROGUES.values(), ids=ROGUES)
def test_a_backend_costs_its_own_row_when_it(site, action, status, detail):
    run_instead(site, action)
    rogue, numpy = verify(LAYER, SIZE, ["rogue", "numpy"], timeout=30)
    assert numpy.status == "agrees"
    assert rogue.status == status
    assert re.search(detail, rogue.detail)
    assert rogue.expected_shape == SHAPE
    assert rogue.code.startswith("from tconv_design import Layer\n\nlayer = Layer.tconv(2, ")


@posix
def test_the_signal_that_ended_a_backend_is_named(site):
    run_instead(site, "os.kill(os.getpid(), 9)")
    assert only(verify(LAYER, SIZE, ["rogue"])).detail == (
        "its process was ended by SIGKILL (often a lack of memory) while running the layer"
    )


HANGS = {
    "loops": "while True: pass",
    "sleeps": "time.sleep(99)",
    "ignores_signals": "import signal; [signal.signal(s, signal.SIG_IGN) for s in (2, 15)]; time.sleep(99)",
    "sleeps_with_the_interpreter_locked": "import ctypes; ctypes.PyDLL(None).sleep(99)",
    "shouts_without_end": "while True: os.write(2, b'noise' * 1000)",
}


@posix
@pytest.mark.parametrize("action", HANGS.values(), ids=HANGS)
def test_a_backend_is_ended_at_its_time_limit_when_it(site, action):
    run_instead(site, action)
    began = time.monotonic()
    check = only(verify(LAYER, SIZE, ["rogue"], timeout=5))
    assert time.monotonic() - began < 40  # not the 99 s for which it hangs
    assert (check.status, check.version != "") == ("timeout", True)
    assert check.detail == "no answer within 5 s while running the layer; its process was ended"


def test_the_time_limit_includes_the_import(site):
    site.plugin("rogue", "import time; time.sleep(99)")
    check = only(verify(LAYER, SIZE, ["rogue"], timeout=1))
    assert check.detail == "no answer within 1 s while importing the framework; its process was ended"


IMPORTS = {
    "raises_on_import": ("raise OSError('no libacme')", "unavailable", "does not import: OSError: no libacme$"),
    "exits_on_import": ("raise SystemExit", "unavailable", "is installed but does not import: SystemExit$"),
    "dies_on_import": ("import os; os._exit(1)", "crashed", "ended with exit code 1 while importing the framework$"),
    "kills_the_pipe": ("import os; os.closerange(3, 64)", "crashed", "while importing the framework"),
    "writes_everywhere": (
        "import os\nfor each in range(3, 64):\n  try: os.write(each, b'noise\\n')\n  except OSError: pass",
        "crashed", "^its process wrote into the pipe of its answers while importing the framework$",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "status", "detail"), IMPORTS.values(), ids=IMPORTS)
def test_a_backend_costs_its_own_row_when_its_plugin(site, source, status, detail):
    site.plugin("rogue", source)
    rogue, numpy = verify(LAYER, SIZE, ["rogue", "numpy"], timeout=30)
    assert (numpy.status, rogue.status) == ("agrees", status)
    assert re.search(detail, rogue.detail)


CODES = {
    "has_no_words": ("raise NotExpressible('no groups in acme', 'groups 1')", "no groups in acme; nearest: groups 1"),
}

BROKEN = {
    "writes_nonsense": ("return 'layer ='", "the code is no program: SyntaxError: invalid syntax (<code>, line 1)"),
    "defines_nothing": ("return 'x = 1'", "the code defines no 'layer'"),
    "returns_no_text": (
        "return 3",
        "the code is no program: TypeError: compile() arg 1 must be a string, bytes or AST object",
    ),
}


@pytest.mark.parametrize(("action", "detail"), CODES.values(), ids=CODES)
def test_a_layer_is_unsupported_when_the_backend(site, action, detail):
    site.backend("rogue", f"def code(self, layer, in_size): {action}")
    check = only(verify(LAYER, SIZE, ["rogue"]))
    assert (check.status, check.detail) == ("unsupported", detail)


@pytest.mark.parametrize(("action", "detail"), BROKEN.values(), ids=BROKEN)
def test_code_that_nobody_can_run_counts_as_a_crash_when_the_backend(site, action, detail):
    site.backend("rogue", f"def code(self, layer, in_size): {action}")
    check = only(verify(LAYER, SIZE, ["rogue"]))
    assert (check.status, check.detail) == ("crashed", f"backend 'rogue' is broken: {detail}")


def test_exactly_the_code_that_is_shown_is_executed(site):
    site.backend("rogue", "def code(self, layer, in_size): return super().code(layer, in_size).replace('4', '3')")
    check = only(verify(LAYER, SIZE, ["rogue"]))
    assert "kernel=(3, 3)" in check.code
    assert check.status == "unsupported"


SHIFTS = [
    ("np.roll(result, 1, -1)", (0, 1), "same shape, but every value arrives 1 element later on axis 2"),
    ("np.roll(result, -1, -2)", (-1, 0), "same shape, but every value arrives 1 element earlier on axis 1"),
    ("np.roll(result, (2, -1), (-2, -1))", (2, -1),
     "same shape, but every value arrives 2 elements later on axis 1 and 1 element earlier on axis 2"),
    ("result[:, :, 1:]", (-1, 0),
     "shape (3, 3, 7, 10) instead of (3, 3, 8, 10); the values in it are right, "
     "but arrive 1 element earlier on axis 1"),
    ("result[:, :, :-1]", (0, 0), "shape (3, 3, 7, 10) instead of (3, 3, 8, 10); the values in it are right"),
]  # fmt: skip


@pytest.mark.parametrize(("returned", "shift", "detail"), SHIFTS)
def test_a_planted_shift_is_reported_as_differs_with_its_phase(site, returned, shift, detail):
    run_instead(site, f"return {returned}")
    check = only(verify(LAYER, SIZE, ["rogue"]))
    assert (check.status, check.phase_shift) == ("differs", shift)
    assert check.detail == detail


def test_a_mirrored_result_differs_without_a_phase(site):
    run_instead(site, "return result[:, :, ::-1].copy()")
    check = only(verify(LAYER, SIZE, ["rogue"]))
    assert (check.status, check.phase_shift) == ("differs", None)
    assert re.match(r"same shape, but \d+ of 720 values differ, by up to \d+; the first at ", check.detail)


@pytest.mark.parametrize(("layer", "size"), [(LAYER, SIZE), (Layer.conv(1, kernel=3, stride=2), 9)])
def test_the_numpy_backend_agrees_and_the_check_says_all(layer, size):
    import numpy

    check = only(verify(layer, size, ["numpy"]))
    assert (check.status, check.version, check.detail) == ("agrees", numpy.__version__, "")
    assert check.actual_shape == check.expected_shape
    assert (check.max_abs_error, check.phase_shift) == (0.0, (0,) * layer.ndim)
    assert check.seconds["start"] > 0 < check.seconds["run"]


def test_all_that_are_installed_are_asked_when_none_is_named(site, monkeypatch):
    monkeypatch.setattr(verification, "choose", lambda names: {None: ("numpy",)}[names])
    assert [check.backend for check in verify(LAYER, SIZE)] == ["numpy"]


def test_a_plugin_of_ours_that_is_not_installed_is_a_row_of_its_own(monkeypatch):
    monkeypatch.setattr("tconv_design.plugins.OWN_PLUGINS", {"acme": "pip install tconv-design-acme"})
    check = only(verify(LAYER, SIZE, ["acme"]))
    assert (check.status, check.detail) == ("unavailable", "backend 'acme' is not installed")


# --- many layers, warm workers


SAY_PID = "def code(self, layer, in_size): return f'{super().code(layer, in_size)}  # {os.getpid()}'"


def test_one_process_serves_many_layers_and_pays_for_its_import_once(site):
    site.backend("acme", SAY_PID)
    with Workers(["acme"]) as workers:
        first, second = (only(row) for row in workers.check_all([(LAYER, SIZE), (LAYER, (2, 3))]))
        third = only(workers.check_all([(LAYER, (1, 1))])[0])
    assert first.code == second.code == third.code
    assert first.seconds["start"] > 0 == second.seconds["start"]
    assert (second.expected_shape, third.status) == ((3, 3, 4, 6), "agrees")


@pytest.mark.parametrize("action", ["os._exit(1)", "time.sleep(99)"])
def test_after_a_crash_or_a_time_limit_the_next_layer_gets_a_fresh_process(site, action):
    run_instead(site, f"if result.shape[2] == 8: {action}\n            return result")
    with Workers(["rogue"]) as workers:
        bad, good, bad_again = workers.check_all([(LAYER, SIZE), (LAYER, (2, 3)), (LAYER, SIZE)], timeout=5)
    assert bad[0].status == bad_again[0].status != "agrees"
    assert good[0].status == "agrees"


def test_backends_run_side_by_side(site):
    for name in ("one", "two", "three"):
        run_instead(site, "time.sleep(1.5); return result", name)
    began = time.monotonic()
    checks = verify(LAYER, SIZE, ["one", "two", "three"])
    assert time.monotonic() - began < 4.4
    assert [check.backend for check in checks] == ["one", "two", "three"]


def test_no_process_is_left_when_the_workers_are_closed(site):
    run_instead(site, "return result", "acme")
    others = {child.pid for child in psutil.Process().children()}  # a browser of another test
    with Workers(["acme", "numpy"]) as workers:
        workers.check_all([(LAYER, SIZE)])
        pids = {child.pid for child in psutil.Process().children()} - others
        assert len(pids) >= 2
    assert not any(map(alive, pids))


def test_closed_workers_start_no_process_again():
    workers = Workers(["numpy"])
    workers.close()
    (check,) = workers.check_all([(LAYER, SIZE)])[0]
    assert (check.status, check.detail) == ("crashed", "its process was stopped while importing the framework")


def test_equal_seeds_give_equal_data_and_others_other_data(site):
    run_instead(site, "raise ValueError(int(signal.sum() * 1000 + weight.sum()))")
    details = [only(verify(LAYER, SIZE, ["rogue"], seed=seed)).detail for seed in (1, 1, 2)]
    assert details[0] == details[1] != details[2]


# --- memory


HUGE = Layer.tconv(2, kernel=4, stride=2, padding=1)


def test_a_layer_too_large_for_the_memory_at_hand_is_not_run_and_no_process_is_started(monkeypatch):
    monkeypatch.setattr(warm, "WorkerProcess", None)
    monkeypatch.setattr(warm, "available_bytes", lambda: 3_100_000_000)
    check = only(verify(HUGE, (10_000, 4_000), ["numpy"]))
    assert check.status == "unsupported"
    assert re.fullmatch(r"not run: it needs about \d+\.\d GB, and 3.1 GB are free for this backend", check.detail)
    assert check.expected_shape == (3, 1, 20_000, 8_000)


def test_backends_that_run_side_by_side_share_the_memory(site, monkeypatch):
    run_instead(site, "return result", "acme")
    needed = warm.bytes_needed(LAYER, SIZE)
    monkeypatch.setattr(warm, "available_bytes", lambda: 2 * needed - 1)
    assert [check.status for check in verify(LAYER, SIZE, ["acme", "numpy"])] == ["unsupported"] * 2
    assert [check.status for check in verify(LAYER, SIZE, ["numpy"])] == ["agrees"]


def test_sizes_of_eighteen_digits_are_refused_at_once():
    check = only(verify(Layer.tconv(1, kernel=3), 10**18, ["numpy"]))
    assert re.match("not run: it needs about more than a million TB, and", check.detail)


# --- questions that are wrong


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        ((LAYER, (4, 5), ["numppy"]), UnknownBackend, "no backend is called 'numppy'; did you mean numpy[?]"),
        ((LAYER, 4, ["numpy"]), InvalidLayer, "the layer has 2 axes, but in has 1"),
        ((LAYER, (0, 4), ["numpy"]), InvalidLayer, "in must be from 1"),
    ],
)
def test_a_wrong_question_is_refused_before_anything_is_run(arguments, error, sentence, monkeypatch):
    monkeypatch.setattr(warm, "WorkerProcess", None)
    with pytest.raises(error, match=sentence):
        verify(*arguments)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_time_limit_must_be_a_sensible_number_of_seconds(timeout):
    with pytest.raises(InvalidQuestion, match=r"timeout .* must be more than 0 and at most 86400 seconds"):
        verify(LAYER, SIZE, ["numpy"], timeout=timeout)


def test_a_seed_must_not_be_negative():
    with pytest.raises(InvalidQuestion, match="seed -1 must be 0 or more"):
        verify(LAYER, SIZE, ["numpy"], seed=-1)


# --- backends --check


def test_each_backend_is_imported_in_a_process_of_its_own_and_its_status_told(site):
    site.backend("well", "def version(self): return '4.2'")
    site.backend("absent", "def version(self): import libacme")
    site.plugin("dies", "import os; os._exit(5)")
    site.plugin("hangs", "import time; time.sleep(99)")
    rows = check_backends(["well", "absent", "dies", "hangs"], timeout=3)
    assert [(row.backend, row.status, row.framework_version) for row in rows] == [
        ("well", "ok", "4.2"),
        ("absent", "unavailable", None),
        ("dies", "crashed", None),
        ("hangs", "timeout", None),
    ]
    assert [row.detail for row in rows] == [
        "",
        "the framework of backend 'absent' does not import: ModuleNotFoundError: No module named 'libacme'",
        "its process ended with exit code 5 while importing the framework",
        "no answer within 3 s while importing the framework; its process was ended",
    ]


# --- as part of a user's program


def alive(pid):
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


SCRIPT = """\
from tconv_design.layer import Layer
from tconv_design.verification import verify
print([check.status for check in verify(Layer.tconv(1, kernel=3), 4, [{name!r}], timeout={timeout})])
"""


@pytest.fixture
def script(site, tmp_path):
    """Start a three-line script, unguarded, that verifies with one backend."""
    started = []

    def start(name="numpy", timeout=60, directory=None):
        path = (directory or tmp_path) / "script.py"
        path.write_text(SCRIPT.format(name=name, timeout=timeout))
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(site.root), *sys.path])}
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        started.append(subprocess.Popen([sys.executable, str(path)], env=environment, cwd=path.parent, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def test_a_script_of_three_lines_needs_no_guard(script):
    assert script().communicate(timeout=30) == ("['agrees']\n", "")


def test_a_module_beside_the_users_script_takes_no_frameworks_place(script, tmp_path):
    (tmp_path / "numpy.py").write_text("raise SystemExit('not numpy')")
    assert script().communicate(timeout=30) == ("['agrees']\n", "")


def test_importing_the_module_imports_no_numpy():
    code = "import sys, tconv_design.verification; print({'numpy', 'psutil', 'pluggy'} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "set()\n"


@pytest.fixture
def hanging_script(hanging, script):
    """Start a script whose backend hangs; the script's process, and the id of that backend's worker."""

    def start(action, timeout=60):
        wait = hanging(action)
        process = script("acme", timeout)
        return process, wait().pid

    return start


BUSY = "[0 for _ in iter(int, 1)]"
LOCKED = "import ctypes; ctypes.PyDLL(None).sleep(60)"


@posix
@pytest.mark.parametrize("action", [BUSY, LOCKED])
def test_ctrl_c_ends_the_script_and_its_workers_with_one_traceback(hanging_script, action):
    process, worker = hanging_script(action)
    process.send_signal(signal.SIGINT)
    _, noise = process.communicate(timeout=5)
    assert noise.count("Traceback") == 1
    assert noise.endswith("KeyboardInterrupt\n")
    assert not alive(worker)


@posix
def test_ctrl_c_in_a_terminal_is_left_to_the_parent(hanging_script):
    process, worker = hanging_script(BUSY)
    os.kill(worker, signal.SIGINT)
    time.sleep(0.3)
    assert alive(worker)
    assert process.poll() is None


@posix
@pytest.mark.parametrize(("action", "seconds"), [(BUSY, 3), ("time.sleep(60)", 3), (LOCKED, 10)])
def test_a_worker_does_not_outlive_a_parent_that_was_killed(hanging_script, eventually, action, seconds):
    process, worker = hanging_script(action, timeout=2)
    process.kill()
    assert eventually(lambda: not alive(worker), seconds)


SAME_LAYER = (
    "from tconv_design import Layer\n\nlayer = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1)\n"
)
SHIFTED = SAME_LAYER.replace("padding=1, output_padding=1", "padding=[(0, 1)]")


def test_given_programs_are_run_in_place_of_the_backends_own(site):
    site.backend("acme", "def code(self, layer, in_size): raise NotExpressible('no words of its own')")
    layer = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1)
    with Workers(["acme", "numpy"]) as workers:
        both, one, none = workers.check_codes(
            [
                (layer, (4,), {"acme": SAME_LAYER, "numpy": SHIFTED}),
                (layer, (4,), {"numpy": SAME_LAYER}),
                (layer, (4,), {}),
            ]
        )
    assert [(check.backend, check.status, check.code) for check in both] == [
        ("acme", "agrees", SAME_LAYER),
        ("numpy", "differs", SHIFTED),
    ]
    assert [(check.backend, check.status) for check in one] == [("numpy", "agrees")]
    assert none == ()


def test_a_given_program_that_is_none_costs_its_own_row():
    layer = Layer.tconv(1, kernel=3)
    with Workers(["numpy"]) as workers:
        ((broken,), (sound,)) = workers.check_codes(
            [
                (layer, (4,), {"numpy": "layer ="}),
                (layer, (4,), {"numpy": "from tconv_design import Layer\nlayer = Layer.tconv(1, kernel=3)"}),
            ]
        )
    assert (broken.status, sound.status) == ("crashed", "agrees")
    assert "the code is no program" in broken.detail


def test_programs_for_a_layer_that_leaves_nothing_are_refused_before_anything_runs():
    with Workers(["numpy"]) as workers, pytest.raises(InvalidLayer, match="the smallest in is 9"):
        workers.check_codes([(Layer.conv(1, kernel=9), (4,), {"numpy": "layer = 1"})])


def trial(code, **changes):
    return replace(Trial(code, (1, 1, 4), (1, 1, 3), 1), **changes)


SMALL = "from tconv_design import Layer\n\nlayer = Layer.tconv(1, kernel=3, stride=2)\n"


def test_a_program_is_tried_on_shapes_alone():
    with Workers(["numpy"]) as workers:
        (outcome,) = workers.try_all({"numpy": [trial(SMALL, data="count")]})["numpy"]
    assert (outcome.status, outcome.shape, outcome.repeats) == ("ran", (1, 1, 9), True)
    assert outcome.values == (11, 12, 15, 14, 19, 16, 23, 18, 22)  # 10 + x = 1..4 scattered by w = 1..3 at stride 2


def test_a_digest_stands_for_shape_and_values():
    layer = Layer.tconv(1, kernel=3, stride=2)
    right = digest(reference(layer, *trial(SMALL).samples()))
    with Workers(["numpy"]) as workers:
        same, other = workers.try_all({"numpy": [trial(SMALL), trial(SMALL.replace("=2", "=1"))]})["numpy"]
    assert same.digest == right
    assert other.digest != right


def test_values_that_change_from_run_to_run_are_seen(site):
    run_instead(site, "return np.random.default_rng().random((1, 1, 9), np.float32)")
    with Workers(["rogue"]) as workers:
        (outcome,) = workers.try_all({"rogue": [trial(SMALL)]})["rogue"]
    assert (outcome.status, outcome.repeats) == ("ran", False)


@pytest.mark.parametrize(
    ("action", "status", "detail"),
    [
        ("os._exit(7)", "crashed", "exit code 7"),
        ("time.sleep(99)", "timeout", "no answer within 3 s"),
        ("raise ValueError('no')", "unsupported", "rogue refuses the layer: ValueError: no"),
        ("return None", "crashed", "the result is a NoneType"),
    ],
)
def test_a_trial_survives_what_a_backend_does(site, action, status, detail):
    run_instead(site, f"if signal.shape[2] == 4: {action}\n            return result")
    heard = []
    with Workers(["rogue"]) as workers:
        first, second = workers.try_all(
            {"rogue": [trial(SMALL), trial(SMALL, signal=(1, 1, 5))]},
            timeout=3,
            told=lambda name, outcome: heard.append((name, outcome.status)),
        )["rogue"]
    assert first.status == status
    assert detail in first.detail
    assert second.status == "ran"
    assert heard == [("rogue", status), ("rogue", "ran")]


def test_a_backend_that_is_not_there_is_tried_once(site):
    site.backend("absent", "def version(self): raise ImportError('gone')")
    with Workers(["absent"]) as workers:
        outcomes = workers.try_all({"absent": [trial(SMALL), trial(SMALL)]})["absent"]
    assert [outcome.status for outcome in outcomes] == ["unavailable"]
