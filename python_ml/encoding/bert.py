"""BERT and RoBERTa, computed without padding from the published weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from python_ml.encoding.packing import Packed

if TYPE_CHECKING:
    import torch


class PackedBert:
    """A BERT encoder with pooling: packed tokens in, one unit vector per text out.

    The arithmetic is that of Devlin et al. 2018 (BERT) and Liu et al. 2019 (RoBERTa),
    as in transformers; only the layout of a batch differs.

    Args:
        weights: Tensors named as in transformers, with or without a prefix.
        settings: The model's config.json.
        pooling: "mean" of the tokens, or "cls", the first token.
        device: "cpu", "cuda" or "cuda:1".
        number_type: Of the arithmetic; default: float32.

    Raises:
        KeyError: If a tensor is missing.
    """

    def __init__(
        self,
        weights: Mapping[str, torch.Tensor],
        settings: Mapping,
        pooling: str,
        device: str,
        number_type: torch.dtype | None = None,
    ):
        """See the class."""
        import torch

        number_type = number_type or torch.float32
        self.heads = settings["num_attention_heads"]
        self.dimension = settings["hidden_size"]
        self.epsilon = settings.get("layer_norm_eps", 1e-12)
        self.pooling = pooling
        marker = "embeddings.word_embeddings.weight"
        prefix = next(name for name in weights if name.endswith(marker))[: -len(marker)]

        def weight(*names: str) -> torch.Tensor:
            parts = [weights[prefix + name] for name in names]
            return torch.cat(parts).to(device, number_type)

        def linear(*names: str) -> tuple[torch.Tensor, torch.Tensor]:
            return (
                weight(*(f"{name}.weight" for name in names)),
                weight(*(f"{name}.bias" for name in names)),
            )

        self.words = weight(marker)
        # RoBERTa counts positions from the padding id on. All texts are of type 0.
        first = 0 if settings["model_type"] == "bert" else settings["pad_token_id"] + 1
        self.places = (
            weights[f"{prefix}embeddings.position_embeddings.weight"].float()[first:]
            + weights[f"{prefix}embeddings.token_type_embeddings.weight"].float()[0]
        ).to(device, number_type)
        self.longest = len(self.places)
        self.begin = linear("embeddings.LayerNorm")
        self.layers = []
        for number in range(settings["num_hidden_layers"]):
            layer = f"encoder.layer.{number}."
            attention = f"{layer}attention."
            heads = [f"{attention}self.{part}" for part in ("query", "key", "value")]
            self.layers.append(
                (
                    linear(*heads),
                    linear(f"{attention}output.dense"),
                    linear(f"{attention}output.LayerNorm"),
                    linear(f"{layer}intermediate.dense"),
                    linear(f"{layer}output.dense"),
                    linear(f"{layer}output.LayerNorm"),
                )
            )

    def __call__(self, packed: Packed) -> torch.Tensor:
        """Embed n texts: float32 [n, dimension], rows of length 1."""
        from torch.nn import functional as f

        width = (self.dimension,)
        x = f.embedding(packed.tokens, self.words)
        x = x + f.embedding(packed.positions, self.places)
        x = f.layer_norm(x, width, *self.begin, self.epsilon)
        for heads, mixed, first_norm, wide, narrow, second_norm in self.layers:
            x = x + f.linear(self._attention(f.linear(x, *heads), packed), *mixed)
            x = f.layer_norm(x, width, *first_norm, self.epsilon)
            x = x + f.linear(f.gelu(f.linear(x, *wide)), *narrow)
            x = f.layer_norm(x, width, *second_norm, self.epsilon)
        return f.normalize(self._pooled(x, packed).float())

    def _attention(self, projected: torch.Tensor, packed: Packed) -> torch.Tensor:
        from torch.nn import functional as f

        mixed = projected.new_empty(len(projected), self.dimension)
        start = 0
        for length, count in packed.runs:
            end = start + length * count
            run = projected[start:end].view(count, length, 3, self.heads, -1)
            query, key, value = run.permute(2, 0, 3, 1, 4)
            found = f.scaled_dot_product_attention(query, key, value)
            mixed[start:end].view(count, length, self.heads, -1).copy_(
                found.transpose(1, 2)
            )
            start = end
        return mixed

    def _pooled(self, x: torch.Tensor, packed: Packed) -> torch.Tensor:
        import torch

        pooled = []
        start = 0
        for length, count in packed.runs:
            end = start + length * count
            run = x[start:end].view(count, length, -1)
            is_mean = self.pooling == "mean"
            pooled.append(run.mean(1, dtype=torch.float32) if is_mean else run[:, 0])
            start = end
        return torch.cat(pooled)
