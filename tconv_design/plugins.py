"""Backend plugins: listed from package metadata alone, loaded one by one, by name.

Listing imports no plugin and no framework. Loading is meant for a backend's own process: it is the one place where
whatever a foreign package raises on import is caught.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tconv_design.errors import BackendUnavailable, UnknownBackend
from tconv_design.wording import did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

    from tconv_design.hookspecs import Backend

OWN_PLUGINS = {
    "torch": 'pip install "tconv-design-torch[torch]"',
    "tensorflow": 'pip install "tconv-design-tensorflow[cpu]"',
    "keras": 'pip install "tconv-design-keras[tensorflow]"',
    "jax": 'pip install "tconv-design-jax[jax]"',
    "flax": 'pip install "tconv-design-jax[flax]"',
    "onnx": 'pip install "tconv-design-onnx[onnx]"',
    "onnx-reference": 'pip install "tconv-design-onnx[reference]"',
    "openvino": 'pip install "tconv-design-openvino[openvino]"',
    "paddle": 'pip install "tconv-design-paddle[paddle]"',
    "mlx": 'pip install "tconv-design-mlx[mlx]"',
    "tinygrad": 'pip install "tconv-design-tinygrad[tinygrad]"',
}
"""The plugins of this project, each with the command that installs it together with its framework."""

PACKAGED_AS = {"onnx": "onnxruntime", "onnx-reference": "onnx", "paddle": "paddlepaddle"}
"""The package of a backend's framework where it is not named like the backend."""


@dataclass(frozen=True, slots=True)
class Installed:
    """A backend that some installed distribution offers, as its metadata say.

    `framework_version` is None where the framework is not installed; `detail` is a remark, mostly empty.
    """

    name: str
    distribution: str
    version: str
    framework_version: str | None
    detail: str = ""


def installed() -> tuple[Installed, ...]:
    """Every backend that is installed, by name. Nothing is imported, and broken metadata are passed over.

    Where two distributions offer one name, the first on the path is taken and `detail` names the other.
    """
    found: dict[str, Installed] = {}
    for distribution, entry_point in _entry_points():
        name, owner, version = entry_point.name, _name(distribution), _version(distribution)
        known = found.get(name)
        if known is None:
            found[name] = Installed(name, owner, version, _framework_version(distribution, name))
        elif known.distribution != owner:
            found[name] = replace(known, detail=f"{owner} {version} also offers {name!r}; {known.distribution} is used")
    return tuple(sorted(found.values(), key=lambda each: each.name))


def choose(names: Sequence[str] | None) -> tuple[str, ...]:
    """The backends to ask: those named, each once, or all that are installed.

    A plugin of our own that is not installed is let through, for `load` to say how to install it. Raises
    UnknownBackend for any other name, with the nearest one.
    """
    offered = [each.name for each in installed()]
    if names is None:
        if not offered:
            raise BackendUnavailable("no backend is installed, not even numpy", "run: pip install tconv-design")
        return tuple(offered)
    known = [*offered, *(name for name in OWN_PLUGINS if name not in offered)]
    for name in names:
        if name not in known:
            raise UnknownBackend(f"no backend is called {name!r}", did_you_mean(name, sorted(known)))
    return tuple(dict.fromkeys(names))


def load(name: str) -> Backend:
    """Import the plugin of this name, and no other, and return its backend.

    Raises BackendUnavailable if it is not installed, does not import, or does not keep to the hook or its API version.
    """
    entry_point = next((each for _, each in _entry_points() if each.name == name), None)
    if entry_point is None:
        raise BackendUnavailable(f"backend {name!r} is not installed", _how_to_install(name))
    try:
        backend: Backend = _call_hook(entry_point)
    except BackendUnavailable:
        raise
    except (Exception, SystemExit) as error:
        raise BackendUnavailable(f"backend {name!r} is installed but does not import: {said(error)}") from error
    _check_interface(name, backend)
    return backend


