"""Ctrl-C ends everything with exit code 130 and leaves no worker."""

import json
import os
import signal
import subprocess

import psutil
import pytest

posix = pytest.mark.skipif(os.name == "nt", reason="signals and pipes are those of POSIX")


@posix
@pytest.mark.parametrize(
    "line",
    [
        "verify --in 4 --kernel 3 --backend acme --backend numpy",
        "verify --in 4 --kernel 3 --backend acme --json",
        "solve --in 4 --out 16 --limit 2 --backend acme",
    ],
)
def test_ctrl_c_ends_with_130_and_leaves_no_worker(start, on_path, hanging, line):
    wait = hanging()
    process = start(line, environment=on_path)
    worker = wait()
    children = psutil.Process(process.pid).children(recursive=True)
    assert worker in children
    process.send_signal(signal.SIGINT)
    assert (*process.communicate(timeout=10), process.returncode) == (b"", b"", 130)
    assert psutil.wait_procs(children, timeout=5)[1] == []


@posix
def test_ctrl_c_ends_a_stream_too(start, on_path, hanging, eventually):
    wait = hanging()
    process = start("solve -", environment=on_path, stdin=subprocess.PIPE)
    process.stdin.write(b'{"in": 4, "out": 16, "limit": 1, "backend": "acme"}\n')
    process.stdin.flush()
    worker = wait()
    process.send_signal(signal.SIGINT)
    assert (process.stdout.read(), process.stderr.read(), process.wait(10)) == (b"", b"", 130)
    assert eventually(lambda: not worker.is_running(), 5)


@posix
def test_ctrl_c_while_a_stream_waits_is_130(start):
    process = start("solve -", stdin=subprocess.PIPE)
    process.stdin.write(b'{"in": 4, "out": 16, "limit": 0}\n')
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["count"] == 168
    process.send_signal(signal.SIGINT)
    assert (process.wait(10), process.stderr.read()) == (130, b"")
