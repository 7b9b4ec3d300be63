"""Chains of layers between two sizes: counted exactly, and the best of them found and proven best."""
