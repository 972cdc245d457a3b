"""What every room stands on.

`inputs` says what is a text, a label, missing, the same, `look_alikes` what a reader
sees of a text; `devices` where and in which numbers PyTorch computes; `folds`,
`softmax_regression` and `nearest` compute;
`code_version` says when a kept result is out of date, and `installed` what is not;
`marts` finds those of a warehouse.
"""