def framework_version(backend: Backend) -> str:
    """The version that the backend's framework says it has, importing it if need be.

    Raises BackendUnavailable, with the command that installs the framework where it is known, if it does not import.
    """
    try:
        return str(backend.version())
    except BackendUnavailable:
        raise
    except (Exception, SystemExit) as error:
        sentence = f"the framework of backend {backend.name!r} does not import: {said(error)}"
        raise BackendUnavailable(sentence, _how_to_install(backend.name)) from error


def said(error: BaseException) -> str:
    """An exception in one line: its type and the first line of what it says."""
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


def _entry_points() -> Iterator[tuple[Distribution, EntryPoint]]:
    """Our entry points of every distribution on the path, in its order."""
    from importlib.metadata import distributions

    from tconv_design.hookspecs import ENTRY_POINT_GROUP

    for distribution in distributions():
        try:
            # parsing every distribution's entry points would take long
            if ENTRY_POINT_GROUP in (distribution.read_text("entry_points.txt") or ""):
                yield from ((distribution, each) for each in distribution.entry_points.select(group=ENTRY_POINT_GROUP))
        except Exception:
            continue  # half-removed and hand-made metadata come in every shape; listing must survive them all


def _framework_version(distribution: Distribution, backend: str) -> str | None:
    """The installed version of the required package that is named like the framework, or else begins like it."""
    from importlib.metadata import version

    try:
        required = {_normalised(_REQUIREMENT_NAME.split(each, maxsplit=1)[0]) for each in distribution.requires or []}
    except Exception:
        return None
    wanted = _normalised(PACKAGED_AS.get(backend, backend))
    for name in sorted(each for each in required if each == wanted or each.startswith(f"{wanted}-")):
        try:
            return version(name)
        except Exception:
            continue
    return None


_REQUIREMENT_NAME = re.compile(r"[^A-Za-z0-9._-]")


def _normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _name(distribution: Distribution) -> str:
    try:
        return distribution.metadata["Name"] or "unknown"
    except Exception:
        return "unknown"


def _version(distribution: Distribution) -> str:
    try:
        return distribution.version or "unknown"
    except Exception:
        return "unknown"


def _how_to_install(name: str) -> str:
    return f"run: {OWN_PLUGINS[name]}" if name in OWN_PLUGINS else ""


def _call_hook(entry_point: EntryPoint) -> Any:
    import pluggy

    from tconv_design.hookspecs import PROJECT, Specification

    plugin = entry_point.load()
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Specification)
    manager.register(plugin, name=entry_point.name)
    manager.check_pending()
    backends = manager.hook.tconv_backend()
    if not backends:
        raise BackendUnavailable(
            f"plugin {entry_point.name!r} gives no backend: its hook tconv_backend is missing or returns None",
            f"mark a function tconv_backend in {entry_point.value} with tconv_design.hookspecs.hookimpl",
        )
    return backends[0]


def _check_interface(name: str, backend: Any) -> None:
    from tconv_design.hookspecs import API_VERSION, OLDEST_API_VERSION

    missing = [each for each in ("name", "api_version", "version", "code", "run") if not hasattr(backend, each)]
    if missing:
        raise BackendUnavailable(f"plugin {name!r} brings a backend without {', '.join(missing)}")
    spoken = backend.api_version
    if spoken not in range(OLDEST_API_VERSION, API_VERSION + 1):
        newer = isinstance(spoken, int) and spoken > API_VERSION
        raise BackendUnavailable(
            f"plugin {name!r} has API version {spoken!r}, and this tconv-design takes "
            f"{OLDEST_API_VERSION} to {API_VERSION}",
            f"upgrade {'tconv-design' if newer else 'the plugin'}",
        )
    if backend.name != name:
        raise BackendUnavailable(f"plugin {name!r} brings a backend that is called {backend.name!r}; make them equal")
