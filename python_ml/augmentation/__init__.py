"""Rows that are added to thin classes.

Read `augment` first; then `texts`, `translation` and `vectors`, the ways of it, and
`choice`, which tries them.
"""
