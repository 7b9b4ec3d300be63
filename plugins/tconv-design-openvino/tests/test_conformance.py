from tconv_design_openvino import OpenvinoBackend

from tconv_design.testing import BackendTests


class TestOpenvino(BackendTests):
    backend = OpenvinoBackend()
