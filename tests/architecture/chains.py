"""Random networks on one axis, and the plain words in which tests build them by hand."""

from hypothesis import strategies as st

from tconv_design.architecture.model import INPUT, Architecture, Block, Window


def window(kind, kernel, stride=1, padding=0, output_padding=0, dilation=1, **more):
    return Window(kind, *(str(each) for each in (kernel, stride, padding, output_padding, dilation)), **more)


def chain(*blocks, size=None, channels=1, ndim=1, **more):
    """Blocks in a row: those without sources take the block before."""
    placed = [block if block.sources else block._replace(sources=(i - 1,)) for i, block in enumerate(blocks)]
    return Architecture(tuple(placed), ndim, channels, size, **more)


def conv(kernel, stride=1, padding=0, dilation=1, sources=(), **more):
    return Block("conv", sources, window("conv", kernel, stride, padding, 0, dilation), **more)


def tconv(kernel, stride=1, padding=0, output_padding=0, dilation=1, sources=(), **more):
    return Block("tconv", sources, window("tconv", kernel, stride, padding, output_padding, dilation), **more)


def pool(kernel, stride=None, padding=0, kind="max_pool", sources=(), **more):
    return Block(kind, sources, window("conv", kernel, stride or kernel, padding), **more)


def upsample(scale, sources=(), **more):
    return Block("upsample", sources, window("tconv", scale, scale), **more)


def linear_upsample(scale, sources=(), **more):
    window_ = window("tconv", 2 * scale - scale % 2, scale, (scale - scale % 2) // 2)
    return Block("upsample", sources, window_, **more)


def crop(begin, end, sources=(), **more):
    return Block("crop", sources, window("tconv", 1, 1, f"{begin}:{end}"), **more)


def pad(begin, end, sources=(), **more):
    return Block("pad", sources, window("conv", 1, 1, f"{begin}:{end}"), **more)


def concat(*sources, **more):
    return Block("concat", sources, **more)


sides = st.integers(0, 3)
blocks = st.one_of(
    st.builds(conv, st.integers(1, 5), st.integers(1, 4), sides, st.integers(1, 3)),
    st.builds(tconv, st.integers(1, 5), st.integers(1, 4), sides, st.just(0), st.integers(1, 3)),
    st.builds(pool, st.integers(1, 4), st.integers(1, 3)),
    st.builds(upsample, st.integers(1, 3)),
    st.builds(linear_upsample, st.integers(1, 4)),
    st.builds(crop, sides, sides),
    st.builds(pad, sides, sides),
)


@st.composite
def architectures(draw, most=5):
    """Chains of up to `most` blocks, and beside them now and then a branch that is joined again, cropped to fit."""
    from tconv_design.architecture.model import Fit, Side

    first = draw(st.lists(blocks, min_size=1, max_size=most))
    if draw(st.booleans()):
        return chain(*first)
    source = draw(st.integers(INPUT, len(first) - 1))
    begin = draw(sides)
    fit = Fit("crop", (Side(begin, None),))
    branch = crop(begin, draw(sides), sources=(source,))
    return chain(*first, branch, concat(len(first) - 1, len(first), fit=fit), *draw(st.lists(blocks, max_size=2)))
