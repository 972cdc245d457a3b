"""How a classifier is trained: `TrainingSettings`; importing it loads nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any, NamedTuple

from python_ml.augmentation.ways import MIXES, PER_CLASS, checked_ways


class Pace(NamedTuple):
    """At most so many epochs, rows a step, highest learning rate, and patience."""

    epochs: int
    batch_size: int
    learning_rate: float
    patience: int


PACES = {
    "full": Pace(epochs=4, batch_size=32, learning_rate=1e-4, patience=2),
    "lora": Pace(epochs=8, batch_size=32, learning_rate=1e-3, patience=3),
    "head": Pace(epochs=40, batch_size=64, learning_rate=3e-3, patience=10),
}


def _said(default: Any, words: str, least: int | None = None) -> Any:
    """Return a field that the command line has too: its help, and its least value."""
    return field(default=default, metadata={"help": words, "least": least})


@dataclass(frozen=True)
class TrainingSettings:
    """How `train` trains; what is not given has a default.

    Attributes:
        method: "full" trains all parameters, "lora" low-rank adapters that are merged
            into the saved model (needs `peft`), "head" the classification head alone,
            on cached states of the frozen model: fast without a GPU.
        base_model: "minilm", or another transformer by its folder or by its name in the
            cache of Hugging Face, as in `encode`.
        epochs: At most so many passes; None for a default by method.
        batch_size: Rows a step; None likewise.
        learning_rate: The highest learning rate; None likewise.
        patience: Epochs without improvement before it stops; None likewise.
        max_tokens: Longer texts are cut.
        validation_share: Share of the distinct texts to hold out, in (0, 0.5].
        class_weights: "balanced" gives every label the same weight in the loss, None
            every row.
        augmentation: "none", or names of the ways in which `augment` adds rows to thin
            classes of those trained on. `smote` and `mixup` need the method "head".
        per_class: Rows up to which augmentation fills thin classes.
        back_translation: A `BackTranslation`; None for language packages of
            `argostranslate`, where they are installed.
        warmup_share: Share of the steps over which the learning rate rises, in [0, 1).
        seed: Seed of the split, the order of rows, the head and dropout.

    Raises:
        ValueError: If a setting is out of range.
    """

    method: str = _said("full", "full (default), lora or head")
    base_model: str | os.PathLike = _said(
        "minilm", "minilm (default) or the folder of a transformer"
    )
    epochs: int | None = _said(None, "at most; default by method", least=1)
    batch_size: int | None = _said(None, "default by method", least=1)
    learning_rate: float | None = _said(None, "default by method")
    patience: int | None = _said(
        None, "epochs without improvement before it stops; default by method", least=1
    )
    max_tokens: int = _said(128, "longer texts are cut; default %(default)s", least=1)
    validation_share: float = _said(0.1, "held out; default %(default)s")
    class_weights: str | None = _said(
        "balanced",
        "balanced (default): every label has the same weight; none: every row has",
    )
    augmentation: str | Sequence[str] = _said(
        "none",
        "rows added to thin classes: none (default), or ways with commas between: "
        "oversampling, synonyms, back_translation, and for the method head smote and "
        "mixup",
    )
    per_class: int = _said(
        PER_CLASS,
        "rows up to which thin classes are filled; default %(default)s",
        least=1,
    )
    back_translation: Callable[[list[str]], list[str]] | None = None
    warmup_share: float = 0.1
    seed: int = _said(0, "default %(default)s", least=0)

    def __post_init__(self) -> None:
        """Check all that can be checked without the data."""
        if self.method not in PACES:
            raise ValueError(
                f"The method is one of {', '.join(PACES)}, not {self.method!r}."
            )
        for one in fields(self):
            value, least = getattr(self, one.name), one.metadata.get("least")
            # Annotations are texts here: "int", "float | None" and so on.
            is_number = str(one.type).startswith(("int", "float"))
            if is_number and value is not None and not isinstance(value, Real):
                raise ValueError(f"{one.name} must be a number, not {value!r}.")
            if None not in (value, least) and value < least:
                raise ValueError(f"{one.name} must be at least {least}, not {value}.")
        if not self.pace.learning_rate > 0:
            raise ValueError(
                f"learning_rate must be above 0, not {self.learning_rate}."
            )
        if not 0 < self.validation_share <= 0.5:
            raise ValueError(
                "validation_share must be above 0 and at most 0.5, not "
                f"{self.validation_share}."
            )
        if not 0 <= self.warmup_share < 1:
            raise ValueError(
                f"warmup_share must be at least 0 and below 1, not {self.warmup_share}."
            )
        if self.class_weights not in ("balanced", None):
            raise ValueError(
                f"class_weights must be 'balanced' or None, not {self.class_weights!r}."
            )
        if self.method != "head" and set(self.ways) & set(MIXES):
            raise ValueError("The ways smote and mixup are for the method head alone.")

    @property
    def pace(self) -> Pace:
        """Epochs, rows a step, learning rate and patience: given, or by method."""
        given = [getattr(self, name) for name in Pace._fields]
        pairs = zip(given, PACES[self.method], strict=True)
        return Pace._make(one if value is None else value for value, one in pairs)

    @property
    def ways(self) -> tuple[str, ...]:
        """The ways of augmentation; none of them where there is to be none."""
        # Whatever the ways, `per_class` is checked.
        none = isinstance(self.augmentation, str) and self.augmentation == "none"
        ways = checked_ways(
            "oversampling" if none else self.augmentation, self.per_class
        )
        return () if none else ways

    def changed(self, changes: dict[str, Any]) -> TrainingSettings:
        """Return settings of which some are others.

        Raises:
            TypeError: If one is not known.
        """
        known = [one.name for one in fields(self)]
        for name in changes:
            if name not in known:
                raise TypeError(
                    f"There is no setting {name!r}; there are {', '.join(known)}."
                )
        return replace(self, **changes)

    def recorded(self) -> dict[str, Any]:
        """Return the settings as checkpoints and reports hold them, defaults filled in.

        A run goes on from, or is taken for, another one where these are the same.
        """
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        found |= self.pace._asdict()
        found |= {
            "base_model": os.fspath(self.base_model),
            "augmentation": list(self.ways) or "none",
            "back_translation": getattr(self.back_translation, "name", None),
        }
        # numpy's numbers are none of JSON's.
        return {
            name: value.item() if hasattr(value, "item") else value
            for name, value in found.items()
        }
