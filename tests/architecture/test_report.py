"""What a check says of a network: costs, claims, notes, and where its way ends."""

import pytest
from architecture.chains import chain, concat, conv, crop, pool, tconv

from tconv_design.architecture.model import INPUT, Block, Fit, Output, Side
from tconv_design.architecture.report import MENDED, Totals, check
from tconv_design.errors import InvalidQuestion


def said(report):
    return [str(each) for layer in report.layers for each in layer.problems] + list(map(str, report.problems))


def test_costs_follow_the_definitions():
    blocks = [
        conv(3, 1, 1, channels=8),  # 8*4*9 + 8 weights, 100 positions
        tconv(4, 2, 1, channels=6, groups=2, bias=False),  # 8*6/2*16 weights over 10x10 input positions
        pool(2),
        Block("flatten", ()),
        Block("linear", (), channels=5),
    ]
    report = check(chain(*blocks, size=(10, 10), channels=4, ndim=2))
    assert [layer.params for layer in report.layers] == [296, 384, 0, 0, 600 * 5 + 5]
    assert [layer.macs for layer in report.layers] == [28800, 38400, 0, 0, 3000]
    assert [layer.activations for layer in report.layers] == [800, 2400, 600, 600, 5]
    assert report.totals == Totals(296 + 384 + 3005, 28800 + 38400 + 3000, 4405)
    assert report.dense == 400 * 5 + 5
    assert report.holds


def test_a_flat_signal_sees_the_whole_input():
    flat = [Block("flatten", ()), Block("linear", (), channels=8), Block("unflatten", (), size=(4,)), tconv(4, 2, 1)]
    layers = check(chain(*flat, size=(16,))).layers
    assert [layer.receptive_field for layer in layers] == [(16,)] * 4
    assert [layer.jump for layer in layers] == [()] * 4
    assert [layer.to_dict()["out"] for layer in layers] == [[], [], [4], [8]]


def test_a_jump_is_a_number_where_whole_and_text_where_not():
    layers = check(chain(conv(2, 2), tconv(2, 2), tconv(2, 2), tconv(2, 3), size=(8,))).to_dict()["layers"]
    assert [layer["jump"] for layer in layers] == [[2], [1], ["1/2"], ["1/6"]]


