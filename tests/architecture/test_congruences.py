import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tconv_design.architecture.congruences import legal_sizes, without_sizes
from tconv_design.architecture.model import INPUT, Architecture, Block, Fit, Output, Side, Window
from tconv_design.architecture.templates import templates
from tconv_design.architecture.walk import walk
from tconv_design.errors import InvalidQuestion

EVEN = Side(equal=True)
NO_CLAIM = Output()
SAME = Output(same_as_input=True)


def split_is_even(block, row):
    """Crops and pads whose both sides the file leaves open take as many rows at the begin as at the end."""
    if block.fit is None or (block.fit.sides[0].begin, block.fit.sides[0].end) != (None, None):
        return True
    return all(begin == end for fit in row.fits for begin, end in fit)


def drops(block, rows_in):
    """Whether a pool leaves rows out that came in; to leave out some of its padding is no loss."""
    if not block.kind.endswith("_pool") or block.window.ceil_mode:
        return False
    (template,) = templates(block.window, 1)
    return template.dropped(rows_in) > template.at(rows_in).pad_end


def legal(architecture, n):
    """The slow, obvious answer, for one axis: walk it, and look at everything."""
    rows = list(walk(architecture, [n]))
    out = n
    for row in rows:
        if row.problems or row.out is None or not split_is_even(row.block, row) or drops(row.block, *row.in_.size):
            return False
        if row.block.size is not None and row.block.size != row.out.size:
            return False
        if row.block.in_channels not in (None, row.in_.channels):
            return False
        (out,) = row.out.size or (None,)
    claim = architecture.output
    return claim.size in (None, (out,)) and (not claim.same_as_input or out == n)


def contained(classes, n):
    return sum(
        n % each.modulus == each.remainder and each.first <= n and (each.last is None or n <= each.last)
        for each in classes
    )


def network(*blocks, output=NO_CLAIM, size=None):
    """Blocks in a chain, but where they name their sources."""
    placed = [block if block.sources else block._replace(sources=(i - 1,)) for i, block in enumerate(blocks)]
    return Architecture(tuple(placed), 1, output=output, size=size)


def conv(kernel, stride=1, padding=0, **more):
    return Block("conv", (), Window("conv", str(kernel), str(stride), str(padding), **more))


def tconv(kernel, stride=1, padding=0, output_padding="", **more):
    return Block("tconv", (), Window("tconv", str(kernel), str(stride), str(padding), str(output_padding), **more))


def pool(kernel, stride, padding=0, ceil_mode=False, **more):
    return Block("max_pool", (), Window("conv", str(kernel), str(stride), str(padding), "", "1", ceil_mode, **more))


def join(*sources, fit=None):
    return Block("concat", sources, fit=fit)


def crop(side=EVEN):
    return Fit("crop", (side,))


def listed(architecture):
    return [each.to_dict() for each in legal_sizes(architecture, 0).classes]


SIDES = st.sampled_from(
    [EVEN, Side(), Side(begin=5), Side(begin=0), Side(end=2), Side(1, 0), Side(2, 2), Side(begin=1), Side(0, 0)]
)


@st.composite
def windows(draw):
    kind = draw(st.sampled_from(["conv", "conv", "conv", "tconv", "tconv", "max_pool", "max_pool", "pad", "crop"]))
    stride = str(draw(st.sampled_from([1, 1, 2, 2, 2, 3, 4, 5])))
    kernel = str(draw(st.integers(1, 6)))
    sides = st.integers(0, 3)
    pads = f"{draw(sides)}:{draw(sides)}"
    if kind in ("pad", "crop"):
        return Block(kind, (), Window("conv" if kind == "pad" else "tconv", "1", "1", pads))
    if kind == "max_pool":
        ceil, named = draw(st.booleans()), draw(st.integers(0, 5))
        pads = pads if named else draw(st.sampled_from(["same", "valid"]))
        return Block(kind, (), Window("conv", kernel, stride, pads, "", "1", ceil, "tensorflow"))
    if draw(st.integers(0, 3)) == 0:
        dialect = draw(st.sampled_from(["tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle"]))
        word = draw(st.sampled_from(["same", "same", "valid", "full"]))
        return Block(kind, (), Window(kind, kernel, stride, word, "", "1", False, dialect))
    extra = str(draw(st.integers(0, int(stride) - 1))) if kind == "tconv" else ""
    dilation = str(draw(st.sampled_from([1, 1, 1, 2])))
    return Block(kind, (), Window(kind, kernel, stride, pads, extra, dilation))


