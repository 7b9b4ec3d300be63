"""All sizes that a network takes on one axis, as congruences: exact, for every size there is.

Legal means: every layer gives at least one row, joins agree with a crop or pad that is equal on both sides (or is what
the file says to the row), pools drop nothing (but rows
of their own padding), and all claims of the file hold. Sizes are taken block by block through
`branches`: a stride costs nothing while it only rounds down, a transposed convolution, a join or a claim takes cases
apart, and most cases end at the joins.
"""

from __future__ import annotations

from typing import NamedTuple

from tconv_design.architecture.branches import INPUT_SIZE, Branch, check_number
from tconv_design.architecture.flat import sized_claims
from tconv_design.architecture.model import INPUT, Architecture, title
from tconv_design.architecture.residues import Congruence, congruences
from tconv_design.architecture.stages import Stage, stages
from tconv_design.errors import InvalidQuestion

MAX_STEPS = 2_000_000
"""Cases times blocks that are walked."""


class Legal(NamedTuple):
    """The legal sizes of one axis; `why` says what leaves none, and is empty where there are some."""

    classes: tuple[Congruence, ...]
    why: str = ""

    def below(self, size: int) -> int | None:
        """The largest legal size that is at most `size`."""
        return max((found for each in self.classes if (found := each.below(size)) is not None), default=None)

    def above(self, size: int) -> int | None:
        """The smallest legal size that is at least `size`."""
        return min((found for each in self.classes if (found := each.above(size)) is not None), default=None)


def legal_sizes(architecture: Architecture, axis: int) -> Legal:
    """Every size of `axis` (from 0) that the network takes, the claims of its file included.

    Raises InvalidQuestion for unknowns, for more cases than are kept apart, and for an unflatten whose channels depend
    on the size.
    """
    claims = sized_claims(architecture, axis)
    branches = [Branch(1, 0, 0, 1, None, {INPUT: INPUT_SIZE})]
    dying = _dying(architecture)
    steps = 0
    for index in range(len(architecture.blocks)):
        for stage in stages(architecture, axis, index, claims):
            example = _example(branches[0], stage)
            passed = [each for branch in branches for each in stage.take(branch)]
            if not passed:
                return Legal((), f"{title(architecture.blocks[index], index)} {stage.reason}{example}")
            branches = passed
            steps += len(branches)
            _check_steps(len(branches), steps)
        for branch in branches:
            for key in dying.get(index, ()):
                branch.signals.pop(key, None)
    return Legal(congruences(branches))


def without_sizes(architecture: Architecture) -> Architecture:
    """The network without the claims that fix a size: a layer's or the output's, in rows or in features."""
    fixed = {each.block for each in sized_claims(architecture, 0)}
    blocks = tuple(
        block._replace(
            size=block.size if block.kind == "unflatten" else None,
            in_channels=None if index in fixed else block.in_channels,
        )
        for index, block in enumerate(architecture.blocks)
    )
    channels = None if len(blocks) in fixed else architecture.output.channels
    return architecture._replace(blocks=blocks, output=architecture.output._replace(size=None, channels=channels))


def _check_steps(branches: int, steps: int) -> None:
    check_number(branches)
    if steps > MAX_STEPS:
        raise InvalidQuestion(
            f"the sizes of this network fall into so many cases that over {MAX_STEPS} steps are needed",
            "ask about a part of it",
        )


def _example(branch: Branch, stage: Stage) -> str:
    """The sizes that come to a stage where the input is the smallest of a branch; to be said if nothing passes."""
    n = branch.smallest
    if n is None or not stage.keys or any(key not in branch.signals for key in stage.keys):
        return ""
    return f" (at in {n}: {' and '.join(str(branch.size(key, n)) for key in stage.keys)})"


def _dying(architecture: Architecture) -> dict[int, list[int]]:
    """Per block the signals that nothing after it takes."""
    last: dict[int, int] = {}
    for index, block in enumerate(architecture.blocks):
        for key in (index, *block.sources, *(() if block.like is None else (block.like,))):
            last[key] = index
    last.pop(len(architecture.blocks) - 1, None)
    dying: dict[int, list[int]] = {}
    for key, index in last.items():
        dying.setdefault(index, []).append(key)
    return dying
