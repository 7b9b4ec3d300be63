"""Errors as people quote them, in mails, logs, tests and web pages: the same diagnosis as of the text itself."""

import html
import re

import pytest

from tconv_design.diagnosis import diagnose

TRACEBACK = """Traceback (most recent call last):
  File "train.py", line 4, in <module>
    F.conv_transpose2d(torch.zeros(1, 4, 3, 3), torch.zeros(4, 2, 3, 3), stride=2, output_padding=(2, 2))
RuntimeError: output padding must be smaller than either stride or dilation, but got output_padding_height: 2
output_padding_width: 2 stride_height: 2 stride_width: 2 dilation_height: 1 dilation_width: 1
"""
KERAS = """    layers.Conv2DTranspose(8, 3, strides=2, dilation_rate=2)(np.zeros((1, 4, 4, 3)))
ValueError: `strides > 1` not supported in conjunction with `dilation_rate > 1`. Received: strides=(2, 2) and
dilation_rate=(2, 2)
"""


def before_each_line(prefix):
    return lambda text: "".join(f"{prefix}{line}\n" for line in text.splitlines())


FORMS = {
    "a quotation": before_each_line("> "),
    "a quotation of a quotation": before_each_line(">> "),
    "pytest": before_each_line("E       "),
    "torchrun": before_each_line("[rank0]: "),
    "ray": before_each_line("(train pid=1234) "),
    "docker": before_each_line("trainer-1  | "),
    "logging": before_each_line("2024-05-01 12:00:00,123 ERROR worker[3]: "),
    "logging without a time": before_each_line("ERROR:root:"),
    "iso time": before_each_line("2024-05-01T12:00:00.123Z "),
    "windows": lambda text: text.replace("\n", "\r\n"),
    "a web page's entities": html.escape,
    "a word processor's quotes": lambda text: text.replace("'", "’").replace('"', "”"),
    "hard spaces": lambda text: text.replace(" ", "\xa0"),
    "a terminal's colours": lambda text: re.sub(r"(\d+)", "\x1b[1;32m\\1\x1b[0m", text),
    "a line of JSON": lambda text: text.strip().replace('"', '\\"').replace("\n", "\\n"),
    "markdown": lambda text: f"It says:\n```python\n{text}```\nWhy?",
}


@pytest.mark.parametrize("text", [TRACEBACK, KERAS], ids=["torch", "keras"])
@pytest.mark.parametrize("form", FORMS)
def test_a_quoted_traceback_has_the_diagnosis_of_the_traceback_itself(form, text):
    said = diagnose(text)
    assert said.layer is not None
    assert said.edits
    assert diagnose(FORMS[form](text)) == said


def test_a_call_that_goes_over_several_lines_is_read():
    """pytest prints all lines of a statement, and people paste their model beside the error."""
    found = diagnose(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        self.up = nn.ConvTranspose2d(\n"
        "            in_channels=64,  # of the encoder (64\n"
        "            out_channels=32,\n"
        "            kernel_size=4,\n"
        "            stride=2,\n"
        "        )\n"
        "RuntimeError: Given transposed=1, weight of size [64, 32, 4, 4], expected input[1, 32, 8, 8] to have 64 "
        "channels, but got 32 channels instead\n"
    )
    assert found.layer is not None
    assert (found.layer["stride"], found.edits[0].out_size) == ([2, 2], (18, 18))


def test_a_call_that_never_ends_leaves_the_lines_after_it_alone():
    found = diagnose(
        "    x = nn.Conv2d(3, 8,\n" * 3 + "    y = nn.Conv2d(3, 8, 7)(torch.ones(1, 3, 4, 4))\n"
        "RuntimeError: Calculated padded input size per channel: (4 x 4). Kernel size: (7 x 7). Kernel size can't be "
        "greater than actual input size"
    )
    assert found.layer is not None
    assert (found.layer["kernel"], found.layer["out_channels"]) == ([7, 7], 8)
