from tconv_design_jax.lax import JaxBackend
from tconv_design_jax.nnx import FlaxBackend

from tconv_design.testing import BackendTests


class TestJax(BackendTests):
    backend = JaxBackend()


class TestFlax(BackendTests):
    backend = FlaxBackend()
