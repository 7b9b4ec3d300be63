"""tconv-design: a shape calculator and layer-design assistant for convolution and transposed convolution."""

__version__ = "0.1.0"
