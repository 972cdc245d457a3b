"""Which ways of augmentation raise the score of held-out rows: `choose_ways`.

What is asked is whether rows added to the training rows make a classifier better on
rows that neither it nor the augmentation has seen. Rows are split into five parts,
three times. Each part is held out once, and the others are augmented and learned from,
so what is made of a held-out row, or learned from it, is in no training set that it is
judged by.

The score is macro F1: the classes that are thin are what augmentation is for, and they
count as much as the others there, while they hardly move the accuracy. The classifier
is a logistic regression on the vectors of a frozen model, with the ridge penalty that
is best without augmentation. It takes a second where fine-tuning takes an hour: for the
head that `train` fits, and more so for a whole model, it stands in.

A way is kept where its gain is above what chance gives: the lower end of the one-sided
95 % interval of the gain must be above 0, by a paired bootstrap of the held-out rows
(Efron and Tibshirani 1993; for comparing classifiers Berg-Kirkpatrick et al. 2012),
class by class. Rows of one text are drawn together. The 5 % are shared among the ways
that are tried (Bonferroni), so that useless ones are rarely kept by luck. The price is
that with a few dozen thin rows a gain of some hundredths is not told from luck either.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from python_ml.augmentation.augment import (
    PER_CLASS,
    TEXT_WAYS,
    VECTOR_WAYS,
    additions,
    check_ways,
    mixed_rows,
    varied_texts,
)
from python_ml.common.inputs import text_groups

if TYPE_CHECKING:
    import torch
    from tqdm import tqdm

_FOLDS, _REPEATS = 5, 3
_MISTAKEN = 0.05  # Probability of keeping a useless way, over all that are tried.
_RESAMPLES = 2000
_ROWS = 4000  # Judged at most, or 2 classes; also at most added.
_STRENGTHS = (3.0, 10.0, 30.0, 100.0)
_ITERATIONS = 60


@dataclass(frozen=True)
class Trial:
    """What trying one way found.

    Attributes:
        way: Its name.
        score_without: Mean macro F1 of the held-out rows without it, in [0, 1], but
            with the ways that were kept before it.
        score_with: The same with it.
        gain_low: Lower end of the one-sided interval of their difference, of 95 %
            shared among the ways that were tried.
        is_kept: Whether that is above 0.
        note: Why it was not tried, or how; empty where there is nothing to say.
    """

    way: str
    score_without: float | None
    score_with: float | None
    gain_low: float | None
    is_kept: bool
    note: str = ""


def choose_ways(
    texts: Sequence,
    targets: np.ndarray,
    embed: Callable[[list], np.ndarray],
    *,
    ways: Sequence[str],
    per_class: int = PER_CLASS,
    is_balanced: bool = True,
    back_translation: Callable[[list[str]], list[str]] | None = None,
    device: str = "cpu",
    seed: int = 0,
    progress: bool = False,
) -> list[Trial]:
    """Try ways of augmentation, and keep those that raise the score of held-out rows.

    Each is tried alone first. Those that gain are tried again in the order of their
    gains, each beside the ones kept before it, which it must improve upon.

    Args:
        texts: A string per row, or a pair of strings. All of them may be trained on:
            what a final score is measured on must not be among them.
        targets: int64 [rows], the class of each.
        embed: Texts to float32 [texts, dimensions]; called with distinct texts.
        ways: Names from `TEXT_WAYS` and `VECTOR_WAYS`.
        per_class: Rows that each class is to have; classes that have them are left.
        is_balanced: Whether classes weigh the same in training, or rows do.
        back_translation: A `BackTranslation`; needed for the way of that name.
        device: Of PyTorch.
        seed: Of the splits and all choices.
        progress: Whether to show a bar on stderr.

    Returns:
        A trial for each way, in the order given.

    Raises:
        ValueError: If a way is unknown, or there is no translator for it.
    """
    from tqdm import tqdm

    check_ways(ways, (*TEXT_WAYS, *VECTOR_WAYS), per_class)
    if "back_translation" in ways and back_translation is None:
        raise ValueError("The way back_translation needs a translator.")
    targets = np.asarray(targets)
    rows = _judged_rows(targets, per_class, seed)
    texts = [texts[row] for row in rows]
    targets = np.unique(targets[rows], return_inverse=True)[1]
    folds = [_folds(texts, targets, [seed, repeat]) for repeat in range(_REPEATS)]
    note = ""
    if np.bincount(targets).min() >= per_class:
        note = f"every class has {per_class} rows"
    elif (folds[0] < 0).all():
        note = "no class has two different texts, so none can be held out"
    if note:
        return [Trial(way, None, None, None, False, note) for way in ways]

    bar = tqdm(
        desc="try augmentation",
        total=_REPEATS * _FOLDS * (1 + len(ways)) + len(_STRENGTHS) * _FOLDS,
        unit=" fits",
        disable=not progress,
    )
    judge = _Judge(
        texts=texts,
        targets=targets,
        folds=folds,
        per_class=per_class,
        is_balanced=is_balanced,
        embed=_Remembered(embed),
        back_translation=back_translation and _Remembered(back_translation),
        device=device,
        seed=seed,
        mistaken=_MISTAKEN / len(ways),
        bar=bar,
    )
    with bar:
        judge.choose_strength()
        without = judge.guesses(())
        alone = {way: judge.guesses((way,)) for way in ways}
        gains = {way: judge.gain(alone[way], without) for way in ways}
        found: dict[str, Trial] = {}
        kept: tuple[str, ...] = ()
        best = without
        for way in sorted(ways, key=lambda way: -gains[way][0]):
            compared, guesses, low, note = without, alone[way], gains[way][1], ""
            if low > 0 and kept:
                bar.total += len(judge.splits)
                compared, guesses = best, judge.guesses((*kept, way))
                low = judge.gain(guesses, compared)[1]
                note = "beside " + ", ".join(kept)
            found[way] = Trial(
                way,
                round(judge.score(compared), 4),
                round(judge.score(guesses), 4),
                round(low, 4),
                low > 0,
                note,
            )
            if low > 0:
                kept, best = (*kept, way), guesses
    return [found[way] for way in ways]


def _judged_rows(targets: np.ndarray, per_class: int, seed: int) -> np.ndarray:
    """Choose about 4,000 rows; thin classes keep all, and of many some are drawn."""
    generator = np.random.default_rng(seed)
    classes, count = np.unique(targets, return_counts=True)
    most_classes = max(2, _ROWS // per_class)
    if len(classes) > most_classes:
        shuffled = generator.permutation(len(classes))
        is_thin = count[shuffled] < per_class
        # Of thin and of other classes by turns.
        turn = np.where(is_thin, np.cumsum(is_thin), np.cumsum(~is_thin))
        classes = classes[shuffled[np.argsort(turn, kind="stable")[:most_classes]]]
    most = max(per_class, _ROWS // len(classes))
    rows = generator.permutation(np.flatnonzero(np.isin(targets, classes)))
    rows = rows[np.argsort(targets[rows], kind="stable")]
    first = np.flatnonzero(np.diff(targets[rows], prepend=-1))
    place = np.arange(len(rows)) - np.repeat(first, np.diff(first, append=len(rows)))
    return np.sort(rows[place < most])


def _folds(texts: list, targets: np.ndarray, seed: list[int]) -> np.ndarray:
    """Number the part that each row is held out in, or -1: int64 [rows].

    Equal texts go together, a class is spread over all parts, and one that lives in a
    single text is never held out.
    """
    group = text_groups(texts)
    first = np.unique(group, return_index=True)[1]
    group_class = targets[first]
    generator = np.random.default_rng(seed)
    order = np.lexsort((generator.random(len(first)), group_class))
    fold = np.empty(len(first), np.int64)
    fold[order] = (np.arange(len(first)) + generator.integers(_FOLDS)) % _FOLDS
    for one in np.unique(targets):
        own = np.unique(group[targets == one])
        if len(np.unique(fold[own])) == 1:
            fold[own] = -1
    return fold[group]


@dataclass
class _Judge:
    """Scores sets of ways on the same splits."""

    texts: list
    targets: np.ndarray
    folds: list[np.ndarray]
    per_class: int
    is_balanced: bool
    embed: Callable
    back_translation: Callable | None
    device: str
    seed: int
    mistaken: float
    bar: tqdm
    strength: float = _STRENGTHS[0]
    started: dict[int, torch.Tensor] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.classes = int(self.targets.max()) + 1
        self.splits = [
            (repeat, np.flatnonzero(fold != part), np.flatnonzero(fold == part))
            for repeat, fold in enumerate(self.folds)
            for part in range(_FOLDS)
            if (fold == part).any()
        ]
        self.resamples = self._resampled()

    def choose_strength(self) -> None:
        """Find the ridge penalty that is best without augmentation."""
        tried = {}
        for strength in _STRENGTHS:
            self.strength = strength
            tried[strength] = self.score(self.guesses((), repeats=1))
        self.strength = max(tried, key=tried.__getitem__)
        self.started = {}

    def guesses(self, ways: tuple[str, ...], repeats: int = _REPEATS) -> np.ndarray:
        """Return the class that each row was taken for, int64 [repeats, rows].

        It is -1 where a row was not held out.
        """
        found = np.full((repeats, len(self.targets)), -1)
        for split, (repeat, _, held) in enumerate(self.splits):
            if repeat < repeats:
                found[repeat, held] = self._guessed(ways, split)
        return found

    def score(self, guesses: np.ndarray) -> float:
        """Return the mean macro F1 of repeats, in [0, 1]."""
        weights = np.ones((1, len(self.targets)))
        return float(np.mean([self._macro_f1(one, weights) for one in guesses]))

    def gain(self, guesses: np.ndarray, others: np.ndarray) -> tuple[float, float]:
        """Return the gain in score, and the lower end of its interval."""
        gains = sum(
            self._macro_f1(one, self.resamples) - self._macro_f1(other, self.resamples)
            for one, other in zip(guesses, others, strict=True)
        ) / len(guesses)
        gain = self.score(guesses) - self.score(others)
        return gain, float(np.quantile(gains, self.mistaken))

    def _macro_f1(self, guesses: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Mean F1 over the classes held out, by weights [resamples, rows]."""
        is_held = guesses >= 0
        right, guesses = self.targets[is_held], guesses[is_held]
        classes = np.unique(right)
        is_class = right[:, None] == classes
        is_guess = guesses[:, None] == classes
        given, found, both = (
            weights[:, is_held] @ which.astype(np.float32)
            for which in (is_class, is_guess, is_class & is_guess)
        )
        return (2 * both / np.maximum(given + found, 1e-12)).mean(1)

    def _resampled(self) -> np.ndarray:
        """How often a bootstrap draws each row, float32 [resamples, rows]."""
        generator = np.random.default_rng([self.seed, 3])
        group = text_groups(self.texts)
        first = np.unique(group, return_index=True)[1]
        drawn = np.zeros((_RESAMPLES, len(first)), np.float32)
        for one in range(self.classes):
            own = np.flatnonzero(self.targets[first] == one)
            if len(own):
                equal = np.full(len(own), 1 / len(own))
                drawn[:, own] = generator.multinomial(len(own), equal, _RESAMPLES)
        return drawn[:, group]

    def _guessed(self, ways: tuple[str, ...], split: int) -> np.ndarray:
        """Train without a part of the rows; return the classes it takes them for."""
        import torch

        from python_ml.common.softmax_regression import Features, fit_softmax

        _, kept, held = self.splits[split]
        vectors, labels = self._training_set(ways, kept)
        centre = vectors[: len(kept)].mean(0)
        scale = np.sqrt(np.square(vectors[: len(kept)] - centre).sum(1).mean())
        learned = torch.from_numpy((vectors - centre) / max(scale, 1e-12))
        weights = np.ones(self.classes)
        if self.is_balanced:
            weights = 1 / np.maximum(labels.sum(0), 1e-12)
        labels = labels * weights
        row_weights = labels.sum(1)
        labels /= row_weights[:, None]
        row_weights *= len(row_weights) / row_weights.sum()
        found = fit_softmax(
            Features([learned.to(self.device)]),
            torch.from_numpy(labels.astype(np.float32)).to(self.device),
            # The penalty is that of the rows which were given, however many are added.
            self.strength * len(kept) / len(vectors),
            row_weights=torch.from_numpy(row_weights.astype(np.float32)).to(
                self.device
            ),
            start=self.started.get(split),
            iterations=_ITERATIONS,
        )
        self.started.setdefault(split, found)
        judged = (self.embed([self.texts[row] for row in held]) - centre) / scale
        logits = Features([torch.from_numpy(judged).to(self.device)]).times(found)
        self.bar.update()
        return logits.argmax(1).cpu().numpy()

    def _training_set(
        self, ways: tuple[str, ...], kept: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return vectors and soft labels of the rows kept and of those added."""
        targets = self.targets[kept]
        texts = [self.texts[row] for row in kept]
        vectors = self.embed(texts)
        labels = np.eye(self.classes)[targets]
        if not ways:
            return vectors, labels
        added = additions(targets, len(ways), self.per_class, self.seed)
        in_text = [place for place, way in enumerate(ways) if way in TEXT_WAYS]
        in_vectors = [place for place, way in enumerate(ways) if way in VECTOR_WAYS]
        varied = added.in_ways(in_text)
        made = varied_texts(
            texts,
            targets,
            varied,
            ways,
            back_translation=self.back_translation,
            seed=self.seed,
        )
        mixes = mixed_rows(
            vectors, targets, added.in_ways(in_vectors), ways, seed=self.seed
        )
        new = [self.embed(made)] if made else []
        return (
            np.concatenate([vectors, *new, mixes.of(vectors)]),
            np.concatenate([labels, labels[varied.source], mixes.of(labels)]),
        )


class _Remembered:
    """Calls a function of texts for those alone that it has not seen."""

    def __init__(self, function: Callable[[list], Sequence | np.ndarray]):
        self.function = function
        self.known: dict = {}

    def __call__(self, texts: list) -> Any:
        new = [text for text in dict.fromkeys(texts) if text not in self.known]
        if new:
            self.known.update(zip(new, self.function(new), strict=True))
        found = [self.known[text] for text in texts]
        return np.stack(found) if isinstance(found[0], np.ndarray) else found
