"""What each framework's own words mean: a module per framework, and what they share.

Nothing here imports a framework: this is knowledge, measured on the versions in `legal.VERSIONS`.
`catalogue` finds the module for a text or a name, `read` turns words into a layer, `write` a layer into words.
"""
