"""Keras itself: on the backend that is configured, imported late, exact, and without the noise of what it runs on."""

from __future__ import annotations

import contextlib
import functools
import importlib
import importlib.util
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BACKENDS = ("tensorflow", "torch", "jax")


@functools.cache
def keras() -> Any:
    """The keras module, imported on first use. Raises ImportError where it or what it runs on does not import.

    Layers are float32 and channels last here, whatever the user's Keras settings say: so are the words.
    """
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    if not os.environ.get("KERAS_BACKEND"):
        os.environ["KERAS_BACKEND"] = chosen()
    with _quiet_stderr():
        module = importlib.import_module("keras")
    module.config.set_floatx("float32")
    module.config.set_image_data_format("channels_last")
    _be_exact(module.config.backend())
    return module


def chosen() -> str:
    """What Keras is to run on where KERAS_BACKEND does not say it: what its settings name, if that is installed.

    Keras writes "tensorflow" into its settings by itself, so where that is missing nobody has chosen it, and the first
    that is installed is taken.
    """
    settings = _settings().get("backend", "tensorflow")
    if settings != "tensorflow" or _is_installed("tensorflow"):
        return str(settings)
    return next((name for name in BACKENDS if _is_installed(name)), "tensorflow")


def _settings() -> dict[str, Any]:
    """What stands in keras.json, where Keras looks for it; nothing where there is none."""
    home = os.environ.get("KERAS_HOME") or os.path.join(os.path.expanduser("~"), ".keras")
    try:
        settings = json.loads((Path(home) / "keras.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _is_installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


def _be_exact(backend: str) -> None:
    """Turn off what is fast and not float32, and what TensorFlow has to say."""
    if backend == "tensorflow":
        tf = importlib.import_module("tensorflow")
        tf.get_logger().setLevel("ERROR")
        tf.config.experimental.enable_tensor_float_32_execution(False)
    elif backend == "torch":
        torch = importlib.import_module("torch")
        torch.backends.cuda.matmul.allow_tf32 = False
        torch.backends.cudnn.allow_tf32 = False
        torch.backends.cudnn.deterministic = True
    elif backend == "jax":
        importlib.import_module("jax").config.update("jax_default_matmul_precision", "highest")


@contextlib.contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Point the process's stderr at nothing for a while: TensorFlow announces oneDNN before any log level counts."""
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
