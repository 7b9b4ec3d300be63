import importlib
import json
import os
import sys
import textwrap
import time

import psutil
import pytest

BACKEND = """
    import os, sys, time
    import numpy as np
    from tconv_design.backends.numpy import NumpyBackend
    from tconv_design.errors import BackendUnavailable, NotExpressible
    from tconv_design.hookspecs import hookimpl

    class Backend(NumpyBackend):
        name = {name}
        {body}

    @hookimpl
    def tconv_backend():
        return Backend()
"""


class FakeSite:
    """A directory on the path, into which distributions are 'installed'."""

    def __init__(self, root):
        self.root = root

    def distribution(self, distribution, *, entry_points="", requires=(), version="1.0"):
        info = self.root / f"{distribution.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = [f"Name: {distribution}", f"Version: {version}", *(f"Requires-Dist: {each}" for each in requires)]
        (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))
        (info / "entry_points.txt").write_text(entry_points)
        return info

    def plugin(self, name, source, *, requires=()):
        """A distribution that offers backend `name`, whose module is `source`."""
        (self.root / f"{name}_module.py").write_text(textwrap.dedent(source))
        sys.modules.pop(f"{name}_module", None)
        importlib.invalidate_caches()
        entry_points = f"[tconv_design.backends]\n{name} = {name}_module\n"
        return self.distribution(f"tconv-design-{name}", entry_points=entry_points, requires=requires)

    def backend(self, name, body):
        """A plugin whose backend is numpy's, but for `body`: methods that replace some of its own."""
        method = textwrap.indent(textwrap.dedent(body), "    ").strip()
        source = textwrap.dedent(BACKEND).replace("{name}", json.dumps(name)).replace("{body}", method)
        return self.plugin(name, source)


@pytest.fixture
def site(tmp_path, monkeypatch):
    root = tmp_path / "site"
    root.mkdir()
    monkeypatch.syspath_prepend(root)
    return FakeSite(root)


@pytest.fixture
def eventually():
    """Whether a claim comes true within some seconds."""

    def eventually(claim, seconds=20):
        deadline = time.monotonic() + seconds
        while not claim():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        return True

    return eventually


@pytest.fixture
def hanging(site, tmp_path, eventually):
    """Install backend `acme`, which says its process and then does `action`; returns what waits for that process."""

    def install(action="time.sleep(99)"):
        told = tmp_path / "told"
        body = f"open({str(told)!r} + '~', 'w').write(str(os.getpid())); os.rename({str(told)!r} + '~', {str(told)!r})"
        site.backend("acme", f"def run(self, *given): {body}; {action}")

        def wait():
            assert eventually(told.exists, 30)
            return psutil.Process(int(told.read_text("utf-8")))

        return wait

    return install


def pytest_report_header():
    """Print the seeds that random suites start from, so that a run can be repeated."""
    first = int(os.environ.get("TCONV_DESIGN_SEED", "0"))
    return f"drawn layers: seeds from {first} on (TCONV_DESIGN_SEED sets the first)"
