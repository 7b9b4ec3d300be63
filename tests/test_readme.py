"""What the README shows is what the commands print; UPDATE_GOLDEN=1 writes it anew."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
OUTPUTS = re.findall(r"<!-- output: tconv-design (.+?) -->\n```text\n(.*?)```", README, flags=re.S)


def printed(arguments):
    command = [sys.executable, "-m", "tconv_design", *shlex.split(arguments)]
    if "--verify" in command:
        command[command.index("--verify") :] = ["--backend", "numpy"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout


def without_versions(text):
    return re.sub(r"(numpy) \S+ agrees", r"\1 agrees", text)


def renewed(match):
    lines = printed(match[1]).splitlines(keepends=True)
    text = "".join(lines) if len(lines) <= 24 else "".join(lines[:22]) + "...\n"
    return f"<!-- output: tconv-design {match[1]} -->\n```text\n{text}```"


@pytest.mark.skipif("UPDATE_GOLDEN" not in os.environ, reason="writes the README: set UPDATE_GOLDEN=1 for that")
def test_update_the_readme():
    pattern = r"<!-- output: tconv-design (.+?) -->\n```text\n(.*?)```"
    (ROOT / "README.md").write_text(re.sub(pattern, renewed, README, flags=re.S), encoding="utf-8")


def test_the_readme_shows_outputs():
    assert len(OUTPUTS) == 2


@pytest.mark.parametrize(("arguments", "shown"), OUTPUTS, ids=[arguments for arguments, _ in OUTPUTS])
def test_what_the_readme_shows_is_what_the_command_prints(arguments, shown):
    beginning = without_versions(shown.removesuffix("...\n"))
    assert len(beginning) > 200
    assert without_versions(printed(arguments)).startswith(beginning)


def test_the_python_example_prints_what_the_package_answers(capsys):
    code = re.search(r"```python\n(.*?)```", README, flags=re.S).group(1)
    exec(code, {})
    assert capsys.readouterr().out.startswith("168 Layer(kind='tconv', axes=(Axis(kernel=4, stride=4, pad_begin=0")


def test_every_command_of_the_readme_is_answered():
    block = re.search(r"```sh\n(tconv-design solve --kind conv.*?)```", README, flags=re.S).group(1)
    commands = [line.partition("#")[0].strip() for line in block.splitlines() if line.startswith("tconv-design")]
    assert len(commands) == 7
    for command in commands:
        arguments = shlex.split(command)[1:]
        if arguments[0] == "verify":
            arguments += ["--backend", "numpy"]
        if "--check" in arguments:
            continue  # imports every framework; the tests of `backends` do that
        done = subprocess.run([sys.executable, "-m", "tconv_design", *arguments], capture_output=True, check=False)
        assert (command, done.returncode, done.stderr) == (command, 0, b"")
