"""The walk through a network: what joins, crops and reshapes let through, and what they say where they do not."""

import pytest

from tconv_design.architecture.report import check
from tconv_design.architecture.spec import read
from tconv_design.architecture.walk import walk

INPUT = "input = { channels = 2, size = [8, 8] }\n"


def walked(layers):
    architecture = read(f"{INPUT}layers = [{layers}]")
    return list(walk(architecture, architecture.size))


def problem(layers):
    """What the last layer that is reached says."""
    return str(walked(layers)[-1].problems[0])


def out(layers):
    last = walked(layers)[-1]
    assert [row.problems for row in walked(layers) if row.problems] == []
    return last.out.size, last.out.channels


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ("{kind='flatten', label='f'}, {kind='linear'}, {kind='add', labels='f'}", ((), 128)),
        ("{kind='flatten', label='f'}, {kind='linear', channels=3}, {kind='concat', labels='f'}", ((), 131)),
        ("{kind='flatten'}, {kind='unflatten', size=[2, 4]}", ((2, 4), 16)),
        ("{kind='conv', kernel=1}, {kind='concat', labels=['input', 'input']}", ((8, 8), 6)),
        ("{kind='pixel_shuffle', scale=[2, 1]}", ((16, 8), 1)),
        ("{kind='upsample', scale=[2, 3], mode='linear'}", ((16, 24), 2)),
        ("{kind='conv', kernel=3, label='a'}, {kind='crop', from='input', like='a'}", ((6, 6), 2)),
        ("{kind='conv', kernel=3}, {kind='pad', like='input', padding='0:?'}", ((8, 8), 2)),
    ],
)
def test_what_goes_through(layers, expected):
    assert out(layers) == expected


@pytest.mark.parametrize("join", ["concat", "add"])
def test_a_report_follows_a_join_of_flat_signals(join):
    layers = f"{{kind='flatten', label='f'}}, {{kind='linear'}}, {{kind='{join}', labels='f'}}"
    assert check(read(f"{INPUT}layers = [{layers}]")).holds


def test_three_signals_are_cropped_to_the_smallest():
    convs = "{kind='conv', kernel=3, label='a'}, {kind='conv', kernel=3, label='b'}, {kind='conv', kernel=3}"
    row = walked(f"{convs}, {{kind='add', labels=['a', 'b'], crop='?'}}")[-1]
    assert row.out.size == (2, 2)
    assert row.fits == (((0, 0),) * 2, ((2, 2),) * 2, ((1, 1),) * 2)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ("{kind='conv', kernel=3}, {kind='crop', like='input'}", "axis 1: a crop makes no 8 of 6; use a pad"),
        (
            "{kind='conv', kernel=3, label='a'}, {kind='crop', from='input', like='a', padding='3:?'}",
            "axis 1: a crop of 3:? makes no 6 of 8",
        ),
        ("{kind='flatten'}, {kind='crop', like='input'}", "a crop like a signal with other axes: flat and 8x8"),
        (
            "{kind='flatten'}, {kind='conv', kernel=1}",
            "layer 2 (conv) needs 2 axes, and the signal is flat; add an unflatten before it",
        ),
        ("{kind='linear'}", "linear needs a flat signal, and this one has size 8x8; add a flatten before it"),
        (
            "{kind='flatten'}, {kind='unflatten', size=[3, 5]}",
            "128 features are no multiple of 15, the elements of size 3x5; use 135 features",
        ),
        (
            "{kind='conv', kernel=1, channels=5}, {kind='add', labels='input'}",
            "add needs equal channels, and has 5 and 2",
        ),
        (
            "{kind='flatten', label='f'}, {kind='add', from='input', labels='f'}",
            "add joins a flat signal and one with axes; flatten both",
        ),
        (
            "{kind='upsample', scale=1000000000000000000}",
            "its output is longer than 10**18, the largest size that is answered",
        ),
        (
            "{kind='conv', kernel=2, label='a'}, {kind='concat', labels='input', crop='?'}",
            "axis 1: a crop of equal sides makes no 7 of 7 and 8",
        ),
    ],
)
def test_what_does_not_go_through_is_said_with_its_numbers(layers, message):
    assert problem(layers) == message
