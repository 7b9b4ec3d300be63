"""What the README shows is what the commands print; UPDATE_GOLDEN=1 writes it anew."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[1] / "README.md"
TEXT = README.read_text(encoding="utf-8")
OUTPUT = re.compile(r"<!-- output: tconv-design (.+?) -->\n```text\n(.*?)```", flags=re.S)
COMMANDS = [match[1] for match in OUTPUT.finditer(TEXT)]


def printed(arguments):
    command = [sys.executable, "-m", "tconv_design", *shlex.split(arguments)]
    if "--verify" in command:
        command[command.index("--verify") :] = ["--backend", "numpy"]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False).stdout


def without_versions(text):
    return re.sub(r"(numpy) \S+ agrees", r"\1 agrees", text)


def show(arguments, text):
    """Write the beginning of `text` into the README as what the command prints."""
    lines = text.splitlines(keepends=True)
    beginning = text if len(lines) <= 24 else "".join([*lines[:22], "...\n"])
    block = f"<!-- output: tconv-design {arguments} -->\n```text\n{beginning}```"
    whole = OUTPUT.sub(lambda match: block if match[1] == arguments else match[0], README.read_text(encoding="utf-8"))
    README.write_text(whole, encoding="utf-8", newline="\n")


def test_the_readme_shows_outputs():
    assert len(COMMANDS) == 12


@pytest.mark.parametrize("arguments", COMMANDS)
def test_what_the_readme_shows_is_what_the_command_prints(arguments):
    text = printed(arguments)
    if os.environ.get("UPDATE_GOLDEN"):
        show(arguments, text)
    shown = dict(OUTPUT.findall(README.read_text(encoding="utf-8")))[arguments]
    beginning = without_versions(shown.removesuffix("...\n"))
    assert len(beginning) > 200
    assert without_versions(text).startswith(beginning)


def test_the_python_example_prints_what_the_package_answers(capsys):
    code, _, _ = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    exec(code, {})
    assert capsys.readouterr().out.startswith("168 Layer(kind='tconv', axes=(Axis(kernel=4, stride=4, pad_begin=0")


def test_the_python_example_of_a_network_prints_its_sizes(capsys):
    _, code, _ = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    exec(code, {})
    # 72 -> 36 -> 18 -> 9 -> 5 and back to 80: only multiples of 2**4 come back
    assert capsys.readouterr().out == "False (Congruence(modulus=16, remainder=0, first=16, last=None),)\n"


def test_the_python_example_of_a_convolution_prints_its_shape(capsys):
    _, _, code = re.findall(r"```python\n(.*?)```", TEXT, flags=re.S)
    exec(code, {})
    assert capsys.readouterr().out == "(1, 3, 64, 64)\n"


def test_the_architecture_file_of_the_readme_is_read_and_its_blank_filled(tmp_path):
    file = tmp_path / "dcgan.toml"
    file.write_text(re.search(r"```toml\n(.*?)```", TEXT, flags=re.S).group(1), encoding="utf-8")
    assert "1. 5 layers" in printed(f"plan {shlex.quote(str(file))}")


def test_every_command_of_the_readme_is_answered():
    block = re.search(r"```sh\n(tconv-design solve --kind conv.*?)```", TEXT, flags=re.S).group(1)
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
