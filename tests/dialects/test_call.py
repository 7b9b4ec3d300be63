"""Pasted text as calls: what is nested too deeply to be read gets a sentence."""

import pytest

from tconv_design.dialects.catalogue import read
from tconv_design.errors import InvalidQuestion

DEEP = {
    "a sum": f"nn.Conv1d(1, 1, {' + '.join(['1'] * 900)})",
    "a name": f"a{'.b' * 900}(1)",
    "calls": f"{'nn.Conv1d(' * 150}1{')' * 150}",
    "brackets": f"nn.Conv1d(1, 1, {'[' * 150}3{']' * 150})",
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_deeply_nested_text_is_no_layer_as_code(text):
    with pytest.raises(InvalidQuestion, match="is no layer as code"):
        read(text)


def test_a_sum_of_some_terms_is_read():
    assert read(f"nn.Conv1d(1, 1, {' + '.join(['1'] * 20)})").kernel == (20,)
