"""An image through an all-ones kernel: each pixel laid down `stride` apart, colours added and clipped at 255.

Black is a hole: no pixel reaches it. Where pixels overlap their channels add: red and green are yellow.
"""

from __future__ import annotations

from collections.abc import Sequence

from tconv_design.errors import InvalidQuestion
from tconv_design.pictures.common import heading, notes_of, sizes, title_of
from tconv_design.pictures.palette import HOLE, rgb
from tconv_design.pictures.scene import MOST_CELLS, Cell, Frame, Grid, Group, Row, Scene, check_drawable
from tconv_design.pictures.taps import inputs_of
from tconv_design.solution import Solution

Pixel = tuple[int, int, int]
Image = tuple[tuple[Pixel, ...], ...]

_R, _G, _B = (255, 0, 0), (0, 255, 0), (0, 0, 255)
_Y, _C, _M = (255, 255, 0), (0, 255, 255), (255, 0, 255)
LETTERS = {_R: "R", _G: "G", _B: "B", _Y: "Y", _C: "C", _M: "M", (255, 255, 255): "W", (0, 0, 0): "K"}
"""Red, green, blue, yellow, cyan, magenta, white, black."""
BUILT_IN: Image = (
    (_R, _G, _B, (255, 255, 255)),
    (_G, _B, _R, _Y),
    (_B, _R, _G, _C),
    ((128, 128, 128), _M, (255, 128, 0), (64, 0, 128)),
)
"""Four rows of four pixels: the pure colours, their sums, white and grey."""


def colours_scene(solutions: Sequence[Solution], image: Image = BUILT_IN) -> Scene:
    """The image and what the layer makes of it. Raises InvalidQuestion where they do not fit or cannot be drawn."""
    size = (len(image), len(image[0]))
    for solution in solutions:
        if solution.in_size != size:
            raise InvalidQuestion(
                f"the image is {sizes(size)} and the layer takes {sizes(solution.in_size)}",
                f"leave --in out, or give --in {sizes(size)}",
            )
        check_drawable(solution.out_size, "the output", max(solution.layer.stride))
        cells = solution.out_size[0] * solution.out_size[1]
        if cells > MOST_CELLS:
            raise InvalidQuestion(
                f"an image of {sizes(solution.out_size)} is too large to draw pixel by pixel",
                f"at most {MOST_CELLS} pixels are drawn: give a smaller image or stride",
            )
    groups = tuple(
        Group(heading(each), (_grid(f"image, {sizes(size)}", image), _grid(_outcome(each), through(each, image))))
        for each in solutions
    )
    return Scene(title_of("colours", solutions), (Frame(groups),), notes_of(solutions))


def through(solution: Solution, image: Image) -> tuple[tuple[Pixel | None, ...], ...]:
    """The image after an all-ones kernel: sums per channel, not yet clipped; None where no pixel arrives."""
    kind, (down, across) = solution.layer.kind, solution.layer.axes
    (height, width), (rows, columns) = solution.in_size, solution.out_size
    lefts = [inputs_of(kind, across, width, column) for column in range(columns)]
    widened = [[_sum([line[left] for left in reached]) for reached in lefts] for line in image]
    tops = [inputs_of(kind, down, height, row) for row in range(rows)]
    return tuple(
        tuple(_sum([widened[top][column] for top in reached]) for column in range(columns)) for reached in tops
    )


def _sum(pixels: Sequence[Pixel | None]) -> Pixel | None:
    """The sum per channel of those that there are."""
    arrived = [pixel for pixel in pixels if pixel is not None]
    if not arrived:
        return None
    red, green, blue = (sum(channel) for channel in zip(*arrived, strict=True))
    return red, green, blue


def _outcome(solution: Solution) -> str:
    return f"through ones, {sizes(solution.out_size)}"


def _grid(title: str, image: Sequence[Sequence[Pixel | None]]) -> Grid:
    rows: list[Row] = [tuple(_cell(pixel) for pixel in row) for row in image]
    return Grid(title, tuple(rows))


def _cell(pixel: Pixel | None) -> Cell:
    """A pixel with the letter of its colour, if it has one; black where none is."""
    if pixel is None:
        return Cell(HOLE, "", "hole")
    red, green, blue = (min(value, 255) for value in pixel)
    return Cell(rgb(red, green, blue), LETTERS.get((red, green, blue), ""))
