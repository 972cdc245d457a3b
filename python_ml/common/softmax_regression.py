"""Multinomial logistic regression on soft targets, on a GPU where there is one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import scipy.sparse
    import torch

_MEMORY = 8  # Steps that L-BFGS remembers.
_SUFFICIENT_DECREASE = 1e-4
_LEAST_STEP = 1e-6
_TOLERANCE = 1e-4  # A looser end of learning ranks noisy labels no worse.
_SAMPLE = 50_000  # Rows from which the curvature is learned.
_RIDGE_ROWS = 5.0  # In each direction it is at least that of so many rows.


class Features:
    """Columns of features for rows of texts, as blocks, dense or sparse.

    Attributes:
        blocks: [rows, columns] each, float32 or float64 as all of them: dense tensors,
            or scipy's sparse rows, whose products are made on the CPU.
        number_type: Of PyTorch, that of the blocks.
        rows: How many rows.
        columns: How many columns all blocks have.
        device: Of PyTorch, where products are wanted.
        inverse_curvature: That of a logistic loss: of dense blocks side by side
            in each direction of their columns, [columns, columns], of a sparse block by
            column, [columns, 1]. Rows that were taken keep that of all.
    """

    def __init__(
        self,
        blocks: Sequence[torch.Tensor | scipy.sparse.csr_matrix],
        inverse_curvature: Sequence[torch.Tensor] = (),
    ):
        """Make features of blocks that have the same rows."""
        import torch

        self.blocks = list(blocks)
        self.rows = blocks[0].shape[0]
        self.columns = sum(block.shape[1] for block in blocks)
        dense = [block for block in blocks if isinstance(block, torch.Tensor)]
        self.device = dense[0].device if dense else torch.device("cpu")
        self.number_type = getattr(torch, str(blocks[0].dtype).removeprefix("torch."))
        self.inverse_curvature = inverse_curvature or _inverted_curvature(
            self.blocks, self.device
        )

    def take(self, rows: torch.Tensor) -> Features:
        """Return the features of some rows."""
        import torch

        return Features(
            [
                block[rows if isinstance(block, torch.Tensor) else rows.cpu().numpy()]
                for block in self.blocks
            ],
            self.inverse_curvature,
        )

    def times(self, weights: torch.Tensor) -> torch.Tensor:
        """Return features @ weights [rows, classes]; the last row is constants."""
        import torch

        parts = torch.split(weights[:-1], [block.shape[1] for block in self.blocks])
        result = weights[-1].expand(self.rows, -1)
        for block, part in zip(self.blocks, parts, strict=True):
            result = result + _product(block, part)
        return result

    def transposed_times(self, values: torch.Tensor) -> torch.Tensor:
        """Return transposed features @ values, and the sums of values in a last row."""
        import torch

        parts = [_product(block.T, values) for block in self.blocks]
        return torch.cat([*parts, values.sum(0, keepdim=True)])


def _product(
    block: torch.Tensor | scipy.sparse.csr_matrix, values: torch.Tensor
) -> torch.Tensor:
    import torch

    if isinstance(block, torch.Tensor):
        return block @ values
    factor = values.cpu().numpy()
    if factor.shape[1] == 1:  # Three times as fast as a matrix of one column.
        found = (block @ factor[:, 0])[:, None]
    else:
        found = block @ factor
    return torch.from_numpy(found).to(values.device)


def _inverted_curvature(
    blocks: Sequence[torch.Tensor | scipy.sparse.csr_matrix], device: torch.device
) -> list[torch.Tensor]:
    """Invert a quarter of the columns' second moments (Boehning 1992), and a ridge."""
    import torch

    rows = blocks[0].shape[0]
    step = 1 + rows // _SAMPLE
    sampled = max(len(range(0, rows, step)), 1)
    inverses = []
    for is_dense, group in groupby(blocks, lambda one: isinstance(one, torch.Tensor)):
        samples = [block[::step] for block in group]
        if is_dense:
            sample = torch.cat(samples, 1)
            moments = (sample.T @ sample).double() / 4
            moments.diagonal().add_(_RIDGE_ROWS)
            inverse = torch.cholesky_inverse(torch.linalg.cholesky(moments))
            inverses.append((inverse * sampled).to(sample.dtype))
            continue
        for sample in samples:
            moments = torch.from_numpy(sample.multiply(sample).sum(0).T / 4)
            inverse = sampled / (moments + _RIDGE_ROWS)
            kind = getattr(torch, str(sample.dtype))
            inverses.append(inverse.to(device, kind))
    return inverses


