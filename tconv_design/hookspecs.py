"""The one seam that third-party backends hold: a pluggy hook that returns a Backend."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pluggy

from tconv_design.layer import Layer

if TYPE_CHECKING:
    import numpy as np

PROJECT = "tconv_design"
ENTRY_POINT_GROUP = "tconv_design.backends"
API_VERSION = 1
OLDEST_API_VERSION = 1

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Backend(Protocol):
    """A framework as tconv-design sees it. Plain numpy arrays cross the boundary, both ways.

    `name` is the entry point's name, `api_version` the `API_VERSION` that the plugin was written for. Constructing a
    Backend should be cheap; importing the framework may wait for `version`, `code` or `run`.
    """

    name: str
    api_version: int

    def version(self) -> str:
        """The version of the framework that runs, as the framework says it."""
        ...

    def code(self, layer: Layer, in_size: tuple[int, ...]) -> str:
        """A short program that defines `layer` in the framework's own words; it is shown and executed as it stands.

        Raises NotExpressible with the reason where the framework has no words for the layer. Called without running
        anything, so it may follow the installed framework's rules but must not need data.
        """
        ...

    def run(self, layer_object: Any, signal: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> np.ndarray:
        """Run what `code` defined.

        signal (N, Cin, *spatial); weight in the canonical layout (`Layer.weight_shape`); bias (Cout,). Returns
        (N, Cout, *spatial). Layouts are converted here.
        """
        ...


class Specification:
    """The hooks that a plugin may implement."""

    @hookspec
    def tconv_backend(self) -> Backend:
        """Return the backend that this plugin brings."""
        raise NotImplementedError  # a specification; pluggy never calls it
