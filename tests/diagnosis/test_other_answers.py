"""Real errors that no other numbers would help: what is said, and what to do."""

import pytest
from diagnosis.real import message_of

from tconv_design.diagnosis import diagnose

CASES = {
    "torch: nn.ConvTranspose2d(8, 6, 3, strides=2)": ("no argument 'strides'", "did you mean stride?"),
    "torch: nn.Conv1d(8, filters=6, kernel_size=3)": ("no argument 'filters'", "did you mean out_channels?"),
    "torch: nn.ConvTranspose2d(8, 6, 3, stride=0)(torch.ones(1, 8, 9, 9))": (
        "a stride is less than 1",
        "write stride=1 or more",
    ),
    "torch: nn.Linear(100, 3)(torch.ones(1, 2048))": (
        "a linear layer is for 100 inputs, and gets 2048",
        "where maps are flattened before it, it needs channels times their size: print the shape before it",
    ),
    "tensorflow: tf.nn.conv2d(tf.ones((1, 8, 8, 3)), tf.ones((3, 3, 3, 8)), strides=2, padding=1)": (
        "here it is 1",
        "pad with tf.pad before padding='VALID', or write [[0, 0], [begin, end], [begin, end], [0, 0]] in 2-D",
    ),
    "tensorflow: tf.nn.conv2d(tf.ones((1, 8, 8, 3)), tf.ones((3, 3, 3, 8)), strides=2, padding='reflect')": (
        "'reflect' is neither",
        "pad with tf.pad, or crop by slicing, beside padding='VALID'",
    ),
    "tensorflow: tf.nn.conv2d(tf.ones((1, 8, 8, 3)), tf.ones((3, 3, 3, 8)), strides=2, padding='same')": (
        "'same' is neither",
        "write padding='SAME'",
    ),
    "keras: layers.Conv1DTranspose(8, 4, padding='causal')": (
        "'causal' is neither",
        "causal is for Conv1D only: crop the end of a transposed layer with padding='valid'",
    ),
    "keras: layers.Conv2DTranspose(8, 4, padding='reflect')": ("'reflect' is neither", "write 'same' or 'valid'"),
    "jax: lax.conv_general_dilated(jnp.ones((1, 3, 8, 8)), jnp.ones((8, 3, 3, 3)), (1, 1), 'SAME', "
    "feature_group_count=2)": (
        "3 channels must be a multiple of groups 2",
        "change the channels, or feature_group_count",
    ),
}


@pytest.mark.parametrize("program", CASES)
def test_an_error_that_no_numbers_help_has_its_advice(program):
    framework, _, code = program.partition(": ")
    pytest.importorskip(framework)
    what, advice = CASES[program]
    found = diagnose(message_of(framework, code))
    assert found.framework == framework
    assert what in found.what
    assert found.advice == (advice,)


def test_flax_linen_says_the_channels_that_its_kernel_was_made_for():
    jax, nn = pytest.importorskip("jax"), pytest.importorskip("flax.linen")
    layer = nn.ConvTranspose(8, (3, 3), strides=(2, 2))
    made = layer.init(jax.random.key(0), jax.numpy.ones((1, 4, 4, 3)))
    with pytest.raises(Exception, match="ScopeParamShapeError") as raised:
        layer.apply(made, jax.numpy.ones((1, 4, 4, 5)))
    found = diagnose(f"flax.errors.ScopeParamShapeError: {raised.value}\nnn.ConvTranspose", {"in": "4", "stride": "2"})
    assert found.what == "the kernel was made for 3 input channels, and the input has 5"
    assert found.layer is not None
    assert (found.layer["kind"], found.layer["kernel"], found.edits[0].layer.in_channels) == ("tconv", [3, 3], 5)


def test_what_is_known_is_not_asked_for():
    text = "    F.conv_transpose2d(x, w, stride=2, padding=1)\nRuntimeError: Given input size per channel: (3 x 3). "
    said = f"{text}Calculated output size per channel: (-3 x -3). Output size is too small"
    assert (
        diagnose(said).missing == "give --kernel of the layer, with --stride and --padding where they are not 1 and 0"
    )
    assert diagnose("layers.Conv2D(8, 3, padding=1)\n'int' object has no attribute 'lower'").missing == (
        "give --in of the layer"
    )


def test_an_argument_that_torch_has_is_another_framework_s_error():
    """MLX, tinygrad and Paddle have layers of torch's names."""
    said = "TypeError: ConvTranspose2d.__init__() got an unexpected keyword argument 'groups'"
    assert diagnose(said).framework == ""


def test_mlx_is_told_of_channels_that_stand_first():
    said = "[conv] Expect the input channels in the input and weight array to match but got shapes - input: "
    found = diagnose(f"ValueError: {said}(1,3,8,8) and weight: (4,3,3,3)")
    assert found.advice == ("MLX takes channels last, and here they stand first: x.transpose(0, 2, 3, 1)",)
    assert diagnose(f"ValueError: {said}(1,8,8,6) and weight: (4,3,3,8)", {"in": "8"}).edits[0].layer.kind == "conv"


def test_tinygrad_s_shapes_of_a_transposed_layer_are_those_of_the_conv_that_it_runs():
    """tinygrad 0.14: nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1) on (1, 6, 8, 8)."""
    said = "Input Tensor shape (1, 6, 15, 15) does not match the shape of the weights (4, 8, 3, 3). (8 vs. 6)"
    found = diagnose(f"  File nn/__init__.py, in __call__\n    x.conv_transpose2d(self.weight\nAssertionError: {said}")
    assert found.layer is not None
    assert (found.layer["in_channels"], found.layer["out_channels"], found.known.in_) == (8, 4, None)


def test_a_padding_beside_an_impossible_output_size_is_kept():
    """Paddle 3.3 says this."""
    found = diagnose(
        "    F.conv2d_transpose(paddle.zeros([1,8,8,8]), paddle.zeros([8,4,3,3]), stride=2, padding=1, "
        "output_size=[20,20])\nValueError: (InvalidArgument) output_size of Op(ConvTransposeOp) should be less than "
        "inferred size + stride. But received output_size = [[20, 20]], whose dim 0 is not less than the inferred "
        "output size (15) + stride (2) = 17"
    )
    assert found.layer is not None
    assert found.layer["padding"] == [[1, 1], [1, 1]]
