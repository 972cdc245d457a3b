"""What people have said of labels, as rows to train on: `with_verdicts`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from python_ml.common.inputs import listed

# As how many rows one counts of which a person has said what its label is. Given labels
# are wrong in a few of a hundred rows, verdicts are hardly ever: what outweighs a
# handful of like rows is enough, and more would have a model learn single rows.
VERDICT_WEIGHT = 3.0


def with_verdicts(
    labels: Sequence, verdicts: Mapping | None
) -> tuple[list, np.ndarray | None]:
    """Put labels right that people have judged, and let those rows count more.

    Args:
        labels: As of `train`.
        verdicts: Equally long arrays: `row` (place in the labels), `is_wrong`, and
            optionally `right_label`; other keys, such as `weight`, are those of audits
            and are ignored.

    Returns:
        The labels: a right one where it is known, None where one is wrong and it is
        not. And float32 [labels], how much each row counts; None without verdicts.

    Raises:
        ValueError: If verdicts are not equally long, of no row, of one row twice, or
            neither true nor false.
    """
    labels = listed(labels)
    if verdicts is None or not len(verdicts["row"]):
        return labels, None
    rows = listed(verdicts["row"])
    is_wrong = listed(verdicts["is_wrong"])
    given = verdicts.get("right_label")
    right = [None] * len(rows) if given is None else listed(given)
    if not len(rows) == len(is_wrong) == len(right):
        raise ValueError("verdicts: row, is_wrong and right_label must be as many.")
    weights = np.ones(len(labels), np.float32)
    seen: set[int] = set()
    for row, wrong, label in zip(rows, is_wrong, right, strict=True):
        if type(row) is not int or not 0 <= row < len(labels):
            raise ValueError(f"verdicts: there is no row {row!r} of {len(labels)}.")
        if row in seen:
            raise ValueError(f"verdicts: row {row} occurs more than once.")
        if wrong not in (0, 1):
            raise ValueError(f"verdicts: is_wrong of row {row} is {wrong!r}.")
        seen.add(row)
        weights[row] = VERDICT_WEIGHT
        if wrong:
            labels[row] = label
    return labels, weights
