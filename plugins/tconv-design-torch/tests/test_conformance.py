from tconv_design_torch import TorchBackend

from tconv_design.testing import BackendTests


class TestTorch(BackendTests):
    backend = TorchBackend()