def fit_softmax(
    features: Features,
    targets: torch.Tensor,
    strength: float,
    *,
    row_weights: torch.Tensor | None = None,
    start: torch.Tensor | None = None,
    iterations: int = 60,
    tolerance: float = _TOLERANCE,
) -> torch.Tensor:
    """Fit the weights whose softmax comes nearest to the targets.

    Minimizes the cross entropy plus ||weights||^2 / (2 * strength * rows) by L-BFGS
    (Liu and Nocedal 1989) with backtracking. It begins from the curvature of the
    features, and so takes a third to a fifth of the steps. The weights of two classes
    mirror each other, and one column of them is sought.

    Args:
        features: Of the rows.
        targets: [rows, classes], of the number type of the features; rows sum to 1.
        strength: How far weights may grow; the inverse of the ridge penalty, above 0.
        row_weights: [rows], of that type, how much each row counts; None for all the
            same.
        start: Weights to begin with, as returned for similar targets.
        iterations: Steps at most.
        tolerance: Share of the loss that a step must take off for another to follow.

    Returns:
        [columns + 1, classes], of that type; the last row holds the constants.
    """
    import torch

    rows, penalty = features.rows, 1 / (strength * features.rows)
    is_mirrored = targets.shape[1] == 2

    def spread(columns: torch.Tensor) -> torch.Tensor:
        return torch.cat([-columns, columns], 1) if is_mirrored else columns

    def loss_and_slope(weights: torch.Tensor) -> tuple[float, torch.Tensor]:
        logits = spread(features.times(weights))
        total = torch.logsumexp(logits, 1)
        if row_weights is None:
            loss = (total.sum() - (targets * logits).sum()) / rows
        else:
            losses = total - (targets * logits).sum(1)
            loss = (row_weights * losses).sum() / rows
        loss = loss + penalty / 2 * (1 + is_mirrored) * weights[:-1].square().sum()
        wrong = torch.exp(logits - total[:, None]).sub_(targets)[:, int(is_mirrored) :]
        if row_weights is not None:
            wrong = wrong * row_weights[:, None]
        slope = features.transposed_times(wrong) / rows
        slope[:-1] += penalty * weights[:-1]
        return float(loss), slope * (1 + is_mirrored)

    if start is None:
        start = targets.new_zeros((features.columns + 1, targets.shape[1]))
        start[-1] = torch.log(targets.mean(0) + 1e-4)
        start[-1] -= start[-1].mean()
    weights = start[:, int(is_mirrored) :]
    loss, slope = loss_and_slope(weights)
    # Of a step, how it changed the slope, and 1 / their product.
    pairs: list[tuple[torch.Tensor, torch.Tensor, float]] = []
    for _ in range(iterations):
        direction = _newton_direction(slope, pairs, features.inverse_curvature)
        descent = _dot(direction, slope)
        if descent >= 0:
            direction, descent = -slope, -_dot(slope, slope)
            pairs = []
        size = 1.0
        while True:
            next_loss, next_slope = loss_and_slope(weights + size * direction)
            if next_loss <= loss + _SUFFICIENT_DECREASE * size * descent:
                break
            size /= 2
            if size < _LEAST_STEP:
                return spread(weights)
        step, change = size * direction, next_slope - slope
        curved = _dot(step, change)
        if curved > 1e-12:
            pairs = [*pairs, (step, change, 1 / curved)][-_MEMORY:]
        weights, slope = weights + step, next_slope
        if loss - next_loss < tolerance * max(abs(loss), 1e-3):
            break
        loss = next_loss
    return spread(weights)


def _newton_direction(
    slope: torch.Tensor,
    pairs: Sequence[tuple[torch.Tensor, torch.Tensor, float]],
    inverse_curvature: Sequence[torch.Tensor],
) -> torch.Tensor:
    """Two-loop recursion: minus the inverse curvature times the slope."""
    direction, factors = -slope, []
    for step, change, inverse in reversed(pairs):
        factor = inverse * _dot(step, direction)
        direction.sub_(change, alpha=factor)
        factors.append(factor)
    direction = _uncurved(direction, inverse_curvature)
    if pairs:
        _, change, inverse = pairs[-1]
        length = _dot(change, _uncurved(change, inverse_curvature))
        direction.mul_(1 / (inverse * length))
    for (step, change, inverse), factor in zip(pairs, reversed(factors), strict=True):
        direction.add_(step, alpha=factor - inverse * _dot(change, direction))
    return direction


def _dot(left: torch.Tensor, right: torch.Tensor) -> float:
    return float(left.ravel().dot(right.ravel()))


def _uncurved(
    slope: torch.Tensor, inverse_curvature: Sequence[torch.Tensor]
) -> torch.Tensor:
    """Divide by the curvature; that of the constants is at most 1/2."""
    import torch

    parts = slope[:-1].split([len(inverse) for inverse in inverse_curvature])
    divided = [
        inverse * part if inverse.shape[1] == 1 else inverse @ part
        for inverse, part in zip(inverse_curvature, parts, strict=True)
    ]
    return torch.cat([*divided, slope[-1:] * 2])