@st.composite
def networks(draw, longest=7):
    blocks = []
    for index in range(draw(st.integers(1, longest))):
        kind = draw(st.sampled_from(["map", "map", "map", "join", "like"])) if index else "map"
        earlier = st.integers(-1, index - 2)
        main = index - 1 if draw(st.integers(0, 5)) else draw(st.integers(-1, index - 1))
        if kind == "map":
            block = draw(windows())._replace(sources=(main,))
        elif kind == "join":
            others = draw(st.lists(earlier, min_size=1, max_size=2, unique=True))
            how = draw(st.sampled_from(["crop", "pad", None]))
            block = join(main, *others, fit=Fit(how, (draw(SIDES),)) if how else None)
        else:
            fit = Fit(draw(st.sampled_from(["crop", "pad"])), (draw(SIDES),))
            block = Block("crop", (main,), fit=fit, like=draw(earlier))
        if draw(st.integers(0, 14)) == 0:
            block = block._replace(size=(draw(st.integers(1, 40)),))
        blocks.append(block)
    output = Output(same_as_input=draw(st.integers(0, 3)) == 0)
    if draw(st.integers(0, 9)) == 0:
        output = Output(size=(draw(st.integers(1, 60)),))
    return Architecture(tuple(blocks), 1, output=output)


def check(architecture, sizes):
    found = legal_sizes(architecture, 0)
    for n in sizes:
        assert contained(found.classes, n) == legal(architecture, n), (n, found)
    assert bool(found.why) == (not found.classes)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(), st.lists(st.integers(300, 10**6), max_size=20))
def test_the_classes_hold_just_the_sizes_that_a_walk_finds_legal(architecture, large):
    check(architecture, [*range(1, 260), *large])


@st.composite
def u_nets(draw):
    """A path down and up again, each level joined with the one that it came from: most cases end at the joins."""
    levels = draw(st.integers(1, 4))
    blocks, skips = [], []
    for _ in range(levels):
        blocks += [
            conv(draw(st.sampled_from([1, 3, 3, 5])), 1, draw(st.integers(0, 1)))
            for _ in range(draw(st.integers(0, 2)))
        ]
        skips.append(len(blocks) - 1)
        stride = draw(st.sampled_from([2, 2, 2, 3]))
        blocks.append(
            draw(
                st.sampled_from(
                    [pool(stride, stride), pool(3, stride, 1, True), conv(4, stride, 1), conv(3, stride, 1)]
                )
            )
        )
    for skip in reversed(skips):
        blocks.append(tconv(draw(st.integers(2, 4)), 2, draw(st.integers(0, 1))))
        fit = draw(st.sampled_from([None, crop(), crop(Side()), crop(Side(begin=0)), Fit("pad", (Side(),))]))
        blocks.append(join(len(blocks) - 1, skip, fit=fit))
    return network(*blocks)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(u_nets())
def test_the_classes_of_networks_with_skips_hold_just_the_legal_sizes(architecture):
    check(architecture, range(1, 700))


def valid_u_net(size=None, output=NO_CLAIM):
    blocks, skips = [], []
    for _ in range(4):
        blocks += [conv(3), conv(3)]
        skips.append(len(blocks) - 1)
        blocks.append(pool(2, 2))
    blocks += [conv(3), conv(3)]
    for skip in reversed(skips):
        blocks.append(tconv(2, 2))
        blocks += [join(len(blocks) - 1, skip, fit=crop()), conv(3), conv(3)]
    return network(*blocks, size=size, output=output)


def pix2pix(levels=8, output=SAME):
    blocks = [conv(4, 2, 1) for _ in range(levels)]
    for skip in range(levels - 2, -1, -1):
        blocks.append(tconv(4, 2, 1))
        blocks.append(join(len(blocks) - 1, skip))
    blocks.append(tconv(4, 2, 1))
    return network(*blocks, output=output)


def monai():
    """Each level's skip is joined with what comes up; the first skip is the input."""
    blocks = [conv(3, 2, 1) for _ in range(4)]
    for skip in (2, 1, 0, INPUT):
        blocks.append(tconv(3, 2, 1, 1))
        blocks.append(join(len(blocks) - 1, skip))
    return network(*blocks)


