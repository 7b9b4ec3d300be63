"""The jax and flax backends of tconv-design: they say a layer in lax's and in flax.nnx's words, and run what they say.

`lax` and `nnx` each bring one. jax and flax are imported when they are first needed, not with these modules.
"""
