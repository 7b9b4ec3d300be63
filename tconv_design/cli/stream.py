"""`solve -`: a question per line of stdin, an answer per line of stdout, with warm backends in between."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from typing import Any

from tconv_design.answer import Answer, answer
from tconv_design.asked import question_of
from tconv_design.cli.output import defect, document, emit_json, error_body, remark
from tconv_design.cli.solve import exit_code, solve_document
from tconv_design.errors import BackendUnavailable, InvalidQuestion, TconvDesignError
from tconv_design.proving import Provers
from tconv_design.question import OPTIONS
from tconv_design.ranking import CRITERIA, parse_rank
from tconv_design.wording import did_you_mean, shown

_OWN: dict[str, tuple[type | tuple[type, ...], Any]] = {
    "rank": (str, ",".join(CRITERIA)),
    "limit": (int, 10),
    "verify": (bool, False),
    "backend": ((str, list), []),
    "timeout": ((int, float), 60.0),
    "seed": (int, 0),
}

_OWN_TYPES = {
    "rank": "text",
    "limit": "a whole number",
    "verify": "true or false",
    "backend": "a name or a list of names",
    "timeout": "a number of seconds",
    "seed": "a whole number",
}


class NoJson(InvalidQuestion):
    """A line that cannot be read at all."""


def answer_stream(lines: Iterable[str]) -> int:
    """Answer every line in turn; returns the worst of their exit codes."""
    if isinstance(lines, io.TextIOWrapper):  # JSON is UTF-8, whatever the terminal speaks
        lines.reconfigure(encoding="utf-8-sig", errors="backslashreplace")
    worst = 0
    with Provers() as provers:
        for number, line in enumerate(lines, 1):
            if line.strip():
                worst = max(worst, _answer_line(number, line, provers))
    return worst


def _answer_line(number: int, line: str, provers: Provers) -> int:
    try:
        options = _options(line)
        own = {name: options.pop(name, default) for name, (_, default) in _OWN.items()}
        found = answer(question_of(options), rank=parse_rank(own["rank"]), limit=own["limit"])
        named = [own["backend"]] if isinstance(own["backend"], str) else own["backend"]
        found = _proved(found, own, named, provers)
    except TconvDesignError as error:
        return _refuse(number, error)
    except Exception as error:
        return _refuse(number, defect(error))
    emit_json(solve_document(found, own["seed"]), None)
    return exit_code(found, named)


def _refuse(number: int, error: TconvDesignError) -> int:
    remark(f"tconv-design: line {number}: {error}")
    emit_json(document(None if isinstance(error, NoJson) else "solve", error_body(error)), None)
    return 3 if isinstance(error, BackendUnavailable) else 2


def _proved(found: Answer, own: dict[str, Any], named: list[str], provers: Provers) -> Answer:
    if not own["verify"] and not named:
        return found
    return provers.prove(found, None if own["verify"] else named, timeout=own["timeout"], seed=own["seed"])


def _options(line: str) -> dict[str, Any]:
    try:
        options = json.loads(line.strip())
    except (ValueError, RecursionError) as error:
        raise NoJson(f"the line is no JSON: {_fault(error)}", 'write an object as {"in": 4, "out": 16}') from None
    if not isinstance(options, dict):
        raise NoJson("the line is no JSON object", 'write an object as {"in": 4, "out": 16}')
    named = {name.replace("-", "_"): value for name, value in options.items() if value is not None}
    for name, value in named.items():
        if name not in _OWN and name not in (*OPTIONS, "layer"):
            raise InvalidQuestion(f"unknown option {shown(name)}", did_you_mean(name, (*OPTIONS, "layer", *_OWN)))
        if name in _OWN and not _has_type(name, value):
            raise InvalidQuestion(f"{name} must be {_OWN_TYPES[name]}, got {shown(json.dumps(value))}")
    return named


def _fault(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at column {error.colno}"
    return "nested too deep" if isinstance(error, RecursionError) else str(error)


def _has_type(name: str, value: Any) -> bool:
    if isinstance(value, list) and not all(isinstance(each, str) for each in value):
        return False
    return isinstance(value, _OWN[name][0]) and (name == "verify" or not isinstance(value, bool))
