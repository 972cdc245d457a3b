"""Which labels are wrong, what they should be, and how many there are.

Read `texts` and `scores` first; then `features`, `classifier`, `noise`, `rows`,
`scoring` and `audits`. `pairs` judges labels of two texts, by `python_ml.matching`.
"""
