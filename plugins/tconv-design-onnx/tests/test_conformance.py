from tconv_design_onnx import OnnxBackend
from tconv_design_onnx.defects import FIRST_BIAS
from tconv_design_onnx.reference import OnnxReferenceBackend

from tconv_design.testing import GRID, BackendTests


class TestOnnx(BackendTests):
    backend = OnnxBackend()


GROUPED = [case.id for case in GRID if case.layer.kind == "tconv" and case.layer.groups > 1]


class TestOnnxReference(BackendTests):
    backend = OnnxReferenceBackend()
    known_defects = dict.fromkeys(GROUPED, f"{FIRST_BIAS.reason} ({FIRST_BIAS.link})")
