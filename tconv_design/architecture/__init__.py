"""Whole networks: read from a file, walked size by size, checked, mirrored, and asked which sizes they take."""
