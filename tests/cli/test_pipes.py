"""Output that cannot be written: readers that go away, closed streams, a full disk."""

import os
import shlex
import subprocess
import sys

import pytest

posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes are those of POSIX")

LONG = "solve --in 4x4x4 --out 16x16x16 --limit 2000"


@posix
@pytest.mark.parametrize("line", [f"{LONG} --json", LONG, "schema solve", "--help", "solve --help"])
def test_head_ends_it_quietly(start, line):
    process = start(line)
    assert process.stdout.readline() != b""
    process.stdout.close()
    assert (process.stderr.read(), process.wait(30)) == (b"", 0)


@posix
@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("solve --in 4 --out 16 --limit 0", 0),
        ("solve --in 4 --out 16 --json", 0),
        ("backends", 0),
        ("--version", 0),
        ("--help", 0),
        ("solve --help", 0),
        ("--show-completion bash", 0),
        ("solve --in 0 --out 16 --json", 2),
    ],
)
def test_a_reader_that_is_gone_from_the_start_ends_it_quietly(start, line, code):
    reading, writing = os.pipe()
    os.close(reading)
    process = start(line, stdout=writing)
    os.close(writing)
    noise = process.stderr.read().decode()
    assert (process.wait(30), noise) == (
        code, "tconv-design: in must be at least 1, got 0; use in 1 or more\n" if code else "",
    )  # fmt: skip


@posix
def test_nobody_listening_on_stderr_changes_no_exit_code(start):
    reading, writing = os.pipe()
    os.close(reading)
    process = start("solve --in 0", stdout=writing, stderr=writing)
    os.close(writing)
    assert process.wait(30) == 2


@posix
@pytest.mark.parametrize(
    ("redirection", "line", "code"),
    [(">&-", "solve --in 4 --out 16", 0), (">&-", "--help", 0), ("2>&-", "solve --in 0", 2), ("<&-", "solve -", 0)],
)
def test_closed_streams_do_no_harm(start, redirection, line, code, tmp_path):
    program = shlex.join([sys.executable, "-m", "tconv_design"])
    done = subprocess.run(
        ["sh", "-c", f"{program} {line} {redirection}"], capture_output=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, b"", b"")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs the device /dev/full")
@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("solve --in 4 --out 16", "the answer cannot be written: No space left on device"),
        ("solve --in 4 --out 16 --json", "the answer cannot be written: No space left on device"),
    ],
)
def test_a_full_disk_is_a_sentence(start, line, sentence):
    with open("/dev/full", "w") as full:
        process = start(line, stdout=full)
        assert (process.stderr.read().decode(), process.wait(30)) == (f"tconv-design: {sentence}\n", 2)
