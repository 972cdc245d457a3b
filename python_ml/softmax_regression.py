"""Multinomial logistic regression on soft targets, on a GPU where there is one."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

_MEMORY = 8  # Steps that L-BFGS remembers.
_SUFFICIENT_DECREASE = 1e-4
_LEAST_STEP = 1e-6


class Features:
    """Columns of features for rows of texts, as blocks, dense or sparse.

    Attributes:
        blocks: Tensors [rows, columns], dense float32 or sparse CSR.
        rows: How many rows.
        columns: How many columns all blocks have.
    """

    def __init__(self, blocks: Sequence[torch.Tensor]):
        """Make features of blocks that have the same rows."""
        self.blocks = list(blocks)
        self.rows = blocks[0].shape[0]
        self.columns = sum(block.shape[1] for block in blocks)
        self._transposed = None

    def take(self, rows: torch.Tensor) -> Features:
        """Return the features of some rows."""
        import torch

        return Features(
            [
                block[rows]
                if block.layout == torch.strided
                else _take_sparse(block, rows)
                for block in self.blocks
            ]
        )

    def times(self, weights: torch.Tensor) -> torch.Tensor:
        """Return features @ weights [rows, classes]; the last row is constants."""
        import torch

        parts = torch.split(weights[:-1], [block.shape[1] for block in self.blocks])
        result = weights[-1].expand(self.rows, -1)
        for block, part in zip(self.blocks, parts, strict=True):
            result = result + block @ part
        return result

    def transposed_times(self, values: torch.Tensor) -> torch.Tensor:
        """Return transposed features @ values, and the sums of values in a last row."""
        import torch

        if self._transposed is None:
            self._transposed = [_transposed(block) for block in self.blocks]
        parts = [block @ values for block in self._transposed]
        return torch.cat([*parts, values.sum(0, keepdim=True)])


def sparse_rows(
    starts: torch.Tensor,
    columns: torch.Tensor,
    values: torch.Tensor,
    shape: tuple[int, int],
) -> torch.Tensor:
    """Make a sparse CSR tensor, without PyTorch's warnings that it is in beta.

    Args:
        starts: int64 [rows + 1], where the values of each row start.
        columns: int64 [values].
        values: float32 [values].
        shape: Rows and columns.

    Returns:
        The tensor, on the device of the values.
    """
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return torch.sparse_csr_tensor(starts, columns, values, shape)


def _transposed(block: torch.Tensor) -> torch.Tensor:
    import torch

    if block.layout == torch.strided:
        return block.T
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # as in sparse_rows
        columns = block.to_sparse_csc()
    return sparse_rows(
        columns.ccol_indices(),
        columns.row_indices(),
        columns.values(),
        (block.shape[1], block.shape[0]),
    )


def _take_sparse(block: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    import torch

    starts, counts = block.crow_indices()[rows], block.crow_indices().diff()[rows]
    ends = counts.cumsum(0)
    total = int(ends[-1]) if len(ends) else 0
    place = torch.arange(total, device=rows.device)
    place += torch.repeat_interleave(starts - ends + counts, counts)
    return sparse_rows(
        torch.cat([ends.new_zeros(1), ends]),
        block.col_indices()[place],
        block.values()[place],
        (len(rows), block.shape[1]),
    )


def fit_softmax(
    features: Features,
    targets: torch.Tensor,
    strength: float,
    *,
    start: torch.Tensor | None = None,
    iterations: int = 60,
) -> torch.Tensor:
    """Fit the weights whose softmax comes nearest to the targets.

    Minimizes the cross entropy plus ||weights||^2 / (2 * strength * rows) by L-BFGS
    (Liu and Nocedal 1989) with backtracking.

    Args:
        features: Of the rows.
        targets: float32 [rows, classes]; rows sum to 1.
        strength: How far weights may grow; the inverse of the ridge penalty, above 0.
        start: Weights to begin with, as returned for similar targets.
        iterations: Steps at most.

    Returns:
        float32 [columns + 1, classes]; the last row holds the constants.
    """
    import torch

    rows, penalty = features.rows, 1 / (strength * features.rows)

    def loss_and_slope(weights):
        logits = features.times(weights)
        total = torch.logsumexp(logits, 1)
        loss = (total.sum() - (targets * logits).sum()) / rows
        loss = loss + penalty / 2 * weights[:-1].square().sum()
        probabilities = torch.exp(logits - total[:, None])
        slope = features.transposed_times(probabilities.sub_(targets)) / rows
        slope[:-1] += penalty * weights[:-1]
        return float(loss), slope

    if start is None:
        weights = targets.new_zeros((features.columns + 1, targets.shape[1]))
        weights[-1] = torch.log(targets.mean(0) + 1e-4)
    else:
        weights = start
    loss, slope = loss_and_slope(weights)
    steps, changes = [], []
    for _ in range(iterations):
        direction = _newton_direction(slope, steps, changes)
        descent = float((direction * slope).sum())
        if descent >= 0:
            direction, descent = -slope, -float(slope.square().sum())
            steps, changes = [], []
        size = 1.0
        while True:
            next_loss, next_slope = loss_and_slope(weights + size * direction)
            if next_loss <= loss + _SUFFICIENT_DECREASE * size * descent:
                break
            size /= 2
            if size < _LEAST_STEP:
                return weights
        step, change = size * direction, next_slope - slope
        if float((step * change).sum()) > 1e-12:
            steps, changes = [*steps, step][-_MEMORY:], [*changes, change][-_MEMORY:]
        weights, slope = weights + step, next_slope
        if loss - next_loss < 1e-5 * max(abs(loss), 1e-3):
            break
        loss = next_loss
    return weights


def _newton_direction(slope, steps, changes):
    """Two-loop recursion: minus the inverse curvature times the slope."""
    direction, factors = -slope, []
    for step, change in zip(reversed(steps), reversed(changes), strict=True):
        inverse = 1 / float((step * change).sum())
        factor = inverse * float((step * direction).sum())
        direction = direction - factor * change
        factors.append((inverse, factor))
    if steps:
        last, change = steps[-1], changes[-1]
        direction = direction * (
            float((last * change).sum()) / float(change.square().sum())
        )
    else:
        # The curvature of cross entropy is at most 1/2 for rows of length 1.
        direction = direction * 2
    for step, change, (inverse, factor) in zip(
        steps, changes, reversed(factors), strict=True
    ):
        back = inverse * float((change * direction).sum())
        direction = direction + (factor - back) * step
    return direction
