"""How labels go wrong, learned from labels that may be wrong.

A label is taken for a noisy reading of an unknown true class. What a classifier says of
the text is the prior of the true class; how often class y is labelled as class k, the
noise T[y, k], is estimated from all rows by expectation maximization (Dawid and Skene
1979; for classifiers Goldberger and Ben-Reuven 2017). The posterior of the true class
then says how probable it is that the given label is wrong, and which one is right.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

_ITERATIONS = 25
_SEARCHED = 20_000  # Texts from which sharpness and noise are learned.
_OTHER_SHARPNESS = 2**0.5  # By this factor the sharpness may be wrong.
_PRIOR_ROWS = 5.0  # Each class is taken to have so many rows of ordinary noise beside.
_MOST_VOTES = 4.0  # Of rows that are copies of one another.
_SMALLEST = 1e-30


@dataclass(frozen=True)
class Observations:
    """Which labels were given to which texts, each combination once.

    Attributes:
        text: int64 [observations], in ascending order; every text occurs.
        label: int64 [observations].
        rows: int64 [observations], rows with this text and label.
        weight: float64 [observations], share of the text's rows: copies of a row are no
            independent judges, and a text whose rows disagree may suit both labels.
    """

    text: np.ndarray
    label: np.ndarray
    rows: np.ndarray
    weight: np.ndarray

    @cached_property
    def votes(self) -> np.ndarray:
        """As how many independent judges the rows count, float64 [observations].

        A text that always bears one label is some evidence for it.
        """
        return self.weight * np.where(
            self.weight == 1, np.minimum(np.sqrt(self.rows), _MOST_VOTES), 1
        )

    @classmethod
    def of_rows(cls, text: np.ndarray, label: np.ndarray) -> Observations:
        """Gather the labels of rows, given as numbers of their texts and labels."""
        classes = label.max() + 1
        both, count = np.unique(text * classes + label, return_counts=True)
        share = count / np.bincount(text)[both // classes]
        return cls(both // classes, both % classes, count, share)

    @cached_property
    def first(self) -> np.ndarray:
        """Where the observations of each text begin."""
        return np.flatnonzero(np.diff(self.text, prepend=-1))

    @cached_property
    def by_label(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The order of observations by label, the labels, and where each begins."""
        order = np.argsort(self.label, kind="stable")
        return order, *np.unique(self.label[order], return_index=True)

    def of_texts(self, texts: np.ndarray) -> Observations:
        """Return the observations of some texts, numbered anew in their order."""
        place = np.full(self.text.max() + 1, -1)
        place[texts] = np.arange(len(texts))
        kept = np.flatnonzero(place[self.text] >= 0)
        kept = kept[np.argsort(place[self.text[kept]], kind="stable")]
        return Observations(
            place[self.text[kept]],
            self.label[kept],
            self.rows[kept],
            self.weight[kept],
        )


def estimate_noise(
    probabilities: np.ndarray, observations: Observations, iterations: int = _ITERATIONS
) -> tuple[np.ndarray, float]:
    """Estimate how often each class is labelled as each other.

    Args:
        probabilities: float [texts, classes], of the true class; rows sum to 1.
        observations: The labels that were given.
        iterations: Of expectation maximization.

    Returns:
        noise float64 [classes, classes], row: true class, column: given label, rows sum
        to 1; and the mean log likelihood of a text's labels under it.
    """
    classes = probabilities.shape[1]
    total = observations.weight.sum()
    noise = np.full((classes, classes), 0.1 / max(classes - 1, 1))
    np.fill_diagonal(noise, 0.9)
    for _ in range(iterations):
        posterior, likelihood = true_class(probabilities, observations, noise)
        counts = np.zeros((classes, classes))
        weighted = posterior[observations.text] * observations.weight[:, None]
        order, labels, first = observations.by_label
        counts[:, labels] = np.add.reduceat(weighted[order], first).T
        # Classes with few rows lean on the noise of all.
        wrong = min(max(1 - np.trace(counts) / total, 1e-4), 1 - 1e-4)
        ordinary = np.full((classes, classes), wrong / max(classes - 1, 1))
        np.fill_diagonal(ordinary, 1 - wrong)
        noise = counts + _PRIOR_ROWS * ordinary
        noise /= noise.sum(1, keepdims=True)
    return noise, likelihood


