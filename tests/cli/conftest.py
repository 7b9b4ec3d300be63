import io
import json
import os
import shlex
import subprocess
import sys
from typing import NamedTuple

import pytest

from tconv_design.cli import run


class Said(NamedTuple):
    """What one command line came to."""

    code: int
    out: str
    err: str

    @property
    def document(self):
        """The one JSON document that stdout is."""
        return json.loads(self.out)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING", "_TCONV_DESIGN_COMPLETE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("TCONV_DESIGN_DEBUG", "1")  # what is no answer of ours fails the test


@pytest.fixture
def ask(capsys):
    """Run a command line (without its first word) in this process, its output piped."""

    def ask(line):
        capsys.readouterr()
        code = run(shlex.split(line) if isinstance(line, str) else line)
        return Said(code, *capsys.readouterr())

    return ask


@pytest.fixture
def ask_in(monkeypatch):
    """Run a command line in this process, with streams of the given encoding and the given text on stdin."""

    def ask_in(encoding, line, stdin=""):
        streams = {name: io.TextIOWrapper(io.BytesIO(), encoding, newline="\n") for name in ("stdout", "stderr")}
        for name, stream in streams.items():
            monkeypatch.setattr(sys, name, stream)
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding))
        code = run(shlex.split(line))
        monkeypatch.undo()
        for stream in streams.values():
            stream.flush()
        return Said(code, *(stream.buffer.getvalue().decode(encoding) for stream in streams.values()))

    return ask_in


@pytest.fixture
def start(tmp_path):
    """Start a command line as a process of its own; what still runs at the end is killed."""
    started = []

    def start(line, *, environment=None, **pipes):
        arguments = shlex.split(line) if isinstance(line, str) else line
        whole = {**os.environ, **(environment or {})}
        whole.pop("PYTHONDONTWRITEBYTECODE", None)
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **pipes}
        program = [sys.executable, "-m", "tconv_design", *arguments]
        started.append(subprocess.Popen(program, env=whole, cwd=tmp_path, **pipes))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()
        for pipe in filter(None, (process.stdin, process.stdout, process.stderr)):
            pipe.close()


@pytest.fixture
def on_path(site):
    """The environment in which a process finds the distributions of `site`."""
    return {"PYTHONPATH": os.pathsep.join([str(site.root), *filter(None, sys.path)])}
