"""What is drawn of a layer, as plain data: scenes of grids, made of results; how they look stands in `drawing`."""
