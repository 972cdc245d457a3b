"""Rows that are added to thin classes.

Read `augment` first; then `synonyms` and `translation`. `ways` has the names.
"""
