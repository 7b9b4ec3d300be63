"""The command line: a thin shell. Every command parses, calls the library and renders; only the one asked for loads.

Exit codes: 0 answered, 1 answered no, 2 the question is wrong, 3 a named backend could not answer, 130 Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tconv_design.cli.output import PipeClosed, emit_error
from tconv_design.errors import BackendUnavailable, TconvDesignError
from tconv_design.version import __version__

COMMANDS = ("solve", "explain", "verify", "backends", "schema")
UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # click's, wherever this typer keeps it
WRONG, UNANSWERED, INTERRUPTED = 2, 3, 130

EXAMPLES = """Examples:

  tconv-design solve --in 4 --out 16 --verify

  tconv-design solve --kind conv --out 80 --kernel 11 --stride 3

  tconv-design explain --in 14 --kernel 3 --stride 2 --padding 1 --output-padding 1"""


class Commands(TyperGroup):
    """The commands by name; each module is imported when its command is asked for."""

    def list_commands(self, ctx: Any) -> list[str]:
        """The names, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of a name, or None."""
        if cmd_name not in COMMANDS:
            return None
        return typer.main.get_command(import_module(f"tconv_design.cli.{cmd_name}").app)


def _print_version(asked: bool) -> None:
    if asked:
        print(f"tconv-design {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and stop.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Solve, explain and prove convolution and transposed convolution layers."""


def build() -> Any:
    """The whole command line as one click command."""
    from tconv_design.cli.options import markup

    app = typer.Typer(cls=Commands, name="tconv-design", rich_markup_mode=markup(), no_args_is_help=False)
    app.callback(epilog=EXAMPLES)(_root)
    return typer.main.get_command(app)


def main() -> None:
    """Run the process's own command line and leave with its exit code."""
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _leave_quietly()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; nothing but Ctrl-C's own code leaves another way."""
    as_json = "--json" in arguments
    command = next((word for word in arguments if word in COMMANDS), None)
    try:
        code = build().main(args=list(arguments), prog_name="tconv-design", standalone_mode=False)
    except UsageError as error:
        return emit_error(None, _usage_error(error), as_json, WRONG)
    except BackendUnavailable as error:
        return emit_error(command, error, as_json, UNANSWERED)
    except TconvDesignError as error:
        return emit_error(command, error, as_json, WRONG)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except PipeClosed:
        _leave_quietly()
        return 0
    except Exception as error:
        return _defect(command, error, as_json)
    return code if isinstance(code, int) else 0


def _usage_error(error: Any) -> TconvDesignError:
    """Click's complaint as one of our sentences, with the nearest option or command that exists."""
    wrong = TconvDesignError(error.format_message().rstrip(".").partition(" (Possible options")[0], "see --help")
    wrong.kind = "usage"
    word = getattr(error, "option_name", None)
    context = getattr(error, "ctx", None)
    if word and context is not None and "such option" in wrong.message:
        names = [name for parameter in context.command.params for name in parameter.opts]
        wrong.hint = _did_you_mean(word, [*names, "--help"])
        wrong.message = f"{word} is no option of {context.command_path}"
    elif "such command" in wrong.message:
        word = wrong.message.partition("'")[2].rstrip("'").partition("'")[0]
        wrong.message = f"{word!r} is no command"
        wrong.hint = _did_you_mean(word, COMMANDS)
    return wrong


def _did_you_mean(word: str, names: Sequence[str]) -> str:
    near = get_close_matches(word, names, 1, 0.5)
    return f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"


def _defect(command: str | None, error: Exception, as_json: bool) -> int:
    """A mistake of ours still ends in a sentence; TCONV_DESIGN_DEBUG shows where it is."""
    if os.environ.get("TCONV_DESIGN_DEBUG"):
        raise error
    sentence = TconvDesignError(
        f"tconv-design itself failed: {type(error).__name__}: {error}",
        "please report the command line; TCONV_DESIGN_DEBUG=1 shows where",
    )
    sentence.kind = "defect"
    return emit_error(command, sentence, as_json, WRONG)


def _leave_quietly() -> None:
    """The reader has gone: nothing more can be said, and the interpreter shall not try at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
