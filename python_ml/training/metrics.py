"""How well labels are predicted, and by which of it an epoch is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Of few rows without an error the best temperature would be 0.
_COLDEST, _HOTTEST = 0.5, 5.0


@dataclass(frozen=True)
class Metrics:
    """How well labels are predicted on the held-out rows.

    Attributes:
        accuracy: Share of rows with the right label first, in [0, 1].
        macro_f1: Mean F1 over the labels of the held-out rows, in [0, 1].
        log_loss: Mean negative logarithm of the right label's probability.
        loss: The same with the class weights of the training, which it minimizes.
    """

    accuracy: float
    macro_f1: float
    log_loss: float
    loss: float

    @classmethod
    def of(
        cls, likely: np.ndarray, right: np.ndarray, weights: np.ndarray | None = None
    ) -> Metrics:
        """Measure predictions.

        Args:
            likely: Logarithms of probabilities, float [rows, labels].
            right: The place of each row's label, int64 [rows], one or more rows.
            weights: float [labels], how much a row of each counts in `loss`; None for
                all the same.
        """
        guesses = likely.argmax(1)
        losses = -likely[np.arange(len(right)), right].astype(np.float64)
        of_rows = None if weights is None else weights[right]
        classes = np.unique(right)
        found, given, both = (
            np.bincount(which, minlength=likely.shape[1])[classes]
            for which in (guesses, right, right[right == guesses])
        )
        return cls(
            float((right == guesses).mean()),
            float((2 * both / (found + given)).mean()),
            float(losses.mean()),
            float(np.average(losses, weights=of_rows)),
        )


def fitted_temperature(logits: np.ndarray, right: np.ndarray) -> float:
    """Return by what to divide logits for the least log loss, in [0.5, 5].

    Args:
        logits: float [rows, labels].
        right: The place of each row's label, int64 [rows], one or more rows.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    logits, rows = logits.astype(np.float64), np.arange(len(right))
    if not np.isfinite(logits).all():
        return 1.0

    def loss(exponent: float) -> float:
        return -log_softmax(logits / np.exp(exponent), axis=1)[rows, right].mean()

    bounds = np.log(_COLDEST), np.log(_HOTTEST)
    return float(np.exp(minimize_scalar(loss, bounds=bounds, method="bounded").x))


def remaining_error(found: Metrics, metric: str, rows: int) -> tuple[float, float]:
    """Return what is chosen by: the less, the better.

    Args:
        found: On the held-out rows.
        metric: One of `settings.METRICS`. "macro_f1_and_log_loss" is the product of
            what is left of both, so that a tenth less of either counts the same; of F1
            at least one row is left.
        rows: How many are held out.

    Returns:
        The error by the metric, and the log loss, which decides among equals.
    """
    errors = {
        "macro_f1_and_log_loss": (1 - found.macro_f1 + 1 / rows) * found.log_loss,
        "macro_f1": 1 - found.macro_f1,
        "log_loss": found.log_loss,
        "accuracy": 1 - found.accuracy,
    }
    return errors[metric], found.log_loss
