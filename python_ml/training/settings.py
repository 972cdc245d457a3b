"""How a classifier is trained: `TrainingSettings`; importing it loads nothing heavy."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from typing import Any, NamedTuple

from python_ml.augmentation.ways import MIXES, PER_CLASS, checked_ways


class Pace(NamedTuple):
    """How fast a method trains, and how long.

    Attributes:
        epochs: At most so many passes over the rows.
        batch_size: Rows a step; None: by how many rows there are.
        learning_rate: The highest of the model.
        head_learning_rate: The highest of its head.
        patience: Epochs without improvement before it stops.
    """

    epochs: int
    batch_size: int | None
    learning_rate: float
    head_learning_rate: float
    patience: int


# Found by a short search: benchmarks/README.md, "Fine-tuning". Learning rates fall to
# zero within the epochs, so that to stop before is to stop in the middle.
PACES = {
    "full": Pace(5, None, 2e-4, 1e-2, 5),
    "lora": Pace(5, None, 1e-3, 1e-2, 5),
    # Passes of a solver, which knows no steps.
    "head": Pace(20, None, 1.0, 1.0, 1),
}
METRICS = ("macro_f1_and_log_loss", "macro_f1", "log_loss", "accuracy")
EXPORTS = ("onnx", "int8")
POOLINGS = ("auto", "mean", "cls")
PAIR_MODELS = ("cross", "bi")
CLASS_WEIGHTS = (None, "balanced", "effective_number")


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
        pair_model: How pairs are judged. "cross" reads both texts together, which is
            more exact; "bi" reads each for itself and compares their embeddings, which
            are then those of the folder as `encoder`, and are fast to compare with
            millions of others. Of texts that are no pairs it says nothing.
        pooling: By what the head reads a text: "mean" of the states of all tokens,
            "cls", the state of the first, or "auto", as `encode` reads texts by the
            base model.
        epochs: At most so many passes; None for a default by method. Of "head", which
            is solved and not descended to, the passes of the solver; the three that
            follow say nothing there.
        batch_size: Rows a step; None for 16 to 128, the more the more rows there are.
            How many of them a device sees at once depends on their tokens and on it.
        learning_rate: The highest learning rate; None for a default by method.
        head_learning_rate: The same for the head; None likewise.
        patience: Epochs without improvement before it stops; None for five. Learning
            rates fall within `epochs`: to stop before is to stop in the middle.
        metric: What decides which epoch is kept, on the held-out rows: "accuracy",
            "macro_f1", "log_loss", or "macro_f1_and_log_loss", the product of what is
            left of both. None of them knows class weights.
        max_tokens: Longer texts are cut.
        validation_share: Share of the distinct texts to hold out, in (0, 0.5].
        class_weights: In the loss. None: every row has the same; "balanced": every
            label; "effective_number": between the two (Cui et al. 2019).
        augmentation: "none", or names of the ways in which `augment` adds rows to thin
            classes of those trained on. `smote` and `mixup` need the method "head".
        per_class: Rows up to which augmentation fills thin classes.
        back_translation: A `BackTranslation`; None for language packages of
            `argostranslate`, where they are installed.
        warmup_share: Share of the steps over which the learning rate rises, in [0, 1).
        compile: Whether PyTorch compiles the model first, which takes a minute and pays
            where a GPU has long to compute.
        seed: Seed of the split, the order of rows, the head and dropout.

    Raises:
        ValueError: If a setting is out of range.
    """

    method: str = _said("full", "full (default), lora or head")
    base_model: str | os.PathLike = _said(
        "minilm", "minilm (default) or the folder of a transformer"
    )
    pair_model: str = _said(
        "cross", "pairs are read together, cross (default), or each text alone, bi"
    )
    pooling: str = _said(
        "auto", "mean of the tokens, cls (the first), or auto (default): the base's own"
    )
    epochs: int | None = _said(None, "at most; default by method", least=1)
    batch_size: int | None = _said(None, "default by the number of rows", least=1)
    learning_rate: float | None = _said(None, "default by method")
    head_learning_rate: float | None = _said(None, "default by method")
    patience: int | None = _said(
        None,
        "epochs without improvement before it stops; default: it does not",
        least=1,
    )
    metric: str = _said(
        METRICS[0], f"what decides which epoch is kept: {', '.join(METRICS)}"
    )
    max_tokens: int = _said(128, "longer texts are cut; default %(default)s", least=1)
    validation_share: float = _said(0.1, "held out; default %(default)s")
    class_weights: str | None = _said(
        None,
        "none (default): every row has the same weight; balanced: every label; "
        "effective_number: between the two",
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
    compile: bool = _said(False, "compile the model first")
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
            if is_number and value is not None:
                _ensure_number(one.name, value, str(one.type).startswith("int"))
            if None not in (value, least) and value < least:
                raise ValueError(f"{one.name} must be at least {least}, not {value}.")
        for name in ("learning_rate", "head_learning_rate"):
            if not getattr(self.pace, name) > 0:
                raise ValueError(f"{name} must be above 0, not {getattr(self, name)}.")
        if not 0 < self.validation_share <= 0.5:
            raise ValueError(
                "validation_share must be above 0 and at most 0.5, not "
                f"{self.validation_share}."
            )
        if not 0 <= self.warmup_share < 1:
            raise ValueError(
                f"warmup_share must be at least 0 and below 1, not {self.warmup_share}."
            )
        for name, known in (
            ("class_weights", CLASS_WEIGHTS),
            ("pair_model", PAIR_MODELS),
            ("pooling", POOLINGS),
            ("metric", METRICS),
            ("compile", (False, True)),
        ):
            if getattr(self, name) not in known:
                given = getattr(self, name)
                raise ValueError(
                    f"{name} must be one of {', '.join(map(repr, known))}, not "
                    f"{given!r}."
                )
        if self.method != "head" and set(self.ways) & set(MIXES):
            raise ValueError("The ways smote and mixup are for the method head alone.")
        if self.pair_model == "bi" and (self.method == "lora" or self.ways):
            raise ValueError(
                "The pair_model bi is trained by full or head, without augmentation."
            )

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


def _ensure_number(name: str, value: Any, is_whole: bool) -> None:
    """Refuse what is no number; a bool is none, and NaN is none."""
    if type(value) is bool or not isinstance(value, Real) or value != value:
        raise ValueError(f"{name} must be a number, not {value!r}.")
    if is_whole and value % 1:
        raise ValueError(f"{name} must be a whole number, not {value!r}.")
