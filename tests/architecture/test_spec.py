import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tomli
from jsonschema import Draft202012Validator

from tconv_design import schemas
from tconv_design.architecture.fields import DEFAULTS, KEYS, TOP
from tconv_design.architecture.model import INPUT, Architecture, Block, Fit, Output, Side, Window
from tconv_design.architecture.spec import read, read_file
from tconv_design.cli import run
from tconv_design.errors import InvalidQuestion

FILES = sorted((Path(__file__).parents[1] / "data" / "architectures").glob("*.toml"))

DCGAN = """\
name = "dcgan generator"
input = { channels = 100, size = [1, 1] }
output = { channels = 3, size = [64, 64] }        # a claim

[[layers]]
kind = "tconv"          # the first block
channels = 512
kernel = 4
stride = "?"
bias = true
label = "up1"
size = [4, 4]

[[layers]]
kind = "tconv"
channels = 3
kernel = 4
"""


def one(layer, **head):
    """The block of a file with one layer, in the given form."""
    lines = [f"{key} = {value}" for key, value in head.items()]
    return read("\n".join(["input = { size = 32 }", *lines, f"layers = [{{ {layer} }}]"])).blocks[0]


def windowed(layer, **head):
    return one(layer, **head).window


def test_the_example_of_the_documentation_is_read():
    first = Block("tconv", (INPUT,), Window("tconv", "4", "?"), channels=512, size=(4, 4), label="up1", line=5)
    second = Block("tconv", (0,), Window("tconv", "4"), channels=3, line=14)
    claim = Output(channels=3, size=(64, 64), line=3)
    assert read(DCGAN) == Architecture((first, second), 2, 100, (1, 1), claim, "dcgan generator")


@pytest.mark.parametrize(
    ("layer", "window"),
    [
        ('kind = "conv", kernel = 3', Window("conv", "3")),
        ('kind = "conv", kernel = "3"', Window("conv", "3")),
        ('kind = "conv", kernel = [3, 5]', Window("conv", "3x5")),
        ('kind = "conv", kernel = ["3", "1..7"]', Window("conv", "3x1..7")),
        ('kind = "conv", kernel = " 3X5 "', Window("conv", "3x5")),
        ('kind = "conv", kernel = "2,4", stride = "1..8/2"', Window("conv", "2,4", "1..8/2")),
        ('kind = "conv", kernel = 3, padding = "1:2"', Window("conv", "3", padding="1:2")),
        ('kind = "conv", kernel = 3, padding = [[1, 2], [0, 1]]', Window("conv", "3", padding="1:2x0:1")),
        ('kind = "conv", kernel = 3, padding = [1, 2]', Window("conv", "3", padding="1x2")),
        ('kind = "conv", kernel = 3, padding = [1, [0, "?"]]', Window("conv", "3", padding="1x0:?")),
        ('kind = "conv", kernel = 3, padding = "Same"', Window("conv", "3", padding="same")),
        ('kind = "conv", kernel = 3, dilation = 2', Window("conv", "3", dilation="2")),
        ('kind = "tconv", kernel = 3, stride = 2, output_padding = 1', Window("tconv", "3", "2", "0", "1")),
        ('kind = "tconv", kernel = 3, output_padding = "?"', Window("tconv", "3", output_padding="?")),
        ('kind = "max_pool", kernel = 2', Window("conv", "2", "2")),
        (
            'kind = "max_pool", kernel = 3, stride = 2, ceil_mode = true, dilation = 2',
            Window("conv", "3", "2", dilation="2", ceil_mode=True),
        ),
        ('kind = "avg_pool", kernel = 3, padding = 1', Window("conv", "3", "3", "1")),
        ('kind = "upsample", scale = 2', Window("tconv", "2", "2")),
        ('kind = "upsample", scale = [2, 3], mode = "linear"', Window("tconv", "4x5", "2x3", "1x1")),
        ('kind = "upsample", scale = 1, mode = "linear"', Window("tconv", "1", "1", "0")),
        ('kind = "pixel_shuffle", scale = "2x4"', Window("tconv", "2x4", "2x4")),
        ('kind = "pad", padding = "1:2x0:1"', Window("conv", "1", padding="1:2x0:1")),
        ('kind = "crop", padding = 3', Window("tconv", "1", padding="3")),
        ('kind = "flatten"', None),
        ('kind = "linear", channels = 10', None),
    ],
)
def test_a_layer_is_a_map_in_text(layer, window):
    assert windowed(layer) == window


