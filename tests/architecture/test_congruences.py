import random
import time
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tconv_design.architecture.congruences import legal_sizes, without_sizes
from tconv_design.architecture.model import INPUT, Architecture, Block, Fit, Output, Side, Window
from tconv_design.architecture.templates import templates
from tconv_design.architecture.walk import walk
from tconv_design.errors import InvalidQuestion

EVEN = Side(equal=True)


def split_is_even(block, row):
    """Crops and pads whose both sides the file leaves open take as many rows at the begin as at the end."""
    if block.fit is None or (block.fit.sides[0].begin, block.fit.sides[0].end) != (None, None):
        return True
    return all(begin == end for fit in row.fits for begin, end in fit)


def drops(block, rows_in):
    return block.kind.endswith("_pool") and not block.window.ceil_mode and templates(block.window, 1)[0].dropped(rows_in)


def legal(architecture, n):
    """The slow, obvious answer, for one axis: walk it, and look at everything."""
    rows = list(walk(architecture, [n]))
    out = n
    for row in rows:
        if row.problems or row.out is None or not split_is_even(row.block, row) or drops(row.block, *row.in_.size):
            return False
        if row.block.size is not None and row.block.size != row.out.size:
            return False
        if row.block.in_channels not in (None, row.in_.channels):
            return False
        (out,) = row.out.size or (None,)
    claim = architecture.output
    return claim.size in (None, (out,)) and (not claim.same_as_input or out == n)


def contained(classes, n):
    return sum(
        n % each.modulus == each.remainder and each.first <= n and (each.last is None or n <= each.last)
        for each in classes
    )


def network(*blocks, output=Output(), size=None):
    """Blocks in a chain, but where they name their sources."""
    placed = [block if block.sources else block._replace(sources=(i - 1,)) for i, block in enumerate(blocks)]
    return Architecture(tuple(placed), 1, output=output, size=size)


def conv(kernel, stride=1, padding=0, **more):
    return Block("conv", (), Window("conv", str(kernel), str(stride), str(padding), **more))


def tconv(kernel, stride=1, padding=0, output_padding="", **more):
    return Block("tconv", (), Window("tconv", str(kernel), str(stride), str(padding), str(output_padding), **more))


def pool(kernel, stride, padding=0, ceil_mode=False, **more):
    return Block("max_pool", (), Window("conv", str(kernel), str(stride), str(padding), "", "1", ceil_mode, **more))


def join(*sources, fit=None):
    return Block("concat", sources, fit=fit)


def crop(side=EVEN):
    return Fit("crop", (side,))


def listed(architecture):
    return [each.to_dict() for each in legal_sizes(architecture, 0).classes]


SIDES = st.sampled_from(
    [EVEN, Side(), Side(begin=5), Side(begin=0), Side(end=2), Side(1, 0), Side(2, 2), Side(begin=1), Side(0, 0)]
)


@st.composite
def windows(draw):
    kind = draw(st.sampled_from(["conv", "conv", "conv", "tconv", "tconv", "max_pool", "max_pool", "pad", "crop"]))
    stride = str(draw(st.sampled_from([1, 1, 2, 2, 2, 3, 4, 5])))
    kernel = str(draw(st.integers(1, 6)))
    sides = st.integers(0, 3)
    pads = f"{draw(sides)}:{draw(sides)}"
    if kind in ("pad", "crop"):
        return Block(kind, (), Window("conv" if kind == "pad" else "tconv", "1", "1", pads))
    if kind == "max_pool":
        ceil, named = draw(st.booleans()), draw(st.integers(0, 5))
        pads = pads if named else draw(st.sampled_from(["same", "valid"]))
        return Block(kind, (), Window("conv", kernel, stride, pads, "", "1", ceil, "tensorflow"))
    if draw(st.integers(0, 3)) == 0:
        dialect = draw(st.sampled_from(["tensorflow", "keras", "jax", "onnx", "onnx-lower", "paddle"]))
        word = draw(st.sampled_from(["same", "same", "valid", "full"]))
        return Block(kind, (), Window(kind, kernel, stride, word, "", "1", False, dialect))
    extra = str(draw(st.integers(0, int(stride) - 1))) if kind == "tconv" else ""
    dilation = str(draw(st.sampled_from([1, 1, 1, 2])))
    return Block(kind, (), Window(kind, kernel, stride, pads, extra, dilation))


@st.composite
def networks(draw, longest=7):
    blocks = []
    for index in range(draw(st.integers(1, longest))):
        kind = draw(st.sampled_from(["map", "map", "map", "join", "like"])) if index else "map"
        earlier = st.integers(-1, index - 2)
        main = index - 1 if draw(st.integers(0, 5)) else draw(st.integers(-1, index - 1))
        if kind == "map":
            block = draw(windows())._replace(sources=(main,))
        elif kind == "join":
            others = draw(st.lists(earlier, min_size=1, max_size=2, unique=True))
            how = draw(st.sampled_from(["crop", "pad", None]))
            block = join(main, *others, fit=Fit(how, (draw(SIDES),)) if how else None)
        else:
            fit = Fit(draw(st.sampled_from(["crop", "pad"])), (draw(SIDES),))
            block = Block("crop", (main,), fit=fit, like=draw(earlier))
        if draw(st.integers(0, 14)) == 0:
            block = block._replace(size=(draw(st.integers(1, 40)),))
        blocks.append(block)
    output = Output(same_as_input=draw(st.integers(0, 3)) == 0)
    if draw(st.integers(0, 9)) == 0:
        output = Output(size=(draw(st.integers(1, 60)),))
    return Architecture(tuple(blocks), 1, output=output)


def check(architecture, sizes):
    found = legal_sizes(architecture, 0)
    for n in sizes:
        assert contained(found.classes, n) == legal(architecture, n), (n, found)
    assert bool(found.why) == (not found.classes)


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(networks(), st.lists(st.integers(300, 10**6), max_size=20))
def test_the_classes_hold_just_the_sizes_that_a_walk_finds_legal(architecture, large):
    check(architecture, [*range(1, 260), *large])