SAME = Output(same_as_input=True)
CLAIMS = {
    "size": (
        chain(tconv(3, 2, 1, size=(8,)), size=(4,)),
        "size 7 comes out, and size 8 is claimed; give output_padding 1 to layer 1 (tconv)",
    ),
    "size that no tconv can give": (
        chain(conv(3, size=(5,)), size=(9,)),
        "size 7 comes out, and size 5 is claimed; what holds is size = [7]",
    ),
    "size of a flat signal": (
        chain(Block("flatten", (), size=(4,)), size=(4,)),
        "a flat signal comes out, and size 4 is claimed; leave the claim out",
    ),
    "in_channels": (
        chain(conv(3, channels=8), conv(3, in_channels=16, line=7), size=(9,)),
        "8 channels come in, and in_channels 16 is claimed; give layer 1 (conv) channels = 16",
    ),
    "in_channels of the input": (
        chain(conv(3, in_channels=16), size=(9,), channels=3),
        "3 channels come in, and in_channels 16 is claimed; what holds is in_channels = 3",
    ),
    "channels of the output": (
        chain(conv(3, channels=8, line=4), pool(2), size=(9,), output=Output(channels=3)),
        "the output has 8 channels, and 3 are claimed; give layer 1 (conv) on line 4 channels = 3",
    ),
    "channels of a join": (
        chain(conv(1, channels=8), concat(0, INPUT), size=(9,), output=Output(channels=3)),
        "the output has 9 channels, and 3 are claimed; what holds is channels = 9",
    ),
    "size of the output": (
        chain(conv(3, 2, 1), tconv(3, 2, 1, label="up"), size=(8,), output=Output(size=(8,))),
        "the output has size 7, and 8 is claimed; give output_padding 1 to 'up'",
    ),
    "size of the input": (
        chain(conv(4, 2, 1), conv(3, 2, 1), tconv(3, 2, 1), tconv(4, 2, 1), size=(8,), output=SAME),
        "the output has size 6, and that of the input, 8, is claimed; give output_padding 1 to layer 3 (tconv)",
    ),
    "channels to add": (
        chain(conv(1, channels=8), Block("add", (0, INPUT)), size=(8,), channels=3),
        "add needs equal channels, and has 8 and 3; give layer 1 (conv) channels = 3",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("architecture", "sentence"), CLAIMS.values(), ids=CLAIMS)
def test_what_does_not_hold_is_said_with_what_helps(architecture, sentence):
    report = check(architecture)
    assert said(report) == [sentence]
    assert not report.holds


def test_a_claim_that_holds_is_not_spoken_of():
    blocks = [tconv(4, 2, 1, size=(8,), in_channels=3)]
    assert check(chain(*blocks, size=(4,), channels=3, output=Output(3, (8,)))).holds
    assert check(chain(conv(3, 1, 1), size=(4,), output=Output(same_as_input=True))).holds


NOTES = {
    "rows dropped": (chain(pool(2), size=(9,)), ["the last row of 9 is not read"]),
    "rows dropped on an axis": (
        chain(Block("max_pool", (), pool(1).window._replace(kernel="2x3", stride="2x3")), size=(8, 11), ndim=2),
        ["the last 2 rows of 11 on axis 2 are not read"],
    ),
    "padding dropped": (chain(conv(4, 2, 1), size=(9,)), []),
    "rows dropped in spite of padding": (chain(conv(2, 4, 1), size=(10,)), ["the last row of 10 is not read"]),
    "nothing dropped with ceil_mode": (
        chain(Block("max_pool", (), pool(2).window._replace(ceil_mode=True)), size=(9,)),
        [],
    ),
    "uneven": (
        chain(tconv(3, 2), size=(9,)),
        ["uneven overlap: elements are reached by 1 or 2 taps on an axis, ratio 2"],
    ),
    "holes": (
        chain(tconv(2, 3), size=(9,)),
        ["holes: some elements are reached by no tap (0 or 1 taps on an axis)"],
    ),
    "uneven crop": (
        chain(conv(4), concat(0, INPUT, fit=Fit("crop", (Side(),))), size=(9,)),
        ["crops 3 rows unevenly: 1 at the beginning and 2 at the end"],
    ),
    "uneven pad": (
        chain(conv(2), concat(0, INPUT, fit=Fit("pad", (Side(),))), size=(9,)),
        ["pads 1 row unevenly: 0 at the beginning and 1 at the end"],
    ),
    "crop as asked": (chain(conv(4), concat(0, INPUT, fit=Fit("crop", (Side(1, None),))), size=(9,)), []),
    "a pattern too long": (
        chain(tconv(5000, 5000), size=(9,)),
        [
            "from here on the receptive field is not told: its pattern is too long, or that of joined branches differs",
            "from here on the overlap of the stack is not told: its pattern is too long, or that of joined branches "
            "differs",
        ],
    ),
    "branches apart": (
        chain(conv(2, 2), tconv(2, 2), concat(1, 0, fit=Fit("crop", (Side(0, None),))), conv(1), size=(8,)),
        ["from here on the receptive field is not told: its pattern is too long, or that of joined branches differs"],
    ),
}


@pytest.mark.parametrize(("architecture", "notes"), NOTES.values(), ids=NOTES)
def test_what_is_worth_knowing_is_noted_and_is_no_problem(architecture, notes):
    report = check(architecture)
    assert [note for layer in report.layers for note in layer.notes] == notes
    assert report.holds


ENDS = {
    "a kernel": (chain(pool(2), pool(2), conv(5), size=(9,)), "the smallest input that passes it is 20"),
    "a crop": (chain(conv(3, 2, 1), crop(3, 3), size=(9,)), "the smallest input that passes it is 13"),
    "one axis": (chain(conv(9), size=(9, 4), ndim=2), "the smallest input that passes it is 9x9"),
    "channels": (
        chain(Block("pixel_shuffle", (), tconv(2, 2).window), size=(4, 4), channels=6, ndim=2),
        "give the layer before it 8 channels",
    ),
}


@pytest.mark.parametrize(("architecture", "hint"), ENDS.values(), ids=ENDS)
def test_a_layer_that_leaves_nothing_names_the_smallest_input_that_works(architecture, hint):
    report = check(architecture)
    (problem,) = report.layers[-1].problems
    assert problem.hint == hint
    assert report.layers[-1].row.out is None
    assert (report.dense, report.problems, report.holds) == (None, (), False)
    if hint.startswith("the smallest"):
        least = int(hint.rpartition(" ")[2].partition("x")[0])
        ends = [check(architecture, (n,) * architecture.ndim).layers[-1].row.out for n in (least - 1, least)]
        assert (ends[0], ends[1] is None) == (None, False)


def test_a_network_that_ends_early_has_rows_up_to_there():
    report = check(chain(conv(3), conv(9), conv(3), conv(3), size=(8,)))
    assert len(report.layers) == 2
    assert report.layers[1].to_dict()["out"] is None


def test_the_nearest_sizes_that_fit_are_named_where_something_does_not():
    unet = chain(
        conv(4, 2, 1), conv(4, 2, 1), tconv(4, 2, 1), concat(2, 0), tconv(4, 2, 1), concat(4, INPUT), size=(22,)
    )
    assert check(unet).legal == ((20,), (24,))
    assert all(check(unet, size).holds for size in check(unet).legal)
    assert check(unet, (24,)).legal == ()


def test_many_breaks_are_all_listed_though_not_all_mended():
    many = [tconv(3, 2, 1, size=(8,)), conv(4, 2, 0)] * (MENDED + 5)
    problems = [problem for layer in check(chain(*many, size=(4,))).layers for problem in layer.problems]
    assert len(problems) > 2
    many = [concat(INPUT, 0)] * (MENDED + 5)
    problems = [layer.problems[0] for layer in check(chain(conv(3), *many, size=(9,))).layers[1:]]
    assert len(problems) == MENDED + 5
    assert [bool(problem.hint) for problem in problems] == [True] * MENDED + [False] * 5


def test_what_cannot_be_checked_is_a_wrong_question():
    with pytest.raises(InvalidQuestion, match="leaves the input's size open; give --in, for example --in 64x64"):
        check(chain(conv(3)))
    with pytest.raises(InvalidQuestion, match="in 4x4 has 2 axes and the network 1"):
        check(chain(conv(3)), (4, 4))
    unknown = chain(conv(3, 1, 1), Block("conv", (), conv(3).window._replace(stride="?"), line=12), size=(4,))
    with pytest.raises(InvalidQuestion, match=r"^line 12: layer 2 \(conv\): stride \? is open; tconv-design plan FILE"):
        check(unknown)


def test_ten_thousand_layers_are_checked_in_seconds():
    import time

    began = time.monotonic()
    grown = [conv(4, 2, 1, bias=False), tconv(3, 2, 1, 1)] * 5000
    assert len(check(chain(*grown, size=(64, 64), ndim=2)).layers) == 10_000
    long = [tconv(3, 2, 1)] * 12 + [conv(3, 1, 1)] * 9_988
    assert check(chain(*long, size=(3,))).layers[-1].receptive_field == (None,)
    assert time.monotonic() - began < 20
