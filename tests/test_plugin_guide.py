"""The plugin that plugins/README.md shows is a whole one: it passes the kit, and it is found and run."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import tconv_design
from tconv_design.layer import Layer
from tconv_design.plugins import installed

GUIDE = (Path(__file__).parents[1] / "plugins" / "README.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^### `(\S+)`\n.*?^```\w+\n(.*?)^```$", GUIDE, flags=re.M | re.S))

# The framework that the guide pretends to exist: one layer, numpy inside.
TINYNET = '''
import numpy as np

__version__ = "1.0"


class Conv:
    """Put zeros between the elements, pad (or crop), and correlate x (N, C, *spatial)."""

    def __init__(self, stride, dilation, padding, zeros=None, flip=False):
        self.stride, self.dilation, self.padding, self.zeros, self.flip = stride, dilation, padding, zeros, flip

    def __call__(self, x, weight, bias):
        ndim = x.ndim - 2
        x = self.padded(self.spread(x) if self.zeros else x)
        spans = [d * (k - 1) + 1 for d, k in zip(self.dilation, weight.shape[2:])]
        windows = np.lib.stride_tricks.sliding_window_view(x, spans, tuple(range(2, x.ndim)))
        steps = [slice(None, None, step) for step in (*self.stride, *self.dilation)]
        if self.flip:
            weight = np.flip(weight, tuple(range(2, weight.ndim)))
        taps = range(2 + ndim, 2 + 2 * ndim)
        y = np.tensordot(windows[:, :, *steps], weight, ([1, *taps], [1, *range(2, weight.ndim)]))
        return np.moveaxis(y, -1, 1) + bias.reshape(-1, *[1] * ndim)

    def spread(self, x):
        sizes = [(size - 1) * (zeros + 1) + 1 for size, zeros in zip(x.shape[2:], self.zeros)]
        wide = np.zeros((*x.shape[:2], *sizes), x.dtype)
        wide[:, :, *(slice(None, None, zeros + 1) for zeros in self.zeros)] = x
        return wide

    def padded(self, x):
        x = np.pad(x, [(0, 0), (0, 0), *((max(begin, 0), max(end, 0)) for begin, end in self.padding)])
        return x[:, :, *(slice(max(-begin, 0), min(end, 0) or None) for begin, end in self.padding)]
'''


@pytest.fixture
def tinynet(site, monkeypatch):
    """The guide's files, in a folder on the path, with the metadata that installing them would write."""
    for name, text in {**FILES, "tinynet.py": TINYNET}.items():
        path = site.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    project = tomllib.loads(FILES["pyproject.toml"])["project"]
    ((group, backends),) = project["entry-points"].items()
    entries = "\n".join(f"{name} = {module}" for name, module in backends.items())
    extras = [f"{each}; extra == 'x'" for extra in project["optional-dependencies"].values() for each in extra]
    site.distribution("tinynet")
    site.distribution(
        project["name"],
        entry_points=f"[{group}]\n{entries}\n",
        requires=[*project["dependencies"], *extras],
        version=project["version"],
    )
    monkeypatch.setenv("PYTHONPATH", str(site.root), prepend=os.pathsep)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    return site.root


def test_the_plugin_is_four_files():
    assert set(FILES) == {
        "pyproject.toml",
        "README.md",
        "tconv_design_tinynet/__init__.py",
        "tests/test_conformance.py",
    }


def test_its_test_is_three_lines_and_an_import_of_the_backend():
    assert len([line for line in FILES["tests/test_conformance.py"].splitlines() if line]) == 4


def test_it_passes_the_conformance_kit(tinynet):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tinynet), "tests"]
    done = subprocess.run(command, cwd=tinynet, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout
    assert re.search(r"^\d{3} passed, \d+ skipped in", done.stdout, flags=re.M)


@pytest.mark.parametrize(
    "layer", [Layer.tconv(2, kernel=(4, 3), stride=2, padding=[(1, 0), 1]), Layer.conv(1, kernel=3, dilation=2)]
)
def test_verify_proves_layers_on_it(tinynet, layer):
    (check,) = tconv_design.verify(layer, 6, ["tinynet"])
    assert (check.status, check.version, check.detail) == ("agrees", "1.0", "")
    assert check.code.startswith("import tinynet\n\nlayer = tinynet.Conv(")


def test_what_it_has_no_words_for_is_unsupported_with_its_reason(tinynet):
    (check,) = tconv_design.verify(Layer.conv(1, kernel=3, groups=2, in_channels=2, out_channels=2), 6, ["tinynet"])
    assert (check.status, check.detail) == (
        "unsupported",
        "tinynet has no groups, and the layer has 2; nearest: groups 1",
    )


def test_it_is_listed_with_the_version_of_its_framework(tinynet):
    found = {each.name: each for each in installed()}["tinynet"]
    assert (found.distribution, found.version, found.framework_version) == ("tconv-design-tinynet", "0.1.0", "1.0")
