"""TensorFlow itself: imported late, and without its noise."""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterator
from typing import Any


@functools.cache
def tensorflow() -> Any:
    """The tensorflow module, imported on first use. Raises ImportError where it does not import.

    Keras runs on TensorFlow here whatever the user's Keras settings say: another backend would prove nothing about
    TensorFlow. oneDNN stays as the user has it.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"
    with quiet_stderr():
        tf = importlib.import_module("tensorflow")
    tf.get_logger().setLevel("ERROR")
    return tf


@contextlib.contextmanager
def quiet_stderr() -> Iterator[None]:
    """Point the process's stderr at nothing for a while: TensorFlow says some things whatever its log level is."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