def true_class(
    probabilities: np.ndarray, observations: Observations, noise: np.ndarray
) -> tuple[np.ndarray, float]:
    """Return the posterior of the true class of each text, given its labels.

    Args:
        probabilities: float [texts, classes].
        observations: The labels that were given.
        noise: float [classes, classes], from `estimate_noise`.

    Returns:
        posterior float [texts, classes], rows sum to 1; and the mean log likelihood.
    """
    if len(observations.text) == len(probabilities) and observations.rows.max() == 1:
        seen = noise[:, observations.label].T
    else:
        logs = np.log(noise[:, observations.label].T) * observations.votes[:, None]
        seen = np.exp(np.add.reduceat(logs, observations.first))
    joint = probabilities * seen
    likelihood = np.maximum(joint.sum(1, keepdims=True), _SMALLEST)
    return joint / likelihood, float(np.log(likelihood).mean())


def sharpened(logits: np.ndarray, sharpness: float) -> np.ndarray:
    """Return softmax(sharpness * logits), of the type of the logits."""
    scaled = logits * logits.dtype.type(sharpness)
    scaled -= scaled.max(1, keepdims=True)
    np.exp(scaled, out=scaled)
    scaled /= scaled.sum(1, keepdims=True)
    return scaled


def likeliest_sharpness(
    logits: np.ndarray, observations: Observations
) -> tuple[float, float]:
    """Find the sharpness of a classifier under which the labels are most likely.

    A classifier that was regularized, and trained on labels of which some are wrong, is
    less sure of its classes than it should be.

    Args:
        logits: float [texts, classes], out of fold.
        observations: The labels that were given.

    Returns:
        The sharpness, 1 or more, and the mean log likelihood.
    """
    texts, sample = _sampled(observations, len(logits))
    best = (1.0, -np.inf)
    for sharpness in (1.0, 1.4, 2.0, 2.8, 4.0, 5.7, 8.0):
        _, likelihood = estimate_noise(sharpened(logits[texts], sharpness), sample, 8)
        if likelihood < best[1]:
            break
        best = (sharpness, likelihood)
    return best


def posterior_at(
    logits: np.ndarray, observations: Observations, sharpness: float
) -> tuple[np.ndarray, np.ndarray]:
    """Turn the logits of a classifier into a posterior of the true class.

    Args:
        logits: float [texts, classes], out of fold.
        observations: The labels that were given.
        sharpness: By which the logits are to be multiplied to be calibrated.

    Returns:
        posterior float [texts, classes]; the prior it comes from, of the type of
        the logits [texts, classes].
    """
    texts, sample = _sampled(observations, len(logits))
    prior = sharpened(logits, sharpness)
    noise, _ = estimate_noise(prior[texts], sample)
    return true_class(prior, observations, noise)[0], prior


def believe(
    logits: np.ndarray, observations: Observations, sharpness: float
) -> tuple[np.ndarray, np.ndarray, list[float]]:
    """Return posterior and prior of `posterior_at`, and how many labels are wrong.

    Args:
        logits: As for `posterior_at`.
        observations: As for `posterior_at`.
        sharpness: As for `posterior_at`.

    Returns:
        posterior and prior; and estimates of the share of wrong labels, in [0, 1]: that
        of the posterior, and those at a less and at a greater sharpness.
    """
    posterior, prior = posterior_at(logits, observations, sharpness)
    rates = [wrong_share(posterior, observations)]
    texts, sample = _sampled(observations, len(logits))
    for other in (sharpness / _OTHER_SHARPNESS, sharpness * _OTHER_SHARPNESS):
        rates.append(wrong_share(posterior_at(logits[texts], sample, other)[0], sample))
    return posterior, prior, rates


def wrong_share(posterior: np.ndarray, observations: Observations) -> float:
    """Return the expected share of wrong labels, in [0, 1]."""
    wrong = 1 - posterior[observations.text, observations.label]
    return float(np.average(wrong, weights=observations.rows))


def _sampled(observations: Observations, texts: int) -> tuple[np.ndarray, Observations]:
    """Return texts from which the noise is learned, and what is observed of them."""
    chosen = np.linspace(0, texts - 1, min(texts, _SEARCHED)).astype(np.int64)
    return chosen, observations.of_texts(chosen)
