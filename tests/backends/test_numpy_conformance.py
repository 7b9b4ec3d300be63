from tconv_design.backends.numpy import NumpyBackend
from tconv_design.testing import BackendTests


class TestNumpy(BackendTests):
    backend = NumpyBackend()
