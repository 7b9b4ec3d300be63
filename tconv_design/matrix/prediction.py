"""What a dialect's own reading says a program does, and the exact values that it must then make."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tconv_design.dialects import catalogue
from tconv_design.dialects.catalogue import SPOKEN
from tconv_design.dialects.layout import Layout
from tconv_design.dialects.reading import Hints, Reading
from tconv_design.dialects.writing import Words
from tconv_design.errors import InvalidQuestion
from tconv_design.layer import Axis, Layer
from tconv_design.matrix.words import Asked
from tconv_design.samples import BATCH
from tconv_design.trial import Data, Trial, digest

if TYPE_CHECKING:
    import numpy as np

    from tconv_design.samples import Samples


@dataclass(frozen=True)
class Prediction:
    """A question in a dialect's words, and what must come of it.

    `layout` is how the program takes its signal and weight.

    `formula` is the size per axis that the pads come to, whatever the framework makes of it, None where the reading
    refuses the call itself; `out` the size that the reading promises, None where it promises a refusal, whose sentence
    is `refusal`. `defect` is what the framework is known to get wrong here.
    """

    asked: Asked
    code: str
    layout: Layout
    reading: Reading | None
    formula: tuple[int, ...] | None
    out: tuple[int, ...] | None
    refusal: str = ""
    defect: str = ""

    @property
    def words(self) -> Words:
        """The arguments."""
        return self.asked.words

    def trial(self, batch: int = BATCH, data: Data = "noise", seed: int = 0) -> Trial:
        """The program on sample data, with the digest of what must come out, where that is known."""
        words = self.words
        channels = words.in_channels, words.out_channels
        groups = words.groups
        pair = (channels[0], channels[1] // groups) if words.kind == "tconv" else (channels[1], channels[0] // groups)
        signal = (batch, words.in_channels, *self.asked.in_size)
        trial = Trial(self.code, signal, (*pair, *words.kernel), words.out_channels, data, seed)
        right = self.expected(trial.samples())
        return trial if right is None else replace(trial, expected=digest(right))

    def expected(self, samples: Samples) -> np.ndarray | None:
        """(N, Cout, *formula) by the definition; None where the reading says no size or none is left."""
        if self.reading is None or self.formula is None or min(self.formula) < 1 or min(self.asked.in_size) < 1:
            return None
        return _values(self.reading, self.words, self.asked.in_size, self.formula, samples)


def spoken(backend: str, version: str = "") -> tuple[str, str] | None:
    """The dialect of a backend and its runtime, which its version may name: `3.15.1 (jax)`.

    None where nobody here knows its words.
    """
    if backend in SPOKEN:
        return SPOKEN[backend]
    runtime = re.search(r"\((\w+)\)$", version)
    return (backend, runtime[1] if runtime else "") if backend in catalogue.NAMES else None


def predict(dialect: str, runtime: str, asked: Asked) -> Prediction | None:
    """The question in a dialect's words; None where the dialect has no words for it."""
    words, module = asked.words, catalogue.dialect(dialect)
    code = module.spell(words)
    if code is None:
        return None
    hints = Hints(words.kernel, words.in_channels, words.out_channels, runtime, BATCH)
    try:
        reading = catalogue.read(_at(code, asked.in_size), dialect, hints)
        formula = _formula(reading, asked.in_size)
    except InvalidQuestion as error:
        layer = Layer(words.kind, (Axis(1),) * words.ndim, words.groups, words.in_channels, words.out_channels)
        layout = module.write(layer, (1,) * words.ndim).layout
        return Prediction(asked, code, layout, None, None, None, str(error))
    try:
        out, refusal = reading.output_size(asked.in_size), ""
    except InvalidQuestion as error:
        out, refusal = None, str(error)
    return Prediction(asked, code, reading.layout, reading, formula, out, refusal, reading.defect(asked.in_size))


def ignored(prediction: Prediction) -> list[str]:
    """The arguments that the framework takes and then does not follow, as its reading has it."""
    reading, words = prediction.reading, prediction.words
    if reading is None or (reading.dilation != words.dilation and not _matters(words)):
        return []
    return [
        f"{name} {'x'.join(map(str, said))}"
        for name, said, meant in (
            ("kernel", words.kernel, reading.kernel),
            ("stride", words.stride, reading.stride),
            ("dilation", words.dilation, reading.dilation),
            ("groups", (words.groups,), (reading.groups,)),
        )
        if said != meant
    ]


def _at(code: str, in_size: tuple[int, ...]) -> str:
    """A program for this input size alone, which says sizes as numbers; only tensorflow's says them otherwise."""
    return re.sub(r"\bx\.shape\[([123])\]", lambda found: str((*in_size, 0, 0)[int(found[1]) - 1]), code)


def _matters(words: Words) -> bool:
    """Whether a dilation of the words moves a tap: one of a kernel of 1 does not."""
    return any(kernel > 1 < dilation for kernel, dilation in zip(words.kernel, words.dilation, strict=True))


def promised(prediction: Prediction) -> tuple[int, ...] | None:
    """The size that the name of a padding promises, whatever a framework pads: a conv "same" makes ceil(in / stride).

    None where no name promises one; what "same" means for a tconv, each framework says for itself.
    """
    words = prediction.words
    if words.kind == "tconv" or words.padding not in ("same", "same_lower"):
        return None
    return tuple(-(-size // stride) for size, stride in zip(prediction.asked.in_size, words.stride, strict=True))


def _formula(reading: Reading, in_size: Sequence[int]) -> tuple[int, ...]:
    axes = zip(reading.kernel, reading.stride, reading.dilation, reading.pads(in_size), in_size, strict=True)
    return tuple(Axis(k, s, *pads, d).out(reading.kind, size) for k, s, d, pads, size in axes)


def _values(
    reading: Reading, words: Words, in_size: Sequence[int], out: tuple[int, ...], samples: Samples
) -> np.ndarray:
    """Pads of any sign: a tconv is a window of its full result, a conv starts on an input padded or cropped before."""
    from tconv_design.reference import reference

    axes = tuple(map(Axis, reading.kernel, reading.stride))
    axes = tuple(replace(axis, dilation=d) for axis, d in zip(axes, reading.dilation, strict=True))
    layer = Layer(reading.kind, axes, words.groups, words.in_channels, words.out_channels)
    begins = [begin for begin, _, _ in reading.pads(in_size)]
    if reading.kind == "tconv":
        full = reference(layer, samples.signal, samples.weight, 0 * samples.bias)
        window = _window(full, begins, out)
        window += samples.bias.reshape(-1, *[1] * layer.ndim)
        return window
    spans = [(size - 1) * axis.stride + axis.effective_kernel for size, axis in zip(out, axes, strict=True)]
    return reference(layer, _window(samples.signal, [-each for each in begins], spans), samples.weight, samples.bias)


def _window(array: np.ndarray, starts: Sequence[int], sizes: Sequence[int]) -> np.ndarray:
    """The elements [start, start + size) of each spatial axis, 0 where there are none."""
    import numpy as np

    result = np.zeros((*array.shape[:2], *sizes), array.dtype)
    source: list[slice] = []
    target: list[slice] = []
    for start, size, length in zip(starts, sizes, array.shape[2:], strict=True):
        first, last = max(start, 0), max(min(start + size, length), max(start, 0))
        source.append(slice(first, last))
        target.append(slice(first - start, last - start))
    result[:, :, *target] = array[:, :, *source]
    return result
