"""The colours of pictures. None says anything alone: numbers and marks say the same."""

from __future__ import annotations

NONE = ""
"""No cell at all."""
BLANK = "#ffffff"
HOLE = "#000000"
OUTSIDE = "#e3e3e3"
INPUT = "#ffe3b0"
PINNED = "#f59e0b"
_LIGHT, _DARK = (219, 234, 254), (29, 78, 216)


def rgb(red: int, green: int, blue: int) -> str:
    """A colour of three channels, clipped at 255."""
    return "#" + "".join(f"{min(value, 255):02x}" for value in (red, green, blue))


def shade(value: int, most: int) -> str:
    """From nothing (black) through light to dark blue at `most`."""
    if value <= 0:
        return HOLE
    part = (value - 1) / (most - 1) if most > 1 else 0.35
    red, green, blue = (round(low + (high - low) * part) for low, high in zip(_LIGHT, _DARK, strict=True))
    return rgb(red, green, blue)


def ink(fill: str) -> str:
    """Black or white, whichever is read on a colour (relative luminance, WCAG 2.2)."""
    red, green, blue = (int(fill[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return "#000000" if 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.18 else "#ffffff"
