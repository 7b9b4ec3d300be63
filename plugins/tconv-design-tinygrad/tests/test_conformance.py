from tconv_design_tinygrad import TinygradBackend

from tconv_design.testing import BackendTests


class TestTinygrad(BackendTests):
    backend = TinygradBackend()
