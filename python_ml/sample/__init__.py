"""The simulated shop, with its truth. Read `simulate` first.

`schema` says what there is; `shop`, `text`, `master_data`, `behaviour` and `feedback`
draw it; `defects`, `planting`, `corruption` and `damage` spoil it; `repairability` says
what of that can be mended; `feed`, `columns`, `truth` and `writing` carry it.
`repair_quality` holds repairs against the truth. No other room is entered from here.
"""