def test_channels_have_two_names():
    assert one('kind = "conv", kernel = 1, out_channels = 8').channels == 8
    assert one('kind = "conv", kernel = 1, channels = "8"').channels == 8
    assert one('kind = "conv", kernel = 1').channels is None


def test_the_rest_of_a_layer_is_read():
    block = one('kind = "conv", kernel = 1, channels = 8, groups = 4, bias = false, in_channels = 4')
    assert (block.groups, block.bias, block.in_channels) == (4, False, 4)


@pytest.mark.parametrize(
    ("head", "dialect"),
    [
        ({}, "torch"),
        ({"dialect": '"keras"'}, "keras"),
        ({"defaults": '{ dialect = "jax" }'}, "jax"),
        ({"dialect": '"keras"', "defaults": '{ dialect = "jax" }'}, "jax"),
    ],
)
def test_the_dialect_stands_in_three_places(head, dialect):
    assert windowed('kind = "conv", kernel = 3, padding = "same"', **head).dialect == dialect
    assert windowed('kind = "conv", kernel = 3, padding = "same", dialect = "onnx"', **head).dialect == "onnx"


def test_defaults_hold_for_the_kinds_that_take_them():
    text = """
        input = { size = 32 }
        defaults = { kernel = 3, channels = 8, padding = 1, stride = 2, bias = false }
        layers = [{ kind = "conv" }, { kind = "conv", kernel = 5, out_channels = 4 }, { kind = "max_pool" },
                  { kind = "crop", padding = 2 }, { kind = "flatten" }, { kind = "linear" }]
    """
    blocks = read(text).blocks
    assert [block.channels for block in blocks] == [8, 4, None, None, None, 8]
    assert [block.bias for block in blocks] == [False, False, True, True, True, False]
    assert blocks[1].window == Window("conv", "5", "2", "1")
    assert blocks[2].window == Window("conv", "3", "2", "1")
    assert blocks[3].window == Window("tconv", "1", padding="2")


@pytest.mark.parametrize(
    ("text", "size", "ndim"),
    [
        ("size = 32", (32,), 1),
        ("size = [32, 16]", (32, 16), 2),
        ('size = "4x6x8"', (4, 6, 8), 3),
        ('size = "?"', None, 1),
        ('size = "? x ?"', None, 2),
        ('size = ["?", "?"]', None, 2),
        ("channels = 1", None, 1),
    ],
)
def test_the_input_has_a_size_or_none(text, size, ndim):
    network = read(f'input = {{ {text} }}\nlayers = [{{ kind = "conv", kernel = 1 }}]')
    assert (network.size, network.ndim) == (size, ndim)


def test_the_longest_value_sets_the_number_of_axes():
    network = read('input = { size = 32 }\nlayers = [{ kind = "conv", kernel = [3, 5], size = 9 }]')
    assert (network.ndim, network.size, network.blocks[0].size) == (2, (32, 32), (9, 9))


def test_a_given_size_replaces_that_of_the_file():
    text = 'input = { size = [1, 2, 3] }\nlayers = [{ kind = "conv", kernel = 1 }]'
    assert (read(text, "64x32").size, read(text, "64x32").ndim) == ((64, 32), 2)
    assert read(text, "64").size == (64, 64, 64)


@pytest.mark.parametrize(
    ("text", "output"),
    [
        ('"input"', Output(same_as_input=True, line=2)),
        ("{ channels = 3 }", Output(3, line=2)),
        ("{ size = 8 }", Output(size=(8, 8), line=2)),
        ('{ channels = 3, size = "input" }', Output(3, None, True, 2)),
    ],
)
def test_the_output_is_a_claim(text, output):
    layers = 'layers = [{ kind = "conv", kernel = 1 }]'
    assert read(f"input = {{ size = [4, 4] }}\noutput = {text}\n{layers}").output == output


def test_a_repeated_layer_stands_there_as_often():
    text = """
        input = { size = 32 }
        layers = [{ kind = "conv", kernel = 1 }, { kind = "conv", kernel = 3, repeat = 3, label = "end", size = 26,
                    from = "input", in_channels = 1 }, { kind = "add", labels = "end", from = "input" }]
    """
    _, first, middle, last, join = read(text).blocks
    assert [block.sources for block in (first, middle, last)] == [(INPUT,), (1,), (2,)]
    assert [block.label for block in (first, middle, last)] == ["", "", "end"]
    assert [block.size for block in (first, middle, last)] == [None, None, (26,)]
    assert [block.in_channels for block in (first, middle, last)] == [1, None, None]
    assert join.sources == (INPUT, 3)


