"""All messages that are known, and which of them stands in a text."""

from __future__ import annotations

from collections.abc import Iterator

from tconv_design.diagnosis import jax, keras, mlx, onnx, openvino, paddle, tensorflow, tinygrad, torch
from tconv_design.diagnosis.finding import Finding, Message, Unreadable

MESSAGES: tuple[Message, ...] = (
    *keras.MESSAGES,
    *torch.MESSAGES,
    *jax.MESSAGES,
    *onnx.MESSAGES,
    *openvino.MESSAGES,
    *paddle.MESSAGES,
    *mlx.MESSAGES,
    *tinygrad.MESSAGES,
    *tensorflow.MESSAGES,
)
"""Where two match at one place, the first of them counts: those that several frameworks share stand last."""


def find(text: str) -> tuple[Message, Finding] | None:
    """The last message of a text that is known, for a traceback ends with what stopped the program; None if none is."""
    found = sorted(_matches(text), key=lambda each: -each[0])
    return found[0][1:] if found else None


def _matches(text: str) -> Iterator[tuple[int, Message, Finding]]:
    for each in MESSAGES:
        if each.context is not None and not each.context.search(text):
            continue
        found = _last_match(each, text)
        if found is not None:
            yield found[0], each, found[1]


def _last_match(each: Message, text: str) -> tuple[int, Finding] | None:
    """The last place where a message stands, in the first wording that its numbers go with."""
    for pattern in each.patterns:
        match = None
        for match in pattern.finditer(text):  # noqa: B007 - the last is wanted
            pass
        if match is not None:
            try:
                return match.start(), each.read(match, text)
            except Unreadable:
                continue
    return None


def kinds() -> dict[str, list[str]]:
    """The titles of the messages that are known, by framework."""
    found: dict[str, list[str]] = {}
    for each in sorted(MESSAGES, key=lambda message: message.framework):
        found.setdefault(each.framework, []).append(each.title)
    return found
