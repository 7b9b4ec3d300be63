"""`verify`: one layer, built and run in every backend, compared in shape, phase and values."""

from __future__ import annotations

from typing import Any

from tconv_design.cli.layers import one_layer, with_code
from tconv_design.cli.options import AsJson, BackendNames, NoColor, Pasted, Seed, Timeout, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.cli.solve import checks_code, versions
from tconv_design.render.lines import verify_lines
from tconv_design.verification import verify as verify_layer

EXAMPLES = """Examples:

  tconv-design verify --in 14 -k 3 -s 2 -p 1 --backend numpy

  tconv-design verify --kind conv --in 64x64 -k 7 -s 2 -p 3 --in-channels 3

  tconv-design verify --in 7 -k 3 -s 2 --padding same --dialect keras

  tconv-design verify "layers.Conv1D(8, 3, padding='same')" --in 7"""


@asks_a_layer
def verify(
    asked: dict[str, Any],
    layer: Pasted = None,
    backend: BackendNames = None,
    timeout: Timeout = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Build one layer in each installed backend, run it on sample data, and compare shape, phase and values."""
    solution = one_layer(with_code(asked, layer), "verify")
    checks = verify_layer(solution.layer, solution.in_size, backend, timeout=timeout, seed=seed)
    if as_json:
        body = {
            "layer": solution.layer.to_dict(),
            "in": list(solution.in_size),
            "out": list(solution.out_size),
            "checks": [check.to_dict() for check in checks],
            "seed": seed,
        }
        emit_json(document("verify", body, versions(checks)))
    else:
        emit_text(verify_lines(solution, checks), no_color)
    return checks_code(checks, backend or ())


app = command("verify", EXAMPLES)(verify)
