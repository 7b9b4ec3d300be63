"""The options that commands share, each named, typed and explained once."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any, Literal

import typer

from tconv_design.padding import DIALECTS

LAYER = "Layer"
RUNNING = "Proof"


def markup() -> Literal["rich"] | None:
    """Boxes and colour in help only on a terminal."""
    return "rich" if sys.stdout.isatty() else None


def _names(incomplete: str) -> list[str]:
    """Backend names for completion, from metadata only."""
    from tconv_design.plugins import installed

    return [each.name for each in installed() if each.name.startswith(incomplete)]


def _layer_option(*names: str, text: str, metavar: str = "VALUE") -> Any:
    return Annotated[str | None, typer.Option(*names, help=text, metavar=metavar, rich_help_panel=LAYER)]


LAYER_OPTIONS: dict[str, Any] = {
    "in": _layer_option("--in", text="Input size per axis.", metavar="SIZE"),
    "out": _layer_option("--out", text="Output size per axis.", metavar="SIZE"),
    "kernel": _layer_option("--kernel", "-k", text="Kernel size: 3, 3x5, ?, 1..7, 2,4 or 3..9/2."),
    "stride": _layer_option("--stride", "-s", text="Stride."),
    "padding": _layer_option("--padding", "-p", text="Padding: 1, begin:end (0:1), ?:?, or same, valid, full, causal."),
    "output_padding": _layer_option("--output-padding", text="Output padding of a tconv."),
    "dilation": _layer_option("--dilation", "-d", text="Dilation."),
    "kind": _layer_option("--kind", text="conv or tconv; inferred from the sizes if left out.", metavar="KIND"),
    "groups": _layer_option("--groups", text="Groups.", metavar="N"),
    "in_channels": _layer_option("--in-channels", text="Input channels.", metavar="N"),
    "out_channels": _layer_option("--out-channels", text="Output channels.", metavar="N"),
    "dialect": _layer_option("--dialect", text=f"Whose named padding: {', '.join(DIALECTS)}.", metavar="NAME"),
}

Pasted = Annotated[
    str | None,
    typer.Argument(metavar="[LAYER]", help="The layer as code, in any dialect (--dialect where it does not tell)."),
]
BackendNames = Annotated[
    list[str] | None,
    typer.Option(
        "--backend",
        metavar="NAME",
        help="Prove on this backend; repeatable.",
        autocompletion=_names,
        rich_help_panel=RUNNING,
    ),
]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="SECONDS", help="Limit per backend and layer.", rich_help_panel=RUNNING)
]
Seed = Annotated[int, typer.Option("--seed", metavar="N", help="Seed of the sample data.", rich_help_panel=RUNNING)]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
NoColor = Annotated[bool, typer.Option("--no-color", help="No colours, even on a terminal.")]


def command(name: str, examples: str) -> Callable[[Callable[..., int]], typer.Typer]:
    """An app of one command, whose help ends with examples."""

    def wrap(function: Callable[..., int]) -> typer.Typer:
        app = typer.Typer(rich_markup_mode=markup(), add_completion=False)
        app.command(name, epilog=examples)(function)
        return app

    return wrap


def asks_a_layer(function: Callable[..., int]) -> Callable[..., int]:
    """Give a command the layer's options; it receives those that were given as one dict, its first argument."""
    return asks(*LAYER_OPTIONS)(function)


def asks(*names: str) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Give a command some of the layer's options, as `asks_a_layer` gives all."""

    def wrap(function: Callable[..., int]) -> Callable[..., int]:
        _, *own = inspect.signature(function, eval_str=True).parameters.values()
        fields = {f"{name}_": name for name in names}

        def with_layer(**given: Any) -> int:
            asked = {name: given.pop(field) for field, name in fields.items()}
            return function({name: value for name, value in asked.items() if value is not None}, **given)

        keyword = inspect.Parameter.KEYWORD_ONLY
        layer = [inspect.Parameter(f, keyword, default=None, annotation=LAYER_OPTIONS[n]) for f, n in fields.items()]
        parameters = [*layer, *(each.replace(kind=keyword) for each in own)]
        with_layer.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        with_layer.__annotations__ = {each.name: each.annotation for each in parameters}
        with_layer.__doc__ = function.__doc__
        return with_layer

    return wrap
