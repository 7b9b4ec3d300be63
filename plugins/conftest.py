"""Plugins that are not installed here are passed over, and named at the end: each is tested where its framework is."""

from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent


def package_of(path: Path) -> str | None:
    """The package of the plugin that a file belongs to, or None for a file of none."""
    parts = path.relative_to(ROOT).parts if path.is_relative_to(ROOT) else ()
    return parts[0].replace("-", "_") if len(parts) > 1 and parts[0].startswith("tconv-design-") else None


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """Pass over the tests of a plugin whose package is not installed."""
    package = package_of(collection_path)
    return True if package and find_spec(package) is None else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was passed over, and how to test it."""
    folders = sorted(path.name for path in ROOT.glob("tconv-design-*"))
    missing = [name for name in folders if find_spec(name.replace("-", "_")) is None]
    if missing:
        terminalreporter.write_line(f"not tested, not installed here (.ci/other_frameworks does): {', '.join(missing)}")