SKIPS = """
    input = { size = [32, 32] }
    layers = [{ kind = "conv", kernel = 1, label = "a" }, { kind = "conv", kernel = 1, label = "b" }, { %s }]
"""


@pytest.mark.parametrize(
    ("layer", "sources"),
    [
        ('kind = "concat", labels = "a"', (1, 0)),
        ('kind = "concat", labels = ["a", "input"]', (1, 0, INPUT)),
        ('kind = "concat", labels = ["a", "b"]', (1, 0)),
        ('kind = "add", labels = ["b", "b"]', (1, 1)),
        ('kind = "add", labels = "b", from = "a"', (0, 1)),
        ('kind = "conv", kernel = 1, from = "a"', (0,)),
        ('kind = "conv", kernel = 1, from = "input"', (INPUT,)),
    ],
)
def test_a_join_takes_the_signal_before_and_those_it_names(layer, sources):
    assert read(SKIPS % layer).blocks[2].sources == sources


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ('"center"', Side()),
        ('"?:?"', Side()),
        ('"?"', Side(equal=True)),
        ('"5:?"', Side(5)),
        ('"?:0"', Side(None, 0)),
        ('"1:0"', Side(1, 0)),
        ("2", Side(2, 2)),
        ('[[1, "?"], [1, "?"]]', Side(1)),
    ],
)
def test_a_join_says_how_sizes_come_together(text, side):
    crop = read(SKIPS % f'kind = "concat", labels = "a", crop = {text}').blocks[2]
    pad = read(SKIPS % f'kind = "add", labels = "a", pad = {text}').blocks[2]
    assert (crop.fit, pad.fit) == (Fit("crop", (side, side)), Fit("pad", (side, side)))


def test_a_join_may_fit_each_axis_in_its_own_way():
    fit = read(SKIPS % 'kind = "concat", labels = "a", crop = "center x 5:?"').blocks[2].fit
    assert fit == Fit("crop", (Side(), Side(5)))


def test_a_crop_or_pad_takes_the_size_of_another_output():
    block = read(SKIPS % 'kind = "crop", like = "a", padding = "19:?"').blocks[2]
    assert (block.like, block.fit, block.window) == (0, Fit("crop", (Side(19), Side(19))), None)
    block = read(SKIPS % 'kind = "pad", like = "input"').blocks[2]
    assert (block.like, block.fit) == (INPUT, Fit("pad", (Side(), Side())))


def test_unflatten_lays_features_out():
    block = one('kind = "unflatten", size = [7, 7]')
    assert (block.kind, block.size, block.window) == ("unflatten", (7, 7), None)


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path):
    path = tmp_path / "net.toml"
    path.write_bytes(b"\xef\xbb\xbf" + DCGAN.replace("\n", "\r\n").encode())
    assert read_file(str(path)) == read(DCGAN)


def test_stdin_is_a_file_too():
    program = "from tconv_design.architecture.spec import read_file; print(len(read_file('-', '8x8').blocks))"
    done = subprocess.run([sys.executable, "-c", program], input=DCGAN, capture_output=True, text=True, timeout=60)
    assert done.stdout == "2\n"


def test_ten_thousand_layers_are_read_in_a_second_or_so():
    lines = [f'[[layers]]\nkind = "conv"\nkernel = {n}\npadding = "1:{n}"\nlabel = "l{n}"' for n in range(1, 10_001)]
    started = time.process_time()
    network = read("\n".join(["input = { size = 100 }", *lines]))
    assert len(network.blocks) == 10_000
    assert network.blocks[-1].line == 2 + 5 * 9_999
    assert time.process_time() - started < 5  # about 0.8 s on an idle machine


def test_solve_reads_no_toml():
    program = "import json, sys, tconv_design.cli as cli; cli.run(['solve', '--in', '4', '--out', '8', '--json']);"
    program += "print(json.dumps([m for m in sys.modules if 'toml' in m or 'architecture' in m]), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert json.loads(done.stderr) == []


# the schema of the file

