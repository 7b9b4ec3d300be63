"""What the installed TensorFlow says to calls that ask for more than a stride and a named padding: it is asked."""

from __future__ import annotations

import functools

from tconv_design.dialects.tensorflow_calls import Asked, refused_by, tiny
from tconv_design_tensorflow.framework import quiet_stderr, tensorflow


@functools.cache
def accepts(asked: Asked) -> bool:
    """Whether the installed TensorFlow runs such a call on this machine, found by running a tiny one.

    On a CPU it hangs on oneDNN: without it there is no dilated and no grouped transposed convolution and no dilated
    conv3d.
    """
    if not asked.is_special:
        return True
    text, signal, kernel = tiny(asked)
    tf = tensorflow()
    try:
        with quiet_stderr():  # it tells of every refusal
            eval(text, {"tf": tf, "x": tf.ones(signal), "kernel": tf.ones(kernel)})
    except tf.errors.OpError:
        return False
    return True


def refused() -> frozenset[Asked]:
    """All that it says no to, as `tconv_design.dialects.tensorflow.write` takes it; some 20 tiny calls, once."""
    return refused_by(lambda asked: not accepts(asked))
