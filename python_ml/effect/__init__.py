"""What versions of the data are worth: to recommenders, and to search.

`recommenders` (`evaluate_recommenders`) and `search` (`evaluate_search`) train on each
version, found and repaired, and judge all of them by the same.
"""
