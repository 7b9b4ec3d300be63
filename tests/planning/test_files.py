"""Files with blanks: filled jointly, across pools, resizes and skips, and walked again by another path."""

from itertools import product

import pytest

from tconv_design.architecture.costs import multiply_adds, parameters
from tconv_design.architecture.spec import read
from tconv_design.architecture.walk import walk
from tconv_design.errors import InvalidQuestion
from tconv_design.planning.files import file_problem
from tconv_design.planning.joints import JoinMap
from tconv_design.planning.plan import plan
from tconv_design.planning.problem import Limits


def filled(text, **options):
    """The plans of a file; each is walked: its sizes, costs and claims must hold."""
    found = plan(file_problem(read(text), **options))
    for each in found.plans:
        rows = list(walk(each.architecture, each.architecture.size))
        assert not [row.problems for row in rows if row.problems]
        assert rows[-1].out.size == each.sizes[-1]
        assert each.params == sum(map(parameters, rows))
        assert each.macs == sum(map(multiply_adds, rows))
    return found


def chain(*layers, head='input = { channels = 2, size = 12 }\noutput = "input"\n'):
    return head + "".join(f"[[layers]]\n{layer}\n" for layer in layers)


def windows(found):
    return [
        [
            (b.window.kernel, b.window.stride, b.window.padding, b.window.output_padding)
            for b in each.architecture.blocks
            if b.window
        ]
        for each in found.plans
    ]


def test_the_mirror_of_an_odd_conv_is_found():
    found = filled(
        'input = { size = 250 }\noutput = "input"\n[[layers]]\nkind = "conv"\nkernel = 11\nstride = 3\n'
        '[[layers]]\nkind = "tconv"\nkernel = 11\nstride = 3\noutput_padding = "?"\n'
    )
    assert (found.count, found.proven) == (1, True)
    assert found.plans[0].sizes == ((250,), (80,), (250,))
    assert found.plans[0].layers[1].output_padding == (2,)


def test_four_levels_of_keras_same_come_back():
    found = filled(
        'input = { size = 25 }\noutput = "input"\ndialect = "keras"\n'
        '[[layers]]\nkind = "conv"\nkernel = 3\nstride = 2\npadding = "same"\nrepeat = 4\n'
        '[[layers]]\nkind = "tconv"\nkernel = 3\nstride = 2\npadding = 1\noutput_padding = "?"\nsize = 4\n'
        '[[layers]]\nkind = "tconv"\nkernel = 3\nstride = 2\npadding = 1\noutput_padding = "?"\nrepeat = 3\n'
    )
    assert [size for (size,) in found.plans[0].sizes] == [25, 13, 7, 4, 2, 4, 7, 13, 25]
    assert [layer.output_padding for layer in found.plans[0].layers[4:]] == [(1,), (0,), (0,), (0,)]


def test_the_skips_of_a_u_net_are_met():
    found = filled(
        chain(
            'kind = "conv"\nkernel = 3\nstride = 2\npadding = 1\nlabel = "a"',
            'kind = "max_pool"\nkernel = 2\nceil_mode = true\nlabel = "b"',
            'kind = "conv"\nkernel = 3\npadding = "?"',
            'kind = "tconv"\nkernel = "2,3"\nstride = 2\npadding = "?"\noutput_padding = "?"',
            'kind = "concat"\nlabels = "a"',
            'kind = "tconv"\nkernel = "2..4"\nstride = 2\npadding = "?"\noutput_padding = "?"',
            head="input = { channels = 2, size = [13, 12] }\noutput = { size = [13, 12] }\n",
        )
    )
    assert found.proven
    assert found.plans
    assert {each.sizes[5] for each in found.plans} == {(7, 6)}


def test_blanks_after_a_flat_part_are_planned_from_there():
    found = filled(
        'input = { channels = 8, size = [1] }\noutput = { size = 32 }\n[[layers]]\nkind = "flatten"\n'
        '[[layers]]\nkind = "linear"\nchannels = 64\n[[layers]]\nkind = "unflatten"\nsize = [8]\n'
        '[[layers]]\nkind = "tconv"\nkernel = 4\nstride = "?"\npadding = 1\nrepeat = 2\n'
    )
    assert found.plans[0].sizes == ((8,), (16,), (32,))


