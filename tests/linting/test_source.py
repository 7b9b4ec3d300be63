"""Python source: which calls are linted, which are passed over, and that nothing is executed."""

import pytest

from tconv_design.dialects.catalogue import ENTRIES
from tconv_design.errors import InvalidQuestion
from tconv_design.linting.source import SIGN, of_source

TORCH = "import torch.nn as nn\n"
HOLES = "nn.ConvTranspose2d(64, 32, 2, stride=3)"


def linted(text, in_size=None, targets=()):
    return of_source(text, "net.py", in_size, targets)


def rules(text):
    return [(finding.rule, finding.place.line) for finding in linted(text).findings if finding.severity != "note"]


IMPORTED = {
    "a module": "import torch\ntorch.nn.ConvTranspose2d(64, 32, 2, stride=3)",
    "a module by another name": "import torch.nn as tnn\ntnn.ConvTranspose2d(64, 32, 2, stride=3)",
    "from a package": "from torch import nn\nnn.ConvTranspose2d(64, 32, 2, stride=3)",
    "the layer itself": "from torch.nn import ConvTranspose2d as Up\nUp(64, 32, 2, stride=3)",
    "everything": "from torch.nn import *\nConvTranspose2d(64, 32, 2, stride=3)",
    "keras": "from tensorflow.keras import layers\nlayers.Conv2DTranspose(32, 2, strides=3)",
    "paddle": "import paddle.nn as nn\nnn.Conv2DTranspose(64, 32, 2, stride=3)",
    "within another call": f"import torch.nn as nn\nnn.utils.weight_norm({HOLES})",
    "an attribute of a class": f"import torch.nn as nn\nclass A: x = nn.Sequential(nn.ReLU(), {HOLES})",
}
FOREIGN = {
    "a class of its own": "class ConvTranspose2d: ...\nConvTranspose2d(64, 32, 2, stride=3)",
    "a relative import": "from .layers import Conv2DTranspose\nConv2DTranspose(32, 2, strides=3)",
    "a relative package": "from . import nn\nnn.ConvTranspose2d(64, 32, 2, stride=3)",
    "another package": "from mylib import nn\nnn.ConvTranspose2d(64, 32, 2, stride=3)",
    "no import at all": "ConvTranspose2d(64, 32, 2, stride=3)",
    "a method": "import torch.nn as nn\nself.layers.Conv2DTranspose(32, 2, strides=3)",
    "a string": "import torch.nn as nn\n'''nn.ConvTranspose2d(64, 32, 2, stride=3)'''",
}
OPEN = {
    "a variable kernel": "nn.ConvTranspose2d(64, 32, k, stride=3)",
    "a variable in a tuple": "nn.ConvTranspose2d(64, 32, (2, k), stride=3)",
    "a call": "nn.ConvTranspose2d(64, 32, 2, stride=steps(3), padding='same')",
    "arguments elsewhere": "nn.ConvTranspose2d(64, 32, **options)",
    "a kernel that is an array": "nn.functional.conv_transpose2d(x, w, stride=3)",
    "an argument of another version": "nn.ConvTranspose2d(64, 32, 2, stride=3, flavour=1)",
}


@pytest.mark.parametrize("text", IMPORTED.values(), ids=IMPORTED)
def test_a_layer_is_known_by_what_it_is_imported_from(text):
    assert rules(text) == [("holes", 2)]


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_what_only_looks_like_a_layer_is_left_alone(text):
    found = linted(text)
    assert (found.findings, found.calls) == ([], 0)


@pytest.mark.parametrize("call", OPEN.values(), ids=OPEN)
def test_a_call_that_is_not_written_in_numbers_is_passed_over_and_counted(call):
    found = linted(TORCH + call)
    assert (found.findings, found.calls, found.passed) == ([], 1, 1)


def test_channels_may_be_variables():
    assert rules(TORCH + "nn.ConvTranspose2d(c, c // 2, 2, stride=3, bias=bias)") == [("holes", 2)]


