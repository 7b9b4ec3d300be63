"""Scenes written in each format: SVG, HTML, PNG and GIF; the terminal's stands in `render`."""
