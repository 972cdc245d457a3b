"""Fine-tuning a classifier of texts.

Read `train` first; then `data`, `model`, `loop` and `enrichment`.
"""
