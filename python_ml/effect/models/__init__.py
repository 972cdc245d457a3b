"""Recommenders: each is fitted to one version, and scores products for users.

`neighbours` are counts (popularity, own purchases, neighbouring items), `ease` is a
linear model, `als` matrix factorization, `content` goes by texts, `hybrid` by several;
`fitted` fits them by their names and tunes the hybrid.
"""
