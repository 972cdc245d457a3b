"""Missing values, found elsewhere in the record.

`values` finds one in the record's own text; `misfielded` finds it where another
column's text took it in.
"""
