"""What the parser of the command line finds wrong, in our own sentences."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from tconv_design.errors import TconvDesignError
from tconv_design.wording import did_you_mean, shown

_NUMBERS = {
    "--limit": "a whole number from 0 on",
    "--seed": "a whole number from 0 on",
    "--timeout": "a number of seconds",
    "--top": "a whole number from 1 on",
    "--hop": "a whole number from 2 on",
    "--max-params": "a whole number from 1 on",
    "--max-macs": "a whole number from 1 on",
}
_LONGEST = 40


class WrongUsage(TconvDesignError):
    """A command line that cannot be read."""

    kind = "usage"


def usage_error(error: Any, commands: Sequence[str]) -> WrongUsage:
    """The parser's complaint as a sentence, with the nearest option or command that exists."""
    said = error.format_message().rstrip(".")
    option: str = getattr(error, "option_name", None) or _option_of(error)
    if said.startswith("No such option"):
        return _no_option(option, error.ctx, commands)
    if option in _NUMBERS and said.startswith("Invalid value"):
        given = error.message.partition(" is not ")[0].strip("'")
        return WrongUsage(f"{option} must be {_NUMBERS[option]}, got {shown(given)}")
    if said.endswith("requires an argument"):
        return WrongUsage(f"{option} needs a value", "see --help")
    if said.endswith("does not take a value"):
        return WrongUsage(f"{option} takes no value", f"write {option} alone")
    if said.startswith("No such command"):
        word = said.partition("'")[2].removesuffix("'")
        return WrongUsage(f"{shown(word)} is no command", did_you_mean(word, commands))
    if said.startswith("Missing command"):
        return WrongUsage("no command is given", f"known: {', '.join(commands)}")
    if said.startswith("Got unexpected extra argument"):
        words = said.rpartition(" (")[2].removesuffix(")")
        return WrongUsage(f"{shown(words)} belongs to no option", "write options as --in 4 --kernel 3; see --help")
    return WrongUsage(said, "see --help")


def _no_option(option: str, context: Any, commands: Sequence[str]) -> WrongUsage:
    names = [name for parameter in context.command.params for name in parameter.opts if name.startswith("--")]
    sentence = f"{_plain(option)} is no option of {context.command_path}"
    if context.parent is None and not get_close_matches(option, names, 1, 0.7):
        return WrongUsage(sentence, f"write a command first ({', '.join(commands)}), then its options")
    return WrongUsage(sentence, did_you_mean(option, [*names, "--help"]))


def _option_of(error: Any) -> str:
    parameter = getattr(error, "param", None)
    return "" if parameter is None else str(parameter.opts[0])


def _plain(text: str) -> str:
    return text if text.isprintable() and len(text) <= _LONGEST else shown(text)
