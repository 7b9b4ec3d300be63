"""How much memory a check takes, estimated before anything is allocated, and how much there is."""

from __future__ import annotations

import math
from contextlib import suppress
from pathlib import Path

from tconv_design.layer import Layer
from tconv_design.samples import BATCH
from tconv_design.steps import Step, last_readers

FLOAT32, FLOAT64 = 4, 8
COPIES = 4  # arrays as large as what goes in and out that a pool, a join or an upsampling works with
REFERENCE_BLOCKS = 64 * 2**20  # bytes that the reference works in besides its arrays

# (limit, usage, statistics, the statistics' name for file pages that can be dropped), as cgroups v2 and v1 have them
CGROUPS = (
    ("memory.max", "memory.current", "memory.stat", "inactive_file"),
    ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes", "memory/memory.stat", "total_inactive_file"),
)


def bytes_needed(layer: Layer, in_size: tuple[int, ...]) -> int:
    """A careful estimate of what one check of `layer` allocates, in bytes, beyond the framework itself.

    Counts each array twice for the framework (its layout and ours), its patch matrix for one sample, the transposed
    result before cropping, and the reference in float64.
    """
    out_size = layer.output_size(in_size)
    x = BATCH * layer.in_channels * math.prod(in_size)
    out = BATCH * layer.out_channels * math.prod(out_size)
    weight = math.prod(layer.weight_shape)
    taps = math.prod(layer.kernel)
    if layer.kind == "tconv":
        full = math.prod(axis.full(size) for axis, size in zip(layer.axes, in_size, strict=True))
        whole, patches = BATCH * layer.out_channels * full, layer.out_channels * taps * math.prod(in_size)
    else:
        padded = math.prod(size + sum(pair) for size, pair in zip(in_size, layer.padding, strict=True))
        whole, patches = BATCH * layer.in_channels * padded, layer.in_channels * taps * math.prod(out_size)
    framework = FLOAT32 * (2 * (x + weight + whole + out) + patches)
    return framework + FLOAT64 * (x + weight + whole + 2 * out) + REFERENCE_BLOCKS


def chain_bytes_needed(steps: tuple[Step, ...], in_shape: tuple[int, ...]) -> int:
    """A careful estimate of what running a whole network allocates, in bytes, beyond the framework itself.

    Counts the outputs that are still to be read at each block, and on top what that block itself takes.
    """
    readers = last_readers(steps)
    alive, most = {-1: in_shape}, 0
    for index, step in enumerate(steps):
        held = FLOAT32 * sum(map(math.prod, alive.values()))
        most = max(most, held + _step_bytes(step, [alive[source] for source in step.sources]))
        alive[index] = step.out
        for source in [each for each in {*step.sources, index} if readers.get(each, len(steps)) <= index]:
            del alive[source]
    return most + REFERENCE_BLOCKS


def _step_bytes(step: Step, shapes: list[tuple[int, ...]]) -> int:
    if step.layer:
        return bytes_needed(step.layer, shapes[0][1:]) - REFERENCE_BLOCKS
    weights = math.prod(shapes[0]) * step.out[0] if step.op == "linear" else 0
    return FLOAT64 * (2 * weights + COPIES * (math.prod(step.out) + sum(map(math.prod, shapes))))


def available_bytes() -> int:
    """Memory that can be had without swapping, within the limit of the container if there is one."""
    import psutil

    free = int(psutil.virtual_memory().available)
    return min([free, *(room for each in CGROUPS if (room := _room(Path("/sys/fs/cgroup"), *each)) is not None)])


def in_words(count: int) -> str:
    """A number of bytes as people say it: 300 bytes, 1.5 MB, 12.0 GB."""
    if count < 10**6:
        return f"{count} bytes"
    for unit, size in (("MB", 10**6), ("GB", 10**9), ("TB", 10**12)):
        if count < 1000 * size:
            return f"{count / size:.1f} {unit}"
    return f"{count // 10**12} TB" if count < 10**18 else "more than a million TB"


def _room(root: Path, limit: str, usage: str, statistics: str, droppable: str) -> int | None:
    """What a control group leaves; None where there is none, or none with a limit."""
    with suppress(OSError, ValueError, KeyError):
        numbers = dict(line.split() for line in (root / statistics).read_text().splitlines())
        used = int((root / usage).read_text()) - int(numbers[droppable])
        return max(0, int((root / limit).read_text()) - used)
    return None
