import os
import tracemalloc

import psutil
import pytest

from tconv_design import memory
from tconv_design.backends.numpy import NumpyBackend
from tconv_design.compare import judge
from tconv_design.layer import Layer
from tconv_design.memory import REFERENCE_BLOCKS, available_bytes, bytes_needed, in_words
from tconv_design.reference import reference
from tconv_design.samples import draw

LAYERS = [
    (Layer.tconv(2, kernel=4, stride=2, padding=1, in_channels=16, out_channels=32), (128, 128)),
    (Layer.tconv(1, kernel=3, stride=2, padding=2_000, in_channels=8, out_channels=8), (10_000,)),
    (Layer.conv(2, kernel=3, padding=1, in_channels=32, out_channels=16), (256, 256)),
    (Layer.conv(1, kernel=2, stride=4), (400_000,)),
    (Layer.conv(3, kernel=1, in_channels=2000, out_channels=2000), (1, 1, 1)),
]


@pytest.mark.parametrize(("layer", "size"), LAYERS)
def test_the_estimate_is_never_less_than_a_check_allocates_and_not_wildly_more(layer, size):
    tracemalloc.start()
    samples = draw(layer, size, 0)
    actual = NumpyBackend().run(layer, *samples)
    judge(reference(layer, *draw(layer, size, 0)), actual, samples.bias)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak <= bytes_needed(layer, size) <= 4 * peak + REFERENCE_BLOCKS


def test_what_is_available_is_no_more_than_the_machine_has():
    assert 0 < available_bytes() <= psutil.virtual_memory().total


def cgroup(root, version, limit):
    limit_file, usage, statistics, droppable = memory.CGROUPS[version]
    (root / limit_file).parent.mkdir(exist_ok=True)
    (root / limit_file).write_text(f"{limit}\n")
    (root / usage).write_text("700\n")
    (root / statistics).write_text(f"anon 1\n{droppable} 200\n")


@pytest.mark.parametrize("version", [0, 1])
@pytest.mark.parametrize(("limit", "room"), [(1000, 500), (300, 0), ("max", None)])
def test_a_container_leaves_its_limit_less_what_is_used_and_cannot_be_dropped(tmp_path, version, limit, room):
    cgroup(tmp_path, version, limit)
    assert memory._room(tmp_path, *memory.CGROUPS[version]) == room


def test_a_machine_without_control_groups_has_no_such_limit(tmp_path):
    assert memory._room(tmp_path, *memory.CGROUPS[0]) is None


@pytest.mark.skipif(os.name == "nt", reason="control groups are Linux's")
def test_the_limit_of_a_container_counts(monkeypatch):
    monkeypatch.setattr(memory, "_room", lambda *names: 12_345)
    assert available_bytes() == 12_345


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (300, "300 bytes"),
        (1_500_000, "1.5 MB"),
        (12_040_000_000, "12.0 GB"),
        (2 * 10**12, "2.0 TB"),
        (2 * 10**16, "20000 TB"),
        (10**40, "more than a million TB"),
    ],
)
def test_a_number_of_bytes_is_said_in_words(count, words):
    assert in_words(count) == words
