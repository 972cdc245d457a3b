"""Which rows are about one product.

Read `find` first; then, in the order of their work, `records`, `blocking`, `pairs`,
`conflicts`, `sources`, `clusters` and `agreement`.
"""
