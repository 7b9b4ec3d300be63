from tconv_design_keras import KerasBackend

from tconv_design.testing import BackendTests


class TestKeras(BackendTests):
    backend = KerasBackend()
