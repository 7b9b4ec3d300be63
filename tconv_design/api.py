"""The functions that three lines of Python need; the command line is a thin shell over them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from tconv_design.answer import Answer, answer
from tconv_design.asked import question_of
from tconv_design.formula import Kind
from tconv_design.layer import Layer
from tconv_design.ranking import CRITERIA, parse_rank

if TYPE_CHECKING:
    from tconv_design.check import Check
    from tconv_design.explanation import Explanation
    from tconv_design.translation import Translation

Asked = int | str | Sequence[int | str]
AskedPadding = Asked | Sequence[Sequence[int]]
Backends = Sequence[str] | Literal["installed"]  # one name may stand alone


def solve(
    in_: Asked | None = None,
    out: Asked | None = None,
    *,
    layer: str | None = None,
    kernel: Asked | None = None,
    stride: Asked | None = None,
    padding: AskedPadding | None = None,
    output_padding: Asked | None = None,
    dilation: Asked | None = None,
    kind: Kind | None = None,
    groups: int | None = None,
    in_channels: int | None = None,
    out_channels: int | None = None,
    dialect: str | None = None,
    tied: bool = False,
    rank: str = ",".join(CRITERIA),
    limit: int = 10,
    backends: Backends = (),
    timeout: float = 60.0,
    seed: int = 0,
    **vocabulary: Asked | None,
) -> Answer:
    """Every layer that turns `in_` into `out`, with whatever is left open filled in, best first.

    Sizes and parameters are ints, one int per axis, or the command line's text (`"?"`, `"1..7"`, `"2,4"`, `"4x6"`,
    `"1:2"`); None is left out, with the meaning that the command line gives to that. At most `limit` solutions are
    made, `count` counts them all. `backends` proves those that are made ("installed" means all); `timeout` is seconds
    per backend and layer. `layer` is code in any dialect, in place of its numbers. `in`, which Python keeps to itself,
    may also be given as `**{"in": 4}`, as JSON has it. Raises InvalidQuestion where the question is wrong.
    """
    question = question_of(
        vocabulary
        | {
            "in": vocabulary.get("in", in_),
            "out": out,
            "layer": layer,
            "kernel": kernel,
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "dilation": dilation,
            "kind": kind,
            "groups": groups,
            "in_channels": in_channels,
            "out_channels": out_channels,
            "dialect": dialect,
            "tied": tied or None,
        }
    )
    found = answer(question, rank=parse_rank(rank), limit=limit)
    if not backends:
        return found
    from tconv_design.proving import prove

    return prove(found, _names(backends), timeout=timeout, seed=seed)


def read(
    text: str,
    in_: int | Sequence[int],
    *,
    dialect: str | None = None,
    kernel: Asked | None = None,
    in_channels: int | None = None,
    out_channels: int | None = None,
) -> Layer:
    """The canonical layer that code in a framework's words is, for an input of `in_` (per axis, or one for every axis).

    The text is parsed and never executed. `dialect` names the framework where the text does not tell; `kernel` and the
    channels fill in what a call with an array for its kernel leaves open. Raises InvalidQuestion where the text is no
    layer, and Refused, with the framework's own rule, where the framework would refuse it.
    """
    from tconv_design.pasted import reading_of

    options = {"layer": text, "dialect": dialect, "kernel": kernel}
    reading = reading_of(options | {"in_channels": in_channels, "out_channels": out_channels})
    return reading.layer((in_,) * reading.ndim if isinstance(in_, int) else tuple(in_))


def translate(
    layer: Layer | str, in_: int | Sequence[int], to: str | Sequence[str] | None = None
) -> tuple[Translation, ...]:
    """A layer, or code for `read`, in the words of each dialect of `to` (a name, several, None for all), at `in_`.

    The weights' lines begin at the canonical layout, torch's. Raises InvalidQuestion for an unknown dialect,
    InvalidLayer where nothing of the input is left.
    """
    from tconv_design.translation import targets
    from tconv_design.translation import translate as translate_layer

    layer = read(layer, in_) if isinstance(layer, str) else layer
    names = targets(to if to is None or isinstance(to, str) else ",".join(to))
    return translate_layer(layer, _per_axis(layer, in_), names)


def explain(layer: Layer, in_: int | Sequence[int]) -> Explanation:
    """The size of `layer` at `in_` (per axis, or an int for every axis) step by step, with source and direct form.

    Raises InvalidLayer where nothing of the input is left.
    """
    from tconv_design.explanation import explain_layer

    return explain_layer(layer, _per_axis(layer, in_))


def verify(
    layer: Layer,
    in_: int | Sequence[int],
    backends: Backends = "installed",
    *,
    timeout: float = 60.0,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Build `layer` in each backend, run it on sample data drawn from `seed`, and compare shape, phase and values.

    Each backend runs in a process of its own, side by side, for at most `timeout` seconds. Raises UnknownBackend,
    BackendUnavailable or InvalidLayer; whatever a backend does itself is its Check's status.
    """
    from tconv_design.verification import verify as verify_layer

    return verify_layer(layer, _per_axis(layer, in_), _names(backends), timeout=timeout, seed=seed)


def _names(backends: Backends) -> Sequence[str] | None:
    if isinstance(backends, str):
        return None if backends == "installed" else [backends]
    return backends


def _per_axis(layer: Layer, in_: int | Sequence[int]) -> tuple[int, ...]:
    return (in_,) * layer.ndim if isinstance(in_, int) else tuple(in_)
