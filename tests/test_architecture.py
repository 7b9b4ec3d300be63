import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LINT = "from importlinter.cli import lint_imports_command; lint_imports_command()"

FRAMEWORKS = {"torch", "tensorflow", "keras", "tconv_design_torch", "tconv_design_tensorflow"}
ARRAYS = FRAMEWORKS | {"numpy"}
HEAVY = ARRAYS | {"pluggy", "psutil", "rich", "importlib.metadata"}

WATCHED = """\
import atexit, json, sys
atexit.register(lambda: print(json.dumps(list(sys.modules)), file=sys.stderr))
"""
COMMAND = WATCHED + "from tconv_design.cli import main; main()"


def imported(program, *arguments):
    """What a fresh interpreter has imported when the program ends, stdout being a pipe."""
    command = [sys.executable, "-c", program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return set(json.loads(done.stderr))


def test_imports_cross_no_arrow():
    command = [sys.executable, "-c", LINT, "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_package_imports_nothing_heavy():
    modules = imported(WATCHED + "import tconv_design")
    assert "tconv_design.solver" in modules
    assert modules & (HEAVY | {"typer", "click"}) == set()


@pytest.mark.parametrize(
    "options",
    [
        ["--in", "4", "--out", "16"],
        ["--in", "4", "--out", "16", "--json"],
        ["--in", "4x6", "--out", "16x24", "--tied", "--rank", "cost"],
    ],
)
def test_a_piped_solve_imports_nothing_heavy(options):
    modules = imported(COMMAND, "solve", *options)
    assert "tconv_design.cli.solve" in modules
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [["--help"], ["--version"], ["solve", "--help"], ["explain", "--in", "4", "--kernel", "3"], ["schema", "solve"]],
)
def test_no_plain_command_imports_arrays_or_a_framework(arguments):
    assert imported(COMMAND, *arguments) & ARRAYS == set()


def test_the_list_of_backends_imports_no_backend():
    modules = imported(COMMAND, "backends")
    assert "tconv_design.plugins" in modules
    assert modules & (ARRAYS | {"tconv_design.backends.numpy"}) == set()
