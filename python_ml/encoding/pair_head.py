"""What two embeddings are compared by, and the head that `train` gives a bi-encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

PAIR_HEAD = "pair_head.safetensors"


def compared(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return how far two embeddings are from each other, and what they have in common.

    Args:
        left: float [rows, dimensions], rows of length 1.
        right: Likewise.

    Returns:
        float [rows, 2 * dimensions]: |left - right| and left * right, about 1 each
        whatever the dimensions.
    """
    import torch

    dimension = left.shape[1]
    far, common = (left - right).abs() * dimension**0.5, left * right * dimension
    return torch.cat([far, common], 1)
