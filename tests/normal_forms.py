"""Two layers are the same if they compute the same: their normal forms at an input size are equal."""


def normal_form(layer, in_size):
    """What a layer depends on: the rows a tconv crops at its begin and end, the rows a conv starts and stops at."""
    axes = tuple(_axis(layer.kind, axis, size) for axis, size in zip(layer.axes, in_size, strict=True))
    return layer.kind, axes, layer.groups, layer.in_channels, layer.out_channels


def without_channels(layer, in_size):
    """The normal form of a layer read from words that do not say channels."""
    return normal_form(layer, in_size)[:3]


def _axis(kind, axis, size):
    """The end padding of a conv matters only modulo its stride, so its output size stands for it."""
    dilation = axis.dilation if axis.kernel > 1 else 1  # a single tap is not spread
    end = axis.end if kind == "tconv" else axis.out("conv", size)
    return axis.kernel, axis.stride, dilation, axis.pad_begin, end
