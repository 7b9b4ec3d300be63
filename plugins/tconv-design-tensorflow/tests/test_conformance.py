from tconv_design_tensorflow import TensorflowBackend

from tconv_design.testing import BackendTests


class TestTensorflow(BackendTests):
    backend = TensorflowBackend()
