"""Random command lines: whatever is asked, an exit code of ours, a sentence where it is wrong, never a traceback.

A line is drawn from the real commands and options, with values that are right, wrong, huge or nonsense. The seed is in
the test's name; TCONV_DESIGN_SEED moves them all, and -m exhaustive runs 10,000 lines in all.
"""

import io
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tconv_design import verification
from tconv_design.cli import COMMANDS, run
from tconv_design.process import Died, TimedOut
from tconv_design.ranking import CRITERIA

FIRST = int(os.environ.get("TCONV_DESIGN_SEED", "0"))
PER_SEED = 250
SEEDS = [
    *range(FIRST, FIRST + 4),
    *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(FIRST + 4, FIRST + 40)),
]

NONSENSE = st.one_of(
    st.sampled_from(
        ["", " ", "-", "--", "---", "x", "4x", "x4", "4xx4", "?x", ":", "1:", ":1", "..", "1..", "..1", "7..1",
         "1..9/0", ",", "1,,2", "/", "4/2", "?", "??", "?:?:?", "1e3", "0x10", "4.5", "+4", "-4", "٤", "４", "²", "NaN",
         "inf", "None", "true", "[4, 6]", "{}", "'", '"', "\\", "\n", "\t4", "\x00", "\x1b[31m", "\ud800", "🙂",
         "9" * 19, "9" * 400, "9" * 5000, "1.." + "9" * 30, "-" + "9" * 30, "4 6", "--in", "--json", "-k",
         "solve", "x" * 3000]
    ),
    st.text(max_size=12),
    st.integers().map(str),
)  # fmt: skip
SMALL = st.integers(0, 12).map(str)
LARGE = st.sampled_from(["100", "224", "65536", "1000000007", str(10**18), str(10**18 + 1)])
RANGE = st.builds("{}..{}".format, st.integers(0, 6), st.integers(4, 12))
WIDE = st.sampled_from(["1..100000000", f"1..{10**18}", f"7..{10**18}/3", "1..100000000,200000000..300000000/7"])
ONE = st.one_of(
    SMALL, SMALL, SMALL, RANGE, LARGE, WIDE, st.just("?"), st.sampled_from(["2,4", "1..9/2", "3..9/2,4", "2..5,4..7"])
)
AXES = st.lists(ONE, min_size=1, max_size=4).map("x".join)
VALUE = st.one_of(ONE, ONE, AXES, NONSENSE)
SIDES = st.builds("{}:{}".format, ONE, ONE)
PADDING = st.one_of(
    VALUE, SMALL, SIDES, st.lists(SIDES, min_size=1, max_size=3).map("x".join),
    st.sampled_from(["same", "valid", "full", "causal", "SAME", "samee", "?:?"]),
)  # fmt: skip
DIALECTS = ["torch", "tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle", "mlx", "Torch", "caffe"]
BACKENDS = ["numpy", "torch", "tensorflow", "numppy", "", "*"]
RANK = st.lists(st.sampled_from([*CRITERIA, "evn", ""]), max_size=4).map(",".join)
LIMIT = st.sampled_from(["0", "1", "2", "3", "-1", "1.5", "many", "9" * 5000])


def options(*names, values):
    """An option with its value, as one word or two, or without a value."""
    name = st.sampled_from(names)
    apart, joined = st.tuples(name, values), st.builds("{}={}".format, name, values).map(lambda word: (word,))
    return st.one_of(apart, apart, apart, joined, name.map(lambda word: (word,)))


def flags(*names):
    return st.sampled_from(names).map(lambda word: (word,))


LAYER = st.one_of(
    options("--in", "--out", values=VALUE),
    options("--kernel", "-k", "--stride", "-s", "--dilation", "-d", "--output-padding", values=VALUE),
    options("--padding", "-p", values=PADDING),
    options("--groups", "--in-channels", "--out-channels", values=st.one_of(SMALL, NONSENSE)),
    options("--kind", values=st.sampled_from(["conv", "tconv", "conv", "tconv", "deconv", ""])),
    options("--dialect", values=st.sampled_from(DIALECTS)),
)
RUNNING = st.one_of(
    options("--backend", values=st.sampled_from(BACKENDS)),
    options("--timeout", values=st.sampled_from(["1", "0.5", "0", "-1", "nan", "inf", "1e400", "soon"])),
    options("--seed", values=st.sampled_from(["0", "7", "-1", "1.5", "9" * 30, "9" * 5000])),
)
OTHER = st.one_of(
    flags("--json", "--no-color", "--tied", "--verify", "--check", "--help", "--version"),
    options("--rank", values=RANK),
    options("--limit", values=LIMIT),
    options("--kernels", "--out-put", "--padd", "-x", "--", "--=", values=VALUE),
    NONSENSE.map(lambda word: (word,)),
)
SIZES = st.one_of(SMALL, SMALL, st.sampled_from(["4x6", "4x4x4", "?", "14"]))


def lines_about_layers():
    """Lines that begin well, so that most come past the parser, with a few words added anywhere."""
    begin = st.builds(
        lambda command, in_, out, kernel: [(command,), ("--in", in_), ("--out", out), ("--kernel", kernel)],
        st.sampled_from(["solve", "solve", "explain", "verify"]),
        SIZES,
        SIZES,
        st.one_of(st.integers(1, 5).map(str), st.just("?")),
    )
    return st.builds(
        lambda begin, more, dropped: [
            word for at, words in enumerate([*begin, *more]) if at != dropped for word in words
        ],
        begin,
        st.lists(st.one_of(LAYER, LAYER, RUNNING, OTHER), max_size=4),
        st.integers(1, 8),
    )


