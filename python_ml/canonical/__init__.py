"""A value in the form that its rule asks for.

Read `forms` and `rule` first; then `text`, `terms`, `patterns`, `readings`, `numbers`,
`units`, `times`, `json` and `meaning`, which says what no repair may change. No other
room is entered from here.
"""
