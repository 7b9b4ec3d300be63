"""Convolution and transposed convolution in plain numpy: a few algorithms, and one rule that picks.

`pointwise`, `windows` and `stamps` compute convolutions, `stamps` and `subpixel` transposed ones. Each is one matrix
product over the channels with numbers moved before or after it; none inserts the stride's zeros between the input's
elements. All take layers of three axes (`volume` makes them so), in blocks that stay in the processor's cache where
they can, with samples innermost where a map is small, so that numbers move in long runs. `rule` estimates what each
takes.
"""
