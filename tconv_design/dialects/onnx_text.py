"""ONNX nodes as people have them outside Python, turned into the call that says the same.

onnx's text format and its printed graphs, a printed NodeProto, a dict or JSON of attributes, and the list of
attributes that a model viewer shows. Nothing is executed.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from keyword import iskeyword
from typing import Any

from tconv_design.errors import InvalidQuestion
from tconv_design.wording import did_you_mean, shown

LONGEST = 100_000
ATTRIBUTES = ("auto_pad", "dilations", "group", "kernel_shape", "output_padding", "output_shape", "pads", "strides")
_OPERATOR = r"(?P<op>ConvTranspose|Conv)"
_ATTRIBUTES = r"[<\[](?P<attributes>[^<>{}()]{0,2000})[>\]]"
_NODE = re.compile(
    rf"(?<![\w./:-])%?(?P<output>[\w./:-]+)\s*=\s*(?:ai\.onnx\.)?{_OPERATOR}\s*(?:{_ATTRIBUTES})?\s*"
    r"\((?P<inputs>[^()]*)\)\s*(?:<(?P<after>[^<>{}()]{0,2000})>)?"
)
_VALUE = re.compile(r"\b(?:float16|float|double|bfloat16)\s*\[([^\[\]]*)\]\s*%?([\w./:-]+)")
_LIST = re.compile(rf"\s*(?:(?:op_type|type|operator|op)\s*[:=]?\s*)?{_OPERATOR}\b[\s,;:]*(?P<rest>.*)", re.DOTALL)
_PAIR = re.compile(rf"\b({'|'.join((*ATTRIBUTES, 'name'))})\b(?:\s*:\s*(?:ints|int|string))?\s*[=:]?")
_PROTO = re.compile(r"attribute\s*\{([^{}]*)\}")


def as_call(text: str) -> str | None:
    """The text as Python that calls `onnx.Conv` or `onnx.ConvTranspose`; None where it is none of these forms.

    Raises InvalidQuestion for an attribute whose name is no name.
    """
    if "Conv" not in text or len(text) > LONGEST:
        return None
    text = " ".join(text.split())  # no form depends on lines, and no search has long runs to go back through
    for read in (_from_mapping, _from_proto, _from_text_format, _from_list):
        found = read(text)
        if found is not None:
            return found
    return None


def _from_mapping(text: str) -> str | None:
    """A dict or JSON: {"op_type": "ConvTranspose", "strides": [2, 2]}; attributes may be nested."""
    stripped = text.rstrip(",; ")
    if not stripped.startswith("{"):
        return None
    value = _literal(stripped, json.loads) or _literal(stripped, ast.literal_eval)
    if not isinstance(value, dict):
        return None
    op = next((value[key] for key in ("op_type", "opType", "op", "type") if key in value), None)
    if op not in ("Conv", "ConvTranspose"):
        return None
    try:
        return _call(op, _flat(value))
    except RecursionError:
        return None


def _literal(text: str, parse: Callable[[str], Any]) -> Any:
    try:
        return parse(text)
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


def _flat(value: dict[Any, Any]) -> dict[str, Any]:
    """The attributes of a mapping: side by side, below `attributes`, or as a list of NodeProto's in JSON."""
    found: dict[str, Any] = {}
    for key, each in value.items():
        if key in ("op_type", "opType", "op", "type", "name", "domain", "doc_string", "docString"):
            continue
        if key in ("input", "inputs", "output", "outputs"):
            continue
        if isinstance(each, dict):
            found |= _flat(each)
        elif key == "attribute" and isinstance(each, list):
            found |= dict(_proto_json(each))
        else:
            found[str(key)] = each
    return found


def _proto_json(attributes: list[Any]) -> Iterator[tuple[str, Any]]:
    for each in attributes:
        if isinstance(each, dict) and "name" in each:
            value: Any = each.get("ints", each.get("i", each.get("s", [])))
            numbers = isinstance(value, list) and all(map(_is_whole, value))
            yield str(each["name"]), [int(n) for n in value] if numbers else int(value) if _is_whole(value) else value


