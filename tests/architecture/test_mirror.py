import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tconv_design.architecture.mirror import mirror
from tconv_design.architecture.model import INPUT, Architecture, Block, Fit, Output, Side, Window
from tconv_design.architecture.spec import read
from tconv_design.architecture.walk import walk


def network(*blocks, ndim=1, channels=4):
    placed = [block if block.sources else block._replace(sources=(i - 1,)) for i, block in enumerate(blocks)]
    return Architecture(tuple(placed), ndim, channels)


def conv(kernel, stride=1, padding=0, **more):
    return Block("conv", (), Window("conv", str(kernel), str(stride), str(padding), **more))


def tconv(kernel, stride=1):
    return Block("tconv", (), Window("tconv", str(kernel), str(stride)))


def pool(kernel, stride, padding=0, ceil_mode=False):
    return Block("max_pool", (), Window("conv", str(kernel), str(stride), str(padding), "", "1", ceil_mode))


def keras(kernel, stride, padding="same"):
    return conv(kernel, stride, padding, dialect="keras")


def sizes_of(architecture, size):
    """Every size on the way, the input's first."""
    return [tuple(size), *(row.out.size for row in walk(architecture, size))]


@st.composite
def windows(draw, ndim):
    kind = draw(
        st.sampled_from(
            ["conv", "conv", "conv", "tconv", "max_pool", "avg_pool", "pad", "crop", "upsample", "pixel_shuffle"]
        )
    )
    stride = draw(st.integers(1, 4))
    kernel = draw(st.integers(1, 5))
    sides = st.integers(0, 2)
    pads = "x".join(f"{draw(sides)}:{draw(sides)}" for _ in range(ndim))
    if kind in ("upsample", "pixel_shuffle"):
        return Block(kind, (), Window("tconv", str(stride), str(stride)))
    if kind in ("pad", "crop"):
        return Block(kind, (), Window("conv" if kind == "pad" else "tconv", "1", "1", pads))
    if kind.endswith("_pool"):
        return Block(kind, (), Window("conv", str(kernel), str(stride), pads, "", "1", draw(st.booleans())))
    dilation = draw(st.sampled_from([1, 1, 2, 5]))
    if kind == "tconv":
        extra = draw(st.integers(0, max(stride, dilation) - 1))
        return Block(kind, (), Window(kind, str(kernel), str(stride), pads, str(extra), str(dilation)), 8)
    if draw(st.integers(0, 3)) == 0:
        dialect = draw(st.sampled_from(["keras", "tensorflow", "jax"]))
        return Block(
            kind,
            (),
            Window(kind, str(kernel), str(stride), draw(st.sampled_from(["same", "valid"])), "", "1", False, dialect),
            6,
        )
    return Block(kind, (), Window(kind, str(kernel), str(stride), pads, "", str(dilation)), 4, 2)


@st.composite
def encoders(draw):
    ndim = draw(st.integers(1, 2))
    blocks = draw(st.lists(windows(ndim), min_size=1, max_size=6))
    if draw(st.integers(0, 4)) == 0:
        blocks += [Block("flatten", ()), Block("linear", (), channels=10)]
    return network(*blocks, ndim=ndim, channels=4**6 * 2)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(encoders(), st.data())
def test_the_mirror_goes_back_through_every_size(encoder, data):
    size = data.draw(st.lists(st.integers(1, 90), min_size=encoder.ndim, max_size=encoder.ndim))
    rows = list(walk(encoder, size))
    assume(rows[-1].out is not None)
    found = mirror(encoder, size)
    assume(not found.why)
    there = [tuple(size), *(row.out.size for row in rows)]
    back = sizes_of(found.decoder, found.decoder.size)
    assert back[-1] == tuple(size)
    undone = {level.of: (level.out, level.in_) for level in found.levels}
    for number, row in enumerate(rows):
        of = f"layer {number + 1} ({row.block.kind})"
        if of in undone:
            assert undone[of] == (there[number], there[number + 1])
        else:
            assert there[number] == there[number + 1]


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(encoders(), st.data())
def test_a_mirror_fails_only_where_a_conv_cannot_take_rows_back(encoder, data):
    size = data.draw(st.lists(st.integers(1, 90), min_size=encoder.ndim, max_size=encoder.ndim))
    assume(list(walk(encoder, size))[-1].out is not None)
    why = mirror(encoder, size).why
    assert not why or "too little to take them back" in why or why.startswith("nothing has to be undone")


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(encoders(), st.data())
def test_the_file_of_a_mirror_is_the_mirror(encoder, data):
    size = data.draw(st.lists(st.integers(1, 90), min_size=encoder.ndim, max_size=encoder.ndim))
    assume(list(walk(encoder, size))[-1].out is not None)
    found = mirror(encoder, size)
    assume(not found.why)
    decoder = read(found.file)
    assert decoder.output == Output(encoder.channels, tuple(size), False, decoder.output.line)
    assert sizes_of(decoder, decoder.size) == sizes_of(found.decoder, found.decoder.size)


