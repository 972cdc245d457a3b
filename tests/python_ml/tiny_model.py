"""A tiny transformer with a vocabulary of its own, and texts that it can learn."""

import numpy as np

LABELS = ("shoes", "shirts", "watches")
WORDS = {
    "shoes": ("sole", "lace", "heel"),
    "shirts": ("collar", "sleeve", "cotton"),
    "watches": ("dial", "strap", "quartz"),
}
NOISE = ("red", "blue", "new", "men", "women", "large", "small", "classic")


def write_tiny_model(folder, seed=0):
    """Write a BERT of two layers and 32 dimensions, untrained, with its tokenizer."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *NOISE, *sum(WORDS.values(), ())]
    vocabulary = {word: i for i, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=32,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
    ).save_pretrained(folder)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        BertModel(
            BertConfig(
                vocab_size=len(words),
                hidden_size=32,
                num_hidden_layers=2,
                num_attention_heads=2,
                intermediate_size=64,
                max_position_embeddings=32,
                initializer_range=0.2,
            )
        ).save_pretrained(folder)
    return folder


def texts_and_labels(rows, seed=0):
    """Texts of some noise words and two that tell the label."""
    generator = np.random.default_rng(seed)
    texts, labels = [], []
    for _ in range(rows):
        label = LABELS[generator.integers(3)]
        words = [*generator.choice(NOISE, generator.integers(1, 5))]
        words += [*generator.choice(WORDS[label], 2)]
        texts.append(" ".join(generator.permutation(words)))
        labels.append(label)
    return texts, labels
