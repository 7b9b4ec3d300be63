"""A program run on shapes alone, with no layer predicted: what it is run on, and what came of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tconv_design.samples import LARGEST, Samples

if TYPE_CHECKING:
    import numpy as np

TOLD = 64  # values that are told; of more, only the digest
Data = Literal["noise", "count"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A program of ours that defines `layer`, and the shapes that it is run on, in the canonical layout.

    `data`: small whole numbers without 0 drawn from a seed, or 1, 2, 3, ... which people read more easily. `expected`
    is the digest of the right result: where another comes out, the program is run once more, to see whether it
    makes the same again.
    """

    code: str
    signal: tuple[int, ...]
    weight: tuple[int, ...]
    channels: int
    data: Data = "noise"
    seed: int = 0
    expected: str = ""

    def samples(self) -> Samples:
        """The signal, weight and bias."""
        return counted(self) if self.data == "count" else noise(self)

    def to_dict(self) -> dict[str, Any]:
        """The trial as a worker is asked for it."""
        return {name: getattr(self, name) for name in self.__slots__}

    @classmethod
    def from_dict(cls, facts: dict[str, Any]) -> Trial:
        """The trial that a request asks for."""
        shapes = {name: tuple(facts[name]) for name in ("signal", "weight")}
        return cls(**{name: facts[name] for name in cls.__slots__} | shapes)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a backend made of a trial: `ran`, or why it gave no result, as a check has it.

    `shape` (batch, channels, *spatial); `digest` of all values; `values` in the order of memory, empty where there are
    more than TOLD; `repeats`: whether a second run made the same; `code` the program that ran.
    """

    backend: str
    version: str
    status: Literal["ran", "unsupported", "unavailable", "crashed", "timeout"]
    shape: tuple[int, ...] | None = None
    digest: str = ""
    values: tuple[float, ...] = ()
    repeats: bool = True
    detail: str = ""
    code: str = ""


def digest(values: np.ndarray) -> str:
    """A fingerprint of shape, type and every value; 0 and -0 are alike."""
    import numpy as np

    flat = np.ascontiguousarray(values + 0)
    return hashlib.sha256(f"{flat.dtype}{flat.shape}".encode() + flat.tobytes()).hexdigest()


def noise(trial: Trial) -> Samples:
    """Whole numbers from -7 to 7 without 0, drawn from the seed: what is missing or doubled shows."""
    import numpy as np

    rng = np.random.default_rng(trial.seed)
    shapes = (trial.signal, trial.weight, (trial.channels,))
    return Samples(*(_nonzero(rng, shape) for shape in shapes))


def counted(trial: Trial) -> Samples:
    """1, 2, 3, ... in signal and weight, 10, 20, ... in the bias."""
    import numpy as np

    signal, weight = (
        np.arange(1, np.prod(shape, dtype=int) + 1, dtype=np.float32).reshape(shape)
        for shape in (trial.signal, trial.weight)
    )
    return Samples(signal, weight, np.arange(1, trial.channels + 1, dtype=np.float32) * 10)


def _nonzero(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    import numpy as np

    sign = rng.integers(0, 1, shape, np.int8, endpoint=True) * 2 - 1
    values: np.ndarray = (rng.integers(1, LARGEST, shape, np.int8, endpoint=True) * sign).astype(np.float32)
    return values
