"""What differs, and what goes together: tests of quality between groups.

Read in this order: `comparisons` (what a test found, as a row), `words` (what sentences
are made of), `shares` (do rows fail more often in one group? chi-square), `periods`
(days that are alike are no further observations: weeks or months then), `scores` (are
days of one group better? Welch, Levene, ranks), `components` (do two components rise
together?), `compare` (all of it, and p values adjusted for their number).

Only scipy computes. What is one observation stands beside each result.
"""
