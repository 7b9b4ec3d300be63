"""The command line: a thin shell. Every command parses, calls the library and renders; only the one asked for loads.

Exit codes: 0 answered, 1 answered no, 2 the question is wrong, 3 a named backend could not answer, 130 Ctrl-C.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from tconv_design.cli.output import DEBUG, PipeClosed, SystemRefusal, defect, emit_error
from tconv_design.errors import BackendUnavailable, TconvDesignError
from tconv_design.version import __version__

COMMANDS = (
    "solve",
    "explain",
    "verify",
    "translate",
    "matrix",
    "compare",
    "check",
    "lint",
    "diagnose",
    "sizes",
    "mirror",
    "plan",
    "show",
    "view",
    "backends",
    "schema",
)
UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # click's, wherever this typer keeps it
WRONG, UNANSWERED, INTERRUPTED = 2, 3, 130

EXAMPLES = """Examples:

  tconv-design solve --in 4 --out 16 --verify

  tconv-design solve --kind conv --out 80 --kernel 11 --stride 3

  tconv-design explain --in 14 -k 3 -s 2 -p 1 --output-padding 1"""


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
    _open_what_is_closed()
    code = run(sys.argv[1:])
    try:
        sys.stdout.flush()
    except OSError:
        _leave_quietly()
    sys.exit(code)


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code, whatever happens."""
    as_json = "--json" in arguments
    command = next((word for word in arguments if word in COMMANDS), None)
    try:
        code = build().main(args=list(arguments), prog_name="tconv-design", standalone_mode=False)
    except UsageError as error:
        from tconv_design.cli.usage import usage_error

        return emit_error(None, usage_error(error, COMMANDS), as_json, WRONG)
    except BackendUnavailable as error:
        return emit_error(command, error, as_json, UNANSWERED)
    except TconvDesignError as error:
        return emit_error(command, error, as_json, WRONG)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except PipeClosed:
        return _leave_quietly()
    except SystemExit as leaving:  # how typer answers a shell that completes, and a pipe that closes on the help
        return _leave_quietly() if isinstance(leaving.__context__, BrokenPipeError) else int(leaving.code or 0)
    except Exception as error:
        return _defect(command, error, as_json)
    return code if isinstance(code, int) else 0


def _defect(command: str | None, error: Exception, as_json: bool) -> int:
    """A mistake of ours, or of the system, still ends in a sentence; TCONV_DESIGN_DEBUG shows where it is."""
    if isinstance(error, OSError) and not os.environ.get(DEBUG):
        return emit_error(command, SystemRefusal(f"the system refused: {error.strerror or error}"), as_json, WRONG)
    return emit_error(command, defect(error), as_json, WRONG)


def _leave_quietly() -> int:
    """The reader has gone: nothing more can be said, and the interpreter shall not try at exit."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _open_what_is_closed() -> None:
    """A shell may start a program with closed streams (`>&-`), which Python has as None."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: SIM115 - open until the end
