"""The report: one page on what a build found, for people who open no database.

Begin with `page`, which writes it. It asks nine questions of the marts, a module each:
`scores` (how good is it, which feed, where inside), `changes`, `trend`, `calendar`,
`rules`, `labels` and `repairs`, which ends with what they are `worth`. `marts` reads
them, read-only and in aggregates;
`shares` has the intervals and tests of counted rows. `visible` says how a value of the
data may be shown, `figures` how a number is written, and `words` in which language.
Templates, style, script and catalogues lie in `page/`.
"""