def _is_whole(value: Any) -> bool:
    return re.fullmatch(r"-?\d{1,18}", str(value)) is not None and not isinstance(value, bool)


def _from_proto(text: str) -> str | None:
    """A NodeProto as it prints itself: op_type: "ConvTranspose" attribute { name: "strides" ints: 2 ints: 2 }."""
    op = re.search(rf'op_type:\s*"{_OPERATOR}"', text)
    if op is None:
        return None
    found: dict[str, Any] = {}
    for body in _PROTO.findall(text):
        name = re.search(r'name:\s*"(\w+)"', body)
        numbers = [int(each) for each in re.findall(r"\bints:\s*(-?\d{1,18})\b", body)]
        one, word = re.search(r"\bi:\s*(-?\d{1,18})\b", body), re.search(r'\bs:\s*"(\w*)"', body)
        if name:
            found[name[1]] = word[1] if word else int(one[1]) if one else numbers
    return _call(op["op"], found)


def _from_text_format(text: str) -> str | None:
    """`Y = ConvTranspose <strides = [2, 2]> (X, W)`, alone or in a graph, and `%Y = ConvTranspose[...](%X, %W)`."""
    node = _NODE.search(text)
    if node is None or not _is_text_format(text, node):
        return None
    inputs = [each.strip().lstrip("%") for each in node["inputs"].split(",")]
    attributes = dict(_pairs(f"{node['attributes'] or ''},{node['after'] or ''}"))
    lines = [_call(node["op"], attributes, inputs)]
    for dims, name in _VALUE.findall(text):
        if name in inputs:
            shape = [int(each) if each.strip().isdigit() else each.strip() for each in dims.split(",")]
            lines.append(f"onnx.make_tensor_value_info({name!r}, 1, {shape!r})")
    return "\n".join(lines)


def _is_text_format(text: str, node: re.Match[str]) -> bool:
    """Whether the text cannot be Python: it has attributes in brackets, or names with %, or a graph around it."""
    return bool(node["attributes"] or node["after"]) or "%" in node[0] or "=>" in text


def _from_list(text: str) -> str | None:
    """As model viewers show it: ConvTranspose  kernel_shape = 3, 3  strides = 2, 2  auto_pad = SAME_UPPER."""
    found = _LIST.fullmatch(text)
    if found is None or _PAIR.match(found["rest"]) is None:
        return None
    return _call(found["op"], dict(_pairs(found["rest"])))


def _pairs(text: str) -> Iterator[tuple[str, Any]]:
    """The attributes in `kernel_shape = 3, 3  strides: ints = [2, 2]`, each up to the next name."""
    names = list(re.finditer(r"\b([A-Za-z_]\w*)\b\s*(?::\s*(?:ints|int|string)\b)?\s*[=:]|" + _PAIR.pattern, text))
    for place, match in enumerate(names):
        end = names[place + 1].start() if place + 1 < len(names) else len(text)
        name = match[1] or match[2]
        if name != "name":
            yield name, _value(text[match.end() : end])


def _value(text: str) -> Any:
    stripped = text.strip().strip(",;").strip()
    numbers = re.findall(r"-?\d{1,18}", stripped)
    if re.fullmatch(r"[\[(]?[\s\d,-]*[\])]?", stripped) and numbers:
        is_one = len(numbers) == 1 and stripped[0] not in "[("
        return int(numbers[0]) if is_one else [int(each) for each in numbers]
    return stripped.strip("\"'")


def _call(op: str, attributes: dict[str, Any], inputs: list[str] | None = None) -> str:
    """One number for an attribute with one per axis is how some viewers show a single axis."""
    listed = {
        key: [value] if isinstance(value, int) and key in ATTRIBUTES and key != "group" else value
        for key, value in attributes.items()
    }
    words = [repr(each) for each in inputs or ()]
    for key, value in listed.items():
        if not key.isidentifier() or iskeyword(key):
            raise InvalidQuestion(f"{op} has no argument {shown(key)}", did_you_mean(key, ATTRIBUTES))
        words += [f"{key}={value!r}"] if value is not None else []
    return f"onnx.{op}({', '.join(words)})"
