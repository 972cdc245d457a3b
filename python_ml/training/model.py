"""The model that is trained: loading it, its pooling, its head, its adapters."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import numpy as np
    import torch
    from peft import PeftModel
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

# Of these, a layer of attention can be written that gives the mean of all tokens.
_FOLDABLE = ("bert", "roberta", "xlm-roberta", "camembert")
# How far the mean outweighs the first token, to which the layer adds it. In 16 bits
# there is still room for the mean.
_MEAN_WEIGHT = 256.0
# Of the layer between pooled state and logits, in front of a tanh: states are told
# apart where it is nearly linear, and outliers are held back.
_DENSE = 0.5
_IS_POOLED = "first_token_is_mean"  # In config.json of what was trained here.


def load_base(
    folder: Path, labels: list[str], pooling: str
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str]:
    """Load a pretrained model below a fresh classification head, and its tokenizer.

    Only files are read. The head is new even where the folder holds a classifier.

    Args:
        folder: Of transformers.
        labels: Their names, in the order of the outputs.
        pooling: "mean" or "cls".

    Returns:
        The model, its tokenizer, and by what its head reads a text: "mean", "cls", or
        "own" where the class of the model has a way of its own that is kept.

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
        backbone, loaded = AutoModel.from_pretrained(
            folder, local_files_only=True, dtype=torch.float32, output_loading_info=True
        )
        config = backbone.config
        config.num_labels = len(labels)
        config.id2label = dict(enumerate(labels))
        config.label2id = {label: i for i, label in enumerate(labels)}
        config.problem_type = "single_label_classification"
        if hasattr(config, "classifier_pooling"):  # ModernBERT and EuroBERT.
            config.classifier_pooling = pooling
        model = AutoModelForSequenceClassification.from_config(config).float()
        missing, _ = model.base_model.load_state_dict(
            backbone.state_dict(), strict=False
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ValueError(f"{folder} is no model to train from: {reason}") from error
    if missing:
        raise ValueError(f"{folder} is no model to train from: it has no {missing[0]}.")
    if config.model_type not in _FOLDABLE:
        known = pooling if hasattr(config, "classifier_pooling") else "own"
        return model, tokenizer, known
    is_mean = pooling == "mean" and not getattr(config, _IS_POOLED, False)
    is_fresh = any("pooler" in name for name in loaded["missing_keys"])
    # A pooler that was trained was trained on the first token.
    if is_mean or is_fresh or getattr(model.base_model, "pooler", None) is None:
        _let_through(model)
    if is_mean:
        setattr(model, model.base_model_prefix, _mean_pooled(backbone_of(model)))
    return model, tokenizer, "mean" if is_mean else "cls"


def _let_through(model: PreTrainedModel) -> None:
    """Let the dense layers of a fresh head hand on what they get, nearly unchanged."""
    import torch

    pooler = getattr(model.base_model, "pooler", None)
    modules = [*(pooler.modules() if pooler else ()), *_head_modules(model)]
    with torch.no_grad():
        for module in modules:
            if not isinstance(module, torch.nn.Linear):
                continue
            if module.in_features == module.out_features and module is not last_linear(
                model
            ):
                torch.nn.init.eye_(module.weight).mul_(_DENSE)
                torch.nn.init.zeros_(module.bias)


def _head_modules(model: PreTrainedModel) -> list[torch.nn.Module]:
    return [
        module
        for name, child in model.named_children()
        if name != model.base_model_prefix
        for module in child.modules()
    ]


def last_linear(model: PreTrainedModel) -> torch.nn.Linear:
    """Return the layer that gives the logits.

    Raises:
        ValueError: If the head does not end in a linear layer.
    """
    import torch

    linear = [one for one in _head_modules(model) if isinstance(one, torch.nn.Linear)]
    if not linear or linear[-1].out_features != model.config.num_labels:
        kind = type(model).__name__
        raise ValueError(f"The head of {kind} does not end in a linear layer.")
    return linear[-1]


def cool(model: PreTrainedModel, temperature: float) -> None:
    """Divide all logits of a model by a number, in its last layer."""
    import torch

    layer = last_linear(model)
    with torch.no_grad():
        layer.weight.div_(temperature)
        layer.bias.div_(temperature)


def _mean_pooled(backbone: PreTrainedModel) -> PreTrainedModel:
    """Wrap a backbone so that the state of its only token is the mean of all.

    It is the very arithmetic of the layer that `plain_model` adds.
    """
    import torch
    from transformers.modeling_outputs import BaseModelOutputWithPooling

    class MeanPooled(torch.nn.Module):
        is_a_layer = True  # In what is saved.

        def __init__(self) -> None:
            super().__init__()
            self.backbone = backbone
            self.config = backbone.config

        @property
        def pooler(self) -> torch.nn.Module | None:
            return getattr(self.backbone, "pooler", None)

        def forward(
            self,
            *inputs: torch.Tensor,
            attention_mask: torch.Tensor | None = None,
            **named: object,
        ) -> BaseModelOutputWithPooling:
            found = self.backbone(*inputs, attention_mask=attention_mask, **named)
            states = found.last_hidden_state
            if attention_mask is None:
                mean = states.mean(1)
            else:
                is_token = attention_mask[:, :, None].to(states.dtype)
                mean = (states * is_token).sum(1) / is_token.sum(1)
            pooled = torch.nn.functional.layer_norm(
                # In 16 bits the first token would be rounded away as it is.
                _MEAN_WEIGHT * mean.float() + states[:, 0].float(),
                (self.config.hidden_size,),
                eps=self.config.layer_norm_eps,
            )[:, None]
            return BaseModelOutputWithPooling(
                last_hidden_state=pooled,
                pooler_output=self.pooler(pooled) if self.pooler else None,
            )

    return cast("PreTrainedModel", MeanPooled())


def mean_states(embeddings: np.ndarray) -> torch.Tensor:
    """Return what a head that reads the mean sees of embeddings, but for their length.

    Args:
        embeddings: float32 [rows, dimensions], as `encode` gives them.

    Returns:
        float32 [rows, 1, dimensions]. The share of the first token, 1 in 256, is left
        out.
    """
    import torch

    # `encode` may give what is not to be written to.
    found = torch.from_numpy(embeddings.copy())
    return torch.nn.functional.layer_norm(found, found.shape[-1:])[:, None]


def plain_model(model: PreTrainedModel) -> PreTrainedModel:
    """Return a trained model as `AutoModelForSequenceClassification` knows it.

    Where it reads the mean of all tokens, that is written as one more layer of the same
    kind: attention that looks at all tokens alike (no query, no key), hands them on as
    they are, outweighs the token it is added to, and is followed by a feed-forward part
    of zeros. Whatever reads such models reads this one.
    """
    import copy

    import torch
    from transformers import AutoModelForSequenceClassification

    prefix = model.base_model_prefix
    inside = getattr(model, prefix)
    if not getattr(inside, "is_a_layer", False):
        return model
    config = copy.deepcopy(model.config)
    number = config.num_hidden_layers
    config.num_hidden_layers = number + 1
    setattr(config, _IS_POOLED, True)
    plain = AutoModelForSequenceClassification.from_config(config).float()
    weights = {
        name.replace(f"{prefix}.backbone.", f"{prefix}.", 1): values
        for name, values in model.cpu().state_dict().items()
    }
    layer = f"{prefix}.encoder.layer.{number}."
    for name, values in plain.state_dict().items():
        if name.startswith(layer):
            part = name.removeprefix(layer)
            weights[name] = torch.zeros_like(values)
            if part == "attention.self.value.weight":
                torch.nn.init.eye_(weights[name])
            elif part == "attention.output.dense.weight":
                torch.nn.init.eye_(weights[name]).mul_(_MEAN_WEIGHT)
            elif part.endswith("LayerNorm.weight"):
                torch.nn.init.ones_(weights[name])
    plain.load_state_dict(weights)
    return plain


def load_trained(
    folder: Path,
) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Load what `train` has written, without the layer that `plain_model` adds.

    Raises:
        OSError: If the folder holds no model.
    """
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForSequenceClassification.from_pretrained(
        folder, local_files_only=True
    ).eval()
    if getattr(model.config, _IS_POOLED, False):
        backbone = backbone_of(model)
        encoder: Any = backbone.encoder
        encoder.layer = encoder.layer[:-1]
        model.config.num_hidden_layers -= 1
        setattr(model, model.base_model_prefix, _mean_pooled(backbone))
    return model, tokenizer


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
