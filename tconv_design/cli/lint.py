"""`lint`: rules for pasted layers, architecture files and Python source: holes, checkerboards, traps, portability."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.cli.layers import is_code
from tconv_design.cli.options import AsJson, NoColor, asks, command
from tconv_design.cli.output import document, emit_json, emit_text, remark, write
from tconv_design.errors import InvalidQuestion
from tconv_design.linting.finding import SEVERITIES, Severity, reaches
from tconv_design.linting.lint import Lint, lint_files, lint_layer
from tconv_design.linting.portability import TARGETS, checked_target
from tconv_design.render.lint import github_lines, lint_lines
from tconv_design.wording import did_you_mean, shown

EXAMPLES = """Examples:

  tconv-design lint "nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1)"

  tconv-design lint generator.toml model.py --target tensorrt --target coreml

  tconv-design lint model.py --format github --severity error"""

FORMATS = ("text", "github")

Targets = Annotated[
    list[str] | None,
    typer.Option("--target", metavar="NAME", help=f"Where it goes; repeatable: {', '.join(TARGETS)}."),
]
Bar = Annotated[
    str,
    typer.Option("--severity", metavar="LEVEL", help=f"The least that ends with exit code 1: {', '.join(SEVERITIES)}."),
]
Dialect = Annotated[
    str | None,
    typer.Option("--dialect", metavar="NAME", help="The framework of a pasted layer, where it does not tell."),
]


@asks("in", "kernel")
def lint(
    asked: dict[str, Any],
    sources: Annotated[
        list[str],
        typer.Argument(metavar="LAYER|FILE...", help="A layer as code, or files: TOML, Python, or - for stdin."),
    ],
    dialect: Dialect = None,
    target: Targets = None,
    severity: Bar = "warning",
    form: Annotated[str, typer.Option("--format", metavar="FORM", help=f"{', '.join(FORMATS)}.")] = "text",
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Find what is wrong with layers, in code or in files, without running them; 1 if there is a warning or an error.

    Rules: holes, uneven-overlap, stacked-overlap, weak-rim, needless-output-padding, dialect-trap, refused, and with
    --target not-portable. In a file, a comment  # tconv-design: ignore[RULE]  on a layer's line silences one.
    """
    bar, shape = _level(severity), _form(form)
    targets = tuple(map(checked_target, dict.fromkeys(target or ())))
    asked |= {"dialect": dialect} if dialect else {}
    found = _linted(sources, asked, targets)
    for each in found.remarks:
        remark(f"tconv-design: {each}")
    if as_json:
        emit_json(document("lint", {"findings": [each.to_dict() for each in found.findings]}))
    elif shape == "github":
        write("".join(github_lines(found.findings)))
    else:
        emit_text(lint_lines(found), no_color)
    return int(any(reaches(each.severity, bar) for each in found.findings))


def _linted(sources: list[str], asked: dict[str, Any], targets: tuple[str, ...]) -> Lint:
    if any(map(is_code, sources)):
        if len(sources) > 1:
            raise InvalidQuestion("one pasted layer is linted at a time", "quote it as one word, or name files")
        return lint_layer(asked | {"layer": sources[0]}, targets)
    for name in ("kernel", "dialect"):
        if name in asked:
            raise InvalidQuestion(
                f"--{name} is for a pasted layer, and a file has its own", "with files give only --in"
            )
    return lint_files(sources, asked, targets)


def _level(text: str) -> Severity:
    for level in SEVERITIES:
        if level == text:
            return level
    raise InvalidQuestion(f"unknown severity {shown(text)}", did_you_mean(text, SEVERITIES))


def _form(text: str) -> str:
    if text == "json":
        raise InvalidQuestion("--format json is no format of lint", "write --json")
    if text not in FORMATS:
        raise InvalidQuestion(f"unknown format {shown(text)}", did_you_mean(text, FORMATS))
    return text


app = command("lint", EXAMPLES)(lint)