def brings_back(encoder, decoder, n):
    """Whether n rows come back through an encoder and a decoder whose settings stay."""
    rows = list(walk(encoder, [n]))
    if rows[-1].out is None:
        return False
    back = list(walk(decoder, rows[-1].out.size))
    return back[-1].out is not None and back[-1].out.size == (n,)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(windows(1), min_size=1, max_size=5), st.integers(1, 60))
def test_one_setting_works_for_just_the_sizes_that_it_says(blocks, size):
    encoder = network(*blocks, channels=4**5 * 2)
    assume(list(walk(encoder, [size]))[-1].out is not None)
    found = mirror(encoder, [size])
    assume(not found.why)
    (legal,) = found.works_for
    told = [n for n in range(1, 150) if legal.below(n) == n]
    assert told == [n for n in range(1, 150) if brings_back(encoder, found.decoder, n)]
    assert size in told or size >= 150


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(windows(1), min_size=1, max_size=5), st.integers(1, 60))
def test_the_inputs_of_equal_output_are_an_interval_and_it_is_told(blocks, size):
    encoder = network(*blocks, channels=4**5 * 2)
    out = list(walk(encoder, [size]))[-1].out
    found = mirror(encoder, [size])
    assume(out is not None and not found.why)
    outs = {n: list(walk(encoder, [n]))[-1].out for n in range(1, size + 700)}
    same = [n for n, each in outs.items() if each == out]
    assume(max(same) < size + 690)
    assert found.inputs == ((min(same), max(same)),)


def test_no_input_of_equal_output_has_no_rows():
    assert mirror(network(tconv(2), conv(1, 2)), [1]).inputs == ((1, 1),)


def extras(found):
    return [level.layer.output_padding for level in found.levels]


@pytest.mark.parametrize(
    ("encoder", "size", "mid", "output_padding", "together"),
    [
        (network(conv(11, 3)), 250, 80, 2, (248, 250)),
        (network(conv(3, 2, 1)), 32, 16, 1, (31, 32)),
        (network(conv(3, 2, 1)), 64, 32, 1, (63, 64)),
        (network(conv(3, 2, "valid")), 74, 36, 1, (73, 74)),
    ],
)
def test_what_people_asked_about_one_level(encoder, size, mid, output_padding, together):
    found = mirror(encoder, [size])
    assert found.sizes == ((mid,), (size,))
    assert extras(found) == [(output_padding,)]
    assert found.inputs == (together,)


def test_keras_counts_output_padding_in_its_own_way():
    found = mirror(network(*[keras(3, 2)] * 4), [25])
    assert found.sizes == ((2,), (4,), (7,), (13,), (25,))
    assert [level.inverse.keras.output_padding for level in found.levels] == [(1,), (0,), (0,), (0,)]
    assert extras(found) == [(0,), (0,), (0,), (0,)]
    assert [level.layer.padding for level in found.levels] == [((0, 1),), ((1, 1),), ((1, 1),), ((1, 1),)]


@pytest.mark.parametrize("padding", ["same", "valid"])
@pytest.mark.parametrize("kernel", range(1, 8))
@pytest.mark.parametrize("stride", range(1, 6))
def test_keras_has_words_for_the_mirror_of_each_of_its_convs(padding, kernel, stride):
    for size in range(kernel, 24):
        encoder = network(keras(kernel, stride, padding))
        found = mirror(encoder, [size])
        ((row,), window) = list(walk(encoder, [size])), found.decoder.blocks[0].window
        assert (window.dialect, window.padding) == ("keras", padding)
        (back,) = found.levels[0].layer.axes
        (pads,) = row.axes
        dropped = (size + pads.pad_begin + pads.pad_end - kernel) % stride
        assert (back.pad_begin, back.end) == (pads.pad_begin, pads.pad_end - dropped)


