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
from itertools import pairwise

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tconv_design import warm
from tconv_design.cli import COMMANDS, run
from tconv_design.process import Died, TimedOut
from tconv_design.ranking import CRITERIA

FIRST = int(os.environ.get("TCONV_DESIGN_SEED", "0"))
PER_SEED = 250
SEEDS = [
    *range(FIRST, FIRST + 4),
    *(pytest.param(seed, marks=pytest.mark.exhaustive) for seed in range(FIRST + 4, FIRST + 40)),
]


def weighted(*pairs):
    """One of several strategies, each as often as the number before it says."""
    choices = [strategy for weight, strategy in pairs for _ in range(weight)]
    return st.integers(0, len(choices) - 1).flatmap(choices.__getitem__)


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
SETS = st.sampled_from(["2,4", "1..9/2", "3..9/2,4", "2..5,4..7"])
ONE = weighted((8, SMALL), (3, RANGE), (2, SETS), (2, st.just("?")), (1, LARGE), (1, WIDE))
AXES = st.lists(ONE, min_size=1, max_size=4).map("x".join)
VALUE = weighted((9, ONE), (2, AXES), (1, NONSENSE))
SIDES = st.builds("{}:{}".format, ONE, ONE)
POLICY = st.sampled_from(["same", "valid", "full", "causal", "SAME", "samee", "?:?"])
PADDING = weighted((5, VALUE), (2, SIDES), (1, st.lists(SIDES, min_size=1, max_size=3).map("x".join)), (3, POLICY))
DIALECTS = ["torch", "tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle", "mlx", "Torch", "caffe"]
BACKENDS = ["numpy", "torch", "tensorflow", "numppy", "", "*"]
RANK = st.lists(st.sampled_from([*CRITERIA, "evn", ""]), max_size=4).map(",".join)
LIMIT = st.sampled_from(["0", "1", "2", "3", "-1", "1.5", "many", "9" * 5000])


def options(*names, values):
    """An option with its value, as one word or two, or without a value."""
    name = st.sampled_from(names)
    apart, joined = st.tuples(name, values), st.builds("{}={}".format, name, values).map(lambda word: (word,))
    return weighted((12, apart), (4, joined), (1, name.map(lambda word: (word,))))


def flags(*names):
    return st.sampled_from(names).map(lambda word: (word,))


LAYER = weighted(
    (2, options("--in", "--out", values=VALUE)),
    (6, options("--kernel", "-k", "--stride", "-s", "--dilation", "-d", "--output-padding", values=VALUE)),
    (4, options("--padding", "-p", values=PADDING)),
    (1, options("--groups", "--in-channels", "--out-channels", values=weighted((4, SMALL), (1, NONSENSE)))),
    (3, options("--kind", values=weighted((6, st.sampled_from(["conv", "tconv"])), (1, st.just("deconv"))))),
    (2, options("--dialect", values=st.sampled_from(DIALECTS))),
)
RUNNING = st.one_of(
    options("--backend", values=st.sampled_from(BACKENDS)),
    options("--timeout", values=st.sampled_from(["1", "0.5", "0", "-1", "nan", "inf", "1e400", "soon"])),
    options("--seed", values=st.sampled_from(["0", "7", "-1", "1.5", "9" * 30, "9" * 5000])),
)
OTHER = weighted(
    (5, flags("--json", "--no-color", "--tied", "--verify")),
    (1, flags("--check", "--help", "--version")),
    (2, options("--rank", values=RANK)),
    (2, options("--limit", values=LIMIT)),
    (1, options("--kernels", "--out-put", "--padd", "-x", "--", "--=", values=VALUE)),
    (1, NONSENSE.map(lambda word: (word,))),
)
SIZES = weighted((4, st.integers(1, 20).map(str)), (1, st.sampled_from(["4x6", "4x4x4", "?", "14"])))


def lines_about_layers():
    """Lines that begin well, so that most come past the parser, with a few words added anywhere."""
    begin = st.builds(
        lambda command, in_, out, kernel: [(command,), ("--in", in_), ("--out", out), ("--kernel", kernel)],
        st.sampled_from(["solve", "solve", "solve", "explain", "verify"]),
        SIZES,
        SIZES,
        st.sampled_from(["1", "2", "3", "4", "5", "?"]),
    )
    return st.builds(
        lambda begin, more, dropped: [
            word for at, words in enumerate([*begin, *more]) if at != dropped for word in words
        ],
        begin,
        st.lists(weighted((5, LAYER), (1, RUNNING), (2, OTHER)), max_size=4),
        st.sampled_from([1, 2, 3, *range(4, 12)]),
    )


GRID = {"matrix": ["--backend", "numpy"]}
"""The whole grid of every installed framework is a matter of minutes; numpy has no words of its own to try."""


def lines_of_anything():
    words = weighted((1, LAYER), (1, RUNNING), (1, OTHER))
    command = weighted((6, st.sampled_from(COMMANDS)), (1, st.sampled_from(["slove", ""])), (1, NONSENSE))
    return st.builds(
        lambda command, more: [command, *(word for words in more for word in words), *GRID.get(command, [])],
        command,
        st.lists(words, max_size=5),
    )


LINES = weighted((8, lines_about_layers()), (1, lines_of_anything()))


FLAGS = {"--json", "--no-color", "--tied", "--verify", "--check"}


def asks_for_json(line):
    """Whether --json stands there as an option, not as the value of another, and nothing goes before it."""
    options = [word for before, word in pairwise(line) if before in FLAGS or not before.startswith("-")]
    return "--json" in options and not {"--help", "--version"} & {*line}


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
    if asks_for_json(line) and out:
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
    monkeypatch.setattr(warm, "WorkerProcess", Worker)
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
    assert min(codes.count(0), codes.count(2)) > PER_SEED // 10


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
    monkeypatch.setattr(warm, "WorkerProcess", Worker)

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
        or any(word in text for word in ("verify", "matrix", "--backend", "--check", "--version", "--help"))
    )
