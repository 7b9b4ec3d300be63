"""Every fix that is offered is made, and must mend what it was offered for."""

import re
from functools import reduce

from architecture.chains import chain, concat, conv, tconv, window
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tconv_design.architecture.model import Block, Fit, Output, Side
from tconv_design.architecture.report import check

EDIT = re.compile(r"give ((?:(?:padding|output_padding) [\d:x]+(?: and )?)+) to ((?:layer \d+ \(tconv\)(?: and )?)+)")


@st.composite
def unets(draw):
    """U-Nets of levels with strides of their own, for any input, on one or two axes."""
    ndim = draw(st.integers(1, 2))
    strides = draw(st.lists(st.integers(2, 4), min_size=1, max_size=4))
    kernels = [draw(st.integers(max(1, s - 1), 2 * s)) for s in strides]
    size = tuple(draw(st.integers(40, 400)) for _ in range(ndim))
    down = [conv(k, s, k // 2) for k, s in zip(kernels, strides, strict=True)]
    blocks = list(down)
    for level in reversed(range(len(strides))):
        k, s = kernels[level] + draw(st.integers(0, 1)), strides[level]
        blocks.append(tconv(k, s, draw(st.integers(0, (k - 1) // 2)), draw(st.integers(0, s - 1))))
        if draw(st.booleans()):
            blocks.append(conv(3, 1, 1))
        blocks.append(concat(len(blocks) - 1, level - 1))
    return chain(*blocks, size=size, ndim=ndim, output=Output(same_as_input=draw(st.booleans())))


@st.composite
def codecs(draw):
    """Encoders and the decoders that should undo them, with a claim that they do."""
    strides = draw(st.lists(st.integers(2, 6), min_size=1, max_size=4))
    down = [conv(2 * s, s, -(-s // 2)) for s in strides]
    up = [tconv(2 * s, s, draw(st.integers(0, s))) for s in reversed(strides)]
    size = draw(st.integers(300, 2000))
    claim = draw(st.sampled_from([Output(same_as_input=True), Output(size=(size + draw(st.integers(-20, 20)),))]))
    return chain(*down, *up, size=(size,), output=claim)


def mended(architecture, number, hint):
    """The network with the change that a hint asks for; None where it asks for none."""
    if "what holds is" in hint or not hint:
        return None
    blocks = list(architecture.blocks)
    if hint.startswith("give it"):
        how = re.search(r'give it (crop|pad) = "center"', hint)[1]
        blocks[number] = blocks[number]._replace(fit=Fit(how, (Side(),) * architecture.ndim))
        return architecture._replace(blocks=tuple(blocks))
    edits = EDIT.findall(hint)
    assert edits, hint
    for words, places in edits:
        values = dict(each.split(" ") for each in words.split(" and ") if each)
        for place in map(int, re.findall(r"layer (\d+)", places)):
            block = blocks[place - 1]
            assert block.kind == "tconv"
            blocks[place - 1] = block._replace(window=block.window._replace(**values))
    return architecture._replace(blocks=tuple(blocks))


def problems(report):
    return reduce(lambda one, two: one + list(two.problems), report.layers, []) + list(report.problems)


def hold_to_its_word(architecture):
    report = check(architecture)
    assume(report.layers[-1].row.out)
    for layer in report.layers:
        for problem in layer.problems:
            better = mended(architecture, layer.row.number, problem.hint)
            assert better is not None, "a crop or pad always mends a join"
            after = check(better)
            assert after.layers[layer.row.number].problems == ()
            assert len(problems(after)) < len(problems(report))
    for problem in report.problems:
        better = mended(architecture, -1, problem.hint)
        if better is not None:
            assert check(better).problems == ()
            assert len(problems(check(better))) < len(problems(report))


@given(unets())
@settings(max_examples=300, deadline=None)
def test_a_join_s_fix_mends_it_and_breaks_nothing(architecture):
    hold_to_its_word(architecture)


@given(codecs())
@settings(max_examples=300, deadline=None)
def test_a_claim_s_fix_makes_it_hold(architecture):
    hold_to_its_word(architecture)


@given(st.lists(st.integers(2, 6), min_size=1, max_size=4), st.integers(100, 3000))
@settings(max_examples=200, deadline=None)
def test_a_chain_of_whole_strides_can_always_be_made_exact(strides, size):
    up = [tconv(2 * s, s, s // 2) for s in strides]
    wanted = reduce(lambda n, s: n * s, strides, size)
    report = check(chain(*up, size=(size,), output=Output(size=(wanted,))))
    if any(s % 2 for s in strides):
        (problem,) = report.problems
        assert check(mended(report.architecture, -1, problem.hint)).holds
    else:
        assert report.holds


def hint_of(*blocks, **more):
    report = check(chain(*blocks, **more))
    (problem,) = problems(report)
    return problem.hint


def test_output_padding_is_given_where_a_tconv_takes_it():
    down = conv(4, 2, 1)
    assert (
        hint_of(down, conv(3, 2, 1), tconv(3, 2, 1), concat(2, 0), size=(20,))
        == "give output_padding 1 to layer 3 (tconv)"
    )
    # a convolution between that keeps the size is looked through
    blocks = [down, conv(3, 2, 1), tconv(3, 2, 1), conv(3, 1, 1), concat(3, 0)]
    assert hint_of(*blocks, size=(20,)) == "give output_padding 1 to layer 3 (tconv)"


def test_axes_that_lack_rows_get_them_and_the_others_do_not():
    blocks = [conv(4, 2, 1), conv(4, 2, 1), tconv(4, 2, 1, line=9), concat(2, 0)]
    assert hint_of(*blocks, size=(20, 22), ndim=2) == "give output_padding 0x1 to layer 3 (tconv) on line 9"


def test_padding_is_changed_where_output_padding_cannot():
    blocks = [conv(4, 2, 1), conv(4, 2, 1), tconv(4, 2), concat(2, 0)]
    assert hint_of(*blocks, size=(24,)) == "give padding 1 to layer 3 (tconv)"
    assert hint_of(*blocks, size=(22,)) == "give padding 1 and output_padding 1 to layer 3 (tconv)"


def test_the_other_branch_is_mended_where_the_main_one_cannot_be():
    blocks = [conv(4, 2, 1), conv(4, 2, 1), tconv(4, 2, 1), Block("concat", (0, 2))]
    assert hint_of(*blocks, size=(22,)) == "give output_padding 1 to layer 3 (tconv)"


def test_a_join_of_what_no_tconv_made_is_cropped():
    assert hint_of(conv(3), conv(3), concat(1, 0), size=(9,)) == 'give it crop = "center"'


def test_a_crop_that_cannot_be_split_is_left_to_be_centred():
    fit = Fit("crop", (Side(equal=True),))
    assert hint_of(conv(4), conv(4), concat(1, 0, fit=fit), size=(19,)) == 'give it crop = "center"'


def test_a_repeated_layer_is_changed_in_all_its_copies():
    up = Block("tconv", (), window("tconv", 10, 5, 2), line=7)
    hint = hint_of(up, up, size=(32,), output=Output(size=(800,)))
    assert hint == "give padding 3 and output_padding 1 to layer 1 (tconv) on line 7"


def test_a_fix_that_breaks_something_else_is_not_offered():
    blocks = [conv(4, 2, 1), conv(3, 2, 1), tconv(3, 2, 1, size=(9,)), concat(2, 0)]
    assert hint_of(*blocks, size=(20,)) == 'give it crop = "center"'
