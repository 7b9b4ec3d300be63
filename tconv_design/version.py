"""The version of tconv-design."""

__version__ = "0.1.0"
