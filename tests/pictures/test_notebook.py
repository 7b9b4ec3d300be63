"""Results as a notebook shows them."""

from xml.etree import ElementTree

import tconv_design
from tconv_design.architecture.report import check
from tconv_design.architecture.spec import read


def test_a_solution_draws_its_overlap():
    solution = tconv_design.solve(4, 16).solutions[0]
    assert "overlap of a tconv from 4 to 16" in solution._repr_svg_()
    ElementTree.fromstring(solution._repr_svg_())
    assert tconv_design.solve(4, 4000, kernel=1000, stride=1000, padding=0).solutions[0]._repr_svg_() is None


def test_an_answer_is_its_text_and_the_best_drawn():
    page = tconv_design.solve(4, 16)._repr_html_()
    assert page.startswith("<pre>168 tconv layers from in 4 to out 16")
    assert page.count("<svg") == 1
    none = tconv_design.solve(4, 16, kernel=3, stride=2, padding=1)._repr_html_()
    assert "no tconv layer" in none
    assert "<svg" not in none


def test_a_report_is_a_diagram_or_where_that_is_too_long_a_table():
    layers = '[[layers]]\nkind = "conv"\nkernel = 1\nchannels = "<b>"\n'.replace('"<b>"', "1")
    text = 'name = "<b>"\ninput = { channels = 1, size = 8 }\n'
    assert check(read(text + layers))._repr_html_().startswith("<svg")
    assert "<b>" not in check(read(text + layers))._repr_html_()
    assert check(read(text + layers * 500))._repr_html_().startswith("<pre>&lt;b&gt;: 500 layers")
