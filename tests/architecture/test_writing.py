from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tomli import loads

from tconv_design import schemas
from tconv_design.architecture.model import INPUT, Architecture, Block, Fit, Output, Side, Window
from tconv_design.architecture.spec import read, read_file
from tconv_design.architecture.writing import labelled, toml_text
from tconv_design.padding import DIALECTS

FILES = sorted((Path(__file__).parents[1] / "data" / "architectures").glob("*.toml"))
SCHEMA = Draft202012Validator(schemas.load("architecture"))


def without_lines(network):
    blocks = tuple(block._replace(line=0) for block in network.blocks)
    return network._replace(blocks=blocks, output=network.output._replace(line=0))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_published_networks_are_written_as_they_were_read(path):
    network = read_file(str(path))
    assert without_lines(read(toml_text(network))) == without_lines(labelled(network))


numbers = st.integers(1, 12)
names = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=6).filter(
    lambda name: name.isprintable() and name != "input"
)


def per_axis(ndim, each):
    """The text of a value: the same for all axes, or one per axis."""
    return st.one_of(each, st.lists(each, min_size=ndim, max_size=ndim).map("x".join))


def texts(ndim, open_):
    return per_axis(
        ndim,
        st.one_of(numbers.map(str), st.sampled_from(["?", "1..4", "2,4", "3..9/2"]) if open_ else numbers.map(str)),
    )


def amounts(ndim):
    return per_axis(
        ndim, st.one_of(numbers.map(str), st.tuples(numbers, numbers).map(lambda pair: f"{pair[0]}:{pair[1]}"))
    )


