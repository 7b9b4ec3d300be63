"""Convolution and transposed convolution in plain numpy: a few algorithms and one rule that picks.

`windows` and `sums` compute a convolution, `stamps` and `subpixel` a transposed one; `rule` estimates what each takes.
All are one matrix product over the channels with numbers moved before or after it, and none of them makes an array
with zeros between the input's elements. Samples lie innermost where a map is small, so that every move has long runs.
"""
