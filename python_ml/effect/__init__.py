"""What versions of the data are worth: to recommenders, and to search.

`recommenders` (`evaluate_recommenders`) and `search` (`evaluate_search`) train on each
version of the same data, found or repaired, and judge all of them by the same, as
`settings` say; `results` are the tables.

Read in this order: `ranking_metrics` (with ties averaged) and `paired_differences`
(one bootstrap draw for all). Of recommenders: `interactions` reads events, `split`
poses the problem (one cut in time, one test set, one exclude list, one candidate list),
`training` is what a version knows of it, the package `models` learns from that, and
`judging` ranks all candidates for all users; `targets` says what of a shop's events is
predicted. Of search: `lexical` is BM25, `search_index` one version, `search_task` the
queries and labels that judge all, `fusion` weighs words against vectors, `rerank`
learns from labels, and `systems` are all of these, judged. `lists` is what a shop may
show: the best of them, with reasons.

Where it must not be believed: with few users or queries intervals are wide, and
`smallest_difference` says how wide; where nobody judged what is shown, search seems
worse than it is (`judged_at_10_share`).
"""
