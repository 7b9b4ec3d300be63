from hypothesis import given
from hypothesis import strategies as st

from tconv_design.architecture.chain import chain
from tconv_design.architecture.walk import walk
from tconv_design.layer import Layer

NUMBERS = st.tuples(st.integers(1, 4), st.integers(1, 4))


@given(st.sampled_from([Layer.conv, Layer.tconv]), NUMBERS, NUMBERS, st.tuples(NUMBERS, NUMBERS), NUMBERS)
def test_a_chain_is_walked_as_the_layers_that_it_is_made_of(make, kernel, stride, padding, dilation):
    layer = make(
        2, kernel=kernel, stride=stride, padding=padding, dilation=dilation, groups=2, in_channels=4, out_channels=4
    )
    rows = list(walk(chain([layer, layer], (400, 401)), (400, 401)))
    assert [row.layer for row in rows] == [layer, layer]
    assert rows[1].out.size == layer.output_size(layer.output_size((400, 401)))


def test_output_padding_stays_with_its_layer():
    first = Layer.tconv(1, kernel=3, stride=2, padding=1, output_padding=1, out_channels=3)
    second = Layer.tconv(1, kernel=4, stride=2, padding=[(0, 2)], in_channels=3)
    assert [row.layer for row in walk(chain([first, second], (5,)), (5,))] == [first, second]