def test_a_little_arithmetic_is_numbers():
    assert rules(TORCH + "nn.ConvTranspose1d(8, 8, 16, stride=8, padding=(16 - 8) // 2)") == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("nn.Conv2d(3, 8, 3, stride=2, padding='same')", "padding='same' is not supported for strided convolutions"),
        ("nn.ConvTranspose2d(8, 8, 3, output_padding=1)",
         "output_padding 1 must be smaller than either stride 1 or dilation 1; use output_padding 0, or stride 2"),
        ("nn.ConvTranspose2d(63, 8, 4, 2, 1, groups=2)", "in_channels 63 must be a multiple of groups 2"),
        ("nn.Conv2d(8, 8, 3, stride=0)", "stride 0 of Conv2d must be greater than zero; use stride=1"),
        ("nn.ConvTranspose2d(8, 8, 3, dilation=(1, 0))", "dilation 0 of ConvTranspose2d must be greater than zero"),
        ("nn.Conv2d(8, 8, 0)", "kernel_size 0 of Conv2d must be greater than zero"),
        ("nn.Conv2d(8, 8, 3, groups=0)", "groups 0 of Conv2d must be greater than zero"),
        ("nn.ConvTranspose2d(8, 8, 4, 2, padding='same')", "torch has no padding 'same' for ConvTranspose2d"),
    ],
)  # fmt: skip
def test_what_a_framework_refuses_is_an_error_with_its_rule(call, message):
    (finding,) = linted(TORCH + call).findings
    assert (finding.rule, finding.severity, finding.place.line) == ("refused", "error", 2)
    assert finding.message.startswith(message)


def test_what_a_framework_takes_and_is_no_layer_is_not_refused():
    assert linted(TORCH + "nn.Conv2d(3, 8, 3, padding=1, padding_mode='reflect')").findings == []


def test_pads_of_other_layers_are_not_this_layer_s():
    text = TORCH + "a = nn.Sequential(nn.ReflectionPad2d(3), nn.ZeroPad2d(9))\n" + "b = nn.Conv2d(3, 8, 3)\n"
    assert (linted(text).findings, linted(text).passed) == ([], 0)


def test_lines_are_those_of_the_file():
    assert rules(f"\n\n# first\n{TORCH}\n\nx = {HOLES}\n") == [("holes", 7)]


SILENT = {
    "its rule": ("  # tconv-design: ignore[holes]", []),
    "all rules": ("  # tconv-design: ignore", []),
    "several": ("  # tconv-design: ignore[weak-rim, holes]", []),
    "another rule": ("  # tconv-design: ignore[uneven-overlap]", [("holes", 2)]),
    "another tool": ("  # noqa", [("holes", 2)]),
}


@pytest.mark.parametrize(("comment", "expected"), SILENT.values(), ids=SILENT)
def test_a_comment_on_the_line_silences_a_rule(comment, expected):
    assert rules(f"{TORCH}{HOLES}{comment}\n") == expected


def test_a_comment_counts_on_every_line_of_a_call_and_on_no_other():
    spread = "nn.ConvTranspose2d(\n    64, 32, 2,\n    stride=3,  # tconv-design: ignore[holes]\n)\n"
    assert rules(TORCH + spread) == []
    assert rules(f"{TORCH}# tconv-design: ignore[holes]\n{HOLES}\n") == [("holes", 3)]


def test_nothing_is_executed(tmp_path):
    mark = tmp_path / "executed"
    assert rules(f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n{TORCH}{HOLES}") == [("holes", 4)]
    assert not mark.exists()


def test_numbers_beyond_all_sizes_are_passed_over():
    found = linted(TORCH + "nn.ConvTranspose2d(8, 8, 10**18, stride=2)\nnn.ConvTranspose2d(8, 8, 999999999999999999)")
    assert (found.findings, found.passed) == ([], 2)


def test_a_deep_source_is_read_or_refused_but_never_breaks():
    deep = TORCH + "x = " + " + ".join(["1"] * 5000) + f"\n{HOLES}\n"
    try:
        assert rules(deep) == [("holes", 3)]
    except InvalidQuestion as error:
        assert "no Python that can be read" in error.message  # noqa: PT017


def test_what_is_no_python_is_told_with_its_line():
    with pytest.raises(InvalidQuestion, match=r"net.py, line 2: this is no Python that can be read"):
        linted("import torch\nprint 'Conv'\n")


def test_a_source_without_a_convolution_need_not_be_python():
    assert linted("print 'old'").calls == 0
    assert [name for entry in ENTRIES.values() for name in entry.names if SIGN not in name] == ["make_node"] * 2


def test_a_given_size_is_used_where_it_has_the_layer_s_axes():
    text = TORCH + "nn.ConvTranspose1d(1, 1, 4, stride=2, padding=9)"
    assert [finding.message for finding in linted(text, (4,)).findings] == [
        "nothing is left of the input: its size is -8"
    ]
    assert [finding.rule for finding in linted(text, (4, 4)).findings] == []