def codec(strides=(2, 4, 5, 8), fixed=True):
    down = [conv(2 * s, s, -(-s // 2)) for s in strides]
    up = [tconv(2 * s, s, -(-s // 2), s % 2 if fixed else 0) for s in reversed(strides)]
    return network(*down, *up, output=SAME)


def test_the_valid_u_net_takes_12_modulo_16_from_188():
    assert listed(valid_u_net()) == [{"modulus": 16, "remainder": 12, "from": 188}]


@pytest.mark.parametrize(("size", "out"), [(188, 4), (252, 68), (268, 84), (572, 388)])
def test_the_valid_u_net_gives_the_published_sizes(size, out):
    assert [row.out.size for row in walk(valid_u_net(), [size])][-1] == (out,)
    assert legal(valid_u_net(), size)


def test_a_claim_of_388_leaves_572_alone_and_without_it_the_congruence_stays():
    claimed = valid_u_net(output=Output(size=(388,)))
    assert listed(claimed) == [{"modulus": 1, "remainder": 0, "from": 572, "to": 572}]
    assert listed(without_sizes(claimed)) == listed(valid_u_net())


def test_eight_levels_of_k4_s2_p1_with_skips_take_multiples_of_256():
    found = legal_sizes(pix2pix(), 0)
    assert [each.to_dict() for each in found.classes] == [{"modulus": 256, "remainder": 0, "from": 256}]
    assert (found.below(360), found.above(360)) == (256, 512)


def test_without_a_claim_one_row_that_the_first_floor_drops_is_legal():
    found = legal_sizes(pix2pix(output=NO_CLAIM), 0)
    assert [each.to_dict() for each in found.classes] == [
        {"modulus": 256, "remainder": 0, "from": 256},
        {"modulus": 256, "remainder": 1, "from": 257},
    ]


def test_four_stride_2_levels_with_skips_take_multiples_of_16():
    found = legal_sizes(monai(), 0)
    assert [each.to_dict() for each in found.classes] == [{"modulus": 16, "remainder": 0, "from": 16}]
    assert (found.below(72), found.above(72), found.above(64), found.below(64)) == (64, 80, 64, 64)


def test_a_codec_of_strides_2_4_5_8_returns_multiples_of_320():
    assert listed(codec()) == [{"modulus": 320, "remainder": 0, "from": 320}]


def test_a_codec_without_output_padding_returns_8_rows_less_than_its_multiples():
    assert listed(codec(fixed=False)) == [{"modulus": 320, "remainder": 312, "from": 312}]
    assert [row.out.size for row in walk(codec(fixed=False), [31992])][-1] == (31992,)
    assert [row.out.size for row in walk(codec(fixed=False), [32000])][-1] == (31992,)


@pytest.mark.parametrize(
    ("chain", "why"),
    [
        (
            network(conv(3, 1, 1), join(0, INPUT), conv(3), join(2, 1)),
            "layer 4 (concat) joins sizes that never fit (at in 3: 1 and 3)",
        ),
        (
            network(pool(2, 2, 0), pool(4, 4, "same", dialect="tensorflow"), output=SAME),
            "layer 2 (max_pool) has the input's size, as is claimed, at no size that fits so far (at in 2: 1)",
        ),
        (
            network(conv(2, 2)._replace(label="down"), tconv(2, 2), conv(2)._replace(size=(4,))),
            "layer 3 (conv) is 4 long, as is claimed, at no size that fits so far (at in 2: 1)",
        ),
        (
            network(tconv(1, 2, 0, 1), pool(1, 2)),
            "layer 2 (max_pool) drops rows of every size that comes so far (at in 1: 2)",
        ),
        (
            network(conv(2, 2, "same", dialect="torch")),
            "layer 1 (conv) cannot be: torch has padding 'same' only for stride 1, got stride 2; "
            "use --dialect tensorflow, or write the numbers",
        ),
        (
            network(Block("crop", (), fit=crop(Side(1, 0)), like=INPUT)),
            "layer 1 (crop) never makes the size it shall with a crop of 1:0 (at in 1: 1 and 1)",
        ),
        (network(Block("flatten", ()), conv(2)), "layer 2 (conv) needs a signal with axes, and takes a flat one"),
        (network(Block("linear", ())), "layer 1 (linear) needs a flat signal, and takes one with axes"),
    ],
)
def test_what_leaves_no_size_is_said(chain, why):
    assert legal_sizes(chain, 0) == ((), why)


@pytest.mark.parametrize("levels", [20, 40, 55])
def test_an_encoder_of_huge_stride_takes_every_size_from_its_first(levels):
    chain = network(*(conv(4, 2, 1) for _ in range(levels)))
    assert listed(chain) == [{"modulus": 1, "remainder": 0, "from": 2**levels}]


@pytest.mark.parametrize("levels", [20, 40, 55])
def test_skips_over_an_encoder_of_huge_stride_leave_its_multiples(levels):
    assert listed(pix2pix(levels)) == [{"modulus": 2**levels, "remainder": 0, "from": 2**levels}]


def test_a_decoder_after_an_encoder_of_huge_stride_takes_every_size():
    strides = (1000, 1000, 1000, 1000)
    chain = network(*(conv(s, s) for s in strides), *(tconv(s, s) for s in strides))
    assert listed(chain) == [{"modulus": 1, "remainder": 0, "from": 10**12}]
    assert listed(chain._replace(output=SAME)) == [{"modulus": 10**12, "remainder": 0, "from": 10**12}]


def test_a_stride_of_10_to_the_12_that_drops_nothing_is_one_class():
    assert listed(network(pool(10**12, 10**12))) == [{"modulus": 10**12, "remainder": 0, "from": 10**12}]


def test_10000_layers_are_answered_in_seconds():
    deep = network(*(conv(3, 2 if i % 500 == 7 else 1, 1) for i in range(10_000)), tconv(4, 2, 1))
    started = time.monotonic()
    assert listed(deep) == [{"modulus": 1, "remainder": 0, "from": 1}]
    assert time.monotonic() - started < 10


def test_10000_levels_of_skips_are_answered_in_seconds():
    blocks = [conv(3, 1, 1) for _ in range(5_000)]
    for skip in range(4_999, -1, -1):
        blocks.append(join(len(blocks) - 1, skip))
    started = time.monotonic()
    assert listed(network(pool(2, 2), *blocks)) == [{"modulus": 2, "remainder": 0, "from": 2}]
    assert time.monotonic() - started < 20


def test_too_many_cases_are_refused_with_the_limit():
    branching = network(conv(1), tconv(1, 1_000_003), conv(1, 1_000_000), tconv(2, 2))
    with pytest.raises(InvalidQuestion, match="fall into 1000000 cases or more, and 10000 are looked at"):
        legal_sizes(branching, 0)


def test_too_many_residues_are_refused_with_the_limit():
    with pytest.raises(InvalidQuestion, match="1000000 congruences or more, and at most 100000 are listed"):
        legal_sizes(network(conv(1, 1_000_000), pool(2, 2)), 0)


@st.composite
def up_and_down(draw):
    """Strides up and down in any order, and the end held against the input or an earlier signal."""
    strides = st.sampled_from([2, 3, 4, 6])
    blocks = []
    for _ in range(draw(st.integers(2, 5))):
        stride = draw(strides)
        kernel = draw(st.integers(1, 2 * stride))
        blocks.append(draw(st.sampled_from([conv, tconv]))(kernel, stride, draw(st.integers(0, 1))))
    if draw(st.booleans()):
        fit = draw(st.sampled_from([None, crop(), crop(Side(begin=0))]))
        blocks.append(join(len(blocks) - 1, draw(st.integers(-1, len(blocks) - 2)), fit=fit))
        return network(*blocks)
    return network(*blocks, output=SAME)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(up_and_down())
def test_the_classes_of_strides_up_and_down_hold_just_the_legal_sizes(architecture):
    check(architecture, range(1, 400))


def test_a_line_that_is_no_floor_of_the_size_is_not_taken_for_one():
    check(network(conv(4, 4), tconv(4, 4), conv(1, 3), tconv(3, 3), join(3, INPUT, fit=crop())), range(1, 300))


@pytest.mark.parametrize("kernel", range(1, 7))
@pytest.mark.parametrize("stride", range(1, 6))
def test_the_crop_of_paddles_same_depends_on_the_remainder(kernel, stride):
    paddle = tconv(kernel, stride, "same", dialect="paddle")
    check(network(paddle, conv(1, 2), tconv(2, 2), join(2, 0)), range(1, 200))
    check(network(conv(2, 2), paddle, pool(3, 3), join(2, INPUT, fit=crop(Side(begin=0)))), range(1, 200))
