"""Diagrams of networks: names with hostile letters, lanes of skips, limits."""

import re
from xml.etree import ElementTree

import pytest

from tconv_design.architecture.report import check
from tconv_design.architecture.spec import read
from tconv_design.drawing.boxes import boxes
from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.diagram import diagram, dot, mermaid

HEAD = "name = '''{name}'''\ninput = {{ channels = 1, size = 64 }}\n"
CONV = "[[layers]]\nkind = 'conv'\nkernel = 3\npadding = 1\nchannels = 1\n"


def drawn(layers, name="net"):
    return diagram(check(read(HEAD.format(name=name) + layers)))


def test_letters_of_the_languages_do_not_end_a_text():
    label = 'a"]-->n0<b>\\'
    one = drawn(CONV + f"label = '{label}'\n", 'n"};')
    told = mermaid(one)
    assert "#34;" in told
    assert told.count('"') == 4
    assert "<b>" not in told
    graph = dot(one)
    assert re.sub(r"\\\\|\\\"", "", graph).count('"') % 2 == 0
    ElementTree.fromstring(boxes(one))


def test_skips_that_run_beside_each_other_have_lanes_of_their_own():
    layers = "".join(CONV + f"label = 'l{at}'\n" for at in range(3))
    joins = "".join(f"[[layers]]\nkind = 'concat'\nlabels = 'l{at}'\n" for at in (1, 0))
    root = ElementTree.fromstring(boxes(drawn(layers + joins)))
    dashed = [path.get("d") for path in root.iter() if path.get("stroke-dasharray")]
    turns = [re.search(r"H([\d.]+)V", line)[1] for line in dashed]
    assert len(turns) == len(set(turns)) == 2


def test_a_network_too_long_to_draw_is_a_sentence():
    with pytest.raises(InvalidQuestion) as caught:
        drawn(CONV + "repeat = 401\n")
    assert str(caught.value) == (
        "a network of 401 layers is too long to draw: at most 400; "
        "draw a part of the file, or list it with tconv-design check"
    )


def test_a_network_with_a_flatten_has_no_field_to_draw():
    from tconv_design.pictures.field import field_scene

    network = read(HEAD.format(name="n") + CONV + "[[layers]]\nkind = 'flatten'\n")
    with pytest.raises(
        InvalidQuestion, match="has no receptive field that is a rectangle of its input; draw --view stack"
    ):
        field_scene(network, (64,))
