from tconv_design_mlx import MlxBackend

from tconv_design.testing import BackendTests


class TestMlx(BackendTests):
    backend = MlxBackend()