def lines_of_anything():
    words = st.one_of(LAYER, RUNNING, OTHER)
    command = st.one_of(st.sampled_from([*COMMANDS, *COMMANDS, "slove", ""]), NONSENSE)
    return st.builds(
        lambda command, more: [command, *(word for words in more for word in words)],
        command,
        st.lists(words, max_size=5),
    )


LINES = st.one_of(lines_about_layers(), lines_about_layers(), lines_of_anything())


class Worker:
    """In a worker process's place: answers at once, now this, now that."""

    turns = 0

    def __init__(self, backend):
        self.backend = backend

    def ask(self, request, timeout):
        Worker.turns += 1
        turn = Worker.turns % 5
        if turn == 1:
            raise Died("ended with exit code 7", "last words")
        if turn == 2:
            raise TimedOut
        yield {"version": "1.0", "start": 0.1}
        if request["task"] == "import":
            yield {"status": "ok"}
            return
        yield {"code": "layer = 'acme'\n\nmore"}
        if turn == 3:
            yield {"status": "unsupported", "detail": "no words for it"}
            return
        verdict = {"actual_shape": [3, 1, 4], "max_abs_error": 0.0, "phase_shift": None, "detail": ""}
        yield {"status": "agrees" if turn == 4 else "differs", **verdict}

    def kill(self):
        pass


def judge(line, code, out, err):
    """What holds for every command line."""
    assert code in (0, 1, 2, 3)
    assert "Traceback" not in out + err
    assert "itself failed" not in err
    assert (code == 2) <= bool(err.strip())
    if err:
        assert all(each.startswith("tconv-design: ") for each in err.splitlines())
    if code == 2:
        assert len(err.splitlines()) == 1
        assert len(err) > 20
    if "--json" in line and not {"--help", "--version"} & {*line} and out:
        document = json.loads(out)
        assert document["schema"] == 1
        assert ("error" in document) == (code == 2)


def draw(strategy, seed, count, test):
    """Call `test` with `count` examples drawn from `seed`; the seed and the failing example are reported."""
    phases = (Phase.generate, Phase.shrink)
    unhurried = settings(
        max_examples=count, deadline=None, database=None, phases=phases, suppress_health_check=list(HealthCheck),
        print_blob=False,
    )  # fmt: skip
    hypothesis.seed(seed)(unhurried(given(strategy)(test)))()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_command_line_gets_an_answer_or_a_sentence(seed, capsys, monkeypatch):
    monkeypatch.setattr(verification, "WorkerProcess", Worker)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    codes = []

    def test(line):
        began = time.perf_counter()
        code = run(line)
        seconds = time.perf_counter() - began
        judge(line, code, *capsys.readouterr())
        assert seconds < 20, f"{seconds:.1f} s"
        codes.append(code)

    draw(LINES, seed, PER_SEED, test)
    assert len(codes) >= PER_SEED
    assert {0, 1, 2} <= set(codes)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.integers(0, 9), st.floats(), VALUE, st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=3), inner, max_size=2)),
    max_leaves=5,
)
NAMES = st.sampled_from(
    ["in", "out", "kernel", "stride", "padding", "output_padding", "output-padding", "dilation", "groups",
     "in_channels", "out_channels", "kind", "dialect", "tied", "rank", "limit", "verify", "backend", "timeout",
     "seed", "kernels"]
)  # fmt: skip
QUESTIONS = st.builds(
    lambda known, more: {**known, **more},
    st.fixed_dictionaries(
        {}, optional={"in": st.integers(1, 20), "out": st.integers(1, 20), "kernel": st.integers(1, 5)}
    ),
    st.dictionaries(NAMES, JSON, max_size=3),
)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_random_line_of_a_stream_gets_a_line(seed, capsys, monkeypatch):
    monkeypatch.setattr(verification, "WorkerProcess", Worker)

    def test(question):
        monkeypatch.setattr(sys, "stdin", io.StringIO(json.dumps(question)))
        code = run(["solve", "-"])
        out, err = capsys.readouterr()
        judge(["solve", "--json"], code, out, err)
        assert out.count("\n") == 1

    draw(QUESTIONS, seed, PER_SEED, test)


def test_a_process_says_what_a_random_command_line_says_here(capsys, tmp_path):
    lines = []

    def collect(line):
        lines.append(line)

    draw(LINES, FIRST, 400, collect)
    sample = [line for line in lines if not unfit_for_a_process(line)][:: len(lines) // 100][:50]
    assert len(sample) == 50

    def process(line):
        program = [sys.executable, "-m", "tconv_design", *line]
        environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
        streams = {"stdin": subprocess.DEVNULL, "capture_output": True}
        done = subprocess.run(program, env=environment, cwd=tmp_path, check=False, **streams)
        return done.returncode, done.stdout.decode().replace("\r\n", "\n"), done.stderr.decode().replace("\r\n", "\n")

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(process, sample))
    for line, answer in zip(sample, answers, strict=True):
        judge(line, *answer)
        code = run(line)
        assert (line, *answer) == (line, code, *capsys.readouterr())


def unfit_for_a_process(line):
    """What no process can be given, what would wait for it, and what would import frameworks."""
    text = "\0".join(line)
    return (
        "\0" in "".join(line)
        or "\ud800" in text
        or "-" in line
        or any(word in text for word in ("verify", "--backend", "--check", "--version", "--help"))
    )
