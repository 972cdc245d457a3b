"""Assay's Python half: the simulated shop and the command line."""
