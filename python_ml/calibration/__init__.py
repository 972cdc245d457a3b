"""What defects cost recommendation and search, and weights of the index that follow.

`costs` (`calibrate`) damages repaired data in many ways, measures what each costs, and
learns a price per unit of rate. Read in this order: `damage` (which kinds there are),
`shop` (what one damage costs), `runs` (which are made, and those that were already),
`costs` (slopes, and how well they predict mixes never seen), `weights` (rows of the
seed `quality_weights_calibrated`).

Where it must not be believed: prices are those of one shop (they do not travel), of the
models named, at rates up to .2; a kind that no rule sees has a price and no weight.
"""
