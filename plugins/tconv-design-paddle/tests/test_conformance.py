from tconv_design_paddle import PaddleBackend

from tconv_design.testing import BackendTests


class TestPaddle(BackendTests):
    backend = PaddleBackend()
