"""Fine-tuning a classifier of texts.

Read `train` and `settings` first; then `data`, `model`, `loop`, `report`, and
`enrichment`, which adds rows.
"""
