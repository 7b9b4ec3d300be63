"""The program itself: `python -m`, and every example of every help."""

import json
import re

from tconv_design import __version__
from tconv_design.cli import COMMANDS

TARGET = "output = { channels = 3, size = [8, 8] }"
GENERATOR = """
input = { channels = 100, size = [1, 1] }
[[layers]]
kind = "tconv"
channels = 512
kernel = 4
[[layers]]
kind = "tconv"
channels = 3
kernel = 4
stride = 2
padding = 1
"""


def test_python_m_runs_the_command_line(start):
    process = start("--version")
    assert process.communicate(timeout=30) == (f"tconv-design {__version__}\n".encode(), b"")


def test_every_example_in_every_help_is_answered(ask, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    texts = [ask("--help").out, *(ask(f"{command} --help").out for command in COMMANDS)]
    examples = re.findall(r"^ +tconv-design (.+)$", "".join(texts), flags=re.M)
    assert len(examples) >= 18
    blank = GENERATOR.replace("stride = 2", "stride = '?'")
    for name in re.findall(r"\S+\.toml", " ".join(examples)):
        (tmp_path / name).write_text(TARGET + blank if name == "decoder.toml" else GENERATOR)
    (tmp_path / "model.py").write_text("import torch.nn as nn\nup = nn.ConvTranspose2d(64, 32, 4, 2, 1)\n")
    (tmp_path / "error.txt").write_text(
        "RuntimeError: Sizes of tensors must match except in dimension 1. Got 4 and 5 in dimension 2\n"
    )
    # numpy alone proves here, and no framework is imported
    lines = [re.sub(r"--verify$| --backend \w+$|--check --timeout 20| \| .*$", "", line) for line in examples]
    lines = [f"{line} --backend numpy" if line.startswith(("verify", "matrix")) else line for line in lines]
    assert [line for line in lines if ask(line).code] == []


def test_the_example_of_a_stream_is_answered(ask, ask_in):
    (question,) = re.findall(r"echo '(.+)' \| tconv-design solve -$", ask("solve --help").out, flags=re.M)
    assert json.loads(ask_in("utf-8", "solve -", question).out)["count"] == 168
