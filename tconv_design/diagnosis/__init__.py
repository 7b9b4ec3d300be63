"""Diagnose: what a framework's error means for the layer that it is about, and which edits would work."""

from __future__ import annotations

from tconv_design.diagnosis.diagnose import Diagnosis, diagnose

__all__ = ["Diagnosis", "diagnose"]
