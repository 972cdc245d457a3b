"""Days of series that are not what was to be expected, and incidents made of them.

`find` (`find_anomalies`) tests each day of each series by what was known before, and
`incidents` (`group_incidents`) puts alarms of one cause together.

Read in this order: `grid` has series as arrays, `measures` in which units they are
tested; `forecast` is the regression on level, slope and weekday, `student` the mixture
of t that it yields, `shared_scale` the noise that series of a kind have in common;
`counts` is the forecast of few rows; `strange` says what of the past is left out, and
`levels` which level holds; `by_numbers` and `by_counts` make of them a test, `tested`,
of one day; `results` is the table of them (`schemas`), `kept` what of it still holds in
a later run; `explain` finds the slice behind an incident, `words` says it in a
sentence.

Tables are Arrow. Where it must not be believed: noise with heavy tails (Student's t of
five degrees of freedom) gives three times as many alarms as it should, and months,
holidays and sales are not known to it.
"""