@st.composite
def windows(draw, kind, ndim):
    named = st.sampled_from(["valid", "full"])
    if kind in ("conv", "tconv"):
        kernel, stride, dilation = (draw(texts(ndim, True)) for _ in range(3))
        extra = draw(st.sampled_from(["", "0", "?"])) if kind == "tconv" else ""
        padding = draw(named | amounts(ndim))
        if padding in ("valid", "full"):  # some dialects refuse these together with it
            extra, dilation = "", "1"
        return Window(kind, kernel, stride, padding, extra, dilation, dialect=draw(st.sampled_from(DIALECTS)))
    if kind in ("max_pool", "avg_pool"):
        dilation = draw(texts(ndim, False)) if kind == "max_pool" else "1"
        padding = draw(amounts(ndim) if dilation != "1" else named | amounts(ndim))
        kernel = draw(per_axis(ndim, st.integers(24, 40).map(str)))  # half of it is more than any padding here
        return Window("conv", kernel, draw(texts(ndim, False)), padding, "", dilation,
                      draw(st.booleans()), draw(st.sampled_from(DIALECTS)))  # fmt: skip
    if kind in ("pad", "crop"):
        return Window("conv" if kind == "pad" else "tconv", "1", padding=draw(amounts(ndim)))
    scale = draw(texts(ndim, False))
    if kind == "pixel_shuffle" or draw(st.booleans()):
        return Window("tconv", scale, scale)
    factors = [int(part) for part in scale.split("x")]
    kernel = "x".join(str(2 * s - s % 2) for s in factors)
    padding = "x".join(str(s // 2) for s in factors)
    return Window("tconv", kernel, scale, padding) if kernel != scale else Window("tconv", scale, scale)


SIDES = st.one_of(
    st.sampled_from([Side(), Side(equal=True)]),
    st.tuples(numbers, st.none() | numbers).map(lambda rows: Side(*rows)),
    numbers.map(lambda end: Side(None, end)),
)
MAPS = ("conv", "tconv", "max_pool", "avg_pool", "upsample", "pixel_shuffle", "pad", "crop")
KINDS = (*MAPS, "concat", "add", "flatten", "unflatten", "linear")


@st.composite
def blocks(draw, index, ndim):
    """A block that takes any earlier outputs, most often the one before."""
    earlier = st.integers(INPUT, index - 1)
    kind = draw(st.sampled_from(KINDS))
    sides = st.tuples(*[SIDES] * ndim)
    block = Block(kind, (draw(st.one_of(st.just(index - 1), st.just(index - 1), earlier)),))
    if kind in ("conv", "tconv", "linear"):
        channels = draw(st.none() | numbers)
        block = block._replace(channels=channels, bias=draw(st.booleans()))
        block = block._replace(groups=draw(st.sampled_from([1, channels or 1]))) if kind != "linear" else block
    elif draw(st.booleans()):
        block = block._replace(in_channels=draw(numbers))
    if kind in ("concat", "add"):
        fit = draw(st.none() | st.builds(Fit, st.sampled_from(["crop", "pad"]), sides))
        sources = (*block.sources, *draw(st.lists(earlier, min_size=1, max_size=3)))
        return block._replace(sources=sources, fit=fit)
    if kind in ("pad", "crop") and draw(st.booleans()):
        return block._replace(like=draw(earlier), fit=Fit(kind, draw(sides)))
    return block._replace(window=draw(windows(kind, ndim))) if kind in MAPS else block


@st.composite
def networks(draw):
    ndim = draw(st.integers(1, 3))
    sizes = st.tuples(*[numbers] * ndim)
    found = []
    for block in (draw(blocks(index, ndim)) for index in range(draw(st.integers(1, 6)))):
        size = draw(sizes) if block.kind == "unflatten" else None
        if block.kind not in ("flatten", "linear", "unflatten") and draw(st.booleans()):
            size = draw(sizes)
        found.append(block._replace(size=size))
        for _ in range(draw(st.sampled_from([0, 0, 2]))):  # neighbours that may be folded
            found.append(found[-1])
    repaired = [_moved(block, index) for index, block in enumerate(found)]
    labels = draw(st.lists(st.just("") | names, min_size=len(found), max_size=len(found)))
    unique = [label if label not in labels[:index] else "" for index, label in enumerate(labels)]
    claim = Output(draw(st.none() | numbers), draw(st.none() | sizes))
    if draw(st.booleans()):
        claim = claim._replace(same_as_input=True, size=None)
    finished = tuple(block._replace(label=label) for block, label in zip(repaired, unique, strict=True))
    return Architecture(finished, ndim, draw(numbers), draw(st.none() | sizes), claim, draw(st.just("") | names))


def _moved(block, index):
    """A block whose copies take one another's output."""
    if block.kind in ("concat", "add") or block.sources[0] == INPUT:
        return block
    return block._replace(sources=(index - 1,))


@given(networks())
@settings(max_examples=500, deadline=None)
def test_what_is_written_reads_back(network):
    text = toml_text(network)
    assert without_lines(read(text)) == labelled(network)
    SCHEMA.validate(loads(text))


def conv(index, **changes):
    return Block("conv", (index - 1,), Window("conv", "3"), channels=8)._replace(**changes)


def rows(*blocks_):
    """The lines of the layers of a network."""
    return [line.strip(" ,") for line in toml_text(Architecture(blocks_, 1)).split("\n") if line.startswith("    ")]


def test_a_file_is_short():
    network = Architecture(
        (
            Block("tconv", (INPUT,), Window("tconv", "4", "2", "1"), channels=64, bias=False),
            Block("tconv", (0,), Window("tconv", "4x3", "?", "1:2x0:1", "?"), channels=3, bias=False, size=(64, 64)),
        ),
        2, 100, (1, 1), Output(3, (64, 64)), 'a "small" net',
    )  # fmt: skip
    assert toml_text(network) == (
        'name = "a \\"small\\" net"\n'
        "input = { channels = 100, size = [1, 1] }\n"
        "output = { channels = 3, size = [64, 64] }\n"
        "defaults = { bias = false }\n"
        "\n"
        "layers = [\n"
        '    { kind = "tconv", channels = 64, kernel = 4, stride = 2, padding = 1 },\n'
        '    { kind = "tconv", channels = 3, kernel = [4, 3], stride = "?", padding = "1:2x0:1", output_padding = "?", '
        "size = [64, 64] },\n"
        "]\n"
    )


def test_equal_neighbours_are_folded():
    kept = '{ kind = "conv", channels = 8, kernel = 3, repeat = 3 }'
    assert rows(conv(0), conv(1), conv(2)) == [kept]
    assert rows(conv(0), conv(1), conv(2, label="a")) == [kept.replace(" }", ', label = "a" }')]
    assert rows(conv(0, in_channels=4), conv(1), conv(2, size=(7,))) == [
        '{ kind = "conv", in_channels = 4, channels = 8, kernel = 3, size = 7, repeat = 3 }'
    ]


@pytest.mark.parametrize(
    "second",
    [
        conv(1, channels=9),
        conv(1, in_channels=8),
        conv(1, sources=(INPUT,)),
        conv(1, bias=False),
        conv(1, window=Window("conv", "3", dialect="jax")),
    ],
)
def test_what_differs_is_not_folded(second):
    assert len(rows(conv(0), second)) == 2


def test_what_a_first_copy_claims_is_not_folded():
    assert len(rows(conv(0, size=(30,)), conv(1))) == 2
    assert len(rows(conv(0, label="a"), conv(1))) == 2


def test_an_output_that_others_take_gets_a_label():
    join = Block("concat", (2, 0))
    assert rows(conv(0), conv(1), conv(2, label="conv1"), join) == [
        '{ kind = "conv", channels = 8, kernel = 3, label = "conv1_" }',
        '{ kind = "conv", channels = 8, kernel = 3, repeat = 2, label = "conv1" }',
        '{ kind = "concat", labels = "conv1_" }',
    ]


def test_the_dialect_that_all_share_stands_once():
    window = Window("conv", "3", padding="same", dialect="keras")
    text = toml_text(Architecture((Block("conv", (INPUT,), window),), 1))
    assert 'dialect = "keras"\n\nlayers' in text
    mixed = (Block("conv", (INPUT,), window), conv(1))
    assert rows(*mixed)[0] == '{ kind = "conv", kernel = 3, padding = "same", dialect = "keras" }'


def test_the_number_of_axes_is_not_lost():
    text = toml_text(Architecture((Block("flatten", (INPUT,)),), 3))
    assert 'input = { channels = 1, size = "?x?x?" }' in text
    assert read(text).ndim == 3


def test_a_control_character_is_escaped():
    text = toml_text(Architecture((Block("flatten", (INPUT,)),), 1, name="a\x7f\n\x00b"))
    assert loads(text)["name"] == "a\x7f\n\x00b"