SCHEMA = Draft202012Validator(schemas.load("architecture"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_published_networks_are_files_that_the_schema_knows(path):
    text = path.read_text(encoding="utf-8")
    assert read(text).blocks
    SCHEMA.validate(tomli.loads(text))


def test_the_command_prints_the_schema_of_the_file(capsys):
    assert run(["schema", "architecture"]) == 0
    assert json.loads(capsys.readouterr().out) == schemas.load("architecture")


def test_the_schema_describes_every_key():
    whole = schemas.load("architecture")
    tables = [whole, *whole["$defs"]["file_layer"]["oneOf"], whole["properties"]["defaults"]]
    assert [key for table in tables for key, value in table["properties"].items() if not value.get("description")] == []


def test_the_schema_has_the_keys_of_every_kind():
    branches = schemas.load("architecture")["$defs"]["file_layer"]["oneOf"]
    found = {branch["properties"]["kind"]["const"]: set(branch["properties"]) for branch in branches}
    assert found == {kind: {"kind", *keys} for kind, keys in KEYS.items()}


def test_the_schema_has_the_keys_of_a_file():
    properties = schemas.load("architecture")["properties"]
    assert set(properties) == set(TOP)
    assert set(properties["defaults"]["properties"]) == set(DEFAULTS)


VALID = [
    DCGAN,
    SKIPS % 'kind = "concat", labels = ["a", "input"], crop = "center x 5:?"',
    SKIPS % 'kind = "add", labels = "a", pad = [[1, "?"], [0, 0]]',
    SKIPS % 'kind = "crop", like = "a", padding = "19:?"',
    SKIPS % 'kind = "pad", like = "input"',
    SKIPS % 'kind = "pad", padding = [[1, 2], [0, 1]]',
    SKIPS % 'kind = "conv", kernel = " 3X5 ", padding = "Same", stride = "1..8/2"',
    SKIPS % 'kind = "conv", kernel = ["3", "1..7"], padding = [1, [0, "?"]], channels = "8"',
    SKIPS % 'kind = "max_pool", kernel = 2, padding = "same", dialect = "keras", ceil_mode = true',
    SKIPS % 'kind = "upsample", scale = [2, 3], mode = "linear", repeat = 2',
    'input = { size = "? x ?" }\noutput = "input"\nlayers = [{ kind = "flatten" }, { kind = "linear" }]',
    "input = {}\ndefaults = { kernel = 3, scale = 2 }\n"
    'layers = [{ kind = "conv" }, { kind = "upsample" }, { kind = "unflatten", size = 3 }]',
]


@pytest.mark.parametrize("text", VALID)
def test_what_is_read_is_valid_by_the_schema(text):
    assert read(text)
    SCHEMA.validate(tomli.loads(text))


WRONG = [
    'layers = [{ kind = "flatten" }]',
    "input = {}",
    "input = {}\nlayers = []",
    "input = 3\nlayers = [{ kind = 'flatten' }]",
    "inputs = 1\ninput = {}\nlayers = [{ kind = 'flatten' }]",
    "input = { sizes = 1 }\nlayers = [{ kind = 'flatten' }]",
    "input = {}\noutput = 'same'\nlayers = [{ kind = 'flatten' }]",
    "input = {}\ndefaults = { label = 'a' }\nlayers = [{ kind = 'flatten' }]",
    "input = {}\ndialect = 'keros'\nlayers = [{ kind = 'flatten' }]",
    *(
        f"input = {{}}\nlayers = [{{ {layer} }}]"
        for layer in (
            "kernel = 3",
            "kind = 'cnov'",
            "kind = 'conv'",
            "kind = 'conv', kernel = 3, output_padding = 0",
            "kind = 'conv', kernel = 0.5",
            "kind = 'conv', kernel = true",
            "kind = 'conv', kernel = 'x'",
            "kind = 'conv', kernel = 3, bias = 1",
            "kind = 'conv', kernel = 3, channels = 1, out_channels = 1",
            "kind = 'conv', kernel = 3, channels = 0",
            "kind = 'conv', kernel = 3, padding = 'sam'",
            "kind = 'max_pool', kernel = '?'",
            "kind = 'avg_pool', kernel = 2, dilation = 1",
            "kind = 'upsample', scale = 2, mode = 'cubic'",
            "kind = 'crop'",
            "kind = 'crop', padding = 'same'",
            "kind = 'crop', padding = '?'",
            "kind = 'concat'",
            "kind = 'concat', labels = []",
            "kind = 'concat', labels = 'input', crop = '?', pad = '?'",
            "kind = 'flatten', size = 1",
            "kind = 'unflatten'",
        )
    ),
]


@pytest.mark.parametrize("text", WRONG)
def test_what_is_refused_for_its_form_is_not_valid_by_the_schema(text):
    with pytest.raises(InvalidQuestion):
        read(text)
    assert not SCHEMA.is_valid(tomli.loads(text))
