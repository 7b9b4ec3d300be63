"""Rules that look at layers in pasted code, Python source and architecture files; nothing is executed."""