def test_keras_is_left_to_choose_where_its_own_output_padding_would_be_a_stride():
    (level,) = mirror(network(keras(4, 2)), [8]).levels
    assert level.inverse.keras == ("same", None)
    assert level.layer.padding == ((1, 1),)


@pytest.mark.parametrize(
    ("block", "size", "back"),
    [
        (pool(2, 2), 8, Block("upsample", (-1,), Window("tconv", "2", "2"))),
        (pool(2, 2), 9, Block("tconv", (-1,), Window("tconv", "2", "2", "0", "1"), 4)),
        (pool(3, 2, 1), 8, Block("tconv", (-1,), Window("tconv", "3", "2", "1", "1"), 4)),
        (pool(2, 2, 0, True), 9, Block("tconv", (-1,), Window("tconv", "2", "2", "0:1"), 4)),
        (Block("pad", (), Window("conv", "1", "1", "1:2")), 9, Block("crop", (-1,), Window("tconv", "1", "1", "1:2"))),
        (Block("crop", (), Window("tconv", "1", "1", "1:2")), 9, Block("pad", (-1,), Window("conv", "1", "1", "1:2"))),
        (Block("upsample", (), Window("tconv", "3", "3")), 9, Block("conv", (-1,), Window("conv", "3", "3"), 4)),
        (Block("flatten", ()), 9, Block("unflatten", (0,), size=(9,))),
    ],
)
def test_a_block_is_undone_by(block, size, back):
    assert mirror(network(block), [size]).decoder.blocks[-1] == back


def test_a_pixel_shuffle_is_undone_by_a_conv_with_the_channels_before():
    shuffle = Block("pixel_shuffle", (), Window("tconv", "2", "2"))
    found = mirror(network(shuffle, ndim=2, channels=8), [4, 6])
    assert found.decoder.blocks == (Block("conv", (-1,), Window("conv", "2", "2"), 8),)


def test_joins_are_passed_on_their_main_path_and_it_is_said():
    joined = network(conv(3), Block("concat", (0, INPUT), fit=Fit("crop", (Side(),)), label="cat"), conv(2, 2))
    found = mirror(joined, [12])
    assert found.sizes == ((5,), (10,), (12,))
    assert found.notes == ("the mirror follows the main path only through 'cat'",)
    assert [row.out.channels for row in walk(found.decoder, [5])] == [4, 4]


def test_rows_that_a_join_cropped_of_the_main_signal_are_put_back():
    joined = network(conv(2, 1, 1), Block("add", (0, INPUT), fit=Fit("crop", (Side(0, 1),))), conv(2, 2))
    found = mirror(joined, [12])
    assert found.sizes == ((6,), (12,), (13,), (12,))
    assert found.works_for is None
    assert found.notes[-1].startswith("for other sizes its crops or pads follow other signals")


@pytest.mark.parametrize(
    ("encoder", "why"),
    [
        (network(conv(9)), "layer 1 (conv): the kernel spans 9 rows"),
        (network(pool(1, 1)), "nothing has to be undone: no layer on the main path changes the signal"),
        (
            network(Block("tconv", (), Window("tconv", "2", "1", "0", "2", "3"))),
            "output_padding 2 is 2 strides of 1 or more, and padding 0 at the end is too little",
        ),
    ],
)
def test_where_there_is_no_mirror_it_is_said(encoder, why):
    found = mirror(encoder, [8])
    assert found.decoder is None
    assert found.why.startswith(why)


def test_too_many_cases_leave_the_sizes_untold_but_not_the_mirror():
    found = mirror(
        network(conv(1), Block("upsample", (), Window("tconv", "1000003", "1000003")), conv(1, 1000000)), [1000000]
    )
    assert found.works_for is None
    assert "fall into 1000000 cases or more" in found.notes[0]


def test_of_many_joins_the_first_three_are_named():
    chain = [conv(3, 1, 1), *(Block("add", (index, index)) for index in range(5))]
    (note,) = mirror(network(*chain), [8]).notes
    layers = "layer 2 (add), layer 3 (add), layer 4 (add) and 2 more"
    assert note == f"the mirror follows the main path only through {layers}"
