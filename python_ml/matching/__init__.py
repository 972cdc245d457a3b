"""What two texts have in common.

`features` measures it, by the tokens that `profiles` finds; `classifier` learns from
it.
"""
