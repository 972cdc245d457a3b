"""Fine-tuning a classifier of texts, or of pairs of texts.

Read `train` and `settings` first; then `data`, `model`, `bi_encoder`, `head`, `loop`,
`metrics`, `report`; `enrichment` adds rows, and `verdicts` puts labels right. `events`
draws the curve for TensorBoard, `export` writes for ONNX Runtime, `search` tries
several settings.
"""
