"""Texts to vectors. Read `encoders` first, then what it chooses from.

`languages` chooses; `transformer` (with `bert`, `packing` and `weights`), `use` and
`ngrams` are the encoders. `classifiers` reads what was trained to classify, of which
`pair_head` is a part.
"""
