"""What starting costs: CPU (user + system) of whole processes, children included, against peers on the same Python.

`solve` piped and on a pseudo-terminal against a hello-world of the same Typer in the same place, and against
`pip --version`; and what `backends` costs beyond the start-up of `--version`.
"""

import os
import pty
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from paired import medians, verdict

ROUNDS = 25
HELLO = """\
import typer

app = typer.Typer()


@app.command()
def hello(name: str = "world") -> None:
    print(f"hello {name}")


if __name__ == "__main__":
    app()
"""


def script(name: str) -> str:
    """The script of that name that is installed beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if found is None:
        raise SystemExit(f"{name} is not installed beside {sys.executable}")
    return found


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def piped(command: list[str]) -> float:
    """CPU seconds of a command whose output goes into a pipe."""
    before = cpu_of_children()
    subprocess.run(command, stdout=subprocess.PIPE, check=True)
    return cpu_of_children() - before


def on_a_terminal(command: list[str]) -> float:
    """CPU seconds of a command that writes to a pseudo-terminal."""
    near, far = pty.openpty()
    before = cpu_of_children()
    process = subprocess.Popen(command, stdin=far, stdout=far, stderr=far)
    os.close(far)
    drain(near)
    if process.wait():
        raise SystemExit(f"{command} failed")
    return cpu_of_children() - before


def drain(terminal: int) -> None:
    """Read until the other side is closed."""
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:  # Linux says so where others return nothing
        pass
    finally:
        os.close(terminal)


def main() -> None:
    ours = script("tconv-design")
    solve = [ours, "solve", "--in", "4", "--out", "16"]
    with tempfile.TemporaryDirectory() as folder:
        hello = Path(folder, "hello.py")
        hello.write_text(HELLO)
        sides = {
            "hello": lambda: piped([sys.executable, str(hello)]),
            "hello on a terminal": lambda: on_a_terminal([sys.executable, str(hello)]),
            "solve": lambda: piped(solve),
            "solve on a terminal": lambda: on_a_terminal(solve),
            "pip": lambda: piped([script("pip"), "--version"]),
            "version": lambda: piped([ours, "--version"]),
            "backends": lambda: piped([ours, "backends"]),
        }
        taken = medians(sides, ROUNDS)
    report(taken)


def report(taken: dict[str, float]) -> None:
    print(f"CPU, medians of {ROUNDS} paired runs: ", end="")
    print(", ".join(f"{name} {seconds * 1e3:.0f} ms" for name, seconds in taken.items()))
    for name, hello, limit in (("solve", "hello", 1.25), ("solve on a terminal", "hello", 1.9)):
        ratio = taken[name] / taken[hello]
        print(verdict(f"{name} / {hello}", ratio, f"<= {limit}", ratio <= limit))
    for name in ("solve", "solve on a terminal"):
        ratio = taken[name] / taken["pip"]
        print(verdict(f"{name} / pip --version", ratio, "< 1", ratio < 1))
    beyond = taken["backends"] - taken["version"]
    print(verdict("backends beyond --version, seconds", beyond, "< 0.1", beyond < 0.1))


if __name__ == "__main__":
    main()
