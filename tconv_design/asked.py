"""The way in for every command that asks about a layer: its numbers as options, or the layer as pasted code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tconv_design.question import Question, ask


def question_of(options: Mapping[str, Any]) -> Question:
    """The question that options ask: those of `ask`, or `layer`, code in any dialect, with sizes beside it.

    Raises InvalidQuestion where it is wrong.
    """
    if options.get("layer") is None:
        return ask({name: value for name, value in options.items() if name != "layer"})
    from tconv_design.pasted import pasted_question, reading_of  # only here: start-up is felt on every call

    return pasted_question(reading_of(options), options)
