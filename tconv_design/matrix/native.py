"""Whether a program is one call of a framework, or a call with something around it."""

from __future__ import annotations

import ast
import re

from tconv_design.dialects import catalogue
from tconv_design.dialects.call import parse
from tconv_design.errors import InvalidQuestion, NotExpressible
from tconv_design.layer import Layer
from tconv_design.matrix.prediction import spoken

_AROUND = re.compile(r"pad|crop|split|concat|stack|gather|take|flip|sequential", re.IGNORECASE)


def is_native(backend: str, layer: Layer, in_size: tuple[int, ...], code: str) -> bool:
    """Whether a backend's program for a layer is a single call: as its dialect says, or by what else it does."""
    said = spoken(backend)
    if said is not None:
        try:
            written = catalogue.dialect(said[0]).write(layer, in_size)
        except (NotExpressible, ImportError):
            written = None
        if written is not None and written.code == code:
            return written.native
    return _stands_alone(code)


def _stands_alone(code: str) -> bool:
    """No call that pads, crops, splits or joins, and no slice, anywhere in the program."""
    try:
        program = parse(code)
    except InvalidQuestion:
        return True
    if any(_AROUND.search(call.last) for call in program.calls):
        return False
    return not any(isinstance(node, ast.Slice) for node in ast.walk(program.tree))