def test_a_limit_counts_what_is_known_too():
    text = (
        'input = { channels = 8, size = [1] }\noutput = { size = 16 }\n[[layers]]\nkind = "flatten"\n'
        '[[layers]]\nkind = "linear"\nchannels = 64\n[[layers]]\nkind = "unflatten"\nsize = [8]\n'
        '[[layers]]\nkind = "tconv"\nkernel = "2,4"\nstride = 2\npadding = "?"\n'
    )
    fewest = min(each.params for each in filled(text).plans)
    assert filled(text, limits=Limits(max_params=fewest)).plans[0].params == fewest
    assert filled(text, limits=Limits(max_params=fewest - 1)).plans == ()


@pytest.mark.parametrize(("how", "size"), [("crop", 9), ("pad", 12)])
def test_a_join_may_crop_or_pad(how, size):
    found = filled(
        chain(
            f'kind = "conv"\nkernel = 4\nlabel = "small"\n[[layers]]\nkind = "tconv"\nkernel = "1..6"\n'
            f'[[layers]]\nkind = "add"\nlabels = "small"\n{how} = "center"',
            head=f"input = {{ channels = 2, size = 12 }}\noutput = {{ size = {size} }}\n",
        ),
        top=50,
    )
    kernels = {each.layers[1].kernel[0] for each in found.plans}
    assert kernels == ({1, 2, 3, 4, 5, 6} if how == "crop" else {4})


def test_files_are_counted_as_their_blanks_one_by_one():
    text = chain(
        'kind = "conv"\nkernel = "1..4"\nstride = "1..2"\npadding = "0..2"',
        'kind = "avg_pool"\nkernel = 2\nceil_mode = true',
        'kind = "tconv"\nkernel = "1..4"\nstride = "2..4"\npadding = "0..2"\noutput_padding = "0..1"',
    )
    legal = 0
    boxes = product(range(1, 5), (1, 2), range(3), range(1, 5), (2, 3, 4), range(3), range(2))
    for k, s, p, k2, s2, p2, op in boxes:
        mid = (12 + 2 * p - k) // s + 1
        pooled = -(-mid // 2)
        legal += mid >= 1 and (pooled - 1) * s2 + k2 - 2 * p2 + op == 12
    assert filled(text).count == legal


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (chain('kind = "conv"\nkernel = 3'), "the file has no blanks to fill"),
        (
            chain('kind = "conv"\nkernel = "?"', head="input = { size = 12 }\n"),
            "the file does not say what size is to come out",
        ),
        (
            chain('kind = "conv"\nkernel = "?"', head='input = {}\noutput = "input"\n'),
            "the network's input size is open",
        ),
        (
            chain(
                'kind = "conv"\nkernel = "?"\nlabel = "a"', 'kind = "conv"\nkernel = "?"', 'kind = "add"\nlabels = "a"'
            ),
            r"layer 3 \(add\) joins a signal whose size depends on the blanks before it",
        ),
        (
            chain('kind = "conv"\nkernel = "?"\nlabel = "a"', 'kind = "conv"\nkernel = "?"\nfrom = "input"'),
            r"layer 2 \(conv\) does not go on from the layer before it",
        ),
        (
            chain(
                'kind = "conv"\nkernel = 1\nlabel = "a"',
                'kind = "conv"\nkernel = "?"',
                'kind = "add"\nlabels = "a"\ncrop = "1:?"',
            ),
            r"layer 3 \(add\) crops by given rows",
        ),
        (
            chain('kind = "conv"\nkernel = "?"', 'kind = "flatten"'),
            r"layer 2 \(flatten\) comes after a blank",
        ),
        (chain('kind = "conv"\nkernel = 20', 'kind = "conv"\nkernel = "?"'), "the kernel spans 20 rows"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_a_sentence(text, message):
    with pytest.raises(InvalidQuestion, match=message):
        file_problem(read(text))


@pytest.mark.parametrize(
    ("how", "outs"),
    [
        ("equal", [0, 5, None]),
        ("crop", [4, 5, 5]),
        ("pad", [5, 5, 6]),
        ("crop to", [0, 5, 5]),
        ("pad to", [5, 5, None]),
    ],
)
def test_joins_make_one_size_of_two(how, outs):
    found = [JoinMap(how, 5).out(size) for size in (4, 5, 6)]
    assert [None if size > 10**18 else size for size in found] == outs
