"""Results turned into text: lines with a tone, then plain or for a terminal."""
