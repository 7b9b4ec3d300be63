"""`check`: a network's file, layer by layer: sizes, costs, receptive fields, overlap, and all that does not hold."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tconv_design.architecture.report import check as checked
from tconv_design.architecture.spec import read_file
from tconv_design.cli.options import RUNNING, AsJson, BackendNames, NoColor, Seed, Timeout, asks, command
from tconv_design.cli.output import document, emit_json, emit_text
from tconv_design.cli.solve import checks_code, versions
from tconv_design.render.check import check_lines

EXAMPLES = """Examples:

  tconv-design check generator.toml

  tconv-design check unet.toml --in 572x572

  tconv-design check codec.toml --verify-chain --backend torch"""

Proof = Annotated[
    bool, typer.Option("--verify", help="Prove each distinct layer on all backends.", rich_help_panel=RUNNING)
]
ChainProof = Annotated[
    bool,
    typer.Option(
        "--verify-chain", help="Run the whole network on all backends, on small integers.", rich_help_panel=RUNNING
    ),
]


@asks("in")
def check(
    asked: dict[str, Any],
    file: Annotated[str, typer.Argument(metavar="FILE", help="An architecture file (TOML), or - for stdin.")],
    verify: Proof = False,
    verify_chain: ChainProof = False,
    backend: BackendNames = None,
    timeout: Timeout = 60.0,
    seed: Seed = 0,
    as_json: AsJson = False,
    no_color: NoColor = False,
) -> int:
    """Check a network: every size and claim of its file, costs, receptive field and overlap; 1 if anything is wrong."""
    report = checked(read_file(file, asked.get("in")))
    proofs = []
    if verify or verify_chain or backend:
        from tconv_design.network_proof import prove_network

        layers = verify or not verify_chain
        proofs = prove_network(report, backend, layers=layers, chain=verify_chain, timeout=timeout, seed=seed)
    checks = [proof.check for proof in proofs]
    if as_json:
        body = report.to_dict() | {"checks": [proof.to_dict() for proof in proofs]}
        emit_json(document("check", body | ({"seed": seed} if checks else {}), versions(checks)))
    else:
        emit_text(check_lines(report, file, proofs), no_color)
    code = checks_code(checks, backend or ())
    return code if report.holds else 1


app = command("check", EXAMPLES)(check)
