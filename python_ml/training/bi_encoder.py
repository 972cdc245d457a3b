"""A model that reads the two texts of a pair each for itself: `load_bi_encoder`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, cast

from python_ml.encoding.pair_head import PAIR_HEAD, compared

if TYPE_CHECKING:
    import torch
    from transformers import PreTrainedModel, PreTrainedTokenizerBase
    from transformers.modeling_outputs import SequenceClassifierOutput


def load_bi_encoder(
    folder: Path, labels: list[str], pooling: str
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str]:
    """Load a pretrained model that embeds texts, below a head that compares two.

    The head sees of two embeddings how far they are from each other and what they have
    in common, dimension by dimension (Reimers and Gurevych 2019, "Sentence-BERT"); not
    the embeddings themselves, which would have it learn products by heart. It does not
    matter which text is the left one.

    Args:
        folder: Of transformers.
        labels: Their names, in the order of the outputs.
        pooling: "mean" or "cls".

    Returns:
        The model, its tokenizer and the pooling, as of `load_base`. What it saves is a
        folder of sentence-transformers, and beside it the head.

    Raises:
        ValueError: If the folder holds no model of transformers.
    """
    import torch
    from transformers import AutoModel, AutoTokenizer
    from transformers.modeling_outputs import (
        BaseModelOutputWithPooling,
        SequenceClassifierOutput,
    )

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        backbone = AutoModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{folder} is no model to train from: {reason}") from error
    config = backbone.config
    config.num_labels = len(labels)

    class UnitPooled(torch.nn.Module):
        """The embedding of a text, of length 1, as the state of its only token."""

        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.config = config

        def forward(
            self, *, attention_mask: torch.Tensor, **inputs: torch.Tensor
        ) -> BaseModelOutputWithPooling:
            found = self.backbone(attention_mask=attention_mask, **inputs)
            states = found.last_hidden_state.float()
            if pooling == "cls":
                pooled = states[:, 0]
            else:
                is_token = attention_mask[:, :, None].to(states.dtype)
                pooled = (states * is_token).sum(1) / is_token.sum(1)
            pooled = torch.nn.functional.normalize(pooled)[:, None]
            return BaseModelOutputWithPooling(last_hidden_state=pooled)

    class BiEncoder(torch.nn.Module):
        base_model_prefix = "embedder"

        def __init__(self) -> None:
            super().__init__()
            self.config = config
            self.embedder = UnitPooled()
            self.classifier = torch.nn.Linear(2 * config.hidden_size, len(labels))

        @property
        def base_model(self) -> torch.nn.Module:
            return self.embedder

        def forward(self, **inputs: torch.Tensor) -> SequenceClassifierOutput:
            found = self.embedder(**inputs).last_hidden_state
            sides = found.reshape(-1, 2, found.shape[-1])
            logits = self.classifier(compared(sides[:, 0], sides[:, 1]))
            return SequenceClassifierOutput(logits=logits)

        def save_pretrained(self, place: Path) -> None:
            self.embedder.backbone.save_pretrained(place)
            _write_sentence_transformer(place, config.hidden_size, pooling, tokenizer)
            from safetensors.torch import save_file

            save_file(self.classifier.state_dict(), place / PAIR_HEAD)

    return cast("PreTrainedModel", BiEncoder()), tokenizer, pooling


def _write_sentence_transformer(
    place: Path, dimension: int, pooling: str, tokenizer: PreTrainedTokenizerBase
) -> None:
    """Write beside a transformer how sentence-transformers makes an embedding of it."""
    kinds = ("Transformer", "Pooling", "Normalize")
    folders = ("", "1_Pooling", "2_Normalize")
    modules = [
        {
            "idx": number,
            "name": str(number),
            "path": path,
            "type": f"sentence_transformers.models.{kind}",
        }
        for number, (kind, path) in enumerate(zip(kinds, folders, strict=True))
    ]
    settings = {
        "word_embedding_dimension": dimension,
        "pooling_mode_cls_token": pooling == "cls",
        "pooling_mode_mean_tokens": pooling != "cls",
    }
    (place / "1_Pooling").mkdir()
    limits = {"max_seq_length": tokenizer.model_max_length, "do_lower_case": False}
    for path, value in {
        "modules.json": modules,
        "1_Pooling/config.json": settings,
        "sentence_bert_config.json": limits,
    }.items():
        (place / path).write_text(json.dumps(value, indent=2) + "\n", "utf-8")
