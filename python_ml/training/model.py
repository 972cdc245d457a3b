"""The model that is trained: loading it, its head, its adapters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def load_base(
    folder: Path, labels: list[str]
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load a pretrained model below a fresh classification head, and its tokenizer.

    Only files are read. The head is new even where the folder holds a classifier.

    Raises:
        ValueError: If the folder holds no model that `transformers` can classify with.
    """
    import torch
    from transformers import (
        AutoModel,
        AutoModelForSequenceClassification,
        AutoTokenizer,
    )

    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        backbone = AutoModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32
        )
        config = backbone.config
        config.num_labels = len(labels)
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: i for i, label in enumerate(labels)}
        config.problem_type = "single_label_classification"
        model = AutoModelForSequenceClassification.from_config(config).float()
        missing, _ = model.base_model.load_state_dict(
            backbone.state_dict(), strict=False
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{folder} is no model to train from: {reason}") from error
    if missing:
        raise ValueError(f"{folder} is no model to train from: it has no {missing[0]}.")
    return model, tokenizer


def head_parameters(model: PreTrainedModel) -> list[torch.nn.Parameter]:
    """The parameters between the states of the backbone and the logits.

    A pooler belongs to the head, as the dense layer of other architectures does.
    """
    pooler = getattr(model.base_model, "pooler", None)
    inside = {id(p) for p in model.base_model.parameters()}
    inside -= {id(p) for p in pooler.parameters()} if pooler else set()
    return [p for p in model.parameters() if id(p) not in inside]


def backbone_of(model: PreTrainedModel) -> PreTrainedModel:
    """Return the model without its head, of which transformers says too little."""
    return cast("PreTrainedModel", model.base_model)


@contextlib.contextmanager
def head_only(model: PreTrainedModel) -> Iterator[PreTrainedModel]:
    """Let the head alone compute: the model then takes states as `inputs_embeds`.

    Yields the backbone that is left out meanwhile.
    """
    import torch
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    backbone = backbone_of(model)
    pooler = getattr(backbone, "pooler", None)

    class HandOn(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.pooler = pooler

        def forward(
            self, *_: object, inputs_embeds: torch.Tensor, **__: object
        ) -> BaseModelOutputWithPooling:
            pooled = self.pooler(inputs_embeds) if self.pooler else None
            return BaseModelOutputWithPooling(
                last_hidden_state=inputs_embeds, pooler_output=pooled
            )

    setattr(model, model.base_model_prefix, HandOn())
    try:
        yield backbone
    finally:
        setattr(model, model.base_model_prefix, backbone)


def with_adapters(model: PreTrainedModel) -> PeftModel:
    """Freeze the model and add low-rank adapters to its linear layers (LoRA).

    Hu et al. (2021), "LoRA: Low-Rank Adaptation of Large Language Models": rank 16,
    scale 32, dropout 0.05, on all linear layers of the backbone; the head is trained
    whole.

    Raises:
        ImportError: If `peft` is not installed.
    """
    import warnings

    import torch

    try:
        import peft
    except ImportError as error:
        raise ImportError(
            "The method lora needs the package peft: pip install peft."
        ) from error
    prefix = model.base_model_prefix
    linear = [
        f"{prefix}.{name}"
        for name, module in model.base_model.named_modules()
        if isinstance(module, torch.nn.Linear)
    ]
    head = [
        name
        for name, module in model.named_children()
        if name != prefix and any(True for _ in module.parameters())
    ]
    config = peft.LoraConfig(
        task_type="SEQ_CLS",
        r=16,
        lora_alpha=32,
        lora_dropout=0.05,
        target_modules=linear,
        modules_to_save=head,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # Between the two packages.
        return peft.get_peft_model(model, config)
