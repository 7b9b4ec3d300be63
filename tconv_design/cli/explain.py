"""`explain`: one layer's size, step by step, with its source and the equivalent direct convolution."""

from __future__ import annotations

from typing import Any

from tconv_design.cli.layers import one_layer, with_code
from tconv_design.cli.options import AsJson, NoColor, Pasted, asks_a_layer, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.explanation import explain_layer
from tconv_design.render.lines import explain_lines

EXAMPLES = """Examples:

  tconv-design explain --in 14 -k 3 -s 2 -p 1 --output-padding 1

  tconv-design explain --kind conv --in 224 --kernel 7 --stride 2 --padding 3

  tconv-design explain --in 7 -k 3 -s 2 --padding same --dialect keras

  tconv-design explain "nn.ConvTranspose2d(8, 4, 4, stride=2)" --in 7"""


@asks_a_layer
def explain(asked: dict[str, Any], layer: Pasted = None, as_json: AsJson = False, no_color: NoColor = False) -> int:
    """Show the formula with a layer's numbers, step by step, where it comes from, and its direct convolution."""
    solution = one_layer(with_code(asked, layer), "explain")
    explanation = explain_layer(solution.layer, solution.in_size)
    if as_json:
        emit_json(document("explain", explanation.to_dict() | {"reasons": list(solution.reasons)}))
    else:
        emit_text(explain_lines(explanation, solution), no_color)
    return 0


app = command("explain", EXAMPLES)(explain)
